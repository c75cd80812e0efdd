"""Every way in which a column can be altered, alone and together, and a column that goes."""

import sqlalchemy as sa

from limbeck import op

revision = "b_alter"
down_revision = "a_add"


def is_alterable():
    return op.get_context().impl.__dialect__ != "sqlite"


def alter(column, **changes):
    if is_alterable():
        op.alter_column("item", column, **changes)
        return
    changes.pop("comment", None)
    if changes.keys() - {"existing_type", "existing_comment"}:
        with op.batch_alter_table("item") as batch:
            batch.alter_column(column, **changes)


def upgrade():
    alter("name", nullable=False, existing_type=sa.String(20))
    alter("price", type_=sa.BigInteger, existing_type=sa.Integer, existing_server_default="7")
    alter("price", server_default="8", existing_type=sa.BigInteger)
    alter("price", server_default=None, existing_type=sa.BigInteger)
    alter("note", new_column_name="remark", existing_type=sa.String(20))
    alter("remark", comment="not read", existing_type=sa.String(20))
    alter(
        "counted",
        new_column_name="amount",
        type_=sa.Numeric(10, 2),
        nullable=True,
        server_default="1.5",
        existing_type=sa.Integer,
        existing_nullable=False,
        existing_server_default="3",
    )
    op.drop_column("item", "obsolete")
    op.drop_column("item", "never_there", if_exists=True) if is_alterable() else None


def downgrade():
    op.add_column("item", sa.Column("obsolete", sa.String(20), nullable=True))
    alter(
        "amount",
        new_column_name="counted",
        type_=sa.Integer,
        nullable=False,
        server_default="3",
        existing_type=sa.Numeric(10, 2),
        existing_nullable=True,
        existing_server_default="1.5",
    )
    alter("remark", comment=None, existing_type=sa.String(20), existing_comment="not read")
    alter("remark", new_column_name="note", existing_type=sa.String(20))
    alter("price", type_=sa.Integer, existing_type=sa.BigInteger)
    alter("price", server_default="7", existing_type=sa.Integer)
    alter("name", nullable=True, existing_type=sa.String(20))
