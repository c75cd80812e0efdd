"""Pair the columns of a table: added, removed, and those to look into (AUT-6)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Table

from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.match import match
from limbeck.operations.ops import AddColumnOp, AlterColumnOp, CreateTableOp, DropColumnOp, ModifyTableOps

log = logging.getLogger("alembic.autogenerate.compare.tables")


@contextmanager
def compared_columns(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    conn_table: Table,
    metadata_table: Table,
) -> Iterator[None]:
    """Add operations for the columns: new and changed ones first, and removed ones when the block is left.

    What is compared inside the block, such as indexes, comes between them: it may need the new columns, and
    must let go of the old ones (AUT-6). A computed column comes after what it is computed from, and goes before.
    """
    found = {column.name: column for column in conn_table.c if _is_included(autogen_context, column)}
    wanted = {column.name: column for column in metadata_table.c if not column.system}
    matched = match(found, wanted, in_order=True)
    _add_columns(
        autogen_context, modify_table_ops, schema, tname, metadata_table,
        [wanted[name] for name in sorted(matched.added, key=lambda name: wanted[name].computed is not None)],
    )  # fmt: skip
    compare = autogen_context.comparators.dispatch("column", qualifier=autogen_context.dialect.name)
    for name in matched.common:
        if not autogen_context.run_object_filters(wanted[name], name, "column", False, found[name]):
            continue
        operation = AlterColumnOp(tname, name, schema=schema)
        compare(autogen_context, operation, schema, tname, name, found[name], wanted[name])
        if operation.has_changes():
            _restate(autogen_context, operation, wanted[name])
            modify_table_ops.ops.append(operation)
    yield
    for name in sorted(matched.removed, key=lambda name: found[name].computed is None):
        if autogen_context.run_object_filters(found[name], name, "column", True, None):
            log.info("Detected removed column '%s.%s'", tname, name)
            modify_table_ops.ops.append(DropColumnOp.from_column_and_tablename(schema, tname, found[name]))


def _is_included(autogen_context: AutogenContext, column: Column[Any]) -> bool:
    parents = {"table_name": column.table.name, "schema_name": column.table.schema}
    return autogen_context.run_name_filters(column.name, "column", parents)


def _add_columns(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    metadata_table: Table,
    columns: list[Column[Any]],
) -> None:
    included = [
        column
        for column in columns
        if autogen_context.run_object_filters(column, column.name, "column", False, None)
    ]
    if not included:
        return
    # Users' hooks may change what an operation holds, so it holds copies (AUT-101).
    copies = CreateTableOp.from_table(metadata_table).to_table().c
    for column in included:
        log.info("Detected added column '%s.%s'", tname, column.name)
        modify_table_ops.ops.append(AddColumnOp.from_column_and_tablename(schema, tname, copies[column.key]))


def _restate(autogen_context: AutogenContext, operation: AlterColumnOp, metadata_column: Column[Any]) -> None:
    """Say that the column counts up, where a change repeats the whole definition (AUT-83)."""
    if not autogen_context.migration_context.impl.restates_columns:
        return
    table: Any = metadata_column.table
    if table.autoincrement_column is metadata_column:
        operation.kw["autoincrement"] = True
    elif isinstance(metadata_column.autoincrement, bool):
        operation.kw["autoincrement"] = metadata_column.autoincrement
