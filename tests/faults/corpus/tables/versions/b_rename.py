"""Renames there and back, comments, a table that goes, and one that takes the name of another."""

import sqlalchemy as sa

from limbeck import op

revision = "b_rename"
down_revision = "a_create"


def upgrade():
    op.rename_table("old", "older")
    op.drop_table("passing")
    op.create_table("old", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
    op.execute("INSERT INTO old (id) SELECT id + 100 FROM older")
    op.rename_table("book", "volume")
    op.rename_table("volume", "opus")
    if op.get_bind().dialect.supports_comments:
        op.create_table_comment("opus", "Works, it's said", existing_comment="What authors write")
        op.create_table_comment("tag", "Words about works")
        op.drop_table_comment("opus", existing_comment="Works, it's said")
    op.drop_table("older")
    op.drop_table("never_there", if_exists=True)


def downgrade():
    op.create_table(
        "older",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.String(50)),
    )
    op.execute("INSERT INTO older (id, text) SELECT id - 100, 'again' FROM old")
    if op.get_bind().dialect.supports_comments:
        op.drop_table_comment("tag", existing_comment="Words about works")
        op.create_table_comment("opus", "What authors write")
    op.rename_table("opus", "volume")
    op.rename_table("volume", "book")
    op.drop_table("old")
    op.create_table("passing", sa.Column("id", sa.Integer))
    op.rename_table("older", "old")
