"""Every kind of constraint, one by one, and rows between them."""

import sqlalchemy as sa

from limbeck import op

revision = "a_add"
down_revision = "start"


def upgrade():
    dialect = op.get_context().impl.__dialect__
    if dialect == "sqlite":
        with op.batch_alter_table("room") as batch:
            batch.create_primary_key("pk_room", ["id"])
            batch.create_unique_constraint("uq_room_name", ["name"])
        with op.batch_alter_table("stay") as batch:
            batch.create_foreign_key("fk_stay_room", "room", ["room_id"], ["id"], ondelete="CASCADE")
        with op.batch_alter_table("stay") as batch:
            batch.create_check_constraint("ck_stay_nights", "nights > 0")
    else:
        op.create_primary_key("pk_room", "room", ["id"])
        op.create_unique_constraint("uq_room_name", "room", ["name"])
        op.create_foreign_key("fk_stay_room", "stay", "room", ["room_id"], ["id"], ondelete="CASCADE")
        op.create_check_constraint("ck_stay_nights", "stay", sa.column("nights") > 0)
    if dialect == "postgresql":
        op.create_exclude_constraint("ex_stay", "stay", (sa.column("guest"), "="), using="btree")
    stay = sa.table("stay", sa.column("room_id"), sa.column("guest"), sa.column("nights"))
    op.execute(stay.insert().values(room_id=1, guest="C", nights=7))
    op.create_index("ix_stay_guest", "stay", ["guest"])
    op.create_index(op.f("ux_stay"), "stay", ["room_id", "guest"], unique=True)
    op.create_index("ix_stay_room", "stay", [sa.text("room_id")], if_not_exists=True)
    if dialect != "mysql":
        op.create_index(
            "ix_stay_long",
            "stay",
            ["guest"],
            postgresql_where=sa.text("nights > 3"),
            sqlite_where=sa.text("nights > 3"),
        )


def downgrade():
    dialect = op.get_context().impl.__dialect__
    if dialect != "mysql":
        op.drop_index("ix_stay_long", "stay")
    if dialect == "sqlite":
        op.drop_index("ix_stay_room", if_exists=True)
        op.drop_index("ux_stay")
        op.drop_index("ix_stay_guest")
    else:
        op.drop_constraint("fk_stay_room", "stay", type_="foreignkey")
        op.drop_index("ix_stay_room", "stay", if_exists=True)
        op.drop_index("ux_stay", table_name="stay")
        op.drop_index("ix_stay_guest", table_name="stay")
    op.execute("DELETE FROM stay WHERE guest = 'C'")
    if dialect == "postgresql":
        op.drop_constraint("ex_stay", "stay")
    if dialect == "sqlite":
        with op.batch_alter_table("stay") as batch:
            batch.drop_constraint("ck_stay_nights", type_="check")
            batch.drop_constraint("fk_stay_room", type_="foreignkey")
        with op.batch_alter_table("room") as batch:
            batch.drop_constraint("uq_room_name", type_="unique")
            batch.drop_constraint("pk_room", type_="primary")
    else:
        op.drop_constraint("ck_stay_nights", "stay", type_="check")
        op.drop_constraint("uq_room_name", "room", type_="unique")
        op.drop_constraint("pk_room", "room", type_="primary")
        if dialect == "postgresql":
            op.drop_constraint("never_there", "room", if_exists=True)
