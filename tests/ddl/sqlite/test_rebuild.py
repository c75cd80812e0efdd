"""What a rebuild keeps: everything the user had, with foreign keys enforced, inside a transaction and without one."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.errors import ColumnInUse, KeysViolated, NotRebuildable, RebuildBreaks, RowsLost
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context

CHANGE = ("b.alter_column('b', type_=sa.Text())",)
PARENT = "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)"
ROWS = "INSERT INTO t (id, b) VALUES (1, 5), (2, 6)"


class Bench:
    """A database with foreign keys enforced, in which batch blocks run."""

    def __init__(self, connection: sa.Connection, is_in_transaction: bool) -> None:
        self.connection = connection
        self.is_in_transaction = is_in_transaction

    def prepare(self, *statements: str) -> None:
        for statement in statements:
            self.sql(statement)
        self.connection.commit()
        self.sql("PRAGMA foreign_keys=ON")
        if self.is_in_transaction:
            self.sql("BEGIN IMMEDIATE")

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        result = self.connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []

    def batch(self, *lines: str, options: str = "") -> None:
        body = "".join(f"    {line}\n" for line in lines)
        operations = Operations(Context("sqlite", connection=self.connection, as_sql=False))
        exec(f"with op.batch_alter_table('t'{options}) as b:\n{body}", {"op": operations, "sa": sa})

    def text(self, name: str) -> str:
        """How something is written, on one line."""
        [(sql,)] = self.sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'")
        return re.sub(r"\s+", " ", sql)

    def dump(self) -> list[str]:
        return list(self.connection.connection.dbapi_connection.iterdump())  # type: ignore[union-attr]  # sqlite3's


@pytest.fixture(params=[False, True], ids=["alone", "in_a_transaction"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/app.db")
    with engine.connect() as connection:
        made = Bench(connection, request.param)
        yield made
        assert made.sql("PRAGMA foreign_keys") == [(1,)]
        assert made.sql("PRAGMA foreign_key_check") == []
        assert made.sql("PRAGMA integrity_check") == [("ok",)]
        assert made.sql("SELECT name FROM sqlite_master WHERE name LIKE '\\_%' ESCAPE '\\'") == []
    engine.dispose()


# --- the fifteen things ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action", ["CASCADE", "SET NULL", "RESTRICT", "NO ACTION DEFERRABLE INITIALLY DEFERRED"]
)
def test_rows_of_a_child_table_stay(bench: Bench, action: str) -> None:
    """BAT-28: and they still refer to the right table, and are deleted or set when that is asked for."""
    bench.prepare(
        PARENT,
        f"CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id) ON DELETE {action})",
        ROWS,
        "INSERT INTO child VALUES (7, 1), (8, 2)",
    )
    bench.batch(*CHANGE)
    assert bench.sql("SELECT * FROM child") == [(7, 1), (8, 2)]
    assert bench.text("child").endswith(f"t_id INTEGER REFERENCES t (id) ON DELETE {action})")
    assert [row[2] for row in bench.sql("PRAGMA foreign_key_list(child)")] == ["t"]
    if "DEFERRED" not in action:
        with pytest.raises(sa.exc.IntegrityError):
            bench.sql("INSERT INTO child VALUES (9, 99)")


def test_a_delete_still_cascades_after_a_rebuild(bench: Bench) -> None:
    """BAT-28."""
    bench.prepare(
        PARENT,
        "CREATE TABLE child (t_id INTEGER REFERENCES t ON DELETE CASCADE)",
        ROWS,
        "INSERT INTO child VALUES (1), (2)",
    )
    bench.batch(*CHANGE)
    bench.sql("DELETE FROM t WHERE id = 1")
    assert bench.sql("SELECT * FROM child") == [(2,)]


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type}, CHECK (b <> ':x'), CHECK (id > 0 AND b > 1))",
        "CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id < 99), b {type} CHECK (b > 1) UNIQUE ON CONFLICT ABORT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b {type})",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type}) STRICT",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type}) WITHOUT ROWID",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type} DEFAULT (1 + 1), c TEXT COLLATE NOCASE DEFAULT 'it''s, (x')",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type}, g INT GENERATED ALWAYS AS (id * 2) STORED, v AS (b || '%'))",
        "CREATE TABLE t (id INTEGER, b {type}, PRIMARY KEY (id DESC), UNIQUE (b COLLATE NOCASE, id) ON CONFLICT ABORT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b {type}, p INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
    ],
)
def test_a_table_keeps_its_text(bench: Bench, table: str) -> None:
    """BAT-23, BAT-25, BAT-26, BAT-27, BAT-52: CHECKs, AUTOINCREMENT, STRICT, WITHOUT ROWID, COLLATE, DEFAULT, …"""
    bench.prepare(table.format(type="INTEGER"), ROWS)
    bench.batch(*CHANGE)
    assert bench.text("t").replace("( ", "(").replace(" )", ")") == table.format(type="TEXT").replace(
        " t ", ' "t" ', 1
    )
    assert bench.sql("SELECT id, b FROM t") == [(1, "5"), (2, "6")]


def test_a_counter_goes_on_after_the_highest_number_that_was_ever_given(bench: Bench) -> None:
    """BAT-25: also if its row is gone."""
    bench.prepare(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER)",
        "INSERT INTO t VALUES (41, 1)",
        "DELETE FROM t",
    )
    bench.batch(*CHANGE)
    bench.sql("INSERT INTO t (b) VALUES (1)")
    assert bench.sql("SELECT id FROM t") == [(42,)]


@pytest.mark.parametrize(
    "index",
    [
        "CREATE INDEX ix ON t (b) WHERE b > 5 AND id IS NOT NULL",
        "CREATE UNIQUE INDEX ix ON t (lower(b), id % 100)",
        "CREATE INDEX ix ON t (b COLLATE NOCASE DESC)",
    ],
)
def test_an_index_keeps_its_text(bench: Bench, index: str) -> None:
    """BAT-25, BAT-80: partial ones, those over expressions, collations and directions."""
    bench.prepare(PARENT, ROWS, index)
    bench.batch(*CHANGE)
    assert bench.text("ix") == index


def test_a_trigger_stays_and_fires(bench: Bench) -> None:
    """BAT-25."""
    trigger = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (':x 100%' || new.id); END"
    bench.prepare(PARENT, ROWS, "CREATE TABLE log (x)", trigger)
    bench.batch(*CHANGE)
    assert (bench.text("tr"), bench.sql("SELECT * FROM log")) == (trigger, [])
    bench.sql("INSERT INTO t VALUES (3, '7')")
    assert bench.sql("SELECT * FROM log") == [(":x 100%3",)]


def test_a_view_stays_and_shows(bench: Bench) -> None:
    """BAT-25."""
    bench.prepare(PARENT, ROWS, "CREATE VIEW v AS SELECT id FROM t")
    bench.batch(*CHANGE)
    assert bench.sql("SELECT * FROM v") == [(1,), (2,)]


def test_the_keys_of_a_table_that_is_a_child_itself_stay(bench: Bench) -> None:
    """BAT-55: foreign keys refer to what they referred to."""
    key = "p INTEGER CONSTRAINT fk REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE"
    bench.prepare(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, {key})",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO t VALUES (1, 5, 1)",
    )
    bench.batch(*CHANGE)
    assert key in bench.text("t")
    bench.sql("DELETE FROM parent")
    assert bench.sql("SELECT * FROM t") == [(1, "5", None)]


def test_a_failure_in_the_middle_leaves_everything_as_it_was(bench: Bench) -> None:
    """BAT-21: and what was done before in the same transaction."""
    bench.prepare(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER)",
        "CREATE TABLE child (t_id INTEGER REFERENCES t ON DELETE CASCADE)",
        "CREATE INDEX ix ON t (b)",
        "INSERT INTO t VALUES (1, NULL)",
        "INSERT INTO child VALUES (1)",
    )
    if bench.is_in_transaction:
        bench.sql("INSERT INTO t VALUES (2, 2)")
    before = bench.dump()
    with pytest.raises(sa.exc.IntegrityError):
        bench.batch("b.alter_column('id', new_column_name='key')", "b.alter_column('b', nullable=False)")
    assert bench.dump() == before


# --- what would break --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "user"),
    [
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, CONSTRAINT ck CHECK (b > id))",
            "CHECK constraint 'ck'",
        ),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, CHECK (b > id))", "CHECK (b > id)"),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id <> b), b INTEGER)", "CHECK (id <> b)"),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, g AS (b + 1))", "generated column 'g'"),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, b UNIQUE, c CONSTRAINT fk REFERENCES t (b))",
            "foreign key 'fk'",
        ),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY, b UNIQUE, c REFERENCES t (B))", "REFERENCES t (B)"),
    ],
)
def test_what_uses_a_dropped_column_in_its_table_is_named_before_anything_is_done(
    bench: Bench, table: str, user: str
) -> None:
    """BAT-53."""
    bench.prepare(table)
    before = bench.dump()
    with pytest.raises(ColumnInUse) as caught:
        bench.batch("b.drop_column('b')")
    assert (caught.value.column, caught.value.users, bench.dump()) == ("b", (user,), before)


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("CREATE VIEW v AS SELECT b FROM t", "view 'v'"),
        ('CREATE VIEW v AS SELECT "b" FROM t', "view 'v'"),
        ("CREATE TRIGGER tr AFTER INSERT ON t WHEN new.b > 1 BEGIN SELECT 1; END", "trigger 'tr'"),
        ("CREATE TRIGGER tr AFTER UPDATE OF b ON t BEGIN SELECT 1; END", "trigger 'tr'"),
        ("CREATE TRIGGER tr AFTER INSERT ON u BEGIN UPDATE t SET b = 1; END", "trigger 'tr'"),
        ("CREATE TABLE child (x REFERENCES t (b))", "a foreign key of table 'child'"),
    ],
)
def test_what_uses_a_dropped_column_elsewhere_is_named_before_anything_is_done(
    bench: Bench, user: str, name: str
) -> None:
    """BAT-53."""
    bench.prepare("CREATE TABLE t (id INTEGER PRIMARY KEY, b UNIQUE, c)", "CREATE TABLE u (x)", user)
    before = bench.dump()
    with pytest.raises(RebuildBreaks) as caught:
        bench.batch("b.drop_column('b')")
    assert (list(caught.value.broken), bench.dump()) == ([name], before)


def test_what_was_broken_before_does_not_stand_in_the_way(bench: Bench) -> None:
    """BAT-25: neither of a rebuild nor of another name."""
    bench.prepare(PARENT, ROWS, "CREATE VIEW v AS SELECT x FROM gone")
    bench.batch("b.alter_column('b', new_column_name='c')")
    bench.batch("b.alter_column('c', type_=sa.Text())")
    assert bench.sql("SELECT c FROM t") == [("5",), ("6",)]
    bench.sql("DROP VIEW v")


def test_rows_that_a_key_would_silently_leave_out_are_not_lost(bench: Bench) -> None:
    """BAT-21."""
    bench.prepare(
        "CREATE TABLE t (id INTEGER, b INTEGER NOT NULL ON CONFLICT IGNORE, c INTEGER)",
        "INSERT INTO t VALUES (1, 1, 1)",
    )
    bench.sql("PRAGMA writable_schema=ON")
    bench.sql(
        "UPDATE sqlite_master SET sql = replace(sql, 'c INTEGER', 'c INTEGER NOT NULL ON CONFLICT IGNORE')"
    )
    bench.sql("PRAGMA writable_schema=OFF")
    bench.sql("INSERT INTO t VALUES (2, 2, NULL)")
    bench.sql("PRAGMA writable_schema=RESET")
    with pytest.raises(RowsLost) as caught:
        bench.batch("b.alter_column('id', type_=sa.Text())")
    assert (caught.value.before, caught.value.after) == (2, 1)
    bench.sql("DELETE FROM t WHERE id = 2")


def test_rows_that_would_refer_to_nothing_undo_the_change(bench: Bench) -> None:
    """BAT-28: inside a transaction SQLite itself refuses them."""
    bench.prepare(PARENT, ROWS, "CREATE TABLE u (id INTEGER PRIMARY KEY)")
    before = bench.dump()
    with pytest.raises((KeysViolated, sa.exc.IntegrityError)) as caught:
        bench.batch("b.create_foreign_key('fk', 'u', ['b'], ['id'])")
    if isinstance(caught.value, KeysViolated):
        assert caught.value.violations == {("t", "u"): 2}
    assert bench.dump() == before


def test_a_virtual_table_is_not_made_an_ordinary_one(bench: Bench) -> None:
    bench.prepare("CREATE VIRTUAL TABLE t USING fts5 (b)")
    with pytest.raises(NotRebuildable):
        bench.batch("b.alter_column('b', nullable=False)")


# --- without a rebuild -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        (["b.alter_column('b', new_column_name='c')"], ["ALTER TABLE t RENAME COLUMN b TO c"]),
        (["b.drop_column('b')"], ["ALTER TABLE t DROP COLUMN b"]),
        (
            ["b.add_column(sa.Column('c', sa.Integer()))", "b.drop_column('b')"],
            ["ALTER TABLE t ADD COLUMN c INTEGER", "ALTER TABLE t DROP COLUMN b"],
        ),
    ],
)
def test_what_sqlite_can_do_itself_copies_nothing(bench: Bench, lines: list[str], sent: list[str]) -> None:
    """BAT-13, BAT-14."""
    bench.prepare(PARENT, ROWS)
    heard: list[str] = []

    def hear(*args: Any) -> None:
        if args[2].startswith(("ALTER", "CREATE", "INSERT", "DROP")):
            heard.append(args[2])

    sa.event.listen(bench.connection, "before_cursor_execute", hear)
    bench.batch(*lines)
    assert heard == sent


def test_a_renamed_column_takes_along_triggers_views_and_foreign_keys_of_other_tables(bench: Bench) -> None:
    """BAT-14, BAT-56."""
    bench.prepare(
        PARENT,
        "CREATE UNIQUE INDEX ux ON t (b)",
        "CREATE TABLE child (x INTEGER REFERENCES t (b) ON DELETE CASCADE)",
        "CREATE VIEW v AS SELECT b FROM t",
        "CREATE TRIGGER tr AFTER UPDATE OF b ON t BEGIN SELECT new.b; END",
        ROWS,
        "INSERT INTO child VALUES (5)",
    )
    bench.batch("b.alter_column('b', new_column_name='c', nullable=False)")
    assert bench.text("child") == "CREATE TABLE child (x INTEGER REFERENCES t (c) ON DELETE CASCADE)"
    assert bench.text("v") == "CREATE VIEW v AS SELECT c FROM t"
    assert bench.text("tr") == "CREATE TRIGGER tr AFTER UPDATE OF c ON t BEGIN SELECT new.c; END"
    assert bench.sql("SELECT * FROM child") == [(5,)]


def test_a_dropped_index_is_written_into_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """BAT-53."""
    bench.prepare(PARENT, "CREATE INDEX ix ON t (b)")
    with caplog.at_level(logging.INFO, "limbeck"):
        bench.batch("b.drop_column('b')")
    assert "Index ix goes with a column of table t" in caplog.messages


def test_functions_of_the_application_are_no_obstacle(bench: Bench) -> None:
    """BAT-25: the copy in memory does not know them."""
    driver = bench.connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.create_function("twice", 1, lambda value: value * 2, deterministic=True)
    driver.create_collation("backwards", lambda one, other: (one < other) - (one > other))
    bench.prepare(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, c TEXT COLLATE backwards, CHECK (twice(b) > 0))",
        "CREATE INDEX ix ON t (twice(b))",
        "INSERT INTO t VALUES (1, 5, 'x'), (2, 6, 'y')",
    )
    bench.batch("b.alter_column('b', type_=sa.BigInteger())")
    assert bench.sql("SELECT id FROM t ORDER BY c") == [(2,), (1,)]
    assert bench.text("ix") == "CREATE INDEX ix ON t (twice(b))"
