"""Blocks that alter where that is possible."""

import sqlalchemy as sa

from limbeck import op

revision = "a_alter"
down_revision = "start"


def upgrade():
    with op.batch_alter_table("parent") as batch:
        batch.add_column(sa.Column("age", sa.Integer, server_default="1"))
        batch.alter_column(
            "name", new_column_name="title", existing_type=sa.String(20), existing_nullable=False
        )
        batch.drop_column("old")
    with op.batch_alter_table("child") as batch:
        batch.create_index("ix_child_text", ["text"])
        batch.alter_column("text", nullable=False, existing_type=sa.String(20))
        batch.create_unique_constraint("uq_child", ["parent_id", "text"])
    op.execute("UPDATE parent SET age = age + id")


def downgrade():
    with op.batch_alter_table("child") as batch:
        batch.create_index("ix_child_parent", ["parent_id"])
        batch.drop_constraint("uq_child", type_="unique")
        batch.alter_column("text", nullable=True, existing_type=sa.String(20))
        batch.drop_index("ix_child_text")
    with op.batch_alter_table("parent") as batch:
        batch.add_column(sa.Column("old", sa.Integer))
        batch.alter_column(
            "title", new_column_name="name", existing_type=sa.String(20), existing_nullable=False
        )
        batch.drop_column("age")
