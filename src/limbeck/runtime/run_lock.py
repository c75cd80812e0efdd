"""The run lock of a migration context: one run at a time on each version table.

It is taken once there is something to do and before anything is done, and kept until what was done is committed: by
limbeck at the end of its transaction, or by whoever has begun the one in which limbeck found the connection.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, inspect

from limbeck import errors, sqla
from limbeck.base import progress
from limbeck.base.settings import FALSE_WORDS, TRUE_WORDS
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.transaction import Transactions

if TYPE_CHECKING:
    from limbeck.ddl.locking import Claim, Holder, RunLock
    from limbeck.runtime.lock_session import LockSession

log = logging.getLogger("alembic.runtime.migration")

TIMEOUT = 300.0
"""Seconds to wait for another run, unless something else is said."""
SLICE = 0.25
"""Seconds between two looks at what else might happen while waiting, such as Ctrl-C."""

TELLING = 10.0
"""Seconds between two lines of the log about a run that is waited for."""

Mode = Literal["auto", "lease", "off"]


class LockContext(Protocol):
    """What the run lock wants to know of a migration context."""

    @property
    def connection(self) -> Any: ...
    @property
    def impl(self) -> DefaultImpl: ...
    @property
    def opts(self) -> Mapping[str, Any]: ...
    @property
    def config(self) -> Any: ...
    @property
    def environment_context(self) -> Any: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def version_table(self) -> str: ...
    @property
    def version_table_schema(self) -> str | None: ...
    @property
    def journal_name(self) -> str: ...


class HeldRunLock:
    """A run lock that is held by this run.

    `has_journal` says whether the table in which runs note their statements was there when the lock was taken; None
    if that is not known.
    """

    def __init__(self, lock: RunLock, session: LockSession | None) -> None:
        self.lock = lock
        self.session = session

    @property
    def has_journal(self) -> bool | None:
        """Whether there was a journal when the lock was taken."""
        return self.lock.has_journal

    @property
    def kind(self) -> str:
        """What kind of lock it is, as `lock status` calls it."""
        return self.lock.kind

    def is_shared(self) -> bool:
        """Whether it is still held, and not only because nobody has noticed yet that its time is over."""
        if self.session is None:
            return False
        self.session.stop_if_transactions_ended()
        return self.session.is_held

    def require(self) -> bool:
        """Raise RunLockLost if it is not held any more; say whether another run may have had it meanwhile."""
        if self.session is None:
            return False
        if not self.session.confirm():
            reason = self.session.failure or "its database session ended, or somebody has taken it away"
            raise errors.RunLockLost(reason=str(reason).splitlines()[0])
        regained, self.session.was_regained = self.session.was_regained, False
        return regained


_held: WeakKeyDictionary[Any, dict[tuple[str, int], HeldRunLock]] = WeakKeyDictionary()
"""What is held for a run of env.py, and for a connection: neither must wait for itself."""


class RunLocking:
    """Takes the run lock for one context, and releases it when the time has come."""

    def __init__(self, context: LockContext) -> None:
        self._context = context
        self.held: HeldRunLock | None = None

    # --- taking it ------------------------------------------------------------------------------------------

    def take(self, revision: str | None, *, is_disposable: bool) -> bool:
        """Wait for the lock, and say whether it was newly taken, so that the rows must be read again.

        `is_disposable` says that nothing but reading has happened in the transaction, which then ends before and
        begins anew afterwards. Raises RunLockBusy when the time is up.
        """
        if self.held is not None and (self.held.session is None or self.held.session.is_held):
            return False
        self.held = None
        connection = self._context.connection
        mode = read_mode(self._setting("lock"))
        if mode == "off" or not isinstance(connection, Connection):
            return False
        claim = self.make_claim(connection, revision)
        key = repr(connection.engine.url), claim.number
        owners = [one for one in (self._context.environment_context, connection) if one is not None]
        for owner in owners:
            other = _held.get(owner, {}).get(key)
            if other is not None and other.is_shared():
                self.held = other
                return False
        lock = find_lock(self._context.impl, claim, mode)
        if lock is None:
            log.debug("No migration lock: no other process can reach this database")
            return False
        timeout = read_timeout(self._setting("lock_timeout"))
        with self._context.transactions.suspended(is_disposable=is_disposable):
            self.held = self._take(lock, claim, connection, timeout, is_disposable=is_disposable)
        if self.held is None:
            return False
        if not lock.needs_session:
            lock.has_journal = inspect(connection).has_table(claim.journal_table, schema=claim.schema)
        for owner in owners:
            _held.setdefault(owner, {})[key] = self.held
        return True

    def make_claim(self, connection: Connection, revision: str | None) -> Claim:
        """Who this is, and which version table is meant."""
        import socket

        from limbeck.ddl.locking import Claim

        context = self._context
        schema: Any = context.version_table_schema
        translation = connection.get_execution_options().get("schema_translate_map") or {}
        return Claim(
            context.version_table,
            translation.get(schema, schema),
            socket.gethostname(),
            os.getpid(),
            revision,
            partial(datetime.now, UTC),
            context.journal_name,
            connection.dialect.default_schema_name,
        )

    def _take(
        self, lock: RunLock, claim: Claim, connection: Connection, timeout: float, *, is_disposable: bool
    ) -> HeldRunLock | None:
        from limbeck.runtime.lock_session import LockSession

        session = LockSession(lock, connection)
        session.start()
        try:
            with _telling() as tell:
                if self._wait(session, connection, timeout, tell):
                    return HeldRunLock(lock, session)
        except BaseException:
            session.stop()
            raise
        session.stop()
        if not lock.needs_session:
            log.warning(
                "No migration lock: %s. Make sure by yourself that one run at a time changes this database",
                session.failure,
            )
            return None
        return self._take_in_hand(claim, connection, timeout, session.failure, is_disposable=is_disposable)

    def _wait(self, session: LockSession, connection: Connection, timeout: float, tell: _Telling) -> bool:
        """Wait until the session has the lock; False if it cannot have it."""
        end = time.monotonic() + timeout
        while True:
            session.changed.clear()
            if session.is_held:
                return True
            if session.failure is not None or not session.is_alive:
                return session.is_held
            if session.holders_seen:
                tell.waiting(session.holder, session.holders_seen)
            left = end - time.monotonic()
            if left <= 0:
                raise errors.RunLockBusy(holder=str(session.holder or ""), seconds=timeout)
            pause(connection, session.changed, min(SLICE, left))

    # --- where there is no second connection ----------------------------------------------------------------

    def _take_in_hand(
        self,
        claim: Claim,
        connection: Connection,
        timeout: float,
        failure: BaseException | None,
        *,
        is_disposable: bool,
    ) -> HeldRunLock | None:
        from limbeck.ddl.lease import LONG_EXPIRY
        from limbeck.runtime.lock_session import pauses

        reason = str(failure or "").splitlines()[:1] or [type(failure).__name__]
        if isinstance(failure, sqla.SameConnection):
            reason = ["the engine gives the same connection again"]
        lease = self._context.impl.run_lease(claim, is_renewed=False) if is_disposable else None
        if lease is None:
            log.warning(
                "No migration lock: there is no second connection to hold it (%s). "
                "Make sure by yourself that one run at a time changes this database",
                *reason,
            )
            return None
        log.warning(
            "The migration lock is a lease that this connection has written, because there is no second one to hold "
            "it (%s). If this process dies, others wait %d minutes, or for `limbeck lock break`",
            *reason,
            LONG_EXPIRY // 60,
        )
        end = time.monotonic() + timeout
        intervals, looked_at, looks = pauses(), float("-inf"), 0
        never = threading.Event()
        with _telling() as tell:
            while not lease.try_to_take(connection):
                now = time.monotonic()
                if now - looked_at >= TELLING or now >= end:
                    looked_at, looks = now, looks + 1
                    tell.waiting(lease.find_holder(connection), looks)
                if now >= end:
                    raise errors.RunLockBusy(holder=str(lease.find_holder(connection) or ""), seconds=timeout)
                pause(connection, never, next(intervals))
        return HeldRunLock(lease, None)

    # --- releasing it ---------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Called when the run is over, well or not: release the lock as soon as its changes are permanent, or gone."""
        held, transactions = self.held, self._context.transactions
        if held is None:
            return
        if transactions.is_open:
            transactions.at_end(self.leave)
            return
        self.held = None
        connection: Connection = self._context.connection
        is_open = not connection.closed and not connection.invalidated and connection.in_transaction()
        if held.session is None:
            if not connection.closed and not connection.invalidated:
                held.lock.release(connection)
            return
        if is_open and not sqla.is_autocommit(connection):
            held.session.stop_after_transaction(connection)
        elif not held.session.is_awaiting_transaction:
            held.session.stop()

    # --- settings -------------------------------------------------------------------------------------------

    def _setting(self, name: str) -> Any:
        """What was said by the command, by env.py, or else in the configuration."""
        value = self._context.opts.get(name)
        config = self._context.config
        if value is None and config is not None:
            value = config.get_alembic_option(name)
        return value


