"""Which columns a constraint or an index speaks of, and how it follows them to other names.

Constraints and indexes are given as the operations that would create them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Computed, Table, column
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import ClauseElement, TextClause

from limbeck import sqla
from limbeck.ddl.batch import sqltext
from limbeck.operations import ops

Quote = Callable[[str], str]


def detached(operation: Any) -> Any:
    """The operation with names in place of the columns of a table, and SQL text that has no parameters."""
    if isinstance(operation, ops.CreateCheckConstraintOp):
        operation.condition = _detached(operation.condition)
    elif isinstance(operation, ops.CreateIndexOp):
        operation.columns = [
            element.name if isinstance(element, Column) else _detached(element)
            for element in operation.columns
        ]
        operation.kw = {
            name: _detached(sqla.literal_text(value) if _is_sql(name, value) else value)
            for name, value in operation.kw.items()
        }
    return operation


def detached_column(of: Column[Any]) -> Column[Any]:
    """A copy of a column of a table, whose default has no parameters."""
    copied = sqla.copy_column_alone(of)
    default = copied.server_default
    if copied.computed is not None:
        expression = _detached(copied.computed.sqltext)
        sqla.set_server_default(copied, Computed(expression, persisted=copied.computed.persisted))
    elif isinstance(default, DefaultClause) and isinstance(default.arg, TextClause):
        sqla.set_server_default(copied, DefaultClause(sqla.literal_text(default.arg)))
    return copied


def names_in(operation: Any, table: Table) -> list[str]:
    """The columns of `table` that an operation names, apart from those in SQL text."""
    match operation:
        case ops.CreatePrimaryKeyOp() | ops.CreateUniqueConstraintOp():
            return [*operation.columns, *_included(operation.kw)]
        case ops.CreateForeignKeyOp():
            return [*operation.local_cols, *(operation.remote_cols if _is_circular(operation, table) else ())]
        case ops.CreateCheckConstraintOp():
            return _used(operation.condition)
        case ops.CreateIndexOp():
            named = [element for element in operation.columns if isinstance(element, str)]
            parts = [*operation.columns, *operation.kw.values()]
            return [*named, *_included(operation.kw), *(name for part in parts for name in _used(part))]
    return []


def mentions(operation: Any, name: str) -> bool:
    """Whether the SQL text in an index speaks of a column."""
    if not isinstance(operation, ops.CreateIndexOp):
        return False
    parts = [*operation.columns, *operation.kw.values()]
    return any(isinstance(part, TextClause) and sqltext.mentions(part.text, name) for part in parts)


def rename(operation: Any, table: Table, old: str, new: str, quote: Quote) -> None:
    """Let an operation name a column of `table` by its new name, also in SQL text."""

    def follow(name: Any) -> Any:
        return new if name == old else name

    def follow_in(value: Any) -> Any:
        return _renamed(value, old, new, quote)

    match operation:
        case ops.CreatePrimaryKeyOp() | ops.CreateUniqueConstraintOp():
            operation.columns = [follow(name) for name in operation.columns]
        case ops.CreateForeignKeyOp():
            operation.local_cols = [follow(name) for name in operation.local_cols]
            if _is_circular(operation, table):
                operation.remote_cols = [follow(name) for name in operation.remote_cols]
        case ops.CreateCheckConstraintOp():
            operation.condition = follow_in(operation.condition)
        case ops.CreateIndexOp():
            operation.columns = [follow_in(follow(element)) for element in operation.columns]
    for option, value in getattr(operation, "kw", {}).items():
        if option.endswith("_include") and value:
            operation.kw[option] = [follow(item) for item in _included({option: value})]
        elif isinstance(value, dict):
            operation.kw[option] = {follow(name): item for name, item in value.items()}
        else:
            operation.kw[option] = follow_in(value)


def rename_in_computed(of: Column[Any], old: str, new: str, quote: Quote) -> None:
    """Let the expression of a generated column name another column by its new name."""
    if of.computed is not None:
        expression = _renamed(of.computed.sqltext, old, new, quote)
        sqla.set_server_default(of, Computed(expression, persisted=of.computed.persisted))


def _renamed(value: Any, old: str, new: str, quote: Quote) -> Any:
    if isinstance(value, TextClause):
        return sqla.literal_text(sqltext.renamed(value.text, old, new, quote))
    if isinstance(value, ClauseElement):
        return sqla.replace_columns(value, lambda part: column(new, part.type) if part.name == old else None)
    return value


def _detached(value: Any) -> Any:
    if isinstance(value, TextClause):
        return sqla.literal_text(value)
    if isinstance(value, ClauseElement):
        return sqla.replace_columns(value, lambda part: column(part.name, part.type))
    return value


def _used(part: Any) -> list[str]:
    return [found.name for found in sqla.columns_in(part)] if isinstance(part, ClauseElement) else []


def _included(kw: dict[str, Any]) -> list[str]:
    lists = [value for option, value in kw.items() if option.endswith("_include") and value]
    return [item if isinstance(item, str) else item.name for value in lists for item in value]


def _is_sql(option: str, value: Any) -> bool:
    """Whether an option of an index is SQL text, although it is a string: some databases reflect it so."""
    return option.endswith("_where") and isinstance(value, str)


def _is_circular(operation: ops.CreateForeignKeyOp, table: Table) -> bool:
    """Whether a foreign key points to the table that it belongs to."""
    schema = operation.kw.get("referent_schema")
    return operation.referent_table == table.name and schema in (None, table.schema)
