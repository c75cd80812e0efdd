"""Creating and dropping indexes, as Python."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Label

from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import (
    call,
    keyword,
    op_prefix,
    plain,
    render_name,
    render_options,
    sa_prefix,
    sql,
)
from limbeck.operations import ops
from limbeck.operations.registry import renderers


@renderers.dispatch_for(ops.CreateIndexOp)
def create_index(autogen_context: RenderContext, op: ops.CreateIndexOp) -> str:
    """`op.create_index(name, 't', ['a', sa.literal_column('lower(b)')], unique=False)` (AUT-81)."""
    return call(
        f"{op_prefix(autogen_context)}create_index",
        render_name(op.index_name, autogen_context),
        None if autogen_context._has_batch else plain(op.table_name),
        f"[{', '.join(_element(element, autogen_context) for element in op.columns)}]",
        keyword("unique", bool(op.unique)),
        None if autogen_context._has_batch else keyword("schema", op.schema),
        *render_options(op.kw, autogen_context),
        keyword("if_not_exists", op.if_not_exists),
    )


@renderers.dispatch_for(ops.DropIndexOp)
def drop_index(autogen_context: RenderContext, op: ops.DropIndexOp) -> str:
    """`op.drop_index(name, table_name='t')`, with the dialects' options it was created with (AUT-81)."""
    options = {name: value for name, value in op.kw.items() if name != "unique"}
    return call(
        f"{op_prefix(autogen_context)}drop_index",
        render_name(op.index_name, autogen_context),
        None if autogen_context._has_batch else f"table_name={plain(op.table_name)}",
        None if autogen_context._has_batch else keyword("schema", op.schema),
        keyword("if_exists", op.if_exists),
        *render_options(options, autogen_context),
    )


def _element(element: Any, autogen_context: RenderContext) -> str:
    """What is indexed: a column by its name, an expression as the database writes it."""
    if isinstance(element, (str, Column)):
        return plain(element if isinstance(element, str) else element.name)
    label = f".label({plain(element.name)})" if isinstance(element, Label) else ""
    expression = element.element if isinstance(element, Label) else element
    text = plain(sql(expression, autogen_context, is_index=True))
    return f"{sa_prefix(autogen_context)}literal_column({text}){label}"
