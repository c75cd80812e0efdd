"""Two tables with rows."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    author = op.create_table(
        "author",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(50), nullable=False),
    )
    old = op.create_table(
        "old",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.String(50)),
    )
    op.bulk_insert(author, [{"id": 1, "name": "Ovid"}, {"id": 2, "name": "Sappho"}])
    op.bulk_insert(old, [{"id": number, "text": f"row {number}"} for number in range(5)])


def downgrade():
    op.drop_table("old")
    op.drop_table("author")
