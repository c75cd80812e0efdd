"""Creating, dropping and renaming tables, as Python."""

from __future__ import annotations

from sqlalchemy import Table

from limbeck import errors, sqla
from limbeck.autogenerate.render.columns import render_column
from limbeck.autogenerate.render.constraints import render_constraint
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import call, keyword, op_prefix, plain, render_options, render_value
from limbeck.operations import ops
from limbeck.operations.registry import renderers

MAX_PYTHON_ARGS = 255
"""With more elements than this, `create_table` gets them as one list that is unpacked (AUT-77)."""


@renderers.dispatch_for(ops.CreateTableOp)
def create_table(autogen_context: RenderContext, op: ops.CreateTableOp) -> str:
    """`op.create_table('t', …)` with one element to a line, not indented further (AUT-76)."""
    table = op.model
    if table is None:
        table = op.to_table(autogen_context.migration_context)
    elements = ",\n".join(_elements(table, autogen_context))
    if len(table.columns) + len(table.constraints) > MAX_PYTHON_ARGS:
        elements = f"*[{elements}]"
    options = [
        keyword("schema", op.schema),
        keyword("comment", op.comment),
        _info(op, autogen_context),
        keyword("prefixes", op.prefixes or None),
        *render_options(dict(sorted(op.kw.items())), autogen_context),
        keyword("if_not_exists", op.if_not_exists),
    ]
    lines = [f"{op_prefix(autogen_context)}create_table({plain(op.table_name)}", elements, *options]
    return ",\n".join(line for line in lines if line) + "\n)"


def _info(op: ops.CreateTableOp, autogen_context: RenderContext) -> str | None:
    """What Python code keeps with the table; left out if it is no Python, for it means nothing to a database."""
    try:
        return f"info={render_value(op.info, autogen_context)}" if op.info else None
    except errors.NotRenderable:
        return None


def _elements(table: Table, autogen_context: RenderContext) -> list[str]:
    """Columns in order, then constraints in the order of their text: that way it never changes (AUT-76)."""
    columns = (render_column(column, autogen_context) for column in table.columns)
    constraints = {
        render_constraint(constraint, autogen_context)
        for constraint in sqla.in_creation_order(table.constraints)
    }
    return [*filter(None, columns), *sorted(filter(None, constraints))]


@renderers.dispatch_for(ops.DropTableOp)
def drop_table(autogen_context: RenderContext, op: ops.DropTableOp) -> str:
    """`op.drop_table('t')` (AUT-82)."""
    return call(
        f"{op_prefix(autogen_context)}drop_table",
        plain(op.table_name),
        keyword("schema", op.schema),
        keyword("if_exists", op.if_exists),
    )


@renderers.dispatch_for(ops.RenameTableOp)
def rename_table(autogen_context: RenderContext, op: ops.RenameTableOp) -> str:
    """`op.rename_table('t', 'u')`."""
    return call(
        f"{op_prefix(autogen_context)}rename_table",
        plain(op.table_name),
        plain(op.new_table_name),
        keyword("schema", op.schema),
    )
