"""The root."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    root = op.create_table("root", sa.Column("id", sa.Integer), sa.Column("sum", sa.Integer))
    op.bulk_insert(root, [{"id": 1, "sum": 0}])


def downgrade():
    op.drop_table("root")
