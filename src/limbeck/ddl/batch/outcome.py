"""What a draft comes down to: the new table, the statement that copies the rows, the indexes."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, Constraint, Index, Insert, Table, column, select
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import ClauseElement, TextClause

from limbeck import sqla
from limbeck.ddl.batch.draft import Kept, TableDraft
from limbeck.ddl.batch.sqltext import mentions
from limbeck.errors import NoSuchColumn, NothingToCopy
from limbeck.operations import ops
from limbeck.operations.schemaobj import SchemaObjects

Rename = Callable[[str], str | None]
"""Gives the new name of a column, or None if it is gone."""


def new_table(draft: TableDraft) -> Table:
    """The table that takes the place of the old one, still under its temporary name (BAT-42, BAT-52, BAT-55)."""
    by_name = {slot.column.name: slot.column for slot in draft.slots}
    primary_key = [draft.primary_key] if draft.primary_key else []
    placed = [_placed(kept, draft) for kept in [*primary_key, *draft.constraints]]
    options = {**draft.table.dialect_kwargs, "comment": draft.comment, **draft.table_kwargs}
    table = SchemaObjects().table(
        draft.temp_table_name,
        *[sqla.copy_column(by_name[name]) for name in draft.columns],
        *[_unbound(operation) for operation in placed if operation is not None],
        *[_own(item) for item in draft.table_args],
        schema=draft.table.schema,
        prefixes=sqla.table_prefixes(draft.table),
        **options,
    )
    # What a type asks for is among the constraints of the draft, under the name it has in the real table.
    for constraint in [constraint for constraint in table.constraints if sqla.is_type_bound(constraint)]:
        table.constraints.discard(constraint)
    return table


def copy_rows(draft: TableDraft, new: Table) -> Insert:
    """The statement that copies the rows; generated columns fill themselves (BAT-22, BAT-27).

    Raises NothingToCopy if no column of the old table is left.
    """
    values = {
        slot.column.name: slot.transfer["expr"]
        for slot in draft.slots
        if slot.transfer and slot.column.computed is None
    }
    if not values:
        raise NothingToCopy(table=draft.table.name)
    names = [name for name in draft.columns if name in values]
    rows = select(*[values[name] for name in names]).select_from(draft.table)
    return new.insert().from_select(names, rows, include_defaults=False)


def indexes(draft: TableDraft) -> list[tuple[Index, dict[str, Any]]]:
    """The indexes of the new table under its real name, and how to create each (BAT-80)."""
    found = [(_index(draft, operation, _old_names(draft)), {}) for operation in draft.indexes]
    found += [
        (_index(draft, operation, _new_names(draft)), options) for operation, options in draft.new_indexes
    ]
    return [(index, options) for index, options in found if index is not None]


# --- names ------------------------------------------------------------------------------------------------


def _old_names(draft: TableDraft) -> Rename:
    """For what the old table had: its columns by the names they had."""
    return draft.renamed.get


def _new_names(draft: TableDraft) -> Rename:
    """For what the block adds: columns by the names they will have, or if nothing else has it, had (BAT-56)."""
    current, renamed = set(draft.columns), draft.renamed

    def rename(name: str) -> str:
        new = name if name in current else renamed.get(name)
        if new is None:
            raise NoSuchColumn(table=draft.table.name, column=name, known=current)
        return new

    return rename


def _all_renamed(names: Iterable[str], rename: Rename) -> list[str] | None:
    """All of the names, or None if one of the columns is gone."""
    new = [rename(name) for name in names]
    return None if None in new else [name for name in new if name is not None]


def _expression_renamed(expression: Any, rename: Rename) -> Any:
    """An expression with the new names, or None if one of its columns is gone."""
    if _all_renamed((part.name for part in sqla.columns_in(expression)), rename) is None:
        return None
    return sqla.replace_columns(expression, lambda part: column(rename(part.name) or "", part.type))


# --- constraints ------------------------------------------------------------------------------------------


def _placed(kept: Kept, draft: TableDraft) -> Any:
    """The operation that creates a constraint on the new table, or None if it cannot stay (BAT-52, BAT-53)."""
    rename = _new_names(draft) if kept.is_new else _old_names(draft)
    operation = copy.copy(kept.operation)
    match operation:
        case ops.CreatePrimaryKeyOp() | ops.CreateUniqueConstraintOp():
            operation.columns = _all_renamed(operation.columns, rename)
            return None if operation.columns is None else operation
        case ops.CreateForeignKeyOp():
            operation.local_cols = _all_renamed(operation.local_cols, rename)
            if _refers_to_itself(operation, draft.table):
                operation.remote_cols = _all_renamed(operation.remote_cols, rename)
            return None if None in (operation.local_cols, operation.remote_cols) else operation
        case ops.CreateCheckConstraintOp():
            return _placed_check(kept, operation, rename, draft)
    return operation


def _placed_check(
    kept: Kept, operation: ops.CreateCheckConstraintOp, rename: Rename, draft: TableDraft
) -> Any:
    condition = operation.condition
    if isinstance(condition, (str, TextClause)):
        return operation if _holds(kept, draft) else None
    operation.condition = _expression_renamed(condition, rename)
    return None if operation.condition is None else operation


def _holds(kept: Kept, draft: TableDraft) -> bool:
    """Whether a CHECK known as text only can go into the new table; one without a name may have to go (BAT-52)."""
    if not kept.is_unnamed_text:
        return True
    if any(isinstance(item, CheckConstraint) for item in draft.table_args):
        return False
    text = kept.operation.condition.text
    if not mentions(text, draft.gone | draft.retyped):
        return True
    warnings.warn(
        f"CHECK ({text}) of table {draft.table.name!r} has no name and speaks of a column that changes, so it is "
        "left out; pass it with `table_args=` to `batch_alter_table()` as it is to be",
        stacklevel=2,
    )
    return False


def _refers_to_itself(operation: ops.CreateForeignKeyOp, table: Table) -> bool:
    schema = operation.kw.get("referent_schema")
    return operation.referent_table == table.name and schema in (None, table.schema)


def _unbound(operation: Any) -> Constraint:
    """A constraint that belongs to no table yet."""
    return sqla.copy_constraint(operation.to_constraint(), {})


def _own(item: SchemaItem) -> SchemaItem:
    """A copy of what the user gave, which stays as it is (OPS-12)."""
    if isinstance(item, Column):
        return sqla.copy_column(item)
    return sqla.copy_constraint(item, {}) if isinstance(item, Constraint) else item


# --- indexes ----------------------------------------------------------------------------------------------


def _index(draft: TableDraft, operation: ops.CreateIndexOp, rename: Rename) -> Index | None:
    """The index, or None if it used a column that is gone, as in a database that drops it too (BAT-53)."""
    expressions = [_element(draft, element, rename) for element in operation.columns]
    options = {name: _option(draft, name, value, rename) for name, value in operation.kw.items()}
    if None in expressions or any(
        value is None and operation.kw[name] is not None for name, value in options.items()
    ):
        return None
    return draft.objects.index(
        operation.index_name,
        draft.table.name,
        expressions,
        schema=draft.table.schema,
        unique=operation.unique,
        **options,
    )


def _element(draft: TableDraft, element: Any, rename: Rename) -> Any:
    if isinstance(element, (str, Column)):
        return rename(element if isinstance(element, str) else element.name)
    if isinstance(element, TextClause):
        return None if mentions(element.text, draft.gone) else element
    return _expression_renamed(element, rename)


def _option(draft: TableDraft, name: str, value: Any, rename: Rename) -> Any:
    """An option of a dialect, with new names of columns where it has any."""
    if isinstance(value, TextClause):
        return None if mentions(value.text, draft.gone) else value
    if isinstance(value, ClauseElement):
        return _expression_renamed(value, rename)
    if name.endswith("_include") and value:
        return _all_renamed((item if isinstance(item, str) else item.name for item in value), rename)
    if isinstance(value, dict):
        return {rename(key) or key if isinstance(key, str) else key: item for key, item in value.items()}
    return value
