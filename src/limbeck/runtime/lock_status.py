"""Who holds the run lock of a version table, for whoever asks without wanting it; and taking away a lease."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import Connection

from limbeck import sqla
from limbeck.ddl.locking import Claim, Holder, RunLock
from limbeck.runtime.lock_session import PATIENCE, LockSession
from limbeck.runtime.run_lock import LockContext, RunLocking

if TYPE_CHECKING:
    from limbeck.ddl.lease import Lease, Row

T = TypeVar("T")


@dataclass(frozen=True)
class LockStatus:
    """A run lock as it was found. `holder` is None if nobody holds it; `row` is there if it is a lease."""

    kind: str
    holder: Holder | None = None
    row: Row | None = None


def find_status(context: LockContext) -> LockStatus | None:
    """Who holds the lock; None if there is none, because no other process can reach the database."""
    claim = _claim(context)
    lock = context.impl.run_lock(claim)
    if lock is None:
        return None
    lease = context.impl.run_lease(claim)

    def look(connection: Connection | None) -> LockStatus:
        row = None if lease is None else lease.find(connection)
        if row is not None:
            return LockStatus("lease", row.holder, row)
        return LockStatus(lock.kind, lock.find_holder(connection))

    return _ask(context, look, needs_session=lock.needs_session)


def break_lease(context: LockContext, row: Row) -> bool:
    """Take away the lease that was found; False if it is gone, or somebody else's, by now."""
    lease: Lease | None = context.impl.run_lease(_claim(context))

    def take_away(connection: Connection | None) -> bool:
        return lease is not None and connection is not None and lease.break_off(connection, row)

    return _ask(context, take_away, needs_session=True)


def _claim(context: LockContext) -> Claim:
    return RunLocking(context).make_claim(context.connection, None)


class _Question(RunLock, Generic[T]):
    """Something to find out on a session as run locks have it, which then has served."""

    answer: T

    def __init__(self, ask: Callable[[Connection | None], T], *, needs_session: bool) -> None:
        self._ask = ask
        self.needs_session = needs_session  # type: ignore[misc]  # each question says so for itself

    def try_to_take(self, connection: Connection | None) -> bool:
        """Ask."""
        self.answer = self._ask(connection)
        return True

    def keep(self, connection: Connection | None) -> bool:
        """Nothing is held."""
        return True

    def release(self, connection: Connection | None) -> None:
        """Nothing is held."""


def _ask(context: LockContext, ask: Callable[[Connection | None], T], *, needs_session: bool) -> T:
    """Ask on a session apart; if there can be none, on the context's connection, if its transaction may end."""
    connection: Any = context.connection
    question = _Question(ask, needs_session=needs_session)
    session = LockSession(question, connection)
    session.start()
    try:
        session.changed.wait(PATIENCE)
    finally:
        session.stop()
    if hasattr(question, "answer"):
        return question.answer
    is_disposable = context.transactions.is_disposable
    if isinstance(session.failure, sqla.SameConnection) and is_disposable:
        with context.transactions.suspended(is_disposable=True):
            return ask(connection)
    raise session.failure or TimeoutError(f"the database has not answered for {PATIENCE:g} seconds")
