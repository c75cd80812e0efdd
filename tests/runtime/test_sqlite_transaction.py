"""SQLite: a run is one real transaction, with the DDL in it; statements that no transaction may contain still work."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected, opened
from tests.runtime.history import History, rows, tables

LINE = "a <- b, b <- c"
CREATE = {id: f"op.execute('CREATE TABLE {id} (x INTEGER)')" for id in "abc"}
STOP = "raise RuntimeError('stop')"


def statements(engine: Engine) -> list[str]:
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    return seen


@pytest.mark.parametrize(
    ("options", "left", "at"),
    [
        ({}, [], ()),
        ({"transaction_per_migration": True}, ["a", "alembic_version", "b"], ("b",)),
        ({"transactional_ddl": False}, ["a", "alembic_version", "b", "c"], ("b",)),
    ],
)
def test_a_failing_run_is_undone_as_far_as_its_transaction_reaches(
    tmp_path: Path, sqlite_url: str, options: dict[str, Any], left: list[str], at: tuple[str, ...]
) -> None:
    """TXN-6, TXN-7: schema, rows and version table alike; a project may have the driver's ways, as before."""
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": f"{CREATE['c']}\n{STOP}"})
    with connected(sqlite_url) as connection, pytest.raises(RuntimeError):
        history.run(connection, "head", **options)
    assert tables(sqlite_url) == left
    assert rows(sqlite_url) == at if left else not tables(sqlite_url)


def test_rows_that_a_failing_revision_has_changed_are_as_before(tmp_path: Path, sqlite_url: str) -> None:
    body = f"op.execute('INSERT INTO a VALUES (1)')\nop.execute('DROP TABLE b')\n{STOP}"
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": body})
    with connected(sqlite_url) as connection:
        history.run(connection, "b")
    with connected(sqlite_url) as connection:
        with pytest.raises(RuntimeError):
            history.run(connection, "c")
        assert connection.execute(text("SELECT count(*) FROM a")).scalar() == 0
    assert (tables(sqlite_url), rows(sqlite_url)) == (["a", "alembic_version", "b"], ("b",))


def test_without_a_block_in_env_py_each_step_is_committed_as_before(tmp_path: Path, sqlite_url: str) -> None:
    """TXN-5: env.py files for SQLite need no `begin_transaction()`."""
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": f"{CREATE['c']}\n{STOP}"})
    with connected(sqlite_url) as connection, history.environment("upgrade", "head") as environment:
        environment.configure(connection=connection)
        with pytest.raises(RuntimeError) as caught:
            environment.run_migrations()
    assert caught.value.__notes__[1] == "this step is rolled back; 2 steps before it stay applied"
    assert (tables(sqlite_url), rows(sqlite_url)) == (["a", "alembic_version", "b"], ("b",))


def test_an_owner_of_the_transaction_undoes_ddl_too(tmp_path: Path, sqlite_url: str) -> None:
    """TXN-4"""
    history = History(tmp_path / "m", LINE, upgrade=CREATE)
    with connected(sqlite_url) as connection:
        connection.begin()
        history.run(connection, "head")
        connection.rollback()
        assert tables(sqlite_url) == []
        with connection.begin():
            history.run(connection, "head")
    assert rows(sqlite_url) == ("c",)


def test_one_transaction_waits_for_writers_at_its_beginning_and_not_in_the_middle(
    tmp_path: Path, sqlite_url: str
) -> None:
    history = History(tmp_path / "m", LINE, upgrade=CREATE)
    with connected(sqlite_url) as connection:
        history.run(connection, "a")
    with opened(f"{sqlite_url}?timeout=0") as engine, connected(sqlite_url) as other:
        other.execute(text("INSERT INTO a VALUES (1)"))
        with engine.connect() as connection, pytest.raises(OperationalError, match="locked") as caught:
            history.run(connection, "head")
        assert caught.value.statement == "BEGIN IMMEDIATE"


