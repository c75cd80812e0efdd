"""A lease keeps runs apart where no session can: who gets it, who takes it over, and who has to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, StaticPool, create_engine, text

from limbeck.ddl import lease as leases
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.lease import Lease
from limbeck.ddl.locking import Claim, RunLock
from limbeck.errors import RunLockBusy, RunLockLost
from limbeck.runtime import lock_session
from tests.backends.engines import connected
from tests.runtime.history import History, rows
from tests.runtime.test_run_lock import RUN


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def session(url: str) -> Iterator[tuple[DefaultImpl, Connection]]:
    """A session as run locks have it."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield (
            DefaultImpl.get_by_dialect(engine.dialect)(engine.dialect, connection, False, None, None, {}),
            connection,
        )


def claim(connection: Connection, process: int = 1) -> Claim:
    default = connection.dialect.default_schema_name
    return Claim(
        "alembic_version",
        None,
        "web-3",
        process,
        None,
        lambda: datetime.now(UTC),
        "journal",
        default,
    )


def lease_of(impl: DefaultImpl, connection: Connection, process: int, clock: Clock) -> Lease:
    lease = impl.run_lease(claim(connection, process))
    assert lease is not None
    lease._watch = leases.Watch(clock)
    return lease


def lock_of(impl: DefaultImpl, connection: Connection) -> RunLock:
    lock = impl.run_lock(claim(connection))
    assert lock is not None
    return lock


@pytest.fixture
def line(tmp_path: Path) -> History:
    return History(tmp_path / "line", "a <- b")


def test_one_has_it_until_he_lets_it_go(server_url: str) -> None:
    with session(server_url) as (impl, one), session(server_url) as (_, two):
        first, second = lease_of(impl, one, 1, Clock()), lease_of(impl, two, 2, Clock())
        assert [first.try_to_take(one), second.try_to_take(two)] == [True, False]
        assert str(second.find_holder(two)).startswith("host web-3, process 1, since ")
        assert first.keep(one)
        first.release(one)
        assert [second.try_to_take(two), first.try_to_take(one)] == [True, False]


def test_it_is_taken_over_when_the_holder_has_stopped_beating(server_url: str) -> None:
    """By the clock of whoever waits, counted from the last beat he has seen."""
    clock = Clock()
    with session(server_url) as (impl, one), session(server_url) as (_, two):
        first, second = lease_of(impl, one, 1, Clock()), lease_of(impl, two, 2, clock)
        assert first.try_to_take(one)
        assert not second.try_to_take(two)
        clock.now = leases.EXPIRY - 1
        assert first.keep(one)  # a beat
        assert not second.try_to_take(two)
        clock.now += leases.EXPIRY - 1
        assert not second.try_to_take(two)
        clock.now += 1
        assert second.try_to_take(two)
        assert not first.keep(one)
        first.release(one)  # takes nothing away from the other
        assert second.keep(two)


def test_a_lease_and_a_session_keep_each_other_out(server_url: str) -> None:
    """Some runs go through a proxy, some past it."""
    with session(server_url) as (impl, one), session(server_url) as (_, two):
        lease, lock = lease_of(impl, one, 1, Clock()), lock_of(impl, two)
        assert [lease.try_to_take(one), lock.try_to_take(two)] == [True, False]
        lease.release(one)
        assert [lock.try_to_take(two), lease.try_to_take(one)] == [True, False]
        lock.release(two)
        assert lease.try_to_take(one)


def test_a_session_does_not_wait_for_a_dead_lease(server_url: str) -> None:
    clock = Clock()
    with session(server_url) as (impl, one), session(server_url) as (_, two):
        lease, lock = lease_of(impl, one, 1, Clock()), lock_of(impl, two)
        lock._lease._watch = leases.Watch(clock)  # type: ignore[attr-defined]  # both servers' locks look at leases
        assert [lease.try_to_take(one), lock.try_to_take(two)] == [True, False]
        clock.now = leases.EXPIRY
        assert lock.try_to_take(two)
        assert not lease.keep(one)


