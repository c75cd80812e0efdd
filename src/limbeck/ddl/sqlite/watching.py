"""A statement of SQLite's that may take long can be watched, and interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Connection as DriverConnection
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from limbeck.base import progress

INSTRUCTIONS = 200_000
"""Of SQLite's virtual machine, between two signs of life: some hundredths of a second."""
KEY = "limbeck_handlers"

Handler = Callable[[], object]


class Handlers:
    """What is called while a statement runs: SQLite itself has room for one function only."""

    def __init__(self, driver: DriverConnection) -> None:
        self._driver = driver
        self._handlers: dict[str, Handler] = {}
        self.has_stopped = False
        """Whether the last statement was interrupted because a handler wanted that."""

    @classmethod
    def of(cls, connection: Connection) -> Handlers | None:
        """Those of a connection; None if its driver takes no function."""
        driver: Any = connection.connection.dbapi_connection
        if not isinstance(driver, DriverConnection):
            return None
        found: Handlers = connection.info.setdefault(KEY, cls(driver))
        return found

    def set(self, name: str, handler: Handler | None) -> None:
        """Have a function called, or not any more; if it returns true the statement is interrupted."""
        if handler is None:
            self._handlers.pop(name, None)
        else:
            self._handlers[name] = handler
        self.has_stopped = False
        self._driver.set_progress_handler(self._call if self._handlers else None, INSTRUCTIONS)

    def _call(self) -> bool:
        answers = [handler() for handler in self._handlers.values()]
        self.has_stopped = any(answers)
        return self.has_stopped


@contextmanager
def watched(connection: Connection, doing: str) -> Iterator[None]:
    """Let the active watcher see that a statement goes on.

    An interruption ends the statement, and is raised as such: without that, Python would not notice it before
    the statement has ended.
    """
    watcher = progress.watcher.find()
    handlers = Handlers.of(connection)
    if watcher is None or handlers is None:
        yield
        return
    watcher.begin(doing)
    handlers.set("watcher", watcher.tick)
    try:
        yield
    except OperationalError as error:
        # What is raised in a handler, the driver turns into this.
        is_interrupted = getattr(error.orig, "sqlite_errorname", None) == "SQLITE_INTERRUPT"
        if is_interrupted and not handlers.has_stopped:
            raise KeyboardInterrupt from error
        raise
    finally:
        handlers.set("watcher", None)
        watcher.end()
