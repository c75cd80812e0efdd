"""Real transactions on SQLite, which rolls back DDL as it does rows.

Python's driver begins a transaction only before it changes rows, so DDL would be permanent at once. A BEGIN of our
own is enough: the driver counts it as its transaction, and ends it with COMMIT or ROLLBACK. It is IMMEDIATE, so that
a database which somebody else writes to is waited for now, and not in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from limbeck import sqla

BEGIN = "BEGIN IMMEDIATE"
_OUTSIDE = re.compile(
    r"""(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:
    (?:VACUUM|DETACH|BEGIN)\b
    |PRAGMA\s+(?:\w+\s*\.\s*)?(?:(?P<keys>foreign_keys)\s*[=(]\s*['"]?(?P<value>\w+)
        |(?:journal_mode|synchronous)\s*[=(]|wal_checkpoint\b)
    )""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""What SQLite refuses, or ignores, inside a transaction."""
_ON = frozenset({"1", "on", "true", "yes"})


def is_open(connection: Connection) -> bool:
    """Whether the database has a transaction open on this connection, whoever began it."""
    dbapi_connection: Any = connection.connection.dbapi_connection
    return bool(getattr(connection.dialect.get_driver_connection(dbapi_connection), "in_transaction", False))


class RealTransaction:
    """Begins transactions on one connection, and interrupts them for statements that must stand outside of one.

    `on_commit` is called when that is about to make permanent what was done so far.
    """

    def __init__(self, connection: Connection, on_commit: Callable[[], None]) -> None:
        self._connection = connection
        self._on_commit = on_commit
        self._is_interrupted = False
        event.listen(connection, "before_cursor_execute", self._interrupt, retval=True)
        event.listen(connection, "after_cursor_execute", self._resume)

    def begin(self) -> None:
        """Begin, unless a transaction is open, or the connection is to make each statement permanent at once."""
        self._is_interrupted = False
        if not is_open(self._connection) and not sqla.is_autocommit(self._connection):
            self._connection.exec_driver_sql(BEGIN)

    def _interrupt(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        found = _OUTSIDE.match(statement)
        if found and statement != BEGIN and is_open(connection) and _must_stand_outside(found, cursor):
            self._on_commit()
            connection.dialect.do_commit(connection.connection)
            self._is_interrupted = True
        return statement, parameters

    def _resume(self, connection: Connection, *_: object) -> None:
        if self._is_interrupted and not is_open(connection):
            self.begin()
        self._is_interrupted = False


def _must_stand_outside(found: re.Match[str], cursor: Any) -> bool:
    if not found["keys"]:
        return True
    cursor.execute("PRAGMA foreign_keys")
    (is_on,) = cursor.fetchone()
    return bool(is_on) is not (found["value"].lower() in _ON)
