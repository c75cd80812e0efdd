"""Time limits of the session that migrates, and what is tried again when another session was in the way."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import QueuePool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.limiting import Limits
from limbeck.errors import InvalidSetting
from limbeck.runtime import repeating
from limbeck.runtime.limits import read_limits
from tests.backends import pgbouncer
from tests.backends.engines import connected
from tests.backends.servers import CannotStart
from tests.conftest import FLEET
from tests.runtime.history import History, rows, tables
from tests.runtime.round_trips import counted

SHOW = {
    "postgresql": "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')",
    "mysql": "SELECT @@max_statement_time, @@lock_wait_timeout, @@innodb_lock_wait_timeout",
    "sqlite": "PRAGMA busy_timeout",
}
LIMITED = {"postgresql": ("7s", "5500ms"), "mysql": (7, 6, 6), "sqlite": (5500,)}
SLOW = {
    "postgresql": "SELECT pg_sleep(20)",
    "mysql": "SELECT SLEEP(20) FROM t",
    "sqlite": "INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 100000000) "
    "SELECT x FROM c",
}
TOO_SLOW = {"postgresql": "statement timeout", "mysql": "max_statement_time", "sqlite": "interrupted"}
NOTE = (
    "bind = op.get_bind()\n"
    "bind.connection.info.setdefault('seen', []).append(tuple(bind.execute(sa.text({sql!r})).one()))"
)


def kind(url: str) -> str:
    return url.partition("+")[0].partition(":")[0]


@contextmanager
def pooled(url: str) -> Iterator[Any]:
    """An engine whose only session is used again and again."""
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=3)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What happens before something is tried again for the first time."""
    event = threading.Event()

    def pause(*_: object) -> None:
        event.set()
        time.sleep(0.3)

    monkeypatch.setattr(repeating, "pause", pause)
    return event


# --- limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_step", [False, True], ids=["one transaction", "each its own"])
def test_limits_hold_in_every_step_and_the_session_is_left_as_it_was(
    tmp_path: Path, database_url: str, per_step: bool
) -> None:
    note = NOTE.format(sql=SHOW[kind(database_url)])
    line = History(tmp_path / "line", "a <- b", upgrade={"a": note, "b": note})
    with pooled(database_url) as engine:
        with engine.connect() as connection:
            before = tuple(connection.execute(text(SHOW[kind(database_url)])).one())
            connection.rollback()
            options = {"lock_timeout": "5.5", "statement_timeout": 7}
            line.run(connection, "head", transaction_per_migration=per_step, **options)
            seen = connection.connection.info["seen"]
        with engine.connect() as connection:
            after = tuple(connection.execute(text(SHOW[kind(database_url)])).one())
    assert seen == [LIMITED[kind(database_url)]] * 2
    assert (after, rows(database_url)) == (before, ("b",))


def test_limits_hold_in_an_autocommit_block_and_end_with_the_run(tmp_path: Path, postgresql_url: str) -> None:
    note = NOTE.format(sql=SHOW["postgresql"]).replace("\n", "\n    ")
    block = f"with op.get_context().autocommit_block():\n    {note}"
    line = History(tmp_path / "line", "a", upgrade={"a": block})
    with pooled(postgresql_url) as engine, engine.connect() as connection:
        connection.execute(text("SET statement_timeout = '9s'"))
        connection.commit()
        line.run(connection, "head", lock_timeout=5.5, statement_timeout=7)
        assert connection.connection.info["seen"] == [LIMITED["postgresql"]]
        assert tuple(connection.execute(text(SHOW["postgresql"])).one()) == ("9s", "0")


def test_the_owner_of_a_transaction_gets_it_back_without_limits(tmp_path: Path, postgresql_url: str) -> None:
    line = History(tmp_path / "line", "a", upgrade={"a": NOTE.format(sql=SHOW["postgresql"])})
    with connected(postgresql_url) as connection, connection.begin():
        line.run(connection, "head", lock_timeout=5.5, statement_timeout=7)
        assert connection.connection.info["seen"] == [LIMITED["postgresql"]]
        assert tuple(connection.execute(text(SHOW["postgresql"])).one()) == ("0", "0")


