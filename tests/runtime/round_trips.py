"""Counts what goes to a database, twice: at SQLAlchemy, and where the driver or the server says so."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool


@dataclass
class Traffic:
    """What went out while it was counted.

    What SQLAlchemy asks a server when an engine meets it first (its version, its settings) comes before the
    count: it is the same for every program that connects.
    """

    statements: list[str] = field(default_factory=list)
    """Statements as SQLAlchemy hands them to the driver; transactions are not among them."""
    round_trips: int = 0
    """Messages that were answered, BEGIN, COMMIT and ROLLBACK included.

    SQLite tells each statement it runs, MariaDB counts the statements of a session, and libpq records what it
    sends and gets: each `ReadyForQuery` ends a round trip.
    """


@contextmanager
def counted() -> Iterator[Traffic]:
    """Count for all engines of this process."""
    traffic = Traffic()
    meters: dict[int, Any] = {}

    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        meters[id(driver)] = METERS[connection.dialect.name](driver)

    def end(driver: Any, record: Any) -> None:
        meter = meters.pop(id(driver), None)
        if meter is not None:
            traffic.round_trips += meter.end()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        traffic.statements.append(statement)

    hooks: list[tuple[Any, str, Any]] = [
        (Engine, "engine_connect", begin), (Pool, "checkin", end), (Engine, "before_cursor_execute", note),
    ]  # fmt: skip
    for target, name, function in hooks:
        event.listen(target, name, function)
    try:
        yield traffic
    finally:
        for target, name, function in hooks:
            event.remove(target, name, function)
    assert not meters, "a connection is still open, and its traffic not counted"


class _SQLite:
    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._seen: list[str] = []
        driver.set_trace_callback(self._seen.append)

    def end(self) -> int:
        self._driver.set_trace_callback(None)
        return len(self._seen)


class _PostgreSQL:
    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._file = tempfile.TemporaryFile("w+")  # noqa: SIM115  # open until `end()`
        driver.pgconn.trace(self._file.fileno())

    def end(self) -> int:
        self._driver.pgconn.untrace()
        with self._file:
            self._file.seek(0)
            return self._file.read().count("ReadyForQuery")


class _MariaDB:
    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._before = self._count()

    def end(self) -> int:
        return self._count() - self._before - 1  # the second question about the number is one of them

    def _count(self) -> int:
        with self._driver.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Questions'")
            return int(cursor.fetchone()[1])


METERS: dict[str, Any] = {"sqlite": _SQLite, "postgresql": _PostgreSQL, "mysql": _MariaDB}
