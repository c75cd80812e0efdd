"""What a draft comes down to: the new table, the statement that copies the rows, the indexes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Constraint, Index, Insert, Table, select
from sqlalchemy.schema import SchemaItem

from limbeck import errors, sqla
from limbeck.ddl.batch import references
from limbeck.ddl.batch.draft import TableDraft
from limbeck.operations.schemaobj import SchemaObjects


def new_table(draft: TableDraft) -> Table:
    """The table that takes the place of the old one, still under its temporary name (BAT-42, BAT-55)."""
    by_name = {slot.column.name: slot.column for slot in draft.slots}
    primary_key = [draft.primary_key] if draft.primary_key else []
    operations = [kept.operation for kept in [*primary_key, *draft.constraints] if not kept.is_written]
    for operation in operations:
        _settle_names(operation, draft)
    options = {**draft.table.dialect_kwargs, "comment": draft.comment, **draft.table_kwargs}
    table = SchemaObjects().table(
        draft.temp_table_name,
        *[sqla.copy_column(by_name[name]) for name in draft.columns],
        *[sqla.copy_constraint(operation.to_constraint(), {}) for operation in operations],
        *[own(item) for item in draft.table_args],
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
        if slot.transfer and not slot.is_generated
    }
    if not values:
        raise errors.NothingToCopy(table=draft.table.name)
    names = [name for name in draft.columns if name in values]
    rows = select(*[values[name] for name in names]).select_from(draft.table)
    return new.insert().from_select(names, rows, include_defaults=False)


def indexes(draft: TableDraft) -> list[tuple[Index, dict[str, Any]]]:
    """The indexes of the new table under its real name, and how to create each (BAT-80)."""
    for operation, _ in draft.indexes:
        _settle_names(operation, draft)
    return [
        (
            draft.objects.index(
                operation.index_name,
                draft.table.name,
                operation.columns,
                schema=draft.table.schema,
                unique=operation.unique,
                **operation.kw,
            ),
            options,
        )
        for operation, options in draft.indexes
    ]


def _settle_names(operation: Any, draft: TableDraft) -> None:
    """Let what was said after a column was renamed, but by its old name, follow it (BAT-56).

    Raises NoSuchColumn for a name that the table neither has nor had.
    """
    current = {slot.column.name for slot in draft.slots}
    renamed = {slot.old_name: slot.column.name for slot in draft.slots if slot.old_name is not None}
    quote = draft.impl.dialect.identifier_preparer.quote
    for name in references.names_in(operation, draft.table):
        if name not in current:
            if name not in renamed:
                raise errors.NoSuchColumn(table=draft.table.name, column=name, known=draft.columns)
            references.rename(operation, draft.table, name, renamed[name], quote)


def own(item: SchemaItem) -> SchemaItem:
    """A copy of what the user gave, which stays as it is (OPS-12)."""
    if isinstance(item, Column):
        return sqla.copy_column(item)
    return sqla.copy_constraint(item, {}) if isinstance(item, Constraint) else item
