"""Products

Revision ID: a1
"""

import sqlalchemy as sa

from limbeck import op

revision = "a1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("product", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("product")
