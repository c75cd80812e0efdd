"""Temporary tables that a run has left behind which was killed in the middle of a rebuild."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from sqlalchemy import MetaData, Table

from limbeck import errors
from limbeck.ddl.sqlite.schema import Database

log = logging.getLogger(__name__)


class Implementation(Protocol):
    """What this module needs of the implementation."""

    def drop_table(self, table: Table) -> None: ...


def remove(impl: Implementation, database: Database, table: str, temporary: str) -> None:
    """Drop a table that has the temporary name, if the real table has all that is in it.

    Raises RowsInLeftover if it has a row that the real table does not have.
    """
    if database.find("table", temporary) is None:
        return
    if database.count(temporary) and not _is_contained(database, temporary, table):
        raise errors.RowsInLeftover(table=table, leftover=temporary, schema=database.schema)
    log.warning(
        "Table %s is left over from a rebuild of %s that did not end; all its rows are in %s, so it is dropped",
        temporary, table, table,
    )  # fmt: skip
    impl.drop_table(Table(temporary, MetaData(), schema=database.schema))


def require_table(database: Database, table: str, temporary: str) -> None:
    """Raise TableIsLeftover if the table is missing, and an interrupted rebuild has left it under another name."""
    if database.find("table", table) is None and database.find("table", temporary) is not None:
        raise errors.TableIsLeftover(table=table, leftover=temporary, schema=database.schema)


def _is_contained(database: Database, inner: str, outer: str) -> bool:
    """Whether every row of one table is in the other one, as far as they have the same columns."""
    columns = [name for name in _columns(database, inner) if name in _columns(database, outer)]
    if not columns:
        return False
    names = ", ".join(database.quote(name) for name in columns)
    missing = database.connection.exec_driver_sql(
        f"SELECT 1 FROM (SELECT {names} FROM {database.full_name(inner)} "
        f"EXCEPT SELECT {names} FROM {database.full_name(outer)}) LIMIT 1"
    )
    return missing.first() is None


def _columns(database: Database, table: str) -> list[str]:
    rows: Any = database.connection.exec_driver_sql(
        f"PRAGMA {database.prefix}table_xinfo({database.quote(table)})"
    )
    return [row[1] for row in rows]
