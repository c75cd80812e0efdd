"""Constraints, and creating and dropping them, as Python."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Constraint,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from limbeck import sqla
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import (
    ask_user,
    call,
    keyword,
    op_prefix,
    plain,
    render_condition,
    render_name,
    render_options,
    sa_prefix,
)
from limbeck.operations import ops
from limbeck.operations.registry import constraint_renderers, renderers

FOREIGN_KEY_OPTIONS = ("onupdate", "ondelete", "initially", "deferrable", "use_alter", "match")
UNNAMED_DROP = (
    "# This constraint has no name, so a database cannot find it: put its name in place",
    "# of None before you run this. A naming convention on the MetaData of the models",
    "# gives every constraint a name that is known beforehand.",
)
"""What stands above a `drop_constraint` that cannot work as it is (AUT-87)."""


# --- in create_table() --------------------------------------------------------------------------------------


def render_constraint(constraint: Constraint, autogen_context: RenderContext) -> str | None:
    """A constraint as an element of `create_table()`, or None if it is not listed there.

    That is the CHECK of a type, which the type brings along (AUT-76), and what `render_item` leaves out.
    Raises ValueError for a kind of constraint that nobody has registered a renderer for.
    """
    rendered: str | None = constraint_renderers.dispatch(constraint)(constraint, autogen_context)
    return rendered


@constraint_renderers.dispatch_for(PrimaryKeyConstraint)
def render_primary_key(constraint: PrimaryKeyConstraint, autogen_context: RenderContext) -> str | None:
    """`sa.PrimaryKeyConstraint('id')`; nothing for a table without a primary key (AUT-76)."""
    answer = ask_user("primary_key", constraint, autogen_context)
    if not isinstance(answer, bool):
        return answer
    if not constraint.columns:
        return None
    return _of_columns("PrimaryKeyConstraint", constraint, autogen_context)


@constraint_renderers.dispatch_for(UniqueConstraint)
def render_unique(constraint: UniqueConstraint, autogen_context: RenderContext) -> str | None:
    """`sa.UniqueConstraint('a', 'b', name='…')` (AUT-80)."""
    answer = ask_user("unique", constraint, autogen_context)
    if not isinstance(answer, bool):
        return answer
    return _of_columns("UniqueConstraint", constraint, autogen_context)


@constraint_renderers.dispatch_for(CheckConstraint)
def render_check(constraint: CheckConstraint, autogen_context: RenderContext) -> str | None:
    """`sa.CheckConstraint('condition', name='…')` (AUT-80)."""
    answer = ask_user("check", constraint, autogen_context)
    if not isinstance(answer, bool):
        return answer
    if sqla.is_type_bound(constraint):
        return None
    return call(
        f"{sa_prefix(autogen_context)}CheckConstraint",
        render_condition(constraint.sqltext, autogen_context),
        *_timing(constraint),
        _name(constraint, autogen_context),
        *_dialect_options(constraint, autogen_context),
    )


@constraint_renderers.dispatch_for(ForeignKeyConstraint)
def render_foreign_key(constraint: ForeignKeyConstraint, autogen_context: RenderContext) -> str | None:
    """`sa.ForeignKeyConstraint(['a'], ['u.id'], name='…')` (AUT-79)."""
    answer = ask_user("foreign_key", constraint, autogen_context)
    if not isinstance(answer, bool):
        return answer
    targets = [plain(sqla.referred_name(key)) for key in constraint.elements]
    return call(
        f"{sa_prefix(autogen_context)}ForeignKeyConstraint",
        _names([column.name for column in constraint.columns]),
        f"[{', '.join(targets)}]",
        _name(constraint, autogen_context),
        *(keyword(option, getattr(constraint, option) or None) for option in FOREIGN_KEY_OPTIONS),
        *_dialect_options(constraint, autogen_context),
    )


def _of_columns(
    kind: str, constraint: PrimaryKeyConstraint | UniqueConstraint, autogen_context: RenderContext
) -> str:
    return call(
        f"{sa_prefix(autogen_context)}{kind}",
        *(plain(column.name) for column in constraint.columns),
        *_timing(constraint),
        _name(constraint, autogen_context),
        *_dialect_options(constraint, autogen_context),
    )


def _timing(constraint: Constraint) -> list[str | None]:
    return [keyword("deferrable", constraint.deferrable), keyword("initially", constraint.initially)]


def _name(constraint: Constraint, autogen_context: RenderContext) -> str | None:
    name = sqla.given_name(constraint)
    return None if name is None else f"name={render_name(name, autogen_context)}"


def _dialect_options(constraint: Constraint, autogen_context: RenderContext) -> list[str]:
    return render_options(
        {
            name: value
            for name, value in constraint.dialect_kwargs.items()
            if not sqla.is_default_option(constraint, name, value)
        },
        autogen_context,
    )


# --- operations ---------------------------------------------------------------------------------------------


@renderers.dispatch_for(ops.CreatePrimaryKeyOp)
def create_primary_key(autogen_context: RenderContext, op: ops.CreatePrimaryKeyOp) -> str:
    """`op.create_primary_key(name, 't', ['id'])`."""
    return call(
        f"{op_prefix(autogen_context)}create_primary_key",
        render_name(op.constraint_name, autogen_context),
        *_on_table(op.table_name, autogen_context),
        _names(op.columns),
        None if autogen_context._has_batch else keyword("schema", op.schema),
    )


@renderers.dispatch_for(ops.CreateUniqueConstraintOp)
def create_unique_constraint(autogen_context: RenderContext, op: ops.CreateUniqueConstraintOp) -> str:
    """`op.create_unique_constraint(name, 't', ['a'])` (AUT-80)."""
    like = UniqueConstraint()
    options = {name: value for name, value in op.kw.items() if not sqla.is_default_option(like, name, value)}
    return call(
        f"{op_prefix(autogen_context)}create_unique_constraint",
        render_name(op.constraint_name, autogen_context),
        *_on_table(op.table_name, autogen_context),
        _names(op.columns),
        keyword("deferrable", options.pop("deferrable", None)),
        keyword("initially", options.pop("initially", None)),
        None if autogen_context._has_batch else keyword("schema", op.schema),
        *render_options(options, autogen_context),
    )


@renderers.dispatch_for(ops.CreateCheckConstraintOp)
def create_check_constraint(autogen_context: RenderContext, op: ops.CreateCheckConstraintOp) -> str:
    """`op.create_check_constraint(name, 't', 'condition')` (AUT-80)."""
    return call(
        f"{op_prefix(autogen_context)}create_check_constraint",
        render_name(op.constraint_name, autogen_context),
        *_on_table(op.table_name, autogen_context),
        render_condition(op.condition, autogen_context),
        None if autogen_context._has_batch else keyword("schema", op.schema),
        *render_options(op.kw, autogen_context),
    )


@renderers.dispatch_for(ops.CreateForeignKeyOp)
def create_foreign_key(autogen_context: RenderContext, op: ops.CreateForeignKeyOp) -> str:
    """`op.create_foreign_key(name, 't', 'u', ['a'], ['id'])` (AUT-79)."""
    options = dict(op.kw)
    source_schema = options.pop("source_schema", None)
    return call(
        f"{op_prefix(autogen_context)}create_foreign_key",
        render_name(op.constraint_name, autogen_context),
        *_on_table(op.source_table, autogen_context),
        plain(op.referent_table),
        _names(op.local_cols),
        _names(op.remote_cols),
        None if autogen_context._has_batch else keyword("source_schema", source_schema),
        keyword("referent_schema", options.pop("referent_schema", None)),
        *(keyword(option, options.pop(option, None)) for option in FOREIGN_KEY_OPTIONS),
        *render_options(options, autogen_context),
    )


@renderers.dispatch_for(ops.DropConstraintOp)
def drop_constraint(autogen_context: RenderContext, op: ops.DropConstraintOp) -> list[str]:
    """`op.drop_constraint(name, 't', type_='unique')`, with a warning above it if it has no name (AUT-82, AUT-87)."""
    directive = call(
        f"{op_prefix(autogen_context)}drop_constraint",
        render_name(op.constraint_name, autogen_context),
        *_on_table(op.table_name, autogen_context),
        None if autogen_context._has_batch else keyword("schema", op.schema),
        keyword("type_", op.constraint_type),
        keyword("if_exists", op.if_exists),
    )
    if op.constraint_name is not None:
        return [directive]
    warnings.warn(
        f"A constraint of table `{op.table_name}` has no name, so the directive that drops it will fail "
        "until you write the name into it",
        stacklevel=2,
    )
    return [*UNNAMED_DROP, directive]


def _on_table(table_name: str, autogen_context: RenderContext) -> Sequence[str]:
    """The table as an argument, which a batch block knows already."""
    return [] if autogen_context._has_batch else [plain(table_name)]


def _names(columns: Sequence[Any]) -> str:
    return f"[{', '.join(plain(getattr(column, 'name', column)) for column in columns)}]"