def test_a_commit_by_hand_does_not_end_the_limits(tmp_path: Path, postgresql_url: str) -> None:
    line = History(
        tmp_path / "line", "a", upgrade={"a": f"op.execute('COMMIT')\n{NOTE.format(sql=SHOW['postgresql'])}"}
    )
    with connected(postgresql_url) as connection:
        line.run(connection, "head", lock_timeout=5.5, statement_timeout=7, lock=False)
        assert connection.connection.info["seen"] == [LIMITED["postgresql"]]


def test_a_statement_that_takes_too_long_is_ended(tmp_path: Path, database_url: str) -> None:
    slow = f"op.execute({SLOW[kind(database_url)]!r})"
    first = "op.create_table('t', sa.Column('id', sa.Integer))\nop.execute('INSERT INTO t VALUES (1)')"
    line = History(tmp_path / "line", "a <- b", upgrade={"a": first, "b": slow})
    with connected(database_url) as connection:
        line.run(connection, "a")
        began = time.monotonic()
        with pytest.raises(DBAPIError, match=TOO_SLOW[kind(database_url)]):
            line.run(connection, "head", statement_timeout=0.3)
    assert time.monotonic() - began < 5
    assert rows(database_url) == ("a",)


def test_without_limits_no_statement_is_sent_for_them(tmp_path: Path, server_url: str) -> None:
    """Nor with those that say that there is none: the traffic is counted at the driver and at the server."""
    counts = []
    for number, options in enumerate(({}, {"statement_timeout": 0})):
        line = History(tmp_path / str(number), "a <- b")
        with connected(server_url) as connection:
            line.run(connection, "a", version_table=f"v{number}")
        with counted() as traffic, connected(server_url) as connection:
            line.run(connection, "head", version_table=f"v{number}", **options)
        counts.append((traffic.round_trips, len(traffic.statements)))
    assert counts[0] == counts[1]


def test_reading_needs_no_limits(tmp_path: Path, postgresql_url: str) -> None:
    line = History(tmp_path / "line", "a")
    with connected(postgresql_url) as connection:
        line.run(connection, "head")
    with counted() as traffic, connected(postgresql_url) as connection:
        line.run(connection, "head", dont_mutate=True, lock_timeout=5)
    with counted() as usual, connected(postgresql_url) as connection:
        line.run(connection, "head", dont_mutate=True)
    assert traffic.round_trips == usual.round_trips


