"""The database's side of the comparison: read in one pass, kept as plain records.

SQLAlchemy's Table objects are made from the records one by one, for the tables that are looked into.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Column, Connection, MetaData, Table, event
from sqlalchemy.engine import Inspector
from sqlalchemy.sql.elements import conv

from limbeck import sqla
from limbeck.ddl.compare.records import Record, TableKey, TableRecord, read_records


class Reflecting(Protocol):
    """What reading needs of a dialect's impl."""

    def autogen_column_reflect(self, inspector: Inspector, table: Table, column_info: Any) -> None: ...
    def adjust_reflected_dialect_options(
        self, reflected_object: Mapping[str, Any], kind: str
    ) -> dict[str, Any]: ...
    def complete_reflected_table(self, table: Table, connection: Connection) -> None: ...


class Database:
    """The tables that were found, by key; a Table object is made when one is asked for."""

    def __init__(self, inspector: Inspector, impl: Reflecting, records: Iterable[TableRecord]) -> None:
        self.inspector = inspector
        self.impl = impl
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
        connection = self.inspector.bind
        if isinstance(connection, Connection):
            self.impl.complete_reflected_table(table, connection)
            _make_names_final(table)
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


def _make_names_final(table: Table) -> None:
    for constraint in table.constraints:
        name = sqla.given_name(constraint)
        if name is not None:
            constraint.name = conv(name)


def _text(key: TableKey) -> str:
    return f"{key[0]}.{key[1]}" if key[0] else key[1]


def read_tables(
    inspector: Inspector,
    impl: Reflecting,
    names: Mapping[str | None, Collection[str]],
    left_out: Collection[TableKey] = (),
) -> Database:
    """Read these tables, all of a schema at once.

    `names` says which ones, for each schema; None is the default schema. Those `left_out` are not read.
    """
    records: list[TableRecord] = []
    for schema, found in names.items():
        wanted = sorted(name for name in found if (schema, name) not in left_out)
        if wanted:
            records += _read_schema(inspector, impl, schema, wanted)
    return Database(inspector, impl, records)


def _read_schema(
    inspector: Inspector, impl: Reflecting, schema: str | None, names: list[str]
) -> Iterator[TableRecord]:
    default_schema = inspector.default_schema_name
    for record in read_records(inspector, schema, names):
        yield replace(
            record,
            primary_key=_named(record.primary_key),
            foreign_keys=[_own_schema(_named(key), default_schema) for key in record.foreign_keys],
            indexes=[_index(impl, index) for index in record.indexes],
            unique_constraints=[
                _with_options(impl, _named(unique), "unique_constraint")
                for unique in record.unique_constraints
            ],
            check_constraints=[_named(check) for check in record.check_constraints],
            options={option.replace(" ", "_"): value for option, value in record.options.items()},
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
