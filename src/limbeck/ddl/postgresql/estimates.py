"""How many rows PostgreSQL's tables have, as its catalogue and its statistics say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

from limbeck.ddl.rehearsing import TableKey

# A table that was never analyzed has -1 in the catalogue; the statistics may know of its rows nevertheless.
_ROWS = text(
    "SELECT greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid))::bigint FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = :name AND c.relkind IN ('r', 'p', 'm') "
    "AND CASE WHEN CAST(:schema AS text) IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) "
    "ELSE n.nspname = :schema END"
)


def estimate_rows(connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
    """About how many rows tables have; those that are not there are left out."""
    found: dict[TableKey, int] = {}
    for schema, name in tables:
        rows = connection.execute(_ROWS, {"schema": schema, "name": name}).scalar()
        if rows is not None and rows >= 0:
            found[schema, name] = int(rows)
    return found
