"""How many rows MySQL's and MariaDB's tables have, as the information schema says; InnoDB only estimates it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from limbeck.ddl.rehearsing import TableKey

_ROWS = text(
    "SELECT table_rows FROM information_schema.tables WHERE table_name = :name "
    "AND table_schema = COALESCE(:schema, DATABASE())"
)


def estimate_rows(connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
    """About how many rows tables have; those that are not there are left out."""
    found: dict[TableKey, int] = {}
    for schema, name in tables:
        rows = connection.execute(_ROWS, {"schema": schema, "name": name}).scalar()
        if rows is not None:
            found[schema, name] = int(rows)
    return found
