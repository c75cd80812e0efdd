"""Scripts for SQLite know the tables they have made, so that batch blocks can rebuild those (BAT-41, OFF-17)."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.errors import RebuildNeedsTable
from limbeck.operations import Operations
from limbeck.runtime.migration import MigrationContext


class Script:
    """A script being written, with the operations that write it."""

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        context = MigrationContext.configure(
            dialect_name="sqlite", opts={"as_sql": True, "literal_binds": True, "output_buffer": self._buffer}
        )
        self.op = Operations(context)

    @property
    def text(self) -> str:
        return self._buffer.getvalue()

    @contextmanager
    def run(self) -> Iterator[sqlite3.Connection]:
        """What the script makes of an empty database."""
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(self.text)
            yield connection


def make_customer(op: Operations) -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("fax", sa.String(20)),
        sa.CheckConstraint("length(name) > 1", name="ck_name"),
    )
    op.create_index("ix_name", "customer", ["name"])


def columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in connection.execute(f"PRAGMA table_info({table})")]


def test_a_block_rebuilds_a_table_that_the_script_created() -> None:
    script = Script()
    make_customer(script.op)
    with script.op.batch_alter_table("customer") as batch_op:
        batch_op.alter_column("name", existing_type=sa.String(50), type_=sa.String(80))
    with script.op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("fax")
    with script.run() as database:
        assert columns(database, "customer") == [("id", "INTEGER"), ("name", "VARCHAR(80)")]
        with pytest.raises(sqlite3.IntegrityError, match="ck_name"):
            database.execute("INSERT INTO customer (name) VALUES ('x')")
        indexes = database.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
        assert indexes == [("ix_name",)]


def test_renamed_added_and_hand_written_parts_are_known() -> None:
    script = Script()
    make_customer(script.op)
    script.op.execute("ALTER TABLE customer ADD COLUMN age INTEGER")
    script.op.rename_table("customer", "client")
    script.op.execute("CREATE TRIGGER old AFTER DELETE ON client BEGIN DELETE FROM client WHERE id = 0; END")
    with script.op.batch_alter_table("client") as batch_op:
        batch_op.alter_column("age", nullable=False, existing_type=sa.Integer())
    with script.run() as database:
        assert [name for name, _ in columns(database, "client")] == ["id", "name", "fax", "age"]
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        assert triggers == [("old",)]


def test_a_table_from_before_the_script_is_not_guessed() -> None:
    script = Script()
    script.op.execute("ALTER TABLE customer ADD COLUMN age INTEGER")
    with pytest.raises(RebuildNeedsTable), script.op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("age")


def test_once_a_statement_fails_that_should_not_nothing_is_guessed() -> None:
    script = Script()
    make_customer(script.op)
    script.op.execute("ALTER TABLE customer DROP COLUMN no_such_column")
    with pytest.raises(RebuildNeedsTable), script.op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("fax")


def test_nothing_but_changes_of_the_schema_is_rehearsed(tmp_path: Path) -> None:
    script = Script()
    make_customer(script.op)
    script.op.execute(f"ATTACH DATABASE '{tmp_path}/other.db' AS other")
    script.op.execute(f"VACUUM INTO '{tmp_path}/copy.db'")
    with script.op.batch_alter_table("customer") as batch_op:
        batch_op.drop_column("fax")
    assert list(tmp_path.iterdir()) == []
    assert "ATTACH DATABASE" in script.text
