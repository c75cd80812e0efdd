"""Tables without any constraint, with rows."""

import sqlalchemy as sa

from limbeck import op

revision = "start"
down_revision = None


def upgrade():
    room = op.create_table(
        "room", sa.Column("id", sa.Integer, nullable=False), sa.Column("name", sa.String(20))
    )
    stay = op.create_table(
        "stay",
        sa.Column("room_id", sa.Integer),
        sa.Column("guest", sa.String(20)),
        sa.Column("nights", sa.Integer),
    )
    op.bulk_insert(room, [{"id": 1, "name": "blue"}, {"id": 2, "name": "green"}])
    op.bulk_insert(
        stay, [{"room_id": 1, "guest": "A", "nights": 2}, {"room_id": 2, "guest": "B", "nights": 5}]
    )


def downgrade():
    op.drop_table("stay")
    op.drop_table("room")
