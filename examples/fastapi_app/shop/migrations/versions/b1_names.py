"""Products have names

Revision ID: b1
"""

import sqlalchemy as sa

from limbeck import op

revision = "b1"
down_revision = "a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("product", sa.Column("name", sa.String(80), nullable=False, server_default="unnamed"))
    with op.batch_alter_table("product") as batch_op:
        batch_op.alter_column(
            "name", server_default=None, existing_type=sa.String(80), existing_nullable=False
        )


def downgrade() -> None:
    with op.batch_alter_table("product") as batch_op:
        batch_op.drop_column("name")