def release_after(environment: object) -> None:
    """Called when a run of env.py is over: release what waits for a transaction that has ended by now."""
    for held in _held.pop(environment, {}).values():
        if held.session is not None:
            held.session.stop_if_transactions_ended()


def find_lock(impl: DefaultImpl, claim: Claim, mode: Mode) -> RunLock | None:
    """What keeps others out; with the mode "lease", a lease where there can be one."""
    lease = impl.run_lease(claim) if mode == "lease" else None
    return impl.run_lock(claim) if lease is None else lease


def read_mode(value: object) -> Mode:
    """The setting `lock`: yes, no, or lease. Raises InvalidSetting."""
    if value is None or value is True:
        return "auto"
    word = str(value).strip().lower()
    if word in TRUE_WORDS or word == "auto":
        return "auto"
    if word in FALSE_WORDS or word == "none":
        return "off"
    if word == "lease":
        return "lease"
    raise errors.InvalidSetting(name="lock", value=value, expected="true, false or lease")


def read_timeout(value: object) -> float:
    """The setting `lock_timeout`: seconds, 0 for no waiting at all. Raises InvalidSetting."""
    if value is None:
        return TIMEOUT
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise errors.InvalidSetting(
            name="lock_timeout", value=value, expected="a number of seconds, 0 or more"
        )
    return seconds