def test_whoever_uses_a_lease_and_is_killed_is_followed(
    line: History, server_url: str, tmp_path: Path
) -> None:
    """By the end of the expiry that stands in the row."""
    with holder(server_url, tmp_path, lock="lease") as process, connected(server_url) as connection:
        with pytest.raises(RunLockBusy, match=f"process {process.pid}, since"):
            line.run(connection, "head", lock="lease", lock_timeout=0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        connection.execute(text("UPDATE alembic_version_lock SET expires_after = 1"))
        connection.commit()
        began = time.monotonic()
        line.run(connection, "head", lock="lease", lock_timeout=30)
    assert 1 <= time.monotonic() - began < 6
    assert rows(server_url) == ("b",)


def test_whose_lease_was_taken_away_stops_before_the_next_migration(
    line: History, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what he has done in a transaction is undone."""
    monkeypatch.setattr(lock_session, "FRESH", 0.0)
    applied: list[str] = []

    def take_away(ctx: Any, step: Any, **kw: Any) -> None:
        applied.append(step.up_revision_id)
        with connected(server_url) as other:
            other.execute(text("DELETE FROM alembic_version_lock"))
            other.commit()

    with connected(server_url) as connection, pytest.raises(RunLockLost, match="taken it away"):
        line.run(connection, "head", lock="lease", on_version_apply=take_away)
    assert applied == ["a"]
    assert rows(server_url) == ()


def test_with_one_connection_only_the_lease_is_written_on_it(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is there while the run works, and gone with it."""
    with connected(postgresql_url) as only:
        driver = only.connection.driver_connection
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: driver, poolclass=StaticPool, pool_reset_on_return=None
        )
        seen: list[Any] = []
        with engine.connect() as connection:
            line.run(connection, "head", on_version_apply=lambda ctx, **kw: seen.append(ctx.run_lock.kind))
            connection.commit()
            assert connection.execute(text("SELECT count(*) FROM alembic_version_lock")).scalar() == 0
            connection.rollback()
    assert seen == ["lease", "lease"]
    assert "there is no second one to hold it" in caplog.text
    assert rows(postgresql_url) == ("b",)


def test_ctrl_c_ends_the_waiting(database_url: str, tmp_path: Path) -> None:
    """The process ends at once, has done nothing, and leaves the lock to whoever has it."""
    with (
        holder(database_url, tmp_path) as first,
        holder(database_url, tmp_path, number=2, waits=True) as second,
    ):
        second.send_signal(signal.SIGINT)
        assert second.wait(5) == -signal.SIGINT
        assert first.poll() is None
        assert rows(database_url) == ()
        with connected(database_url) as connection, pytest.raises(RunLockBusy):
            History(tmp_path / "line", "a").run(connection, "head", lock_timeout=0)
    assert "KeyboardInterrupt" in (tmp_path / "log2").read_text()


def heed_interrupts() -> None:
    """A shell's background jobs ignore SIGINT, and hand that down to whatever they start: this suite, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def holder(
    url: str, tmp_path: Path, *, number: int = 1, waits: bool = False, lock: str = "true"
) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that is in the middle of a migration, or waits until it may begin."""
    ready, log = tmp_path / f"ready{number}", tmp_path / f"log{number}"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
    code = RUN.replace('"head")', f'"head", lock={lock!r})')
    code = f"import logging\nlogging.basicConfig(level='INFO')\n{code}"
    arguments = [sys.executable, "-c", code, url, str(tmp_path / f"held{number}"), str(ready)]
    with log.open("wb") as stderr:
        process = subprocess.Popen(arguments, env=environment, stderr=stderr, preexec_fn=heed_interrupts)
    deadline = time.monotonic() + 60
    try:
        while not ("waiting for" in log.read_text() if waits else ready.exists()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()
