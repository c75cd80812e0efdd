"""A table with rows, and one that others refer to."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    owner = op.create_table(
        "owner",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20)),
    )
    item = op.create_table(
        "item",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20)),
        sa.Column("price", sa.Integer, server_default="7"),
        sa.Column("note", sa.String(20)),
        sa.Column("obsolete", sa.String(20)),
    )
    op.bulk_insert(owner, [{"id": 1, "name": "first"}])
    op.bulk_insert(
        item, [{"id": n, "name": f"n{n}", "price": n, "note": "x", "obsolete": "y"} for n in range(1, 5)]
    )


def downgrade():
    op.drop_table("item")
    op.drop_table("owner")
