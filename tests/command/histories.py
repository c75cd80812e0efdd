"""Revisions that do a bit of everything, for tests of what a plan says about them."""

from __future__ import annotations

from pathlib import Path

HEAD = '''"""{message}"""
import sqlalchemy as sa
from limbeck import op

revision = {revision!r}
down_revision = {below!r}


def upgrade():
{up}


def downgrade():
{down}
'''

EVERYTHING: dict[str, str] = {
    "tables": """
        kind = sa.Enum("a", "b", name="kinds")
        op.create_table(
            "account",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False, index=True, comment="100% of it"),
            sa.Column("kind", kind),
            sa.Column("age", sa.Integer, server_default="3"),
            sa.UniqueConstraint("name", name="uq_account_name"),
            comment="who",
        )
        op.create_table(
            "orders",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", name="fk_orders_account")),
            sa.Column("kind", kind),
            sa.Column("total", sa.Numeric(10, 2)),
        )
        op.create_index("ix_orders_total", "orders", ["total", sa.text("id")])
    """,
    "rows": """
        account = sa.table("account", sa.column("id", sa.Integer), sa.column("name", sa.String))
        op.bulk_insert(account, [{"id": number, "name": f"it's {number}%"} for number in range(1, 4)])
        op.bulk_insert(account, [{"id": 9, "name": sa.func.lower("NINE")}], multiinsert=False)
        op.execute(account.update().where(account.c.id == 1).values(name="ann : 5%"))
        op.execute(sa.text("UPDATE account SET age = :age WHERE name LIKE '%a'").bindparams(age=7))
        bind = op.get_bind()
        bind.execute(sa.text("INSERT INTO orders (id, account_id) VALUES (:id, :account)"), [
            {"id": 1, "account": 1}, {"id": 2, "account": 2},
        ])
        bind.exec_driver_sql("DELETE FROM orders WHERE id = 2")
        bind.execute(sa.select(account.c.name).where(account.c.id == 1)).all()
    """,
    "columns": """
        op.add_column("account", sa.Column("mail", sa.String(80), server_default="none", index=True))
        op.add_column("account", sa.Column("note", sa.Text))
        with op.batch_alter_table("account") as batch:
            batch.alter_column("name", type_=sa.String(120), existing_type=sa.String(50), existing_nullable=False)
            batch.alter_column("age", nullable=False, existing_type=sa.Integer, existing_server_default="3")
            batch.create_check_constraint("ck_age", "age >= 0")
            batch.drop_column("note")
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("total", new_column_name="sum", existing_type=sa.Numeric(10, 2))
        op.drop_index("ix_orders_total", "orders")
        op.rename_table("orders", "purchase")
    """,
    "sections": """
        with op.get_context().autocommit_block():
            op.create_index("ix_account_age", "account", ["age"])
        with op.get_bind().begin_nested():
            op.execute("UPDATE account SET age = 4")
        metadata = sa.MetaData()
        sa.Table("extra", metadata, sa.Column("id", sa.Integer, primary_key=True))
        metadata.create_all(op.get_bind())
        op.drop_table("purchase")
    """,
}
"""The bodies of `upgrade()`, by the revision's identifier, each after the one before."""


def write(versions: Path, bodies: dict[str, str], *, downs: dict[str, str] | None = None) -> None:
    """Write the revision files, one above the other."""
    from textwrap import dedent, indent

    below = None
    for revision, up in bodies.items():
        down = (downs or {}).get(revision, "pass")
        text = HEAD.format(
            message=f"do {revision}",
            revision=revision,
            below=below,
            up=indent(dedent(up).strip(), "    "),
            down=indent(dedent(down).strip(), "    "),
        )
        (versions / f"{revision}.py").write_text(text, encoding="utf-8")
        below = revision
