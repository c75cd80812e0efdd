"""One run at a time on each version table: what takes the lock, what does not, and when it is released."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, QueuePool, StaticPool, create_engine, event, text
from sqlalchemy.pool import Pool

from limbeck import sqla
from limbeck.ddl.mysql.lock import MySQLLock
from limbeck.errors import InvalidSetting, RunLockBusy
from limbeck.migration import MigrationContext
from tests.backends.engines import connected, opened
from tests.runtime.history import History, rows
from tests.runtime.round_trips import counted

RUN = """
import sys
from pathlib import Path
from tests.backends.engines import connected, opened
from tests.runtime.history import History
body = "open(%r, 'w').close(); import time; time.sleep(60)" % sys.argv[3]
history = History(Path(sys.argv[2]), "a", upgrade={"a": body})
with connected(sys.argv[1]) as connection:
    history.run(connection, "head")
"""


@pytest.fixture
def line(tmp_path: Path) -> History:
    return History(tmp_path / "line", "a <- b")


@pytest.fixture
def holder(tmp_path: Path, database_url: str) -> Any:
    """Another process that is in the middle of a migration."""
    ready = tmp_path / "ready"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, database_url, str(tmp_path / "held"), str(ready)], env=environment
    )
    deadline = time.monotonic() + 60
    while not ready.exists() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()


def test_where_nothing_is_to_do_no_lock_is_taken(line: History, database_url: str) -> None:
    """Neither a session nor a statement more than those that read what is applied, and what is unfinished."""
    with connected(database_url) as connection:
        line.run(connection, "head")
    with counted() as traffic, connected(database_url) as connection:
        line.run(connection, "head")
    assert len(traffic.statements) <= 3
    assert not any("lock" in one.lower() for one in traffic.statements)


@pytest.mark.parametrize(
    ("pool", "options"),
    [(QueuePool, {"pool_size": 1, "max_overflow": 0, "pool_timeout": 1}), (StaticPool, {}), (NullPool, {})],
    ids=["one connection", "StaticPool", "NullPool"],
)
def test_any_pool_will_do(line: History, server_url: str, pool: type[Pool], options: dict[str, Any]) -> None:
    seen: list[str | None] = []
    engine = create_engine(server_url, poolclass=pool, **options)
    with engine.connect() as connection:
        line.run(
            connection, "head",
            on_version_apply=lambda ctx, **kw: seen.append(ctx.run_lock and ctx.run_lock.kind),
        )  # fmt: skip
    engine.dispose()
    assert seen == [{"postgresql": "advisory lock"}.get(server_url.partition("+")[0], "named lock")] * 2
    assert rows(server_url) == ("b",)


def test_whoever_comes_too_late_waits_and_gives_up(
    line: History, database_url: str, holder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        connected(database_url) as connection,
        caplog.at_level(logging.INFO),
        pytest.raises(RunLockBusy, match="Another run holds the migration lock") as caught,
    ):
        line.run(connection, "head", lock_timeout=1)
    assert caught.value.exit_code == 4
    [told] = [record.message for record in caplog.records if record.message.startswith("waiting for")]
    assert told.startswith("waiting for the migration lock held by host ")
    if not database_url.startswith("mysql"):
        assert f"process {holder.pid}, since " in told
        assert told.endswith("going to head")
    assert rows(database_url) == ()


def test_the_next_goes_on_soon_after_the_holder_was_killed(
    line: History, database_url: str, holder: Any
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    began = time.monotonic()
    with connected(database_url) as connection:
        line.run(connection, "head", lock_timeout=30)
    assert time.monotonic() - began < 5
    assert rows(database_url) == ("b",)


def test_the_lock_goes_with_the_transaction_of_its_owner(line: History, postgresql_url: str) -> None:
    """Not when the run is over: what it did may still be rolled back, and is seen by nobody."""
    with connected(postgresql_url) as connection:
        owned = connection.begin()
        line.run(connection, "a")
        line.run(connection, "b")  # in the same transaction, so it does not wait for itself
        with connected(postgresql_url) as other, pytest.raises(RunLockBusy):
            line.run(other, "head", lock_timeout=0.3)
        owned.commit()
        with connected(postgresql_url) as other:
            line.run(other, "base", direction="downgrade", lock_timeout=10)
    assert rows(postgresql_url) == ()


def test_what_env_py_did_in_the_transaction_stays(line: History, postgresql_url: str) -> None:
    """Only a transaction in which nothing happened ends before the lock is waited for."""
    with (
        connected(postgresql_url) as connection,
        line.environment("upgrade", "head") as environment,
    ):
        environment.configure(connection=connection)
        with environment.begin_transaction():
            environment.execute("CREATE TABLE before (x INTEGER)")
            environment.execute("SELECT pg_advisory_xact_lock(1)")
            environment.run_migrations()
            held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1")
            assert connection.execute(held).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM before")).scalar() == 0


def test_a_migration_sees_the_lock_and_whether_there_is_a_journal(line: History, database_url: str) -> None:
    seen: list[Any] = []

    def note(ctx: MigrationContext, **kw: Any) -> None:
        assert ctx.run_lock is not None
        seen.append(ctx.run_lock.has_journal)

    with connected(database_url) as connection:
        line.run(connection, "a", on_version_apply=note, journal=False)
        connection.execute(text("CREATE TABLE alembic_version_journal (x INTEGER)"))
        connection.commit()
        line.run(connection, "b", on_version_apply=note, journal=False)
    assert seen[1] is True
    assert seen[0] in (False, None)


def test_it_can_be_switched_off(line: History, database_url: str) -> None:
    seen: list[Any] = []
    with connected(database_url) as connection:
        line.run(connection, "head", lock=False, on_version_apply=lambda ctx, **kw: seen.append(ctx.run_lock))
    assert seen == [None, None]


def test_a_setting_that_means_nothing_is_refused(line: History, sqlite_url: str) -> None:
    with connected(sqlite_url) as connection:
        with pytest.raises(InvalidSetting, match="lock"):
            line.run(connection, "head", lock="sometimes")
        with pytest.raises(InvalidSetting, match="lock_timeout"):
            line.run(connection, "head", lock_timeout="-1")


# --- its session --------------------------------------------------------------------------------------------


def test_its_session_is_encrypted_as_that_of_the_migrations_is(line: History, mariadb_url: str) -> None:
    drivers: list[Any] = []
    with connected(mariadb_url) as connection:
        event.listen(connection.engine, "connect", lambda driver, _: drivers.append(driver))
        line.run(connection, "a")
    assert [(driver._secure, driver.ssl) for driver in drivers] == [(False, False)]


def test_what_encrypts_a_session_of_pymysql_is_used_again() -> None:
    lock: Any = MySQLLock.__new__(MySQLLock)
    pretended = type("Connection", (), {"__module__": "pymysql.connections", "ctx": "made once"})
    assert lock.session_arguments(pretended()) == {}
    for is_encrypted, arguments in ((True, {"ssl": "made once"}), (False, {"ssl_disabled": True})):
        pretended._secure = is_encrypted
        assert lock.session_arguments(pretended()) == arguments
    assert lock.session_arguments(sqlite3.connect(":memory:")) == {}


class Told(sqlite3.Connection):
    """What a driver makes that was given an argument more."""


def test_a_session_apart_may_connect_with_arguments_of_its_own(sqlite_url: str) -> None:
    with opened(sqlite_url) as engine:
        told, plain = (sqla.engine_apart(engine, None, arguments) for arguments in ({"factory": Told}, None))
        for one, kind in ((told, Told), (engine, sqlite3.Connection), (plain, sqlite3.Connection)):
            with one.connect() as connection:
                assert type(connection.connection.dbapi_connection) is kind
            one.dispose()


@pytest.mark.parametrize("is_first", [True, False])
def test_but_not_where_somebody_else_says_how_to_connect(sqlite_url: str, is_first: bool) -> None:
    asked: list[object] = []
    with opened(sqlite_url) as engine:
        if is_first:
            event.listen(engine, "do_connect", lambda *found: asked.append(found))
        apart = sqla.engine_apart(engine, None, {"factory": Told})
        if not is_first:
            event.listen(engine, "do_connect", lambda *found: asked.append(found))
        with apart.connect() as connection:
            assert type(connection.connection.dbapi_connection) is sqlite3.Connection
        apart.dispose()
    assert len(asked) == 1