def pause(connection: Connection, event: threading.Event, seconds: float) -> None:
    """Wait for an event; on an asynchronous connection, without keeping its loop from other work."""
    if connection.dialect.is_async:
        sqla.wait_in_loop(partial(event.wait, seconds))
    else:
        event.wait(seconds)


class _Telling:
    """Tells whoever looks who is waited for: the log now and then, a terminal all the time."""

    def __init__(self) -> None:
        self._watcher = progress.watcher.find()
        self._run_watcher = progress.run_watcher.find()
        self._told = 0

    def waiting(self, holder: Holder | None, looks: int) -> None:
        """Tell it, if there is news: `looks` counts how often it was found out who holds the lock."""
        text = str(holder or "")
        line = f"waiting for the migration lock{f' held by {text}' if text else ''}"
        if looks != self._told:
            log.info(line)
            if self._run_watcher is not None:
                self._run_watcher.lock_waiting(holder)
            if self._watcher is not None:
                if self._told:
                    self._watcher.rename(line)
                else:
                    self._watcher.begin(line)
            self._told = looks
        elif self._watcher is not None:
            self._watcher.tick()

    def end(self) -> None:
        """Nothing is waited for any more."""
        if self._told and self._watcher is not None:
            self._watcher.end()


@contextmanager
def _telling() -> Iterator[_Telling]:
    telling = _Telling()
    try:
        yield telling
    finally:
        telling.end()
