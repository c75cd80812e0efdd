"""More on the right, which depends on the left."""

import sqlalchemy as sa

from limbeck import op

revision = "right_more"
down_revision = "right"
depends_on = "left"


def upgrade():
    op.add_column("left", sa.Column("more", sa.Integer))
    op.execute("UPDATE root SET sum = sum + 1")
    op.add_column("right", sa.Column("more", sa.Integer))


def downgrade():
    op.drop_column("right", "more")
    op.execute("UPDATE root SET sum = sum - 1")
    op.drop_column("left", "more")
