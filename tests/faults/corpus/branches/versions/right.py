"""The right branch."""

import sqlalchemy as sa

from limbeck import op

revision = "right"
down_revision = "start"


def upgrade():
    op.create_table("right", sa.Column("id", sa.Integer))
    op.execute("UPDATE root SET sum = 2 * sum + 5")


def downgrade():
    op.execute("UPDATE root SET sum = (sum - 5) / 2")
    op.drop_table("right")
