"""Rows that are made from rows: generated keys are used again, and loops run over what is not done yet."""

import sqlalchemy as sa

from limbeck import op

revision = "a_normalize"
down_revision = "start"

metadata = sa.MetaData()
author = sa.Table(
    "author", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50))
)
book = sa.Table(
    "book",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(50)),
    sa.Column("author", sa.String(50)),
    sa.Column("author_id", sa.Integer),
    sa.Column("slug", sa.String(50)),
    sa.Column("sold", sa.Integer),
)


def upgrade():
    connection = op.get_bind()
    for (name,) in connection.execute(sa.select(book.c.author).distinct().order_by(book.c.author)).all():
        key = connection.execute(author.insert().values(name=name)).inserted_primary_key[0]
        done = connection.execute(book.update().where(book.c.author == name).values(author_id=key))
        assert done.rowcount >= 2, done.rowcount
    op.create_index("ix_book_author", "book", ["author_id"])
    key = connection.execute(author.insert().values(name="Nobody")).inserted_primary_key[0]
    op.add_column("book", sa.Column("editor_id", sa.Integer))
    connection.execute(sa.text("UPDATE book SET editor_id = :key"), {"key": key})
    rows = connection.execute(
        sa.select(book.c.id, book.c.title).where(book.c.slug.is_(None)).order_by(book.c.id)
    )
    for number, title in rows.all():
        connection.execute(
            book.update()
            .where(book.c.id == number)
            .values(slug=title.lower().replace(" ", "-"), sold=book.c.sold + 1)
        )
    op.create_unique_constraint("uq_book_slug", "book", ["slug"]) if can_alter() else None


def can_alter():
    return op.get_context().impl.__dialect__ != "sqlite"


def downgrade():
    connection = op.get_bind()
    if can_alter():
        op.drop_constraint("uq_book_slug", "book", type_="unique")
    op.execute("UPDATE book SET slug = NULL, author_id = NULL, sold = sold - 1")
    op.drop_column("book", "editor_id")
    op.drop_index("ix_book_author", "book")
    connection.execute(author.delete())
