"""What is there decides what is done; DDL and rows take turns."""

import sqlalchemy as sa

from limbeck import op

revision = "b_look"
down_revision = "a_normalize"


def upgrade():
    connection = op.get_bind()
    if "genre" not in {column["name"] for column in sa.inspect(connection).get_columns("book")}:
        op.add_column("book", sa.Column("genre", sa.String(10)))
        op.execute("UPDATE book SET genre = 'none'")
    if not sa.inspect(connection).has_table("sale"):
        sale = op.create_table("sale", sa.Column("id", sa.Integer), sa.Column("number", sa.Integer))
        total = connection.scalar(sa.text("SELECT SUM(sold) FROM book"))
        op.bulk_insert(sale, [{"id": 1, "number": int(total)}, {"id": 2, "number": -1}])
    for number in range(3):
        op.execute("INSERT INTO sale (id, number) VALUES (3, 3)")
        op.execute(f"UPDATE sale SET number = number + {number}")
    op.create_index("ix_sale", "sale", ["number"])
    op.execute("DELETE FROM sale WHERE number < 2")
    op.execute("UPDATE book SET sold = sold + 1 WHERE id IN (SELECT id FROM sale)")
    op.execute(
        sa.text("INSERT INTO sale (id, number) VALUES (:id, :number)").bindparams(
            id=9, number=op.inline_literal(9).value
        )
    )


def downgrade():
    connection = op.get_bind()
    op.execute("UPDATE book SET sold = sold - 1 WHERE id IN (SELECT id FROM sale)")
    if sa.inspect(connection).has_table("sale"):
        op.drop_index("ix_sale", "sale")
        op.drop_table("sale")
    if "genre" in {column["name"] for column in sa.inspect(connection).get_columns("book")}:
        op.execute(
            "UPDATE book SET title = title || '!'"
        ) if op.get_context().impl.__dialect__ != "mysql" else None
        op.drop_column("book", "genre")
