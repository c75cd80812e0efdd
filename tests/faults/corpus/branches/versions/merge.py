"""Both branches become one, in a revision that changes something, too."""

import sqlalchemy as sa

from limbeck import op

revision = "merge"
down_revision = ("left", "right_more")


def upgrade():
    op.create_table("merged", sa.Column("id", sa.Integer))
    op.execute("INSERT INTO merged (id) SELECT sum FROM root")
    op.create_index("ix_merged", "merged", ["id"])


def downgrade():
    op.drop_index("ix_merged", "merged")
    op.drop_table("merged")
