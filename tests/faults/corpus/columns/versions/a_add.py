"""Columns of many kinds come, with an index and with a foreign key."""

import sqlalchemy as sa

from limbeck import op

revision = "a_add"
down_revision = "start"


def is_alterable():
    return op.get_context().impl.__dialect__ != "sqlite"


def upgrade():
    op.add_column("item", sa.Column("plain", sa.Integer))
    op.add_column("item", sa.Column("counted", sa.Integer, nullable=False, server_default="3"))
    op.add_column("item", sa.Column("indexed", sa.String(10), index=True))
    if is_alterable():
        op.add_column(
            "item", sa.Column("owner_id", sa.Integer, sa.ForeignKey("owner.id", name="fk_item_owner"))
        )
        op.add_column("item", sa.Column("code", sa.String(10), unique=True, comment="it's short"))
        op.add_column("item", sa.Column("double", sa.Integer, sa.Computed("id * 2", persisted=True)))
    else:
        op.add_column(
            "item", sa.Column("owner_id", sa.Integer, sa.ForeignKey("owner.id")), inline_references=True
        )
    op.execute(sa.text("UPDATE item SET owner_id = :owner WHERE id > :least").bindparams(owner=1, least=2))


def downgrade():
    if is_alterable():
        op.drop_column("item", "double")
        op.drop_column("item", "code")
        op.drop_constraint("fk_item_owner", "item", type_="foreignkey")
        op.drop_column("item", "owner_id")
    else:
        with op.batch_alter_table("item") as batch:
            batch.drop_column("owner_id")
    op.drop_index("ix_item_indexed", "item")
    op.drop_column("item", "indexed")
    op.drop_column("item", "counted")
    op.drop_column("item", "plain")
