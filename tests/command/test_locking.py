"""`lock`: who holds the migration lock is shown, and a lease that was left can be taken away, nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, pool

from limbeck import command
from limbeck.base.answer import Answer, answer
from limbeck.base.voice import voice
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.locking import Claim, RunLock
from limbeck.errors import CommandError, RunLockBreakUnconfirmed, RunLockNotBreakable
from tests.command.project import Project
from tests.command.test_consent import Listener

HOLDER = "host web-3, process 812, since 2026-01-02 03:04:05 UTC, going to 9d01aa"


def run(project: Project, url: str, action: str, **kw: Any) -> str:
    """What `lock` prints about a database."""
    stdout = io.StringIO()
    config = project.config(stdout=stdout)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.lock(config, action, **kw)
    return stdout.getvalue().rstrip()


@contextmanager
def held(url: str, *, lease: bool) -> Iterator[tuple[RunLock, Connection]]:
    """Another process, host web-3, has the lock of the database."""
    engine = create_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        impl = DefaultImpl.get_by_dialect(engine.dialect)(engine.dialect, connection, False, None, None, {})
        moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        default = engine.dialect.default_schema_name
        claim = Claim(
            "alembic_version",
            None,
            "web-3",
            812,
            "9d01aa",
            lambda: moment,
            "journal",
            default,
        )
        lock = impl.run_lease(claim) if lease else impl.run_lock(claim)
        assert lock is not None
        assert lock.try_to_take(connection)
        yield lock, connection
        lock.release(connection)


def test_that_nobody_holds_it_is_said(project: Project, database_url: str) -> None:
    assert run(project, database_url, "status").endswith(": nobody holds the migration lock")
    assert run(project, database_url, "break", yes=True).endswith(": nobody holds the migration lock")


def test_a_lease_is_shown_with_its_holder(project: Project, server_url: str) -> None:
    with held(server_url, lease=True):
        assert run(project, server_url, "status").endswith(f": lease held by {HOLDER}")
    assert run(project, server_url, "status").endswith(": nobody holds the migration lock")


def test_a_session_that_holds_it_is_shown(project: Project, database_url: str) -> None:
    with held(database_url, lease=False):
        shown = run(project, database_url, "status")
    if database_url.startswith("mysql"):  # the server knows no more
        assert ": named lock held by host " in shown
        assert "connection " in shown
    else:
        kind = "advisory lock" if database_url.startswith("postgresql") else "lock file"
        assert shown.endswith(f": {kind} held by {HOLDER}")


def test_what_belongs_to_a_session_is_not_taken_away(project: Project, database_url: str) -> None:
    with held(database_url, lease=False) as (lock, connection):
        with pytest.raises(RunLockNotBreakable, match="belongs to something that lives"):
            run(project, database_url, "break", yes=True)
        assert lock.keep(connection)


def test_a_lease_is_taken_away_with_a_yes(project: Project, server_url: str) -> None:
    with held(server_url, lease=True) as (lock, connection):
        with pytest.raises(RunLockBreakUnconfirmed) as caught:
            run(project, server_url, "break")
        assert "`--yes`" in (caught.value.hint or "")
        assert lock.keep(connection)
        with voice.active(Listener(answer=False)), pytest.raises(RunLockBreakUnconfirmed):
            run(project, server_url, "break")
        assert lock.keep(connection)
        listener = Listener(answer=True)
        with voice.active(listener):
            assert run(project, server_url, "break").endswith(
                f"taken away the lease that was held by {HOLDER}"
            )
        assert [HOLDER in question for question in listener.heard] == [True]
        assert not lock.keep(connection)
    with held(server_url, lease=True):
        run(project, server_url, "break", yes=True)
        assert run(project, server_url, "status").endswith(": nobody holds the migration lock")


def test_the_lease_of_a_later_holder_stays(project: Project, server_url: str) -> None:
    """While somebody thought about his answer, the run he meant has ended, and another one begun."""
    with held(server_url, lease=True) as (lock, connection):

        class Slow(Listener):
            def agrees(self, question: str) -> bool:
                lock.release(connection)
                stack.enter_context(held(server_url, lease=True))
                return super().agrees(question)

        with ExitStack() as stack:
            with voice.active(Slow(answer=True)):
                assert "nothing was taken away" in run(project, server_url, "break")
            assert "lease held by" in run(project, server_url, "status")


def test_in_memory_there_is_no_lock(project: Project) -> None:
    stdout = io.StringIO()
    config = project.config(stdout=stdout)
    config.set_main_option("sqlalchemy.url", "sqlite://")
    command.lock(config, "status")
    assert "there is no migration lock" in stdout.getvalue()


def test_the_answer_can_be_had_as_data(project: Project, postgresql_url: str) -> None:
    given = Answer(wants_data=True)
    with held(postgresql_url, lease=True), answer.active(given):
        run(project, postgresql_url, "status")
    assert given.data is not None
    [found] = given.data["locks"]
    del found["database"]
    assert found == {
        "kind": "lease", "is_held": True, "is_breakable": True, "host": "web-3", "process": "process 812",
        "since": "2026-01-02T03:04:05+00:00", "revision": "9d01aa",
    }  # fmt: skip


def test_there_is_nothing_else_to_do_with_it(project: Project) -> None:
    with pytest.raises(CommandError, match="'open' is nothing"):
        command.lock(project.config(), "open")
