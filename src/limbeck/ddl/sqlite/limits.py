"""How SQLite bounds statements: it waits for other connections for so long, and lets itself be interrupted."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck.ddl.limiting import Limits, SessionLimits, run_apart
from limbeck.ddl.sqlite.watching import Handlers


class SQLiteLimits(SessionLimits):
    """`busy_timeout`, and a look at the clock while a statement runs."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._busy_timeout: int | None = None
        self._end = 0.0
        self._handlers: Handlers | None = None

    def before_statement(self, connection: Connection) -> None:
        """Begin to count anew."""
        if self._limits.lock_wait is not None and self._busy_timeout is None:
            (self._busy_timeout,) = run_apart(connection, "PRAGMA busy_timeout")
            run_apart(connection, f"PRAGMA busy_timeout = {round(self._limits.lock_wait * 1000)}")
        if self._limits.statement is not None:
            self._end = time.monotonic() + self._limits.statement
            if self._handlers is None:
                self._handlers = Handlers.of(connection)
                if self._handlers is not None:
                    self._handlers.set("limit", self._is_over)

    def end(self, connection: Connection, *, has_failed: bool) -> None:
        """Set what was there before."""
        if self._busy_timeout is not None:
            run_apart(connection, f"PRAGMA busy_timeout = {self._busy_timeout}")
        if self._handlers is not None:
            self._handlers.set("limit", None)

    def _is_over(self) -> bool:
        return time.monotonic() > self._end


def is_conflict(error: DBAPIError) -> bool:
    """Whether another connection had the database, or the table, locked."""
    original: Any = error.orig
    name = str(getattr(original, "sqlite_errorname", ""))
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or "database is locked" in str(original)
