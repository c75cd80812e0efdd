"""How MySQL and MariaDB bound statements: by settings of the session, which gets its own back at the end.

A statement waits for two kinds of locks: those on what a table looks like, and InnoDB's on rows.
"""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck.ddl.limiting import Limits, SessionLimits, run_apart

LOCK_WAITS = ("lock_wait_timeout", "innodb_lock_wait_timeout")
CONFLICTS = frozenset({1205, 1213, 1020, 3572})
"""Lock wait timeout, deadlock, record has changed, NOWAIT."""


class MySQLLimits(SessionLimits):
    """`max_statement_time` on MariaDB, `max_execution_time` on MySQL; and how long to wait for locks."""

    def __init__(self, limits: Limits, *, is_mariadb: bool) -> None:
        self._values: dict[str, float] = {}
        if limits.statement is not None and is_mariadb:
            self._values["max_statement_time"] = limits.statement
        elif limits.statement is not None:
            self._values["max_execution_time"] = max(1, round(limits.statement * 1000))
        if limits.lock_wait is not None:
            # Whole seconds, and MySQL has none below one.
            self._values.update(dict.fromkeys(LOCK_WAITS, max(1, math.ceil(limits.lock_wait))))
        self._before: tuple[float, ...] | None = None

    def before_statement(self, connection: Connection) -> None:
        """Set them once: no transaction takes them away."""
        if self._before is None:
            names = ", ".join(f"@@SESSION.{name}" for name in self._values)
            self._before = run_apart(connection, f"SELECT {names}")
            self._set(connection, tuple(self._values.values()))

    def end(self, connection: Connection, *, has_failed: bool) -> None:
        """Set what was there before."""
        if self._before is not None:
            self._set(connection, self._before)

    def _set(self, connection: Connection, values: tuple[float, ...]) -> None:
        pairs = zip(self._values, values, strict=True)
        run_apart(connection, f"SET {', '.join(f'SESSION {name} = {value}' for name, value in pairs)}")


def is_conflict(error: DBAPIError) -> bool:
    """Whether a statement was refused because another session held a lock, or changed the same."""
    original: Any = error.orig
    number = getattr(original, "errno", None) or (original.args[0] if original.args else None)
    return number in CONFLICTS