def test_what_only_reads_begins_nothing(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade=CREATE)
    with opened(sqlite_url) as engine:
        with engine.connect() as connection:
            history.run(connection, "head")
        seen = statements(engine)
        with engine.connect() as connection:
            history.run(connection, "head")
            assert MigrationContext.configure(connection).get_current_heads() == ("c",)
        assert [sql for sql in seen if sql.startswith("BEGIN")] == []


# --- statements that must stand outside -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "VACUUM",
        "-- smaller\nvacuum",
        "/* faster */ PRAGMA journal_mode = WAL",
        "PRAGMA main.synchronous(off)",
        "PRAGMA foreign_keys=ON",
        "PRAGMA wal_checkpoint",
    ],
)
@pytest.mark.parametrize("execute", ["op.execute({0!r})", "op.get_bind().exec_driver_sql({0!r})"])
def test_a_revision_may_say_what_no_transaction_may_contain(
    tmp_path: Path, sqlite_url: str, statement: str, execute: str
) -> None:
    """What was done before is committed, what follows is in a transaction again."""
    body = "\n".join([CREATE["b"], execute.format(statement), CREATE["c"], STOP])
    history = History(tmp_path / "m", "a <- b", upgrade={"a": CREATE["a"], "b": body})
    with connected(sqlite_url) as connection, pytest.raises(RuntimeError) as caught:
        history.run(connection, "head", journal=False)
    assert caught.value.__notes__[1].startswith(
        "what ran up to autocommit_block(), and inside of it, is committed"
    )
    assert (tables(sqlite_url), rows(sqlite_url)) == (["a", "alembic_version", "b"], ("a",))


def test_foreign_keys_are_switched_for_what_follows(tmp_path: Path, sqlite_url: str) -> None:
    body = (
        "seen = op.get_context().opts['seen']\n"
        "ask = lambda: seen.append(op.get_bind().exec_driver_sql('PRAGMA foreign_keys').scalar())\n"
        "ask()\nop.execute('PRAGMA foreign_keys=OFF')\nask()\nop.execute('PRAGMA foreign_keys=1')\nask()"
    )
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    seen: list[int] = []
    with opened(sqlite_url) as engine:
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
        with engine.connect() as connection:
            history.run(connection, "head", seen=seen)
    assert seen == [1, 0, 1]
    assert rows(sqlite_url) == ("a",)


def test_a_switch_that_changes_nothing_leaves_the_transaction_whole(tmp_path: Path, sqlite_url: str) -> None:
    body = f"{CREATE['a']}\nop.execute('PRAGMA foreign_keys=OFF')\n{STOP}"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(sqlite_url) as connection, pytest.raises(RuntimeError):
        history.run(connection, "head")
    assert tables(sqlite_url) == []


def test_a_transaction_of_the_revisions_own_takes_the_place_of_ours(tmp_path: Path, sqlite_url: str) -> None:
    body = f"{CREATE['a']}\nop.execute('BEGIN')\n{CREATE['b']}\nop.execute('ROLLBACK')\n{CREATE['c']}"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(sqlite_url) as connection:
        history.run(connection, "head")
    assert (tables(sqlite_url), rows(sqlite_url)) == (["a", "alembic_version", "c"], ("a",))


def test_after_an_autocommit_block_there_is_a_transaction_again(tmp_path: Path, sqlite_url: str) -> None:
    """TXN-10"""
    body = f"with op.get_context().autocommit_block():\n    op.execute('VACUUM')\n{CREATE['a']}\n{STOP}"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(sqlite_url) as connection, pytest.raises(RuntimeError):
        history.run(connection, "head")
    assert tables(sqlite_url) == ["alembic_version"]


# --- drivers and their modes ------------------------------------------------------------------------------------


