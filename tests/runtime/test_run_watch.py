"""Whoever looks at a run sees its statements while they run, and for whom they wait."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from limbeck.base.progress import Activity, run_watcher, step_watcher
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime import run_watch
from tests.backends.engines import connected
from tests.runtime.history import History

CREATE = "op.execute('CREATE TABLE t (id integer)')"
ALTER = "op.execute('ALTER TABLE t ADD x integer')"
SLOW = {
    "postgresql": "op.execute('SELECT pg_sleep(0.6)')",
    "mysql": "op.execute('SELECT SLEEP(0.6)')",
    "sqlite": "op.execute('INSERT INTO t WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 3000000) "
    "SELECT x FROM c')",
}


def kind(url: str) -> str:
    return url.partition("+")[0].partition(":")[0]


class Seen:
    """Notes what it hears."""

    follows = True

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.activities: list[Activity] = []
        self.is_own = True
        self.when: Callable[[Activity], None] | None = None

    def lock_waiting(self, holder: Any) -> None:
        self.told.append(("lock_waiting",))

    def run_started(self, steps: Any) -> None:
        self.told.append(("run_started", len(steps)))

    def step_begins(self, number: int, count: int, step: Any) -> None:
        self.told.append(("step_begins", number, count))

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        self.told.append(("step_ended", number, statements))

    def statement_begins(self, number: int | None, sql: str) -> None:
        self.is_own = number is None
        if not self.is_own:
            self.told.append(("statement_begins", number, sql))

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        if not self.is_own and self.told[-1] != ("goes on",):
            self.told.append(("goes on",))
        if activity is not None:
            self.activities.append(activity)
            if self.when is not None:
                self.when(activity)

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        if not self.is_own:
            self.told.append(("failed",) if has_failed else ("ended",))


@pytest.fixture
def seen() -> Iterator[Seen]:
    looking = Seen()
    with run_watcher.active(looking):
        yield looking


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_watch, "TICK", 0.05)
    monkeypatch.setattr(run_watch, "THRESHOLD", 0.1)
    monkeypatch.setattr(run_watch, "LOOK_INTERVAL", 0.1)


def names_of_threads() -> set[str]:
    return {one.name for one in threading.enumerate() if one.name.startswith("limbeck")}


def test_statements_of_migrations_are_counted_and_told(tmp_path: Path, database_url: str, seen: Seen) -> None:
    """Those of the version table and of the journal are not."""
    line = History(tmp_path / "line", "a <- b", upgrade={"a": f"{CREATE}\n{ALTER}"})
    with connected(database_url) as connection:
        line.run(connection, "head")
    told = [one for one in seen.told if one != ("goes on",)]
    assert told == [
        ("run_started", 2),
        ("step_begins", 1, 2),
        ("statement_begins", 1, "CREATE TABLE t (id integer)"),
        ("ended",),
        ("statement_begins", 2, "ALTER TABLE t ADD x integer"),
        ("ended",),
        ("step_ended", 1, 2),
        ("step_begins", 2, 2),
        ("step_ended", 2, 0),
    ]
    assert names_of_threads() == set()


def test_a_statement_that_takes_long_goes_on(
    tmp_path: Path, database_url: str, seen: Seen, soon: None
) -> None:
    line = History(tmp_path / "line", "a <- b", upgrade={"a": CREATE, "b": SLOW[kind(database_url)]})
    with connected(database_url) as connection:
        line.run(connection, "head")
    place = seen.told.index(("goes on",), seen.told.index(("step_begins", 2, 2)))
    assert [one[0] for one in seen.told[place - 1 : place + 2]] == ["statement_begins", "goes on", "ended"]


def test_who_does_not_follow_a_statement_needs_no_clock_and_no_second_session(
    tmp_path: Path, database_url: str, seen: Seen, soon: None
) -> None:
    seen.follows = False
    threads: list[set[str]] = []
    ended = seen.statement_ended

    def end(seconds: float, *, has_failed: bool) -> None:
        threads.append(names_of_threads())
        ended(seconds, has_failed=has_failed)

    seen.statement_ended = end  # type: ignore[method-assign]  # to look at that moment
    line = History(tmp_path / "line", "a <- b", upgrade={"a": CREATE, "b": SLOW[kind(database_url)]})
    with connected(database_url) as connection:
        line.run(connection, "head")
    assert seen.told[-3:] == [("statement_begins", 1, seen.told[-3][2]), ("ended",), ("step_ended", 2, 1)]
    assert threads
    assert set().union(*threads) & {"limbeck clock", "limbeck looker"} == set()
    assert ("goes on",) not in seen.told


def test_a_statement_that_fails_has_ended_too(tmp_path: Path, database_url: str, seen: Seen) -> None:
    line = History(tmp_path / "line", "a", upgrade={"a": "op.execute('SELECT 1 FROM nowhere')"})
    with connected(database_url) as connection, pytest.raises(DBAPIError):
        line.run(connection, "head")
    assert seen.told[-1] == ("failed",)


def test_who_only_counts_needs_no_clock(tmp_path: Path, sqlite_url: str) -> None:
    counted: list[int] = []

    class Counting:
        def step_begins(self, number: int, count: int, step: Any) -> None:
            counted.append(threading.active_count())

        def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
            counted.append(statements)

    before = threading.active_count()
    line = History(tmp_path / "line", "a", upgrade={"a": f"{CREATE}\n{ALTER}"})
    with connected(sqlite_url) as connection, step_watcher.active(Counting()):
        line.run(connection, "head", lock=False)
    assert counted == [before, 2]


# --- for whom it waits ----------------------------------------------------------------------------------------


@contextmanager
def holding(url: str, use: str) -> Iterator[tuple[int, threading.Event]]:
    """Another session that has used the table and not committed; its number, and what makes it go."""
    name = {"connect_args": {"application_name": "reports"}} if kind(url) == "postgresql" else {}
    engine = create_engine(url, **name)
    over = threading.Event()
    with engine.connect() as other:
        ask = "SELECT pg_backend_pid()" if kind(url) == "postgresql" else "SELECT CONNECTION_ID()"
        number = int(other.exec_driver_sql(ask).scalar_one())
        other.exec_driver_sql(use)

        def go() -> None:
            over.wait(30)
            other.rollback()

        thread = threading.Thread(target=go)
        thread.start()
        try:
            yield number, over
        finally:
            over.set()
            thread.join()
    engine.dispose()


def test_a_change_that_waits_names_who_is_in_the_way(
    tmp_path: Path, server_url: str, seen: Seen, soon: None
) -> None:
    """UX, section 4: in a session of its own, while the one that migrates waits."""
    line = History(tmp_path / "line", "a <- b", upgrade={"a": CREATE, "b": ALTER})
    with connected(server_url) as connection:
        line.run(connection, "a")
        with holding(server_url, "SELECT * FROM t") as (number, over):

            def release(activity: Activity) -> None:
                if activity.blockers:
                    over.set()

            seen.when = release
            line.run(connection, "head")
    blockers = next(one.blockers for one in seen.activities if one.blockers)
    if kind(server_url) == "postgresql":
        (blocker,) = blockers
        assert (blocker.session, blocker.state, blocker.user) == (
            f"pid {number}",
            "idle in transaction",
            "postgres",
        )
        assert (blocker.application, blocker.is_certain) == ("reports", True)
    else:
        (blocker,) = (one for one in blockers if one.session == f"connection {number}")
        assert (blocker.state, blocker.user) == ("idle in a transaction", "root")
    assert blocker.seconds is not None
    assert blocker.seconds < 60
    assert names_of_threads() == set()


def test_who_waits_for_a_row_names_who_has_it(
    tmp_path: Path, server_url: str, seen: Seen, soon: None
) -> None:
    change = "op.execute('UPDATE t SET id = 3')"
    fill = f"{CREATE}\nop.execute('INSERT INTO t VALUES (1)')"
    line = History(tmp_path / "line", "a <- b", upgrade={"a": fill, "b": change})
    with connected(server_url) as connection:
        line.run(connection, "a")
        with holding(server_url, "UPDATE t SET id = 2") as (number, over):

            def release(activity: Activity) -> None:
                if activity.blockers:
                    over.set()

            seen.when = release
            line.run(connection, "head")
    (blocker,) = next(one.blockers for one in seen.activities if one.blockers)
    assert blocker.session.split()[1] == str(number)
    assert blocker.is_certain


def test_a_refusal_says_who_was_in_the_way(
    tmp_path: Path, postgresql_url: str, seen: Seen, soon: None
) -> None:
    line = History(tmp_path / "line", "a <- b", upgrade={"a": CREATE, "b": ALTER})
    with connected(postgresql_url) as connection:
        line.run(connection, "a")
        connection.execute(text("SET lock_timeout = '900ms'"))
        connection.commit()
        with holding(postgresql_url, "SELECT * FROM t") as (number, _), pytest.raises(DBAPIError) as caught:
            line.run(connection, "head")
    (note,) = (one for one in caught.value.__notes__ if "last looked at" in one)
    assert f"it was waiting for pid {number} (idle in transaction" in note


def test_an_asynchronous_run_is_looked_at_too(
    tmp_path: Path, postgresql_url: str, seen: Seen, soon: None
) -> None:
    line = History(tmp_path / "line", "a <- b", upgrade={"a": CREATE, "b": ALTER})

    async def main() -> None:
        engine = create_async_engine(make_url(postgresql_url).set(drivername="postgresql+psycopg_async"))
        async with engine.connect() as connection:
            await connection.run_sync(line.run, "a")
            await connection.run_sync(line.run, "head")
        await engine.dispose()

    with connected(postgresql_url) as connection:
        line.run(connection, "a")
    with holding(postgresql_url, "SELECT * FROM t") as (_, over):
        seen.when = lambda activity: over.set()
        asyncio.run(main())
    assert any(one.blockers for one in seen.activities)


def test_without_a_second_session_there_is_only_the_clock(
    tmp_path: Path, postgresql_url: str, seen: Seen, soon: None
) -> None:
    line = History(tmp_path / "line", "a <- b", upgrade={"b": SLOW["postgresql"]})
    url = make_url(postgresql_url)
    dialect = url.get_dialect()()
    dialect.dbapi = dialect.import_dbapi()  # type: ignore[method-assign,assignment]  # as an engine does
    only = dialect.connect(*dialect.create_connect_args(url)[0], **dialect.create_connect_args(url)[1])
    engine = create_engine(postgresql_url, creator=lambda: only)
    with engine.connect() as connection:
        line.run(connection, "head", lock=False)
    engine.dispose()
    assert ("goes on",) in seen.told
    assert seen.activities == []


def test_a_finished_session_is_nothing_to_look_at(server_url: str) -> None:
    with connected(server_url) as connection, connected(server_url) as other:
        impl = impl_of(connection)
        session = impl.find_session(other)
        assert session is not None
        ask = "SELECT pg_backend_pid()" if kind(server_url) == "postgresql" else "SELECT CONNECTION_ID()"
        assert session == other.exec_driver_sql(ask).scalar()
        other.commit()
        assert impl.look_at(connection, session) is None


def impl_of(connection: Connection) -> DefaultImpl:
    made = DefaultImpl.get_by_dialect(connection.dialect)
    return made(connection.dialect, connection, False, None, None, {})


@pytest.fixture
def closely(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TICK", 0.01), ("THRESHOLD", 0.0), ("LOOK_INTERVAL", 0.01)):
        monkeypatch.setattr(run_watch, name, value)


BIG = "op.execute('CREATE TABLE t AS SELECT i, md5(i::text) AS v FROM generate_series(1, {rows}) AS i')"
KEY = "op.execute('CREATE INDEX i ON t (v)')"
BY_SORTING = "op.execute('SET enable_indexscan = off')"
SLOWLY = "op.execute('SET vacuum_cost_limit = 100'); op.execute('SET vacuum_cost_delay = 10')"
"""PostgreSQL itself makes VACUUM and ANALYZE take their time."""


def apart(*statements: str) -> str:
    """Statements that no transaction may be around."""
    lines = "".join(f"\n    {one}" for one in statements)
    return f"with op.get_context().autocommit_block():{lines}"


@pytest.mark.parametrize(
    ("prepare", "statement", "phase", "has_share"),
    [
        ("pass", KEY, "building index: scanning table", True),
        (
            "pass",
            apart("op.execute('CREATE INDEX CONCURRENTLY i ON t (v)')"),
            "building index: scanning table",
            True,
        ),
        ("pass", apart(SLOWLY, "op.execute('VACUUM t')"), "scanning heap", True),
        (
            f"{KEY}; op.execute('DELETE FROM t WHERE i % 2 = 0')",
            apart(SLOWLY, "op.execute('VACUUM t')"),
            "vacuuming heap",
            True,
        ),
        ("pass", apart("op.execute('VACUUM FULL t')"), "seq scanning heap", True),
        (KEY, "op.execute('CLUSTER t USING i')", "index scanning heap: ", False),
        (KEY, f"{BY_SORTING}; op.execute('CLUSTER t USING i')", "writing new heap", True),
        ("pass", f"{SLOWLY}; op.execute('ANALYZE t')", "acquiring sample rows", True),
        (
            "pass",
            "op.execute(\"COPY (SELECT pg_sleep(0.01) FROM generate_series(1, 60)) TO '/dev/null'\")",
            "copying rows: ",
            False,
        ),
    ],
    ids=lambda value: None if isinstance(value, bool) else re.sub(r"\W+", " ", value)[-40:],
)
def test_a_statement_that_takes_long_is_followed(
    tmp_path: Path,
    postgresql_url: str,
    seen: Seen,
    closely: None,
    prepare: str,
    statement: str,
    phase: str,
    has_share: bool,
) -> None:
    """On a real server, with a table just large enough: on a busy machine looks are further apart."""
    told: list[Activity] = []
    for rows in (150_000, 600_000, 2_400_000):
        up = {"a": f"{BIG.format(rows=rows)}\n{prepare}", "b": statement}
        line = History(
            tmp_path / str(rows), "a <- b", upgrade=up, downgrade={"a": "op.execute('DROP TABLE t')"}
        )
        with connected(postgresql_url) as connection:
            line.run(connection, "a")
            seen.activities.clear()
            line.run(connection, "head")
            told = [one for one in seen.activities if (one.phase or "").startswith(phase)]
            if any(one.share is not None for one in told) is has_share and told:
                break
            line.run(connection, "base", direction="downgrade")
    assert told, sorted({str(one.phase) for one in seen.activities})
    assert all(one.share is None or 0 <= one.share <= 1 for one in seen.activities)
    assert any(one.share is not None for one in told) is has_share
