"""Columns, and adding, altering and dropping them, as Python."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Computed, DefaultClause, ForeignKey, Identity
from sqlalchemy.schema import FetchedValue
from sqlalchemy.sql.elements import ClauseElement

from limbeck import sqla
from limbeck.autogenerate.render.constraints import render_constraint
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.impl import FOLDERS
from limbeck.ddl.render.source import (
    ask_user,
    call,
    keyword,
    op_prefix,
    plain,
    render_condition,
    render_name,
    render_options,
    render_text,
    sa_prefix,
    sql,
)
from limbeck.ddl.render.types import render_type
from limbeck.operations import ops
from limbeck.operations.registry import renderers

IDENTITY_OPTIONS = (
    "start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache", "order"
)  # fmt: skip
ARGUMENT_INDENT = "\n" + " " * 11
"""Where the arguments of `alter_column` stand, one to a line (AUT-83)."""


@renderers.dispatch_for(ops.AddColumnOp)
def add_column(autogen_context: RenderContext, op: ops.AddColumnOp) -> str | list[str]:
    """`op.add_column('t', sa.Column(…))` (AUT-82), or nothing if `render_item` leaves the column out.

    In a batch block without the table.
    """
    column = render_column(
        op.column,
        autogen_context,
        with_foreign_keys=bool(op.inline_references),
        with_primary_key=bool(op.inline_primary_key),
    )
    if column is None:
        return []
    return call(
        f"{op_prefix(autogen_context)}add_column",
        None if autogen_context._has_batch else plain(op.table_name),
        column,
        None if autogen_context._has_batch else keyword("schema", op.schema),
        keyword("if_not_exists", op.if_not_exists),
        keyword("inline_references", op.inline_references),
        keyword("inline_primary_key", op.inline_primary_key),
    )


@renderers.dispatch_for(ops.DropColumnOp)
def drop_column(autogen_context: RenderContext, op: ops.DropColumnOp) -> str:
    """`op.drop_column('t', 'c')` (AUT-82); in a batch block without the table."""
    return call(
        f"{op_prefix(autogen_context)}drop_column",
        None if autogen_context._has_batch else plain(op.table_name),
        plain(op.column_name),
        None if autogen_context._has_batch else keyword("schema", op.schema),
        keyword("if_exists", op.if_exists),
        _existing_type(op, autogen_context),
        *_dialect_options(op.kw, autogen_context),
    )


def _existing_type(op: ops.DropColumnOp, autogen_context: RenderContext) -> str | None:
    """What the column was, if a CHECK goes with it (BAT-54)."""
    existing = op.kw.get("existing_type")
    return None if existing is None else f"existing_type={render_type(existing, autogen_context)}"


@renderers.dispatch_for(ops.AlterColumnOp)
def alter_column(autogen_context: RenderContext, op: ops.AlterColumnOp) -> str:
    """`op.alter_column('t', 'c', …)` with one argument to a line (AUT-83); in a batch block without the table.

    What exists is said as far as it is known and stays. An identity or expression that goes away is said too,
    for it is not dropped as a plain default is (AUT-34).
    """
    changes_default = op.modify_server_default is not False
    existing_default = op.existing_server_default
    keeps_default = not changes_default or isinstance(existing_default, (Identity, Computed))
    arguments = [
        op.existing_type is not None and f"existing_type={render_type(op.existing_type, autogen_context)}",
        changes_default
        and f"server_default={render_server_default(op.modify_server_default, autogen_context)}",
        op.modify_type is not None and f"type_={render_type(op.modify_type, autogen_context)}",
        keyword("new_column_name", op.modify_name),
        keyword("nullable", op.modify_nullable),
        op.modify_comment is not False and f"comment={plain(op.modify_comment)}",
        keyword("existing_comment", op.existing_comment),
        op.modify_nullable is None and keyword("existing_nullable", op.existing_nullable),
        keyword("autoincrement", op.kw.get("autoincrement")),
        existing_default is not None
        and existing_default is not False
        and keeps_default
        and f"existing_server_default={render_server_default(existing_default, autogen_context)}",
        None if autogen_context._has_batch else keyword("schema", op.schema),
        *_dialect_options(op.kw, autogen_context),
    ]
    table = "" if autogen_context._has_batch else f"{plain(op.table_name)}, "
    lines = [
        f"{op_prefix(autogen_context)}alter_column({table}{plain(op.column_name)}",
        *filter(None, arguments),
    ]
    return f",{ARGUMENT_INDENT}".join(str(line) for line in lines) + ")"


def _dialect_options(options: dict[str, Any], autogen_context: RenderContext) -> list[str]:
    """Those options that are meant for a dialect; an operation may carry others for comparators and hooks."""
    dialects = {*FOLDERS, autogen_context.dialect.name}
    return render_options(
        {name: value for name, value in sorted(options.items()) if name.partition("_")[0] in dialects},
        autogen_context,
    )


# --- columns ----------------------------------------------------------------------------------------------


def render_column(
    column: Column[Any],
    autogen_context: RenderContext,
    *,
    with_foreign_keys: bool = False,
    with_primary_key: bool = False,
) -> str | None:
    """`sa.Column('name', type, …)`, or None if `render_item` leaves the column out (AUT-74).

    Keys, indexes and constraints of its table are operations of their own, unless a column that is added
    brings its foreign keys or primary key with it.
    """
    answer = ask_user("column", column, autogen_context)
    if not isinstance(answer, bool):
        return answer
    default = column.server_default
    is_generated = isinstance(default, (Computed, Identity))
    rendered = None if default is None else render_server_default(default, autogen_context)
    keys = sorted(column.foreign_keys, key=sqla.referred_name) if with_foreign_keys else ()
    return call(
        f"{sa_prefix(autogen_context)}Column",
        plain(column.name),
        render_type(column.type, autogen_context),
        *(_foreign_key(key, autogen_context) for key in keys),
        *(render_constraint(check, autogen_context) for check in sqla.in_creation_order(column.constraints)),
        rendered if is_generated else None,
        f"server_default={rendered}" if rendered and not is_generated else None,
        None if column.autoincrement == "auto" else keyword("autoincrement", column.autoincrement),
        "primary_key=True" if with_primary_key else None,
        keyword("nullable", column.nullable),
        "system=True" if column.system else None,
        keyword("comment", column.comment),
        *render_options(dict(sorted(column.dialect_kwargs.items())), autogen_context),
    )


def _foreign_key(key: ForeignKey, autogen_context: RenderContext) -> str:
    return call(
        f"{sa_prefix(autogen_context)}ForeignKey",
        plain(sqla.referred_name(key)),
        f"name={render_name(key.name, autogen_context)}" if isinstance(key.name, str) else None,
        *(
            keyword(name, getattr(key, name))
            for name in ("onupdate", "ondelete", "initially", "deferrable", "match")
        ),
    )


def render_server_default(default: Any, autogen_context: RenderContext, repr_: bool = True) -> str | None:
    """A server default, identity or expression as Python; "None" if there is none (AUT-75).

    With `repr_` False, the SQL of a plain default alone, without Python around it.
    """
    if default is None:
        return "None"
    answer = ask_user("server_default", default, autogen_context)
    if not isinstance(answer, bool):
        return answer
    match default:
        case Computed():
            return render_computed(default, autogen_context)
        case Identity():
            return render_identity(default, autogen_context)
    value = default.arg if isinstance(default, DefaultClause) else default
    if isinstance(value, ClauseElement):
        if not repr_:
            return sql(value, autogen_context, is_server_default=True)
        return render_text(value, autogen_context, is_server_default=True)
    if isinstance(value, FetchedValue):
        return f"{sa_prefix(autogen_context)}FetchedValue()"
    return plain(value) if repr_ or not isinstance(value, str) else value


def render_computed(computed: Computed, autogen_context: RenderContext) -> str:
    """`sa.Computed('expression')` (AUT-75)."""
    condition = render_condition(computed.sqltext, autogen_context)
    return call(f"{sa_prefix(autogen_context)}Computed", condition, keyword("persisted", computed.persisted))


def render_identity(identity: Identity, autogen_context: RenderContext) -> str:
    """`sa.Identity(always=…)` with the options that are set (AUT-75)."""
    options = {name: getattr(identity, name, None) for name in IDENTITY_OPTIONS}
    dialects = dict(sorted(getattr(identity, "dialect_kwargs", {}).items()))
    return call(
        f"{sa_prefix(autogen_context)}Identity",
        keyword("always", bool(identity.always)),
        keyword("on_null", getattr(identity, "on_null", None) if not dialects else None),
        *(keyword(name, value) for name, value in options.items()),
        *render_options(dialects, autogen_context),
    )
