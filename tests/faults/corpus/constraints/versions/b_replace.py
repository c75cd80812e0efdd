"""A constraint and an index that are dropped and made again under the same name."""

from limbeck import op

revision = "b_replace"
down_revision = "a_add"


def upgrade():
    op.drop_index("ix_stay_guest", "stay")
    op.create_index("ix_stay_guest", "stay", ["guest", "nights"])
    if op.get_context().impl.__dialect__ == "sqlite":
        with op.batch_alter_table("room") as batch:
            batch.drop_constraint("uq_room_name", type_="unique")
        with op.batch_alter_table("room") as batch:
            batch.create_unique_constraint("uq_room_name", ["name", "id"])
    else:
        op.drop_constraint("uq_room_name", "room", type_="unique")
        op.create_unique_constraint("uq_room_name", "room", ["name", "id"])


def downgrade():
    if op.get_context().impl.__dialect__ == "sqlite":
        with op.batch_alter_table("room", recreate="always") as batch:
            batch.drop_constraint("uq_room_name", type_="unique")
            batch.create_unique_constraint("uq_room_name", ["name"])
    else:
        op.drop_constraint("uq_room_name", "room", type_="unique")
        op.create_unique_constraint("uq_room_name", "room", ["name"])
    op.drop_index("ix_stay_guest", "stay")
    op.create_index("ix_stay_guest", "stay", ["guest"])
