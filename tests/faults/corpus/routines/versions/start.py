"""A table with rows."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    stock = op.create_table(
        "stock",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20)),
        sa.Column("amount", sa.Integer),
    )
    op.create_table("log", sa.Column("text", sa.String(50)))
    op.bulk_insert(stock, [{"id": n, "name": f"s{n}", "amount": n} for n in range(1, 6)])


def downgrade():
    op.drop_table("log")
    op.drop_table("stock")
