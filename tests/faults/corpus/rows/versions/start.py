"""Tables with rows, one of which numbers its rows by itself."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)))
    book = op.create_table(
        "book",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(50)),
        sa.Column("author", sa.String(50)),
        sa.Column("author_id", sa.Integer),
        sa.Column("slug", sa.String(50)),
        sa.Column("sold", sa.Integer, server_default="0"),
    )
    op.bulk_insert(
        book,
        [{"id": n, "title": f"Title {n}", "author": f"Author {n % 3}", "sold": n * 10} for n in range(1, 8)],
    )


def downgrade():
    op.drop_table("book")
    op.drop_table("author")