def begin_as_documented(engine: Engine) -> None:
    """What SQLAlchemy's documentation gives for real transactions with this driver."""

    @event.listens_for(engine, "connect")
    def leave_transactions_alone(raw: sqlite3.Connection, _: object) -> None:
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def test_a_project_that_begins_transactions_itself_keeps_its_own(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": f"{CREATE['c']}\n{STOP}"})
    with opened(sqlite_url) as engine:
        begin_as_documented(engine)
        seen = statements(engine)
        with engine.connect() as connection, pytest.raises(RuntimeError):
            history.run(connection, "head")
        assert "BEGIN IMMEDIATE" not in seen
    assert tables(sqlite_url) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the driver has this mode since Python 3.12")
def test_the_new_mode_of_the_driver_has_transactions_already(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": f"{CREATE['c']}\n{STOP}"})
    with connected(sqlite_url, connect_args={"autocommit": False}) as connection, pytest.raises(RuntimeError):
        history.run(connection, "head")
    assert tables(sqlite_url) == []


def test_an_engine_in_autocommit_mode_has_none(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", "a <- b", upgrade={"a": CREATE["a"], "b": f"{CREATE['b']}\n{STOP}"})
    with connected(sqlite_url, isolation_level="AUTOCOMMIT") as connection, pytest.raises(RuntimeError):
        history.run(connection, "head")
    assert (tables(sqlite_url), rows(sqlite_url)) == (["a", "alembic_version", "b"], ("a",))


def test_an_asynchronous_driver_has_real_transactions_too(tmp_path: Path, sqlite_url: str) -> None:
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": f"{CREATE['c']}\n{STOP}"})

    async def migrate() -> None:
        engine = create_async_engine(sqlite_url.replace("sqlite:", "sqlite+aiosqlite:"))
        try:
            async with engine.connect() as connection:
                await connection.run_sync(lambda sync: history.run(sync, "head"))
        finally:
            await engine.dispose()

    with pytest.raises(RuntimeError, match="stop"):
        asyncio.run(migrate())
    assert tables(sqlite_url) == []


# --- killed -----------------------------------------------------------------------------------------------------

KILLED = """
import os, sys
from pathlib import Path
from sqlalchemy import create_engine, event
sys.path[:0] = [sys.argv[1]]
from tests.runtime.history import History

history = History.__new__(History)
from limbeck.config import Config
from limbeck.script import ScriptDirectory
history.config = Config()
history.config.set_main_option("script_location", sys.argv[2])
history.script = ScriptDirectory.from_config(history.config)
left = int(sys.argv[4])
def stop(*_):
    global left
    left -= 1
    if left == 0:
        os._exit(9)
engine = create_engine(sys.argv[3])
event.listen(engine, sys.argv[5], stop)
with engine.connect() as connection:
    history.run(connection, "head")
"""


@pytest.mark.parametrize("when", ["before_cursor_execute", "after_cursor_execute"])
def test_a_killed_run_leaves_the_database_as_before_or_as_after(tmp_path: Path, when: str) -> None:
    body = (
        "op.execute('INSERT INTO a VALUES (1)')\nop.execute('ALTER TABLE a ADD COLUMN y')\nop.drop_table('b')"
    )
    history = History(tmp_path / "m", LINE, upgrade={**CREATE, "c": body})
    root = str(Path(__file__).parents[2])
    seen = set()
    for number in range(1, 30):
        path = tmp_path / f"{when}{number}.db"
        url = f"sqlite:///{path}"
        with connected(url) as connection:
            history.run(connection, "a")
        before = dump(path)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, root, str(tmp_path / "m"), url, str(number), when],
            env={**os.environ, "PYTHONPATH": root}, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 9)
        seen.add("before" if dump(path) == before else "after")
        if done.returncode == 0:
            assert rows(url) == ("c",)
            break
        assert dump(path) == before
    assert seen == {"before", "after"}


def dump(path: Path) -> list[str]:
    with connected(f"sqlite:///{path}") as connection:
        raw: Any = connection.connection.dbapi_connection
        return list(raw.iterdump())
