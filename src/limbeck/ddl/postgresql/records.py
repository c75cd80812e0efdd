"""What PostgreSQL says about many tables, for the first glance of a comparison.

SQLAlchemy's inspector parses the text of each foreign key, and describes each column by itself. The catalogue has
the parts of keys in columns of its own, and of a thousand tables most columns have one of a few dozen types.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import Dialect, Inspector

from limbeck.ddl.compare import records
from limbeck.ddl.compare.records import Record, TableRecord

ACTIONS = {"a": None, "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

_FOREIGN_KEYS = """
SELECT c.relname, o.conname, rn.nspname, pg_catalog.pg_table_is_visible(r.oid), r.relname,
    {own_columns}, {referred_columns},
    CAST(o.confupdtype AS text), CAST(o.confdeltype AS text), o.condeferrable, o.condeferred,
    to_jsonb(o) ->> 'confdelsetcols' IS NULL AND coalesce(to_jsonb(o) ->> 'conperiod', 'false') = 'false'
FROM pg_catalog.pg_constraint o
    JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class r ON r.oid = o.confrelid
    JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
WHERE o.contype = 'f' AND {wanted}
ORDER BY c.relname, o.conname
"""
_COLUMNS_OF_KEY = """(
    SELECT array_agg(CAST(a.attname AS text) ORDER BY k.place)
    FROM unnest(o.{key}) WITH ORDINALITY AS k (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = o.{table} AND a.attnum = k.number)"""
_COLUMNS = """
SELECT c.relname, a.attname, a.attnotnull, pg_catalog.col_description(c.oid, a.attnum),
    CASE t.typtype WHEN 'b' THEN a.atttypid END, a.atttypmod, a.attcollation
FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND {wanted}
ORDER BY c.relname, a.attnum
"""
_WANTED = """c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND c.relname = ANY (CAST(:names AS text[])) AND {in_schema}"""


def is_known(dialect: Dialect) -> bool:
    """Whether this is PostgreSQL itself, not one of its relatives, whose catalogues differ."""
    return type(dialect).__module__.startswith("sqlalchemy.dialects.postgresql.")


def read_records(
    inspector: Inspector,
    schema: str | None,
    names: Sequence[str],
    kinds: Collection[str],
    *,
    with_defaults: bool,
) -> Iterator[TableRecord]:
    """Read these tables of a schema, all at once. A table whose keys are out of the ordinary is left out.

    Columns come without defaults, computed values and identities unless `with_defaults`.
    """
    catalogue = _Catalogue(inspector, schema, names)
    keys, unclear = catalogue.foreign_keys()
    plain = [name for name in names if name not in unclear]
    given: dict[str, Mapping[str, Any]] = {"foreign_keys": keys}
    if not with_defaults:
        given["columns"] = catalogue.columns()
    return records.read_records(inspector, schema, plain, kinds, given)


class _Catalogue:
    """The questions about some tables of a schema."""

    def __init__(self, inspector: Inspector, schema: str | None, names: Sequence[str]) -> None:
        self._inspector = inspector
        self._schema = schema
        self._names = names

    def _ask(self, question: str) -> Any:
        connection = self._inspector.bind
        assert isinstance(connection, Connection)
        # Without a schema, a name means what the search path makes of it, as it does for SQLAlchemy.
        in_schema = "pg_catalog.pg_table_is_visible(c.oid)" if self._schema is None else "n.nspname = :schema"
        wanted = _WANTED.format(in_schema=in_schema)
        parameters = {"names": list(self._names)} | ({"schema": self._schema} if self._schema else {})
        return connection.execute(
            text(
                question.format(
                    wanted=wanted,
                    own_columns=_COLUMNS_OF_KEY.format(key="conkey", table="conrelid"),
                    referred_columns=_COLUMNS_OF_KEY.format(key="confkey", table="confrelid"),
                )
            ),
            parameters,
        ).all()

    def foreign_keys(self) -> tuple[dict[str, list[Record]], set[str]]:
        """The foreign keys of each table, and the tables whose keys do what has no record."""
        found: dict[str, list[Record]] = defaultdict(list)
        unclear: set[str] = set()
        for (
            table, name, schema, is_visible, target, own, referred, onupdate, ondelete, deferrable, deferred, plain
        ) in self._ask(_FOREIGN_KEYS):  # fmt: skip
            if not plain:
                unclear.add(table)
            options = {
                "onupdate": ACTIONS[onupdate],
                "ondelete": ACTIONS[ondelete],
                "deferrable": True if deferrable else None,
                "initially": "DEFERRED" if deferred else None,
            }
            found[table].append(
                {
                    "name": name,
                    "constrained_columns": own,
                    "referred_schema": None if is_visible and schema != self._schema else schema,
                    "referred_table": target,
                    "referred_columns": referred,
                    "options": {option: said for option, said in options.items() if said is not None},
                }
            )
        return found, unclear

    def columns(self) -> dict[str, list[Record]]:
        """The columns of each table; SQLAlchemy describes one of each type."""
        found: dict[str, list[tuple[str, bool, str | None, Hashable]]] = defaultdict(list)
        models: dict[Hashable, tuple[str, str]] = {}
        described: set[str] = set()
        for table, name, is_required, comment, *kind in self._ask(_COLUMNS):
            key = tuple(kind)
            found[table].append((name, is_required, comment, key))
            if kind[0] is None:  # a domain or an enumeration, of which there is more to say
                described.add(table)
            elif key not in models:
                models[key] = table, name
                described.add(table)
        if not described:
            return {}
        records = {
            name: columns
            for (_, name), columns in self._inspector.get_multi_columns(
                schema=self._schema, filter_names=sorted(described)
            ).items()
        }
        types = {
            (table, column["name"]): column["type"]
            for table, columns in records.items()
            for column in columns
        }
        return {
            table: [dict(column) for column in records[table]]
            if table in records
            else [
                {
                    "name": name,
                    "type": types[models[key]],
                    "nullable": not is_required,
                    "default": None,
                    "comment": comment,
                }
                for name, is_required, comment, key in columns
            ]
            for table, columns in found.items()
        }
