"""An operation in a few words, as a person would say what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy.exc import CompileError

from limbeck.operations import ops

Table = tuple[str | None, str]
"""Schema and name."""


def summarize(operation: Any) -> str:
    """What an operation does, in one line.

    >>> summarize(ops.CreateIndexOp("ix_book_title", "book", ["title"]))
    'create index ix_book_title on book (title)'
    """
    match operation:
        case None:
            return "SQL"
        case ops.ExecuteSQLOp():
            return "execute SQL"
        case ops.BulkInsertOp():
            return f"insert rows into {operation.table.name}"
        case ops.AddColumnOp():
            return f"add column {_table(operation)}.{operation.column.name}"
        case ops.DropColumnOp():
            return f"drop column {_table(operation)}.{operation.column_name}"
        case ops.AlterColumnOp():
            changes = ", ".join(_changes(operation))
            return (
                f"alter column {_table(operation)}.{operation.column_name}{f': {changes}' if changes else ''}"
            )
        case ops.CreateIndexOp():
            columns = ", ".join(str(getattr(column, "name", column)) for column in operation.columns)
            unique = "unique " if operation.unique else ""
            return f"create {unique}index {operation.index_name} on {_table(operation)} ({columns})"
        case ops.RenameTableOp():
            return f"rename table {_table(operation)} to {operation.new_table_name}"
        case ops.CreateForeignKeyOp():
            target = operation.referent_table
            return f"create foreign key {_named(operation)}from {operation.source_table} to {target}"
        case ops.ModifyTableOps():
            inner = "; ".join(summarize(one) for one in operation.ops)
            return f"rebuild table {_table(operation)}{f' ({inner})' if inner else ''}"
    words = _words(type(operation).__name__)
    table = _table(operation)
    name = _named(operation)
    if not table:
        return f"{words} {name}".strip()
    return f"{words} {name}on {table}" if name else f"{words} {table}"


def tables_of(operation: Any) -> Iterator[Table]:
    """The tables that exist before an operation, and that it is about."""
    match operation:
        case None | ops.CreateTableOp() | ops.ExecuteSQLOp():
            return
        case ops.BulkInsertOp():
            yield operation.table.schema if hasattr(operation.table, "schema") else None, operation.table.name
        case ops.CreateForeignKeyOp():
            yield operation.kw.get("source_schema"), operation.source_table
            yield operation.kw.get("referent_schema"), operation.referent_table
        case _:
            name = getattr(operation, "table_name", None)
            if isinstance(name, str):
                yield getattr(operation, "schema", None), str(name)


def is_reversible(operation: Any) -> bool:
    """Whether the operation that undoes this one is known."""
    if operation is None:
        return False
    try:
        operation.reverse()
    except (AttributeError, NotImplementedError, ValueError, TypeError):
        return False
    return True


def loses_rows(operation: Any) -> bool:
    """Whether it takes values away that undoing it does not bring back."""
    if isinstance(operation, ops.ModifyTableOps):
        return any(loses_rows(one) for one in operation.ops)
    return isinstance(operation, (ops.DropTableOp, ops.DropColumnOp))


def _changes(operation: ops.AlterColumnOp) -> Iterator[str]:
    if operation.modify_type is not None:
        yield f"type {_type(operation.modify_type)}"
    if operation.modify_nullable is not None:
        yield "NULL" if operation.modify_nullable else "NOT NULL"
    if operation.modify_server_default is not False:
        yield "no default" if operation.modify_server_default is None else "default"
    if operation.modify_name is not None:
        yield f"name {operation.modify_name}"
    if operation.modify_comment is not False:
        yield "comment"


def _type(type_: Any) -> str:
    try:
        return str(type_() if isinstance(type_, type) else type_)
    except CompileError:  # only its own dialect can write it
        return repr(type_)


def _table(operation: Any) -> str:
    name = getattr(operation, "table_name", None)
    schema = getattr(operation, "schema", None)
    return "" if name is None else f"{schema}.{name}" if schema else str(name)


def _named(operation: Any) -> str:
    for attribute in ("constraint_name", "index_name"):
        name = getattr(operation, attribute, None)
        if name:
            return f"{name} "
    return ""


def _words(class_name: str) -> str:
    """`CreateUniqueConstraintOp` → `create unique constraint`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", class_name.removesuffix("Op")).lower()
