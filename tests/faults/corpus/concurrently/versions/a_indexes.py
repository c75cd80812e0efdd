"""Statements that no transaction may have around them, between others."""

import sqlalchemy as sa

from limbeck import op

revision = "a_indexes"
down_revision = "start"


def upgrade():
    op.add_column("big", sa.Column("extra", sa.Integer))
    op.execute("UPDATE big SET extra = n * 2")
    with op.get_context().autocommit_block():
        op.create_index("ix_big_text", "big", ["text"], postgresql_concurrently=True)
        op.create_index("ux_big_n", "big", ["n"], unique=True, postgresql_concurrently=True)
        op.execute("UPDATE big SET extra = extra + 1 WHERE id < 10")
        op.drop_index("ix_big_old", "big", postgresql_concurrently=True)
        op.execute("VACUUM big")
    op.execute("UPDATE big SET extra = extra + 1")
    op.create_table("after", sa.Column("id", sa.Integer))
    op.execute("INSERT INTO after (id) VALUES (1)")
    op.execute("INSERT INTO after (id) VALUES (1)")


def downgrade():
    op.execute("DELETE FROM after")
    with op.get_context().autocommit_block():
        op.create_index("ix_big_old", "big", ["n"], postgresql_concurrently=True)
        op.drop_index("ux_big_n", "big", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_big_text", postgresql_concurrently=True)
    op.drop_column("big", "extra")
    op.drop_table("after")
