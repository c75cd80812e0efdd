"""Tables that refer to each other, with rows, an index and a unique constraint."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    parent = op.create_table(
        "parent",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("old", sa.Integer),
        sa.UniqueConstraint("name", name="uq_parent_name"),
    )
    child = op.create_table(
        "child",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "parent_id", sa.Integer, sa.ForeignKey("parent.id", name="fk_child_parent", ondelete="CASCADE")
        ),
        sa.Column("text", sa.String(20)),
    )
    lone = op.create_table(
        "lone",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", sa.String(20), index=True),
        sa.Column("number", sa.Integer),
    )
    op.bulk_insert(parent, [{"id": 1, "name": "one", "old": 10}, {"id": 2, "name": "two", "old": None}])
    op.bulk_insert(child, [{"id": n, "parent_id": 1 + n % 2, "text": f"c{n}"} for n in range(6)])
    op.bulk_insert(lone, [{"id": n, "text": f"l{n}", "number": n} for n in range(6)])


def downgrade():
    op.drop_table("lone")
    op.drop_table("child")
    op.drop_table("parent")
