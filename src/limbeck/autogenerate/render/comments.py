"""Creating and dropping the comments of tables, as Python."""

from __future__ import annotations

from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import op_prefix, plain
from limbeck.operations import ops
from limbeck.operations.registry import renderers


@renderers.dispatch_for(ops.CreateTableCommentOp)
def create_table_comment(autogen_context: RenderContext, op: ops.CreateTableCommentOp) -> str:
    """`op.create_table_comment('t', 'text', …)` with one argument to a line (AUT-84)."""
    return _one_to_a_line(
        f"{op_prefix(autogen_context)}create_table_comment",
        None if autogen_context._has_batch else plain(op.table_name),
        plain(op.comment),
        f"existing_comment={plain(op.existing_comment)}",
        None if autogen_context._has_batch else f"schema={plain(op.schema)}",
    )


@renderers.dispatch_for(ops.DropTableCommentOp)
def drop_table_comment(autogen_context: RenderContext, op: ops.DropTableCommentOp) -> str:
    """`op.drop_table_comment('t', …)` with one argument to a line (AUT-84)."""
    return _one_to_a_line(
        f"{op_prefix(autogen_context)}drop_table_comment",
        None if autogen_context._has_batch else plain(op.table_name),
        f"existing_comment={plain(op.existing_comment)}",
        None if autogen_context._has_batch else f"schema={plain(op.schema)}",
    )


def _one_to_a_line(directive: str, *arguments: str | None) -> str:
    return f"{directive}(\n" + ",\n".join(f"    {one}" for one in arguments if one is not None) + "\n)"
