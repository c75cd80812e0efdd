"""A copy of a SQLite database in memory, on which migrations can be tried as if they ran.

The copy is taken with SQLite's backup, so it has the rows, too, unless the database is large; then it has its schema
only. No statement on the copy reaches a file: attaching one is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, StaticPool, create_engine

from limbeck.ddl.rehearsing import StandIn
from limbeck.ddl.sqlite import trial
from limbeck.ddl.sqlite.schema import Database

LARGEST = 64 * 2**20
"""Bytes: a database up to this size is copied with its rows."""
IN_MEMORY = ("", ":memory:")
KEPT_PRAGMAS = ("foreign_keys", "legacy_alter_table", "recursive_triggers")


@contextmanager
def copied(connection: Connection) -> Iterator[StandIn]:
    """A copy of the databases of a connection: the main one, and those that are attached."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as copy:
            _detach_all(copy)
            has_rows = _size(connection) <= LARGEST and _copy_rows(connection, copy)
            if not has_rows:
                _copy_schema(connection, copy)
            for name in KEPT_PRAGMAS:
                value = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                copy.exec_driver_sql(f"PRAGMA {name}={value}")
            copy.rollback()
            _driver(copy).set_authorizer(_authorize)
            yield StandIn(copy, has_rows)
    finally:
        engine.dispose()


def _authorize(action: int, argument: str | None, *_: object) -> int:
    """Refuse to attach a file; a name that comes as a parameter is not known here, and is refused, too."""
    is_file = action == sqlite3.SQLITE_ATTACH and argument not in IN_MEMORY
    return sqlite3.SQLITE_DENY if is_file else sqlite3.SQLITE_OK


def _databases(connection: Connection) -> list[tuple[str, str]]:
    """The name and the file of each database, without the one for temporary tables."""
    rows = connection.exec_driver_sql("PRAGMA database_list")
    return [(name, file or "") for _, name, file in rows if name != "temp"]


def _detach_all(copy: Connection) -> None:
    """Listeners of the project may attach files to every new connection."""
    for name, _ in _databases(copy):
        if name != "main":
            copy.rollback()
            copy.exec_driver_sql(f"DETACH {Database(copy, name).quote(name)}")


def _size(connection: Connection) -> int:
    size = 0
    for name, _ in _databases(connection):
        prefix = Database(connection, name).prefix
        pages, bytes_each = (
            connection.exec_driver_sql(f"PRAGMA {prefix}{what}").scalar_one()
            for what in ("page_count", "page_size")
        )
        size += pages * bytes_each
    return size


def _copy_rows(connection: Connection, copy: Connection) -> bool:
    """Copy everything; False if the driver, or the kind of file, does not let it be done."""
    target = _driver(copy)
    for name, file in _databases(connection):
        with closing(sqlite3.connect(":memory:")) as one:
            destination = target if name == "main" else one
            if not _back_up(_driver(connection), name, file, destination):
                return False
            if name != "main":
                target.execute(f"ATTACH ':memory:' AS {Database(copy, name).quote(name)}")
                if one.execute("PRAGMA page_count").fetchone() != (0,):
                    target.deserialize(one.serialize(), name=name)
    return True


def _back_up(driver: Any, name: str, file: str, destination: sqlite3.Connection) -> bool:
    if isinstance(driver, sqlite3.Connection):
        driver.backup(destination, name=name)
        return True
    if not file:
        return False
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True)) as source:
            source.backup(destination)
    except sqlite3.DatabaseError:  # encrypted, or in the way
        return False
    return True


def _copy_schema(connection: Connection, copy: Connection) -> None:
    present = {name for name, _ in _databases(copy)}
    for name, _ in _databases(connection):
        target = Database(copy, name)
        if name not in present:
            copy.rollback()
            copy.exec_driver_sql(f"ATTACH ':memory:' AS {target.quote(name)}")
        trial.copy_schema(Database(connection, name), target)
    copy.commit()


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
