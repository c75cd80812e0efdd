"""How foreign keys get in the way of other changes, and how to get round them.

InnoDB needs an index that begins with the columns of a foreign key: it creates one of the key's name if there is
none, refuses to drop the last one (error 1553), and leaves its own behind when the key goes. It also refuses to
change the type of a column at either end of a key (errors 1832, 1833).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, String, Table
from sqlalchemy.dialects.mysql import dialect
from sqlalchemy.engine import Inspector
from sqlalchemy.sql.elements import conv
from sqlalchemy.types import TypeEngine

from limbeck.ddl.compare.records import Record, TableRecord
from limbeck.operations.ops import (
    AlterColumnOp,
    CreateForeignKeyOp,
    CreateIndexOp,
    CreateUniqueConstraintOp,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
)  # fmt: skip

UNINDEXED = re.compile(r"^(TINY|MEDIUM|LONG)?(TEXT|BLOB)|^JSON", re.IGNORECASE)
"""The types that have no index unless a length is given."""

# --- indexes ------------------------------------------------------------------------------------------------


def is_dropped_with_table(index: DropIndexOp, table: DropTableOp) -> bool:
    """Whether a foreign key of the table holds on to this index, so that it can only go with the table."""
    create = table._reverse
    columns = _names(index._reverse.columns) if index._reverse else []
    return create is not None and create.has_foreign_key(lambda key: _begins(columns, list(key.column_keys)))


def settle_table_changes(
    operations: list[MigrateOperation],
    conn_table: Table,
    metadata_table: Table | None,
    *,
    knows_if_exists: bool = False,
) -> list[MigrateOperation]:
    """Put foreign keys and indexes into an order that the server accepts (AUT-44).

    A key goes before its index; an index that a key still needs stays, or its successor comes first, or the key
    is dropped and created again around the change. The server drops the index that it made itself as soon as
    another one serves, so that it is dropped only if it still exists. A server that does not know these words
    (MySQL) loses it before the other one comes, without the key meanwhile.
    """
    if metadata_table is None:
        return [operation for operation in operations if not _is_implied(operation, conn_table)]
    settled = _Settlement(operations, conn_table, knows_if_exists=knows_if_exists).settled()
    if knows_if_exists:
        for operation in settled:
            if isinstance(operation, DropIndexOp) and _may_be_implied(operation, conn_table):
                operation.if_exists = _has_successor(operation, settled) or None
    return settled


def _is_implied(operation: MigrateOperation, table: Table) -> bool:
    """Whether an index is one that the server created for a foreign key by itself."""
    if not isinstance(operation, DropIndexOp) or operation._reverse is None:
        return False
    columns = _names(operation._reverse.columns)
    return any(
        key.name == operation.index_name and list(key.column_keys) == columns
        for key in table.foreign_key_constraints
    )


def _may_be_implied(operation: DropIndexOp, table: Table) -> bool:
    """Whether an index may be one that the server created: for a key without a name it is called like the column."""
    columns = _names(operation._reverse.columns) if operation._reverse else []
    return _is_implied(operation, table) or any(
        list(key.column_keys) == columns
        and re.fullmatch(rf"{re.escape(str(table.name))}_ibfk_\d+", str(key.name)) is not None
        and re.fullmatch(rf"{re.escape(columns[0])}(_\d+)?", operation.index_name or "") is not None
        for key in table.foreign_key_constraints
    )


def is_implied_index(index: Record, table: TableRecord) -> bool:
    """Whether some foreign key of a table that stays as it is needs this index, and no other serves (AUT-44)."""
    others = [other["column_names"] for other in table.indexes if other is not index]
    others += [table.primary_key["constrained_columns"]] if table.primary_key else []
    return any(
        _begins(index["column_names"], key["constrained_columns"])
        and not any(_begins(columns, key["constrained_columns"]) for columns in others)
        for key in table.foreign_keys
    )


def _has_successor(operation: DropIndexOp, operations: Sequence[MigrateOperation]) -> bool:
    """Whether an index comes that serves instead of the one that goes."""
    columns = _dropped_columns(operation) or []
    return any(_begins(_created_columns(other) or [], columns) for other in operations)


class _Settlement:
    """The changes to one table while they are put in order."""

    def __init__(self, operations: list[MigrateOperation], table: Table, *, knows_if_exists: bool) -> None:
        self.table = table
        self.operations = operations
        self.knows_if_exists = knows_if_exists
        self.dropped_keys = [
            operation
            for operation in operations
            if isinstance(operation, DropConstraintOp) and operation.constraint_type == "foreignkey"
        ]
        self.created_keys = [item for item in operations if isinstance(item, CreateForeignKeyOp)]
        gone = {operation.constraint_name for operation in self.dropped_keys}
        self.lost = {name for item in operations if (name := _column_without_indexes(item)) is not None}
        """The columns that no index can be on afterwards."""
        self.staying = [key for key in table.foreign_key_constraints if key.name not in gone]

    def settled(self) -> list[MigrateOperation]:
        """The operations in order."""
        kept = [operation for operation in self.operations if not self._is_needed(operation)]
        self.operations = kept
        again = self._keys_in_the_way()
        swapped = self._without_old_indexes(
            self._successors_first([operation for operation in kept if operation not in self.dropped_keys]),
            [key for key in self.staying if key not in again],
        )
        first: list[MigrateOperation] = [
            *self.dropped_keys,
            *(DropConstraintOp.from_constraint(key) for key in again),
        ]
        last: list[MigrateOperation] = [CreateForeignKeyOp.from_constraint(key) for key in again]
        end = next(
            (place for place, item in enumerate(swapped) if isinstance(item, DropColumnOp)), len(swapped)
        )
        return [*first, *swapped[:end], *last, *swapped[end:]]

    def _without_old_indexes(
        self, ordered: list[MigrateOperation], held: Sequence[ForeignKeyConstraint]
    ) -> list[MigrateOperation]:
        """Drop the indexes that no foreign key holds on to before a column of theirs gets a type that has none."""
        changes = [
            item for item in ordered if isinstance(item, AlterColumnOp) and item.modify_type is not None
        ]
        if not changes:
            return ordered
        changed = {item.column_name for item in changes}
        used = [list(key.column_keys) for key in held]
        early = [
            item
            for item in ordered
            if (columns := _dropped_columns(item)) is not None
            and changed & set(columns)
            and not any(_begins(columns, key) for key in used)
        ]
        place = ordered.index(changes[0])
        rest = [item for item in ordered[place:] if item not in early]
        return [*ordered[:place], *early, *rest]

    def _is_needed(self, operation: MigrateOperation) -> bool:
        """Whether it drops an index that some foreign key needs afterwards, and nothing takes its place."""
        columns = _dropped_columns(operation)
        if columns is None or self._is_replaced(operation) or self.lost & set(columns):
            return False
        return any(
            _begins(columns, needed) and not self._has_other(needed, operation)
            for needed in self._needed_afterwards()
        )

    def _is_replaced(self, operation: MigrateOperation) -> bool:
        """Whether it has to go before what takes its place comes: one of its name, or one that it would vanish for."""
        name = _dropped_name(operation)
        if any(_created_name(other) == name for other in self.operations):
            return True
        return (
            not self.knows_if_exists
            and isinstance(operation, DropIndexOp)
            and _may_be_implied(operation, self.table)
            and _has_successor(operation, self.operations)
        )

    def _needed_afterwards(self) -> list[list[str]]:
        keys = [list(key.column_keys) for key in self.staying] + [
            list(op.local_cols) for op in self.created_keys
        ]
        return [columns for columns in keys if not self.lost & set(columns)]

    def _has_other(self, needed: list[str], operation: MigrateOperation) -> bool:
        """Whether another index serves: one that stays, or one that comes."""
        dropped = [item for item in self.operations if _dropped_columns(item) is not None]
        gone = {_dropped_name(item) for item in dropped}
        stays = [columns for name, columns in _indexes(self.table) if name not in gone]
        comes = [columns for item in self.operations if (columns := _created_columns(item)) is not None]
        return any(_begins(columns, needed) for columns in [*stays, *comes])

    def _keys_in_the_way(self) -> list[ForeignKeyConstraint]:
        """Foreign keys that stay, but hold on to an index that gives way to one of its name, or loses a column."""
        dropped = {
            _dropped_name(item): (item, columns)
            for item in self.operations
            if (columns := _dropped_columns(item)) is not None
        }
        blocked = []
        for key in self.staying:
            needed = list(key.column_keys)
            held = [pair for pair in dropped.values() if _begins(pair[1], needed)]
            others = [
                name
                for name, columns in _indexes(self.table)
                if name not in dropped and _begins(columns, needed)
            ]
            in_the_way = [
                item for item, columns in held if self.lost & set(columns) or self._is_replaced(item)
            ]
            if in_the_way and not others:
                blocked.append(key)
        return sorted(blocked, key=lambda key: str(key.name))

    def _successors_first(self, operations: list[MigrateOperation]) -> list[MigrateOperation]:
        """Create the index that takes the place of one which a staying key needs, before that one goes."""
        needed = [list(key.column_keys) for key in self.staying]
        ordered = list(operations)
        for item in operations:
            columns = _dropped_columns(item)
            if columns is None or self._is_replaced(item):
                continue
            if any(_begins(columns, key) for key in needed):
                ordered.remove(item)
                places = [place for place, other in enumerate(ordered) if _created_columns(other) is not None]
                position = max(places) + 1 if places else operations.index(item)
                ordered.insert(min(position, len(ordered)), item)
        return ordered


def _column_without_indexes(operation: MigrateOperation) -> str | None:
    """The column that goes, or gets a type that has no index unless a length is given."""
    if isinstance(operation, DropColumnOp):
        return operation.column_name
    if not isinstance(operation, AlterColumnOp) or not isinstance(operation.modify_type, TypeEngine):
        return None
    return operation.column_name if UNINDEXED.search(operation.modify_type.compile(dialect())) else None


def _dropped_name(operation: Any) -> str | None:
    """The name of the index that an operation drops."""
    name: str | None = getattr(operation, "index_name", None) or getattr(operation, "constraint_name", None)
    return name


def _dropped_columns(operation: MigrateOperation) -> list[str] | None:
    """The columns of the index that an operation drops."""
    if isinstance(operation, DropIndexOp) or (
        isinstance(operation, DropConstraintOp) and operation.constraint_type == "unique"
    ):
        return _names(getattr(operation._reverse, "columns", ()))
    return None


def _created_columns(operation: MigrateOperation) -> list[str] | None:
    """The columns of the index that an operation creates."""
    if isinstance(operation, (CreateIndexOp, CreateUniqueConstraintOp)):
        return _names(operation.columns)
    return None


def _created_name(operation: MigrateOperation) -> str | None:
    if isinstance(operation, CreateIndexOp):
        return operation.index_name
    return operation.constraint_name if isinstance(operation, CreateUniqueConstraintOp) else None


def _indexes(table: Table) -> Iterable[tuple[str | None, list[str]]]:
    for index in table.indexes:
        yield (None if index.name is None else str(index.name)), [column.name for column in index.columns]
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint):
            yield "PRIMARY", [column.name for column in constraint.columns]


def _names(columns: Sequence[Any]) -> list[str]:
    return [getattr(column, "name", None) or str(column) for column in columns]


def _begins(columns: Sequence[str], needed: Sequence[str]) -> bool:
    return bool(needed) and list(columns[: len(needed)]) == list(needed)


# --- types --------------------------------------------------------------------------------------------------

ColumnKey = tuple[str | None, str, str]
"""Schema, table and name of a column."""


def settle_changes(inspector: Inspector, operations: list[MigrateOperation]) -> list[MigrateOperation]:
    """Drop the foreign keys at columns whose type changes before all else, and create them again at the end."""
    changed = {
        (group.schema, group.table_name, change.column_name)
        for group, change in _changes(operations)
        if isinstance(change, AlterColumnOp) and _is_refused(change)
    }
    if not changed:
        return operations
    first: list[MigrateOperation] = []
    last: list[MigrateOperation] = []
    handled: set[tuple[str | None, str, str | None]] = set()
    for group in [item for item in operations if isinstance(item, ModifyTableOps)]:
        kept: list[MigrateOperation] = []
        for change in group.ops:
            key = change._reverse if isinstance(change, DropConstraintOp) else change
            if isinstance(key, CreateForeignKeyOp) and changed & set(_ends(key)):
                handled.add((group.schema, group.table_name, key.constraint_name))
                place = last if key is change else first
                place.append(ModifyTableOps(group.table_name, [change], schema=group.schema))
            else:
                kept.append(change)
        group.ops = kept
    for key in _existing_keys(inspector, {schema for schema, *_ in changed}):
        source = key.kw.get("source_schema"), key.source_table, key.constraint_name
        is_gone = any(
            isinstance(item, DropTableOp) and (item.schema, item.table_name) == source[:2]
            for item in operations
        )
        if changed & set(_ends(key)) and source not in handled and not is_gone:
            first.append(ModifyTableOps(key.source_table, [_drop(key)], schema=source[0]))
            last.append(ModifyTableOps(key.source_table, [key], schema=source[0]))
    rest = [item for item in operations if not (isinstance(item, ModifyTableOps) and not item.ops)]
    return [*first, *rest, *last]


def _changes(operations: list[MigrateOperation]) -> Iterable[tuple[ModifyTableOps, MigrateOperation]]:
    for group in operations:
        if isinstance(group, ModifyTableOps):
            for change in group.ops:
                yield group, change


def _is_refused(change: AlterColumnOp) -> bool:
    """Whether the server would not change this type under a foreign key; the length of strings it would."""
    found, wanted = change.existing_type, change.modify_type
    return isinstance(wanted, TypeEngine) and not (isinstance(found, String) and isinstance(wanted, String))


def _ends(key: CreateForeignKeyOp) -> Iterable[ColumnKey]:
    yield from ((key.kw.get("source_schema"), key.source_table, name) for name in key.local_cols)
    yield from ((key.kw.get("referent_schema"), key.referent_table, name) for name in key.remote_cols)


def _existing_keys(inspector: Inspector, schemas: Iterable[str | None]) -> Iterable[CreateForeignKeyOp]:
    for schema in sorted(schemas, key=lambda schema: schema or ""):
        for (_, table), keys in sorted(inspector.get_multi_foreign_keys(schema=schema).items(), key=str):
            for key in keys:
                options = {name: value for name, value in key.get("options", {}).items() if value}
                yield CreateForeignKeyOp(
                    None if key["name"] is None else conv(key["name"]),
                    table,
                    key["referred_table"],
                    key["constrained_columns"],
                    key["referred_columns"],
                    source_schema=schema,
                    referent_schema=key["referred_schema"],
                    **options,
                )


def _drop(key: CreateForeignKeyOp) -> DropConstraintOp:
    return DropConstraintOp(
        key.constraint_name, key.source_table, "foreignkey", schema=key.kw.get("source_schema"), _reverse=key
    )
