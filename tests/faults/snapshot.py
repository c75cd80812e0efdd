"""Everything that a database holds, as values that can be compared: definitions, rows, and what the journal left."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

JOURNAL = "alembic_version_journal"
SIDE_TABLES = (JOURNAL, "alembic_version_lock")
"""Those of limbeck's own, which come when they are needed."""
Snapshot = dict[str, Any]

_POSTGRESQL = {
    "relations": """
        SELECT c.relname, c.relkind, c.relpersistence, c.reloptions, c.relacl::text, obj_description(c.oid, 'pg_class'),
               pg_get_viewdef(CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind NOT IN ('i', 'I')""",
    "columns": """
        SELECT c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
               format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE n.nspname = 'public' AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I')""",
    "constraints": """
        SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid), c.convalidated
        FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = 'public'""",
    "indexes": """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indisprimary
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public'""",
    "triggers": "SELECT tgname, pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE NOT tgisinternal",
    "routines": """
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, increment_by, cycle FROM pg_sequences
        WHERE schemaname = 'public'""",
    "types": """
        SELECT t.typname, t.typtype, format_type(t.typbasetype, t.typtypmod),
               (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)::text
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = 'public' AND t.typtype IN ('e', 'd')""",
}


def take(engine: Engine, looks: Mapping[str, str]) -> Snapshot:
    """What a new connection finds; `looks` says how to read a table otherwise than whole."""
    with engine.connect() as connection:
        readers = {"sqlite": _read_sqlite, "postgresql": _read_postgresql}
        definitions, tables = readers.get(connection.dialect.name, _read_mariadb)(connection)
        quote = connection.dialect.identifier_preparer.quote
        rows = {
            table: sorted(map(repr, _fetch(connection, looks.get(table, f"SELECT * FROM {quote(table)}"))))
            for table in sorted(tables)
            if table not in SIDE_TABLES
        }
        return {"definitions": definitions, "rows": rows, "unfinished": _unfinished(connection, tables)}


def differences(expected: Snapshot, found: Snapshot) -> list[str]:
    """What one has and the other has not, one line for each."""
    lines = [f"unfinished: {row}" for row in found["unfinished"]]
    for part in ("definitions", "rows"):
        for name in sorted(expected[part].keys() | found[part].keys()):
            was, now = expected[part].get(name), found[part].get(name)
            if was != now:
                lines.append(f"{part} {name}: expected {_told(was, now)}, found {_told(now, was)}")
    return lines


def _told(value: Any, other: Any) -> Any:
    if isinstance(value, list) and isinstance(other, list):
        return [row for row in value if row not in other] or f"{len(value)} rows"
    return value


def _unfinished(connection: Connection, tables: list[str]) -> list[Any]:
    if JOURNAL not in tables:
        return []
    return _fetch(
        connection,
        f"SELECT position, state, revision, direction, statement FROM {JOURNAL} WHERE state <> 'done' OR position <> 0",
    )


def _fetch(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    rows = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    return [tuple(row) for row in rows]


def _read_sqlite(connection: Connection) -> tuple[dict[str, Any], list[str]]:
    found = _fetch(connection, "SELECT type, name, tbl_name, sql FROM sqlite_master")
    kept = [row for row in found if not {row[1], row[2]} & set(SIDE_TABLES)]
    return {f"{row[0]} {row[1]}": row[2:] for row in kept}, [row[1] for row in found if row[0] == "table"]


def _read_mariadb(connection: Connection) -> tuple[dict[str, Any], list[str]]:
    definitions: dict[str, Any] = {}
    found = _fetch(
        connection,
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE()",
    )
    objects = [("VIEW" if kind == "VIEW" else "TABLE", name) for name, kind in found]
    for kind, query in {
        "TRIGGER": "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
        "PROCEDURE": "SELECT routine_name FROM information_schema.routines "
        "WHERE routine_schema = DATABASE() AND routine_type = 'PROCEDURE'",
        "FUNCTION": "SELECT routine_name FROM information_schema.routines "
        "WHERE routine_schema = DATABASE() AND routine_type = 'FUNCTION'",
    }.items():
        objects += [(kind, name) for (name,) in _fetch(connection, query)]
    (database,) = _fetch(connection, "SELECT DATABASE()")[0]
    for kind, name in objects:
        if name not in SIDE_TABLES:
            row = _fetch(connection, f"SHOW CREATE {kind} `{name}`")[0]
            place = 2 if kind in ("TRIGGER", "PROCEDURE", "FUNCTION") else 1
            text = re.sub(r" AUTO_INCREMENT=\d+", "", row[place]).replace(f"`{database}`.", "")
            definitions[f"{kind} {name}"] = text
    return definitions, [name for name, kind in found if kind == "BASE TABLE"]


def _read_postgresql(connection: Connection) -> tuple[dict[str, Any], list[str]]:
    definitions: dict[str, Any] = {}
    for part, query in _POSTGRESQL.items():
        for row in _fetch(connection, query):
            if not any(side in str(value) for value in row for side in SIDE_TABLES):
                number = 3 if part == "columns" else 2 if part == "constraints" else 1
                definitions[" ".join([part, *map(str, row[:number])])] = row[number:]
    tables = _fetch(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return definitions, [name for (name,) in tables]