@pytest.mark.parametrize("driver", ["psycopg_async", "aiosqlite"])
def test_asynchronous_drivers_have_the_same_limits(
    tmp_path: Path, request: pytest.FixtureRequest, driver: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Only that SQLite's cannot interrupt a statement, which is said."""
    backend = "sqlite" if driver == "aiosqlite" else "postgresql"
    url = make_url(request.getfixturevalue(f"{backend}_url")).set(drivername=f"{backend}+{driver}")
    line = History(tmp_path / "line", "a <- b", upgrade={"b": NOTE.format(sql=SHOW[backend])})

    async def main() -> Any:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            await connection.run_sync(line.run, "head", lock_timeout=5.5, statement_timeout=7)
            seen = await connection.run_sync(lambda one: one.connection.info["seen"])
        await engine.dispose()
        return seen

    assert asyncio.run(main()) == [LIMITED[backend]]
    warned = [record.getMessage() for record in caplog.records if "not bounded" in record.getMessage()]
    why = "this driver lets nobody interrupt a statement"
    assert warned == ([f"The time of statements is not bounded: {why}"] if backend == "sqlite" else [])


def test_behind_a_proxy_limits_are_those_of_transactions_only(
    pytestconfig: pytest.Config, tmp_path: Path, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The session that a statement outside of a transaction runs in is lent to others afterwards."""
    note = NOTE.format(sql=SHOW["postgresql"])
    block = f"with op.get_context().autocommit_block():\n    {note}".replace("\nbind.", "\n    bind.")
    line = History(tmp_path / "line", "a", upgrade={"a": f"{note}\n{block}\n{block}"})
    try:
        with ExitStack() as stack:
            place = stack.enter_context(pgbouncer.before(pytestconfig.stash[FLEET].find("postgresql").url))
            engine = create_engine(
                pgbouncer.through(postgresql_url, place), connect_args={"prepare_threshold": None}
            )
            stack.callback(engine.dispose)
            with engine.connect() as connection:
                line.run(connection, "head", lock_timeout=5.5, statement_timeout=7)
                seen = connection.connection.info["seen"]
            with engine.connect() as connection:
                after = tuple(connection.execute(text(SHOW["postgresql"])).one())
    except CannotStart as error:
        pytest.skip(str(error))
    assert (seen, after) == ([LIMITED["postgresql"], ("0", "0"), ("0", "0")], ("0", "0"))
    assert len([one for one in caplog.messages if "No time limits outside of transactions" in one]) == 1


def test_where_the_database_has_no_limit_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """MySQL's own is for queries; other databases have none that is known here."""
    dialects = {
        name: make_url(f"{name}://").get_dialect() for name in ("mysql", "mssql", "oracle", "postgresql")
    }
    said = {
        name: DefaultImpl.get_by_dialect(made())(made(), None, False, None, None, {}).unlimited
        for name, made in dialects.items()
    }
    none = "this database has no setting for it"
    assert said == {
        "mysql": "MySQL bounds only the time of SELECT", "mssql": none, "oracle": none, "postgresql": None
    }  # fmt: skip


@pytest.mark.parametrize("value", ["soon", "-1", "inf", "nan"])
def test_a_limit_that_is_no_number(value: str) -> None:
    with pytest.raises(InvalidSetting, match="statement_timeout"):
        read_limits({"statement_timeout": value}.get)


def test_what_was_said_is_read() -> None:
    assert read_limits({"statement_timeout": "0"}.get) == Limits()
    assert read_limits({"statement_timeout": "2.5", "lock_timeout": 0}.get) == Limits(2.5, 0.0)


# --- trying again ---------------------------------------------------------------------------------------------

HOLD = {
    "postgresql": ("BEGIN", "LOCK TABLE t IN ACCESS SHARE MODE", "COMMIT"),
    "mysql": ("BEGIN", "SELECT * FROM t", "COMMIT"),
}
ADD = (
    "op.add_column('t', sa.Column('{0}', sa.Integer))\nwith open({1!r}, 'a') as sign:\n    sign.write('{0}')"
)


@contextmanager
def held(url: str, over: threading.Event) -> Iterator[None]:
    """Another session uses the table until something happens, or the block ends."""
    begin, use, end = HOLD[kind(url)]
    ready = threading.Event()

    def hold() -> None:
        with connected(url) as other:
            other.execution_options(isolation_level="AUTOCOMMIT")
            other.exec_driver_sql(begin)
            other.exec_driver_sql(use)
            ready.set()
            over.wait()
            other.exec_driver_sql(end)

    thread = threading.Thread(target=hold)
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        over.set()
        thread.join()


def grow(tmp_path: Path, url: str) -> History:
    """Two tables that further migrations change; each run of one leaves a sign."""
    sign = str(tmp_path / "sign")
    line = History(
        tmp_path / "line",
        "a <- b, b <- c",
        upgrade={
            "a": "op.create_table('t', sa.Column('id', sa.Integer))",
            "b": ADD.format("b", sign).replace("op.add_column('t'", "op.add_column('u'"),
            "c": ADD.format("c", sign),
        },
    )
    with connected(url) as connection:
        line.run(connection, "a")
        connection.execute(text("CREATE TABLE u (id integer)"))
        connection.commit()
    return line


@pytest.fixture
def grown(tmp_path: Path, server_url: str) -> History:
    return grow(tmp_path, server_url)


class Messages(logging.Handler):
    """What the log has said so far."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def heard() -> Iterator[Messages]:
    handler = Messages()
    logging.getLogger("alembic").addHandler(handler)
    try:
        yield handler
    finally:
        logging.getLogger("alembic").removeHandler(handler)


def signs(line: History) -> str:
    return (line.directory.parent / "sign").read_text()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if "in the way" in record.getMessage()]


def test_what_another_session_was_in_the_way_of_is_tried_again(
    grown: History, server_url: str, over: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """On PostgreSQL the whole run, for one rollback has undone it; on MariaDB a step of which nothing has happened."""
    with held(server_url, over), connected(server_url) as connection:
        grown.run(connection, "head", lock_timeout=1)
    assert rows(server_url) == ("c",)
    assert signs(grown) == ("bbc" if kind(server_url) == "postgresql" else "bc")
    assert len(told(caplog)) == 1
    assert "(1 of 3)" in told(caplog)[0]


def test_an_asynchronous_run_is_tried_again_too(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its event loop goes on meanwhile."""
    monkeypatch.setattr(repeating, "FIRST_PAUSE", 0.5)
    line = grow(tmp_path, postgresql_url)
    over = threading.Event()

    async def release() -> None:
        while not any("in the way" in one for one in log.messages):
            await asyncio.sleep(0.02)
        over.set()

    async def main() -> None:
        engine = create_async_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg_async"))
        async with engine.connect() as connection:
            releasing = asyncio.create_task(release())
            await connection.run_sync(line.run, "head", lock_timeout=0.3)
            await releasing
        await engine.dispose()

    with heard() as log, held(postgresql_url, over):
        asyncio.run(main())
    assert (rows(postgresql_url), signs(line)) == (("c",), "bbc")


def test_a_step_with_a_transaction_of_its_own_is_tried_again_alone(
    tmp_path: Path, postgresql_url: str, over: threading.Event
) -> None:
    line = grow(tmp_path, postgresql_url)
    with held(postgresql_url, over), connected(postgresql_url) as connection:
        line.run(connection, "head", lock_timeout=1, transaction_per_migration=True)
    assert (rows(postgresql_url), signs(line)) == (("c",), "bc")


def test_after_a_few_times_the_refusal_is_raised(
    grown: History, server_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(repeating, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(repeating, "MOST_REPETITIONS", 1)
    with (
        held(server_url, threading.Event()),
        connected(server_url) as connection,
        pytest.raises(DBAPIError) as caught,
    ):
        grown.run(connection, "head", lock_timeout=1)
    assert len(told(caplog)) == 1
    assert "it was tried 2 times" in caught.value.__notes__
    assert rows(server_url) == (("a",) if kind(server_url) == "postgresql" else ("b",))


def test_nothing_is_tried_again_unless_somebody_has_said_how_long_to_wait(
    tmp_path: Path, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    line = grow(tmp_path, postgresql_url)
    limited = f"{postgresql_url}?options=-c%20lock_timeout%3D200ms"
    with (
        held(postgresql_url, threading.Event()),
        connected(limited) as connection,
        pytest.raises(DBAPIError, match="lock timeout"),
    ):
        line.run(connection, "head")
    assert told(caplog) == []


def test_a_transaction_in_which_somebody_else_did_something_is_not_repeated(
    tmp_path: Path, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither one that was begun before, nor one of limbeck's in which env.py did something first."""
    line = grow(tmp_path, postgresql_url)
    with held(postgresql_url, threading.Event()):
        with connected(postgresql_url) as connection:
            connection.begin()
            with pytest.raises(DBAPIError, match="lock timeout"):
                line.run(connection, "head", lock_timeout=0.2)
            connection.rollback()
        with connected(postgresql_url) as connection, line.environment("upgrade", "head") as environment:
            environment.configure(connection=connection, lock_timeout=0.2)
            transaction = environment.begin_transaction()
            environment.execute("CREATE TABLE made_before (id integer)")
            with pytest.raises(DBAPIError, match="lock timeout"), transaction:
                environment.run_migrations()
    assert told(caplog) == []
    assert tables(postgresql_url) == ["alembic_version", "t", "u"]


def test_what_is_permanent_is_not_done_twice(
    tmp_path: Path, server_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A commit in the middle on PostgreSQL, and a change before the one that is refused on MariaDB."""
    change = "with op.get_context().autocommit_block():\n    op.execute('ALTER TABLE u ADD x integer')\n"
    change += "op.execute('ALTER TABLE t ADD x integer')"
    line = History(
        tmp_path / "line",
        "a <- b",
        upgrade={
            "a": "op.execute('CREATE TABLE t (id integer)')\nop.execute('CREATE TABLE u (id integer)')",
            "b": change,
        },
    )
    with connected(server_url) as connection:
        line.run(connection, "a")
        with held(server_url, threading.Event()), pytest.raises(DBAPIError):
            line.run(connection, "head", lock_timeout=0.3)
    assert told(caplog) == []
    with connected(server_url) as connection:
        line.run(connection, "head")
    assert rows(server_url) == ("b",)


def test_rows_that_a_refused_change_has_made_permanent_are_not_written_twice(
    tmp_path: Path, mariadb_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """ALTER TABLE commits what was done before it, and only then waits for its table."""
    line = History(
        tmp_path / "line",
        "a <- b",
        upgrade={
            "a": "op.execute('CREATE TABLE t (id integer)')\nop.execute('CREATE TABLE u (id integer)')",
            "b": "op.execute('INSERT INTO u VALUES (1)')\nop.execute('ALTER TABLE t ADD x integer')",
        },
    )
    with connected(mariadb_url) as connection:
        line.run(connection, "a")
        with held(mariadb_url, threading.Event()), pytest.raises(DBAPIError):
            line.run(connection, "head", lock_timeout=1)
    assert told(caplog) == []
    with connected(mariadb_url) as connection:
        line.run(connection, "head")
        assert connection.execute(text("SELECT count(*) FROM u")).scalar() == 1
    assert rows(mariadb_url) == ("b",)


def test_a_deadlock_is_tried_again(tmp_path: Path, postgresql_url: str, over: threading.Event) -> None:
    make = "op.execute('CREATE TABLE t (id integer)')\nop.execute('CREATE TABLE u (id integer)')"
    cross = (
        "import os, time\nop.execute('LOCK TABLE t')\n"
        "first = not os.path.exists({sign!r})\nopen({sign!r}, 'a').close()\n"
        "time.sleep(1 if first else 0)\nop.execute('LOCK TABLE u')"
    ).format(sign=str(tmp_path / "sign"))
    line = History(tmp_path / "line", "a <- b", upgrade={"a": make, "b": cross})
    with connected(postgresql_url) as connection:
        line.run(connection, "a")
    failures = []

    def other() -> None:
        with connected(postgresql_url) as second:
            second.exec_driver_sql("SET deadlock_timeout = '20s'")  # so that it is the run that is refused
            second.exec_driver_sql("LOCK TABLE u")
            while not (tmp_path / "sign").exists():
                time.sleep(0.02)
            try:
                second.exec_driver_sql("LOCK TABLE t")
                second.rollback()
            except DBAPIError as error:
                failures.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    time.sleep(0.3)
    with connected(postgresql_url) as connection:
        line.run(connection, "head", lock_timeout=20)
    thread.join()
    assert (failures, rows(postgresql_url)) == ([], ("b",))


def test_a_sqlite_file_that_is_written_to_is_tried_again(
    tmp_path: Path, sqlite_url: str, over: threading.Event
) -> None:
    line = History(tmp_path / "line", "a <- b", upgrade={"b": "op.execute('CREATE TABLE t (id integer)')"})
    with connected(sqlite_url) as connection:
        line.run(connection, "a")
    ready = threading.Event()

    def write() -> None:
        with connected(sqlite_url) as other:
            other.exec_driver_sql("CREATE TABLE other (id integer)")
            other.exec_driver_sql("INSERT INTO other VALUES (1)")
            ready.set()
            over.wait()
            other.rollback()

    thread = threading.Thread(target=write)
    thread.start()
    assert ready.wait(10)
    with connected(sqlite_url) as connection:
        line.run(connection, "head", lock_timeout=0.1)
    thread.join()
    assert rows(sqlite_url) == ("b",)
