"""A statement of SQLite's that may take long can be watched, and interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as DriverConnection
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from limbeck.base import progress

INSTRUCTIONS = 200_000
"""Of SQLite's virtual machine, between two signs of life: some hundredths of a second."""


@contextmanager
def watched(connection: Connection, doing: str) -> Iterator[None]:
    """Let the active watcher see that a statement goes on.

    An interruption ends the statement, and is raised as such: without that, Python would not notice it before
    the statement has ended.
    """
    watcher = progress.watcher.find()
    driver: Any = connection.connection.dbapi_connection
    if watcher is None or not isinstance(driver, DriverConnection):
        yield
        return
    watcher.begin(doing)
    driver.set_progress_handler(watcher.tick, INSTRUCTIONS)
    try:
        yield
    except OperationalError as error:
        # What is raised in a handler, the driver turns into this.
        if getattr(error.orig, "sqlite_errorname", None) == "SQLITE_INTERRUPT":
            raise KeyboardInterrupt from error
        raise
    finally:
        driver.set_progress_handler(None, 0)
        watcher.end()
