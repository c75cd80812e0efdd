"""PostgreSQL's own types, constraints and operations as Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import DOMAIN, ENUM, ExcludeConstraint
from sqlalchemy.sql.elements import ClauseElement, ColumnClause

from limbeck import sqla
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.postgresql.operations import CreateExcludeConstraintOp
from limbeck.ddl.render.source import (
    ask_user,
    call,
    dialect_prefix,
    keyword,
    op_prefix,
    plain,
    render_name,
    render_options,
    render_text,
    render_value,
    sa_prefix,
    sql,
)
from limbeck.ddl.render.types import render_type, type_arguments
from limbeck.operations.registry import constraint_renderers, renderers


def grouped(expression: ClauseElement, *, is_index: bool = False, **kw: Any) -> ClauseElement:
    """An expression with the parentheses it needs in an index: around all but columns and function calls."""
    is_bare = not is_index or isinstance(expression, ColumnClause)
    return expression if is_bare else expression.self_group()


# --- types with a name of their own -------------------------------------------------------------------------


@type_arguments.dispatch_for(ENUM)
def enum_arguments(type_: ENUM, context: RenderContext) -> list[str]:
    """What an ENUM is made with, also that its type is not to be created, which its repr may not say (AUT-73)."""
    arguments = [
        *map(plain, type_.enums),
        keyword("name", type_.name),
        None if type_.create_type else "create_type=False",
        keyword("schema", type_.schema),
    ]
    return [one for one in arguments if one is not None]


@type_arguments.dispatch_for(DOMAIN)
def domain_arguments(type_: DOMAIN, context: RenderContext) -> list[str]:
    """What a DOMAIN is made with: its repr says only its name and what it is based on (AUT-73)."""
    arguments = [
        plain(type_.name),
        render_type(type_.data_type, context),
        keyword("collation", type_.collation),
        None if type_.default is None else f"default={_string_or_text(type_.default, context)}",
        keyword("constraint_name", type_.constraint_name),
        keyword("not_null", type_.not_null or None),
        None if type_.check is None else f"check={plain(_condition(type_.check, context))}",
        None if type_.create_type else "create_type=False",
        keyword("schema", type_.schema),
    ]
    return [one for one in arguments if one is not None]


def _string_or_text(default: Any, context: RenderContext) -> str:
    return plain(default) if isinstance(default, str) else render_text(default, context)


def _condition(condition: Any, context: RenderContext) -> str:
    return condition if isinstance(condition, str) else sql(condition, context)


# --- EXCLUDE ------------------------------------------------------------------------------------------------


@constraint_renderers.dispatch_for(ExcludeConstraint)
def render_exclude(constraint: ExcludeConstraint, context: RenderContext) -> str | None:
    """`postgresql.ExcludeConstraint((sa.column('period'), '&&'), …)` (AUT-76)."""
    answer = ask_user("exclude", constraint, context)
    if not isinstance(answer, bool):
        return answer
    name = sqla.given_name(constraint)
    return call(
        f"{dialect_prefix('postgresql', context)}ExcludeConstraint",
        *_elements(sqla.exclude_elements(constraint), context),
        None if constraint.where is None else f"where={render_value(constraint.where, context)}",
        keyword("using", constraint.using),
        keyword("deferrable", constraint.deferrable),
        keyword("initially", constraint.initially),
        keyword("ops", constraint.ops or None),
        None if name is None else f"name={render_name(name, context)}",
    )


@renderers.dispatch_for(CreateExcludeConstraintOp)
def create_exclude_constraint(context: RenderContext, op: CreateExcludeConstraintOp) -> str:
    """`op.create_exclude_constraint(name, 't', (sa.column('period'), '&&'), …)` (OPS-85)."""
    return call(
        f"{op_prefix(context)}create_exclude_constraint",
        render_name(op.constraint_name, context),
        None if context._has_batch else plain(op.table_name),
        *_elements(op.elements, context),
        None if op.where is None else f"where={render_value(op.where, context)}",
        None if context._has_batch else keyword("schema", op.schema),
        *render_options(op.kw, context),
    )


def _elements(elements: Iterable[tuple[Any, str]], context: RenderContext) -> Iterable[str]:
    for element, operator in elements:
        yield f"({_element(element, context)}, {plain(operator)})"


def _element(element: Any, context: RenderContext) -> str:
    if isinstance(element, str):
        return plain(element)
    if isinstance(element, Column) or (isinstance(element, ColumnClause) and not element.is_literal):
        return f"{sa_prefix(context)}column({plain(element.name)})"
    return render_text(element, context)
