"""The left branch."""

import sqlalchemy as sa

from limbeck import op

revision = "left"
down_revision = "start"


def upgrade():
    op.create_table("left", sa.Column("id", sa.Integer))
    op.execute("UPDATE root SET sum = 2 * sum + 4")


def downgrade():
    op.execute("UPDATE root SET sum = (sum - 4) / 2")
    op.drop_table("left")
