"""What MySQL and MariaDB report and what was meant; how foreign keys hold on to indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from limbeck.ddl.compare import constraints, defaults, types
from limbeck.ddl.compare.indexes import unique_signature
from limbeck.ddl.compare.types import Params
from limbeck.ddl.contracts import Comparing
from limbeck.operations.ops import (
    AddColumnOp, AlterColumnOp, CreateForeignKeyOp, CreateIndexOp, CreateUniqueConstraintOp, DropColumnOp,
    DropConstraintOp, DropIndexOp, DropTableOp, MigrateOperation,
)  # fmt: skip

# --- types and defaults -------------------------------------------------------------------------------------

MEANINGLESS = {"ZEROFILL", "NATIONAL"}
DOUBLE_FROM = 25
"""FLOAT with so many bits is a DOUBLE."""


def compare_type(impl: Comparing, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
    """Whether the types differ; UNSIGNED counts, a display width does not (AUT-22, AUT-24)."""
    if types.compare_type(impl, inspector_column, metadata_column, _bare):
        return types.compare_type(impl, inspector_column, metadata_column, _stored)
    return False


def _bare(params: Params) -> Params:
    return params._replace(tokens=[token for token in params.tokens if token not in MEANINGLESS])


def _stored(params: Params) -> Params:
    if params.tokens == ["FLOAT"] and len(params.args) == 1 and int(params.args[0]) >= DOUBLE_FROM:
        return Params("DOUBLE", ["DOUBLE"], [], params.kwargs)
    return _bare(params)


NOW = re.compile(r"\b(?:current_timestamp|now|localtime|localtimestamp)\b(?:\s*\(\s*\))?", re.IGNORECASE)
TODAY = re.compile(r"\b(?:current_date|curdate)\b(?:\s*\(\s*\))?", re.IGNORECASE)
INTRODUCER = re.compile(r"(?<![\w'])_\w+\s*(?=')")


def spell(sql: str) -> str:
    """The spelling of a default that the server stores: `now()` is `current_timestamp` (AUT-32)."""
    if sql.lstrip().startswith("'"):
        return sql
    return TODAY.sub("current_date", NOW.sub("current_timestamp", INTRODUCER.sub("", sql)))


def compare_server_default(
    impl: Comparing,
    inspector_column: Column[Any],
    metadata_column: Column[Any],
    rendered_metadata_default: str | None,
    rendered_inspector_default: str | None,
) -> bool:
    """Whether the defaults differ (AUT-32)."""
    return defaults.compare_server_default(
        impl, inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default, spell
    )


# --- indexes and constraints --------------------------------------------------------------------------------


def correct_for_autogen_constraints(
    conn_uniques: set[UniqueConstraint],
    conn_indexes: set[Index],
    metadata_unique_constraints: set[UniqueConstraint],
    metadata_indexes: set[Index],
) -> None:
    """See a unique index as a unique constraint where the models ask for one: here they are the same (AUT-43)."""
    names = {constraint.name for constraint in metadata_unique_constraints if constraint.name}
    nameless = {unique_signature(item) for item in metadata_unique_constraints if not item.name}
    index_names = {index.name for index in metadata_indexes}
    for index in sorted(conn_indexes, key=lambda index: str(index.name)):
        if not index.unique or index.name in index_names:
            continue
        signature = frozenset(column.name for column in index.columns)
        if index.name in names or signature in nameless:
            conn_indexes.discard(index)
            conn_uniques.add(_as_constraint(index))


def _as_constraint(index: Index) -> UniqueConstraint:
    table = index.table
    assert table is not None
    constraint = UniqueConstraint(*[column.key for column in index.columns], name=index.name)
    table.append_constraint(constraint)
    table.constraints.discard(constraint)  # it belongs to the table, which lists it as an index
    return constraint


def foreign_key_options(constraint: ForeignKeyConstraint) -> tuple[str | None, ...]:
    """The actions; RESTRICT is what happens anyway, as NO ACTION is (AUT-50)."""
    nothing = ("no action", "restrict")
    return constraints.action(constraint.onupdate, nothing), constraints.action(constraint.ondelete, nothing)


# --- foreign keys hold on to indexes ------------------------------------------------------------------------
#
# InnoDB needs an index that begins with the columns of a foreign key: it creates one of the key's name if there
# is none, refuses to drop the last one (error 1553), and leaves its own behind when the key goes.


def is_dropped_with_table(index: DropIndexOp, table: DropTableOp) -> bool:
    """Whether a foreign key of the table holds on to this index, so that it can only go with the table."""
    create = table._reverse
    keys = [item for item in create.columns if isinstance(item, ForeignKeyConstraint)] if create else []
    columns = _names(index._reverse.columns) if index._reverse else []
    return any(_begins(columns, list(key.column_keys)) for key in keys)


def settle_table_changes(
    operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
) -> list[MigrateOperation]:
    """Put foreign keys and indexes into an order that the server accepts (AUT-44).

    A key goes before its index; an index that a key still needs stays, or its successor comes first, or the key
    is dropped and created again around the change.
    """
    if metadata_table is None:
        return [operation for operation in operations if not _is_implied(operation, conn_table)]
    return _Settlement(operations, conn_table).settled()


def _is_implied(operation: MigrateOperation, table: Table) -> bool:
    """Whether an index is one that the server created for a foreign key by itself."""
    if not isinstance(operation, DropIndexOp) or operation._reverse is None:
        return False
    columns = _names(operation._reverse.columns)
    return any(
        key.name == operation.index_name and list(key.column_keys) == columns
        for key in table.foreign_key_constraints
    )


class _Settlement:
    """The changes to one table while they are put in order."""

    def __init__(self, operations: list[MigrateOperation], table: Table) -> None:
        self.table = table
        self.operations = operations
        self.dropped_keys = [operation for operation in operations if _drops_key(operation)]
        self.created_keys = [item for item in operations if isinstance(item, CreateForeignKeyOp)]
        gone = {operation.constraint_name for operation in self.dropped_keys}
        self.staying = [key for key in table.foreign_key_constraints if key.name not in gone]

    def settled(self) -> list[MigrateOperation]:
        """The operations in order."""
        kept = [operation for operation in self.operations if not self._is_needed(operation)]
        self.operations = kept
        again = self._keys_in_the_way()
        swapped = self._successors_first(
            [operation for operation in kept if operation not in self.dropped_keys]
        )
        first: list[MigrateOperation] = [*self.dropped_keys, *(DropConstraintOp.from_constraint(key) for key in again)]
        last: list[MigrateOperation] = [CreateForeignKeyOp.from_constraint(key) for key in again]
        start = next(
            (place for place, item in enumerate(swapped) if not isinstance(item, (AddColumnOp, AlterColumnOp))),
            len(swapped),
        )
        end = next(
            (place for place, item in enumerate(swapped) if isinstance(item, DropColumnOp)), len(swapped)
        )
        return [*swapped[:start], *first, *swapped[start:end], *last, *swapped[end:]]

    def _is_needed(self, operation: MigrateOperation) -> bool:
        """Whether it drops an index that some foreign key needs afterwards, and nothing takes its place."""
        columns = _dropped_columns(operation)
        if columns is None or self._is_replaced(operation):
            return False
        return any(
            _begins(columns, needed) and not self._has_other(needed, operation)
            for needed in self._needed_afterwards()
        )

    def _is_replaced(self, operation: MigrateOperation) -> bool:
        name = getattr(operation, "index_name", None) or getattr(operation, "constraint_name", None)
        return any(_created_name(other) == name for other in self.operations)

    def _needed_afterwards(self) -> list[list[str]]:
        lost = {item.column_name for item in self.operations if isinstance(item, DropColumnOp)}
        keys = [list(key.column_keys) for key in self.staying] + [list(op.local_cols) for op in self.created_keys]
        return [columns for columns in keys if not lost & set(columns)]

    def _has_other(self, needed: list[str], operation: MigrateOperation) -> bool:
        """Whether another index serves: one that stays, or one that comes."""
        dropped = [item for item in self.operations if _dropped_columns(item) is not None]
        gone = {getattr(item, "index_name", None) or getattr(item, "constraint_name", None) for item in dropped}
        stays = [columns for name, columns in _indexes(self.table) if name not in gone]
        comes = [columns for item in self.operations if (columns := _created_columns(item)) is not None]
        return any(_begins(columns, needed) for columns in [*stays, *comes])

    def _keys_in_the_way(self) -> list[ForeignKeyConstraint]:
        """Foreign keys that stay, but hold on to an index which is replaced by one of the same name."""
        dropped = {
            getattr(item, "index_name", None) or getattr(item, "constraint_name", None): columns
            for item in self.operations
            if (columns := _dropped_columns(item)) is not None
        }
        blocked = []
        for key in self.staying:
            needed = list(key.column_keys)
            held = [name for name, columns in dropped.items() if _begins(columns, needed)]
            others = [
                name for name, columns in _indexes(self.table) if name not in dropped and _begins(columns, needed)
            ]
            replaced = [name for name in held if any(_created_name(item) == name for item in self.operations)]
            if replaced and not others:
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


def _drops_key(operation: MigrateOperation) -> bool:
    return isinstance(operation, DropConstraintOp) and operation.constraint_type == "foreignkey"


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
