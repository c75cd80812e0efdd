"""The thread in which a run lock is waited for and kept, with a database session of its own.

Never on the migration's connection, which commits and rolls back as migrations need it; never inside a transaction,
and never by a call that blocks: PostgreSQL builds an index concurrently only when all transactions that began before
have ended, also those that do nothing but wait for the one who builds it.
"""

from __future__ import annotations

import atexit
import random
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import DBAPIError

from limbeck import sqla
from limbeck.ddl.locking import Holder, RunLock

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
GROWTH = 1.5
"""Pauses between two attempts grow from the first to the longest, and are cut by chance, so that runs part company."""
LOOK_INTERVAL = 10.0
"""Seconds between two questions who holds the lock."""
TRANSACTION_INTERVAL = 0.05
"""Seconds between two looks whether a transaction has ended after which the lock is to go."""
ATTEMPTS_TO_REGAIN = 5
FRESH = 1.0
"""Seconds for which the lock counts as held without asking anew."""
PATIENCE = 10.0
"""Seconds that an answer of the database about the lock may take."""


class LockSession:
    """Waits for a run lock, keeps it, and releases it, in a thread.

    `connection` is the migration's: its engine makes the session. What is learnt is told under `changed`.
    """

    def __init__(self, lock: RunLock, connection: Connection) -> None:
        self.lock = lock
        self.changed = threading.Event()
        """Set whenever there is something new for the thread that waits."""
        self.is_held = False
        self.is_lost = False
        self.was_regained = False
        """Whether it was lost and taken again since somebody asked, so that another may have had it meanwhile."""
        self.failure: BaseException | None = None
        self.holder: Holder | None = None
        self.holders_seen = 0
        """How often it was found out who holds the lock."""
        self._engine = connection.engine
        self._driver: Any = connection.connection.dbapi_connection
        self._is_async = connection.dialect.is_async
        self._translation = connection.get_execution_options().get("schema_translate_map")
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._awaited: list[weakref.ref[RootTransaction]] = []
        self._is_over = False
        self._confirmed_at = 0.0
        self._asked = False
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._run, name="limbeck run lock", daemon=True)

    # --- for the thread that migrates -----------------------------------------------------------------------

    def start(self) -> None:
        """Begin to try."""
        atexit.register(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """Release the lock if it is held, and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(PATIENCE)
        atexit.unregister(self.stop)

    def stop_after_transaction(self, connection: Connection) -> None:
        """Release the lock as soon as the transaction that a connection is in now has ended."""
        transaction = connection.get_transaction()
        if transaction is not None:
            self._awaited.append(weakref.ref(transaction))
        self._wake.set()

    @property
    def is_awaiting_transaction(self) -> bool:
        """Whether the lock goes by itself when a transaction has ended."""
        return bool(self._awaited)

    def stop_if_transactions_ended(self) -> None:
        """Release the lock now if it only has not been noticed yet that a transaction has ended."""
        if self._awaited and not self._is_in_transaction():
            self.stop()

    @property
    def is_alive(self) -> bool:
        """Whether the lock is held, or waited for."""
        return self._thread.is_alive()

    def confirm(self) -> bool:
        """Whether the lock is held, as seen a moment ago; if need be the database is asked now."""
        if self.is_held and not self.is_lost and time.monotonic() - self._confirmed_at > FRESH:
            self._answered.clear()
            self._asked = True
            self._wake.set()
            if not self._answered.wait(PATIENCE):
                return False
        return self.is_held and not self.is_lost

    # --- in the thread --------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            if not self.lock.needs_session:
                self._live(None)
            elif self._is_async:
                import asyncio

                asyncio.run(sqla.in_greenlet(self._live_on_sessions))
            else:
                self._live_on_sessions()
        except BaseException as error:
            self.failure = error
        finally:
            if self.is_held and not self._stop.is_set() and not self._awaited:
                self.is_lost = True
            self.is_held = False
            self._answered.set()
            self.changed.set()

    def _live_on_sessions(self) -> None:
        """Live on one session, and if that is lost, on another one."""
        failures = 0
        while True:
            try:
                with self._session() as connection:
                    failures = min(failures, 1)
                    self._live(connection)
                return
            except DBAPIError as error:
                failures += 1
                if self._stop.is_set() or self._is_over:
                    return
                if not (error.connection_invalidated or failures > 1) or failures > ATTEMPTS_TO_REGAIN:
                    raise
                self._stop.wait(FIRST_PAUSE * 2**failures)

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        arguments = self.lock.session_arguments(self._driver)
        engine = sqla.engine_apart(self._engine, self._driver, arguments)
        try:
            with sqla.connect_in_autocommit(engine, self._translation) as connection:
                yield connection
        finally:
            engine.dispose()

    def _live(self, connection: Connection | None) -> None:
        if not self._wait(connection):
            return
        try:
            self._keep(connection)
            self._is_over = True
        finally:
            if connection is None or not connection.invalidated:
                self.lock.release(connection)

    def _wait(self, connection: Connection | None) -> bool:
        """Try until the lock is taken; False if that is no longer wanted."""
        intervals = pauses()
        looked_at: float | None = None
        attempts = 0
        while not self._stop.is_set():
            if self.lock.try_to_take(connection):
                self._confirmed_at = time.monotonic()
                self.was_regained = self.is_held
                self.is_held = True
                self._answered.set()
                self.changed.set()
                return True
            attempts += 1
            if self.is_held and attempts >= ATTEMPTS_TO_REGAIN:
                self.is_lost = True
                return False
            now = time.monotonic()
            if looked_at is None or now - looked_at >= LOOK_INTERVAL:
                looked_at = now
                self.holder = self.lock.find_holder(connection)
                self.holders_seen += 1
                self.changed.set()
            self._stop.wait(next(intervals))
        return False

    def _keep(self, connection: Connection | None) -> None:
        """Hold it until it is to go."""
        due = time.monotonic() + self.lock.heartbeat
        while not self._stop.is_set():
            if self._awaited and not self._is_in_transaction():
                return
            interval = due - time.monotonic()
            if self._awaited:
                interval = min(interval, TRANSACTION_INTERVAL)
            if interval > 0 and not self._asked:
                self._wake.wait(interval)
                self._wake.clear()
            if self._asked or time.monotonic() >= due:
                self._asked = False
                if self._stop.is_set():
                    return
                if not self.lock.keep(connection):
                    self.is_lost = True
                    self._answered.set()
                    return
                self._confirmed_at = time.monotonic()
                due = self._confirmed_at + self.lock.heartbeat
                self._answered.set()

    def _is_in_transaction(self) -> bool:
        transactions = [reference() for reference in self._awaited]
        return any(one is not None and one.is_active for one in transactions)


def pauses() -> Iterator[float]:
    """How long to wait before each further attempt."""
    pause = FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.5, 1.0)
        pause = min(pause * GROWTH, LONGEST_PAUSE)
