"""The database's side of the comparison: read in one pass, kept as plain records.

SQLAlchemy's Table objects are made from the records one by one, for the tables that are looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Column, MetaData, Table, event
from sqlalchemy.engine import Inspector
from sqlalchemy.sql.elements import conv

from limbeck import sqla

Record = dict[str, Any]
TableKey = tuple[str | None, str]
"""Schema (None for the default one) and name of a table."""


class Reflecting(Protocol):
    """What reading needs of a dialect's impl."""

    def autogen_column_reflect(self, inspector: Inspector, table: Table, column_info: Any) -> None: ...
    def adjust_reflected_dialect_options(
        self, reflected_object: Mapping[str, Any], kind: str
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TableRecord:
    """All that a database says about one table."""

    key: TableKey
    columns: list[Record] = field(default_factory=list)
    primary_key: Record | None = None
    foreign_keys: list[Record] = field(default_factory=list)
    indexes: list[Record] = field(default_factory=list)
    unique_constraints: list[Record] = field(default_factory=list)
    check_constraints: list[Record] = field(default_factory=list)
    comment: Record | None = None
    options: Record = field(default_factory=dict)

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column["name"] for column in self.columns]

    def is_unique(self, columns: Collection[str]) -> bool:
        """Whether a primary key, unique constraint or unique index is on just these columns."""
        wanted = set(columns)
        keys: list[Record] = [*self.unique_constraints, *(index for index in self.indexes if index["unique"])]
        sets = [set(key["column_names"]) for key in keys]
        if self.primary_key:
            sets.append(set(self.primary_key["constrained_columns"]))
        return wanted in sets

    def referred_tables(self) -> set[TableKey]:
        """The tables that foreign keys of this one point to."""
        return {(key["referred_schema"], key["referred_table"]) for key in self.foreign_keys}


class Database:
    """The tables that were found, by key; a Table object is made when one is asked for."""

    def __init__(self, inspector: Inspector, impl: Reflecting, records: Iterable[TableRecord]) -> None:
        self.inspector = inspector
        self.records = {record.key: record for record in records}
        self._metadata = MetaData()
        self._placeholders: set[TableKey] = set()
        event.listen(self._metadata, "column_reflect", impl.autogen_column_reflect)

    def __contains__(self, key: object) -> bool:
        return key in self.records

    def __iter__(self) -> Iterator[TableKey]:
        return iter(self.records)

    def table(self, key: TableKey) -> Table:
        """The Table object of a table that was found."""
        known = self._metadata.tables.get(_text(key))
        if known is not None and key not in self._placeholders:
            return known
        record = self.records[key]
        if known is not None:
            self._placeholders.discard(key)
            self._metadata.remove(known)
        table = Table(key[1], self._metadata, schema=key[0])
        sqla.fill_table(self.inspector, table, record)
        self._hold_places(record)
        return table

    def _hold_places(self, record: TableRecord) -> None:
        """Let each foreign key find its target: a table of its columns only, if there is none yet (AUT-52)."""
        for key in record.foreign_keys:
            target = key["referred_schema"], key["referred_table"]
            table = self._metadata.tables.get(_text(target))
            if table is None:
                table = Table(target[1], self._metadata, schema=target[0])
                self._placeholders.add(target)
            if target in self._placeholders:
                for name in key["referred_columns"]:
                    if name not in table.c:
                        table.append_column(Column(name))


def _text(key: TableKey) -> str:
    return f"{key[0]}.{key[1]}" if key[0] else key[1]


def read_tables(
    inspector: Inspector, impl: Reflecting, names: Mapping[str | None, Collection[str]]
) -> Database:
    """Read these tables, all of a schema at once.

    `names` says which ones, for each schema; None is the default schema.
    """
    records: list[TableRecord] = []
    for schema, wanted in names.items():
        if wanted:
            records += _read_schema(inspector, impl, schema, sorted(wanted))
    return Database(inspector, impl, records)


def _read_schema(
    inspector: Inspector, impl: Reflecting, schema: str | None, names: list[str]
) -> Iterator[TableRecord]:
    def read(method: Callable[..., Any]) -> dict[str, Any]:
        try:
            found = method(schema=schema, filter_names=names)
        except NotImplementedError:  # a database without comments, without checks, …
            return {}
        return {key[1]: value for key, value in found.items()}

    columns = read(inspector.get_multi_columns)
    primary_keys = read(inspector.get_multi_pk_constraint)
    foreign_keys = read(inspector.get_multi_foreign_keys)
    indexes = read(inspector.get_multi_indexes)
    uniques = read(inspector.get_multi_unique_constraints)
    checks = read(inspector.get_multi_check_constraints)
    comments = read(inspector.get_multi_table_comment)
    options = read(inspector.get_multi_table_options)
    default_schema = inspector.default_schema_name
    for name in names:
        if name not in columns:
            continue  # dropped since its name was read, or nothing that can be described
        yield TableRecord(
            key=(schema, name),
            columns=columns[name],
            primary_key=_named(primary_keys.get(name)),
            foreign_keys=[_own_schema(_named(key), default_schema) for key in foreign_keys.get(name) or ()],
            indexes=[_index(impl, index) for index in indexes.get(name) or ()],
            unique_constraints=[
                _with_options(impl, _named(unique), "unique_constraint") for unique in uniques.get(name) or ()
            ],
            check_constraints=[_named(check) for check in checks.get(name) or ()],
            comment=comments.get(name),
            options={option.replace(" ", "_"): value for option, value in (options.get(name) or {}).items()},
        )


def _index(impl: Reflecting, index: Record) -> Record:
    return {**_with_options(impl, _named(index), "index"), "unique": bool(index["unique"])}


def _with_options(impl: Reflecting, item: Record, kind: str) -> Record:
    return {**item, "dialect_options": impl.adjust_reflected_dialect_options(item, kind)}


def _named(item: Any) -> Any:
    """The record with its name marked as final: no naming convention applies to it again (AUT-78)."""
    if not item or item.get("name") is None:
        return item
    return {**item, "name": conv(item["name"])}


def _own_schema(key: Record, default_schema: str | None) -> Record:
    """A foreign key into the default schema names none, as the models do (AUT-52)."""
    return {**key, "referred_schema": None} if key["referred_schema"] == default_schema else key
