"""SQL statements and rows, as Python."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import Enum as EnumType
from sqlalchemy import FromClause
from sqlalchemy.sql.elements import ClauseElement

from limbeck import errors, sqla
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import (
    call,
    escape_colons,
    keyword,
    op_prefix,
    plain,
    render_value,
    sa_prefix,
)
from limbeck.ddl.render.types import render_type
from limbeck.operations import ops
from limbeck.operations.registry import renderers


@renderers.dispatch_for(ops.ExecuteSQLOp)
def execute_sql(autogen_context: RenderContext, op: ops.ExecuteSQLOp) -> str:
    """`op.execute('…')`; a construct becomes the SQL of the present database, with its values (AUT-82).

    Raises NotRenderable for a construct whose values cannot be written as SQL.
    """
    return call(
        f"{op_prefix(autogen_context)}execute",
        plain(_statement(op.sqltext, autogen_context)),
        f"execution_options={render_value(op.execution_options, autogen_context)}"
        if op.execution_options
        else None,
    )


def _statement(statement: Any, autogen_context: RenderContext) -> str:
    if isinstance(statement, str):
        return statement
    if not isinstance(statement, ClauseElement):
        raise errors.NotRenderable(what=statement)
    try:
        compiled = statement.compile(
            dialect=sqla.printing_dialect(autogen_context.dialect), compile_kwargs={"literal_binds": True}
        )
    except Exception as error:
        raise errors.NotRenderable(what=statement) from error
    return escape_colons(str(compiled))


@renderers.dispatch_for(ops.BulkInsertOp)
def bulk_insert(autogen_context: RenderContext, op: ops.BulkInsertOp) -> str:
    """`op.bulk_insert(sa.table(…), [{…}])` with one row to a line.

    Raises NotRenderable for a value that cannot be written as Python.
    """
    sa = sa_prefix(autogen_context)
    columns = [
        call(f"{sa}column", plain(column.name), render_type(column.type, autogen_context))
        for column in op.table.c
    ]
    table = call(f"{sa}table", plain(op.table.name), *columns, keyword("schema", op.table.schema))
    rows = "".join(
        f"        {render_value(_as_stored(row, op.table), autogen_context)},\n" for row in op.rows
    )
    multiinsert = "" if op.multiinsert else "    multiinsert=False,\n"
    return f"{op_prefix(autogen_context)}bulk_insert(\n    {table},\n    [\n{rows}    ],\n{multiinsert})"


def _as_stored(row: Mapping[str, Any], table: FromClause) -> dict[str, Any]:
    """A row in which members of enumerations have the names under which their columns keep them (AUT-73)."""
    return {
        key: value.name if isinstance(value, Enum) and isinstance(_type_of(key, table), EnumType) else value
        for key, value in row.items()
    }


def _type_of(key: str, table: FromClause) -> Any:
    return table.c[key].type if key in table.c else None
