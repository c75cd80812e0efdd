"""Tables with every kind of constraint, and rows in them."""

import sqlalchemy as sa

from limbeck import op

revision = "a_create"
down_revision = "start"


def upgrade():
    book = op.create_table(
        "book",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(100), nullable=False, index=True),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_book_author")),
        sa.Column("pages", sa.Integer, server_default="0"),
        sa.Column("shelf", sa.String(20), unique=False),
        sa.UniqueConstraint("title", "author_id", name="uq_book"),
        sa.CheckConstraint("pages >= 0", name="ck_book_pages"),
        comment="What authors write" if op.get_bind().dialect.supports_comments else None,
    )
    op.bulk_insert(
        book,
        [
            {"id": 1, "title": "Amores", "author_id": 1, "pages": 100, "shelf": "a:b 10%"},
            {"id": 2, "title": "Fasti", "author_id": 1, "pages": 200, "shelf": None},
        ],
    )
    op.create_table(
        "tag",
        sa.Column("book_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "name", name="pk_tag"),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name="fk_tag_book", ondelete="CASCADE"),
    )
    op.bulk_insert(
        sa.table("tag", sa.column("book_id", sa.Integer), sa.column("name", sa.String)),
        [{"book_id": 1, "name": "love"}, {"book_id": 2, "name": "it's 100%"}],
        multiinsert=False,
    )
    op.create_table("passing", sa.Column("id", sa.Integer), if_not_exists=True)


def downgrade():
    op.drop_table("passing", if_exists=True)
    op.drop_table("tag")
    op.drop_table("book")
