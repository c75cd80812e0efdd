"""Operations as Python code: what `revision --autogenerate` writes into `upgrade()` and `downgrade()`.

One function for each class of operation, in `renderers`; register one of your own for a custom operation:

    @renderers.dispatch_for(CreateSequenceOp)
    def render_create_sequence(autogen_context, op):
        return f"op.create_sequence({op.sequence_name!r})"
"""

from __future__ import annotations

import importlib
from typing import Any

from sqlalchemy import Constraint
from sqlalchemy.types import TypeEngine

from limbeck.autogenerate.render import columns, comments, data, indexes, script, tables
from limbeck.autogenerate.render.columns import render_column, render_server_default
from limbeck.autogenerate.render.constraints import render_constraint
from limbeck.autogenerate.render.script import render_cmd_body, render_op, render_op_text
from limbeck.autogenerate.render.tables import MAX_PYTHON_ARGS
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.impl import RENDERERS
from limbeck.ddl.render.types import render_constructor, render_type
from limbeck.operations.registry import constraint_renderers, renderers

for _module in RENDERERS:
    importlib.import_module(_module)

__all__ = [
    "MAX_PYTHON_ARGS",
    "comments",
    "constraint_renderers",
    "data",
    "default_renderers",
    "render_cmd_body",
    "render_column",
    "render_constraint",
    "render_constructor",
    "render_op",
    "render_op_text",
    "render_server_default",
    "render_type",
    "renderers",
    "script",
]

default_renderers = renderers

# Names under which dialects' and extensions' tests reach for the same functions.
_add_column = columns.add_column
_add_index = indexes.create_index
_add_table = tables.create_table
_alter_column = columns.alter_column
_drop_column = columns.drop_column
_drop_index = indexes.drop_index
_drop_table = tables.drop_table
_render_cmd_body = render_cmd_body
_render_column = render_column
_render_server_default = render_server_default


def _render_constraint(constraint: Constraint, autogen_context: RenderContext, *_: Any) -> str | None:
    """`render_constraint` for callers that also say which MetaData names are looked up in."""
    return render_constraint(constraint, autogen_context)


_render_check_constraint = _render_foreign_key = _render_unique_constraint = _render_constraint


def _repr_type(type_: TypeEngine[Any], autogen_context: RenderContext, _skip_variants: bool = False) -> str:
    """`render_type`, or with `_skip_variants` the type alone."""
    return render_type(type_, autogen_context, with_variants=not _skip_variants)


def _render_type_w_subtype(type_: TypeEngine[Any], autogen_context: RenderContext, *_: Any, **kw: Any) -> str:
    """The call that makes a type; the types inside it are found without being named."""
    return render_constructor(type_, autogen_context)
