"""Lets whoever looks at a run see which statement it is at, and what takes so long.

The clock ticks in a thread, for the one that migrates waits for the database. What the server tells about a statement
is asked by another thread, through a session of its own that is opened when a statement has taken a while, and never
inside a transaction.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, event

from limbeck import sqla
from limbeck.base.progress import Activity, RunWatcher
from limbeck.ddl.impl import DefaultImpl

log = logging.getLogger("alembic.runtime.migration")

TICK = 0.25
"""Seconds between two signs of life."""
THRESHOLD = 2.0
"""Seconds that a statement may take before another session is opened to look at it."""
LOOK_INTERVAL = 1.0
"""Seconds between two looks."""
PATIENCE = 5.0
"""Seconds that the threads get for ending."""


class OwnStatements(Protocol):
    """Who executes statements in the middle of a migration that are no part of it."""

    @property
    def is_own(self) -> bool: ...


class RunWatch:
    """Watches the statements of one connection, and counts those of the migration that runs.

    With no `watcher` they are only counted; with one that does not follow them, they are only timed.
    """

    def __init__(self, impl: DefaultImpl, connection: Connection | None, watcher: RunWatcher | None) -> None:
        self._impl = impl
        self._connection = connection
        self._watcher = watcher
        self._follows = False
        self._looker: _Looker | None = None
        self._ticker: threading.Thread | None = None
        self._session: int | None = None
        self._lock = threading.Lock()
        self._began: float | None = None
        self._changed = threading.Event()
        self._over = threading.Event()
        self._is_in_migration = False
        self._others: OwnStatements | None = None
        self.statements = 0
        """How many statements the migration has executed so far."""

    @contextmanager
    def active(self) -> Iterator[None]:
        """Around a run."""
        assert self._connection is not None, "a script has no statements that run"
        # Asked only now, because env.py has set up the log meanwhile.
        self._follows = self._watcher is not None and self._watcher.follows
        listeners: dict[str, Callable[..., Any]] = {"before_cursor_execute": self._before}
        if self._watcher is not None:
            listeners["after_cursor_execute"] = self._after
        for name, function in listeners.items():
            event.listen(self._connection, name, function)
        try:
            yield
        finally:
            for name, function in listeners.items():
                event.remove(self._connection, name, function)
            self._ended(has_failed=True)
            self._over.set()
            self._changed.set()
            if self._ticker is not None:
                self._ticker.join(PATIENCE)
            if self._looker is not None:
                self._looker.stop()

    @contextmanager
    def migration(self, others: OwnStatements | None) -> Iterator[None]:
        """Around the function of a migration, whose statements are counted; a refusal says who was waited for."""
        self.statements = 0
        self._is_in_migration, self._others = True, others
        try:
            yield
        except Exception as error:
            self._note_blockers(error)
            raise
        finally:
            self._is_in_migration, self._others = False, None
            self._ended(has_failed=True)

    def _note_blockers(self, error: Exception) -> None:
        activity = self._looker.activity if self._looker is not None and self._began is not None else None
        if activity is not None and activity.blockers:
            error.add_note(f"when it was last looked at, it was {activity}")

    # --- in the thread that migrates ------------------------------------------------------------------------

    def _before(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if self._is_of_others:
            return  # what they do belongs to the statement of the migration
        if self._began is not None:
            self._ended(has_failed=True)  # the one before: nobody else says so
        if self._is_in_migration:
            self.statements += 1
        if self._watcher is None:
            return
        with self._lock:
            self._watcher.statement_begins(self.statements if self._is_in_migration else None, statement)
            self._began = time.monotonic()
        if self._ticker is None and self._follows:
            self._session = self._impl.find_session(connection)
            self._ticker = threading.Thread(target=self._tick, name="limbeck clock", daemon=True)
            self._ticker.start()
        if self._ticker is not None:
            self._changed.set()

    def _after(self, *_: object) -> None:
        if self._began is not None and not self._is_of_others:
            self._ended(has_failed=False)

    @property
    def _is_of_others(self) -> bool:
        return self._others is not None and self._others.is_own

    def _ended(self, *, has_failed: bool) -> None:
        if self._watcher is None or self._began is None:  # which only this thread sets
            return
        with self._lock:
            began, self._began = self._began, None
            self._watcher.statement_ended(time.monotonic() - began, has_failed=has_failed)
        if self._looker is not None:
            self._looker.forget()

    # --- in the thread of the clock -------------------------------------------------------------------------

    def _tick(self) -> None:
        assert self._watcher is not None, "there is no clock without somebody who looks"
        while not self._over.is_set():
            if self._began is None:
                self._changed.wait()
                self._changed.clear()
            self._over.wait(TICK)
            with self._lock:
                if self._began is not None:
                    seconds = time.monotonic() - self._began
                    activity = self._look() if seconds >= THRESHOLD else None
                    self._watcher.statement_goes_on(seconds, activity)

    def _look(self) -> Activity | None:
        if self._session is None:
            return None
        if self._looker is None and self._connection is not None:
            self._looker = _Looker(self._impl, self._connection, self._session)
        return self._looker.find() if self._looker is not None else None


class _Looker:
    """Asks the server about a session, in a thread, and keeps the last answer."""

    def __init__(self, impl: DefaultImpl, connection: Connection, session: int) -> None:
        self._impl = impl
        self._engine = connection.engine
        self._driver: Any = connection.connection.dbapi_connection
        self._is_async = connection.dialect.is_async
        self._session = session
        self._generation = 0
        self.activity: Activity | None = None
        self._wanted = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def find(self) -> Activity | None:
        """What is known, without waiting for more."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="limbeck looker", daemon=True)
            self._thread.start()
        self._wanted.set()
        return self.activity

    def forget(self) -> None:
        """Another statement will be looked at."""
        self._generation += 1
        self._wanted.clear()
        self.activity = None

    def stop(self) -> None:
        """Close the session."""
        self._stop.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            if self._is_async:
                import asyncio

                asyncio.run(sqla.in_greenlet(self._look))
            else:
                self._look()
        except Exception as failure:  # a creator of connections may raise anything
            # Where no second session can be had, or it may not ask, the clock is all there is.
            self.activity = None
            log.debug("no second session looks at this one: %s", type(failure).__name__)

    def _look(self) -> None:
        engine = sqla.engine_apart(self._engine, self._driver)
        try:
            with sqla.connect_in_autocommit(engine) as connection:
                while not self._stop.is_set():
                    self._wanted.wait()
                    self._wanted.clear()
                    if self._stop.is_set():
                        return
                    generation = self._generation
                    found = self._impl.look_at(connection, self._session)
                    if generation == self._generation:
                        self.activity = found
                    self._stop.wait(LOOK_INTERVAL)
        finally:
            engine.dispose()
