"""How many rows SQLite's tables have: counted as long as that is quick, else as many as the highest row number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from limbeck.ddl.rehearsing import TableKey
from limbeck.ddl.sqlite.schema import Database

COUNTED = 100_000
"""So many rows are counted one by one."""


def estimate_rows(connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
    """About how many rows tables have; those that are not there are left out."""
    found: dict[TableKey, int] = {}
    for schema, name in tables:
        database = Database(connection, schema)
        if database.find("table", name) is None:
            continue
        table = database.full_name(name)
        counted = connection.exec_driver_sql(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {COUNTED + 1})"
        ).scalar_one()
        found[schema, name] = counted if counted <= COUNTED else _find_highest(connection, table) or counted
    return found


def _find_highest(connection: Connection, table: str) -> int | None:
    try:
        number: int | None = connection.exec_driver_sql(f"SELECT max(rowid) FROM {table}").scalar()
    except DatabaseError:  # a table WITHOUT ROWID
        return None
    return number
