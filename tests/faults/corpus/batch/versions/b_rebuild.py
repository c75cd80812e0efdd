"""Blocks that rebuild their table, with several directives, two on one table, and rows between them."""

import sqlalchemy as sa

from limbeck import op

revision = "b_rebuild"
down_revision = "a_alter"


def upgrade():
    with op.batch_alter_table("lone", recreate="always") as batch:
        batch.add_column(sa.Column("first", sa.Integer, server_default="4"), insert_after="id")
        batch.alter_column("number", new_column_name="amount", type_=sa.BigInteger, existing_type=sa.Integer)
        batch.create_check_constraint("ck_lone", "amount >= 0")
        batch.create_unique_constraint("uq_lone", ["text"])
    op.execute(sa.text("UPDATE lone SET amount = amount + :by").bindparams(by=1000))
    with op.batch_alter_table("lone", recreate="always") as batch:
        batch.drop_column("first")
        batch.alter_column("text", nullable=False, existing_type=sa.String(20))
        batch.create_index("ix_lone_amount", ["amount"])
    op.execute("INSERT INTO lone (id, text, amount) VALUES (100, 'hundred', 100)")
    # Where names of foreign keys are unique in the database, a new table cannot have one beside the old table.
    recreate = "never" if op.get_context().impl.__dialect__ == "mysql" else "always"
    with op.batch_alter_table("child", recreate=recreate) as batch:
        batch.add_column(sa.Column("flag", sa.String(5), server_default="no"))


def downgrade():
    recreate = "never" if op.get_context().impl.__dialect__ == "mysql" else "always"
    with op.batch_alter_table("child", recreate=recreate) as batch:
        batch.drop_column("flag")
    op.execute("DELETE FROM lone WHERE id = 100")
    with op.batch_alter_table("lone", recreate="always") as batch:
        batch.drop_index("ix_lone_amount")
        batch.add_column(sa.Column("first", sa.Integer, server_default="4"), insert_after="id")
        batch.alter_column("text", nullable=True, existing_type=sa.String(20))
    op.execute(sa.text("UPDATE lone SET amount = amount - :by").bindparams(by=1000))
    with op.batch_alter_table("lone", recreate=recreate) as batch:
        batch.drop_constraint("uq_lone", type_="unique")
        batch.drop_constraint("ck_lone", type_="check")
        batch.alter_column("amount", new_column_name="number", type_=sa.Integer, existing_type=sa.BigInteger)
        batch.drop_column("first")
