"""first

Revision ID: a1
"""

from collections.abc import Sequence

import sqlalchemy as sa

from limbeck import op

revision: str = "a1"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    account = op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
    )
    op.bulk_insert(account, [{"id": 1, "name": "first"}])
    with op.batch_alter_table("account") as batch_op:
        batch_op.add_column(sa.Column("age", sa.Integer))
        batch_op.create_index("ix_account_age", ["age"], unique=False)
    op.alter_column("account", "name", existing_type=sa.String(50), type_=sa.Text())
    op.create_foreign_key(op.f("fk_a_b"), "account", "account", ["age"], ["id"], ondelete="CASCADE")
    op.execute(sa.text("UPDATE account SET age = :age").bindparams(age=3))
    with op.get_context().autocommit_block():
        op.execute("VACUUM")


def downgrade() -> None:
    op.drop_index("ix_account_age", table_name="account")
    op.drop_table("account")
