"""The smallest pieces of a rendered migration: prefixes, names, SQL inside Python, values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.sql.elements import ClauseElement, conv

from limbeck import errors, sqla
from limbeck.ddl.contracts import RenderContext

_BIND = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")
"""A colon that `sqlalchemy.text()` would take for a parameter."""
_ESCAPED_COLON = re.compile(r"\\(?=:[\w$]*(?![:\w$]))")
"""A backslash that `sqlalchemy.text()` would take for an escape of the colon behind it."""


def sa_prefix(context: RenderContext) -> str:
    """What stands before names of SQLAlchemy, `sa.` unless configured otherwise (AUT-71)."""
    return context.opts.get("sqlalchemy_module_prefix") or ""


def op_prefix(context: RenderContext) -> str:
    """What stands before directives: `op.` unless configured otherwise, in a batch block `batch_op.` (AUT-71)."""
    if context._has_batch:
        return "batch_op."
    return context.opts.get("alembic_module_prefix") or ""


def dialect_prefix(name: str, context: RenderContext) -> str:
    """What stands before names of one of SQLAlchemy's dialects, which is imported for it (AUT-72)."""
    context.imports.add(f"from sqlalchemy.dialects import {name}")
    return f"{name}."


def call(function: str, *arguments: str | None) -> str:
    """A call on one line; arguments that are None are left out."""
    return f"{function}({', '.join(argument for argument in arguments if argument is not None)})"


def keyword(name: str, value: Any) -> str | None:
    """`name=value`, or None to leave it out because there is no value."""
    return None if value is None else f"{name}={plain(value)}"


def plain(value: Any) -> str:
    """A string, number or other value that Python writes as it reads it."""
    return repr(str.__str__(value)) if isinstance(value, str) else repr(value)


def render_name(name: str | None, context: RenderContext) -> str:
    """The name of a constraint or index: what a convention made or a database reported is final (AUT-78)."""
    if isinstance(name, conv):
        return f"{op_prefix(context)}f({plain(name)})"
    return plain(name) if isinstance(name, str) else "None"


def sql(expression: ClauseElement, context: RenderContext, **kw: Any) -> str:
    """The SQL of an expression as the present database writes it."""
    return context.migration_context.impl.render_ddl_sql_expr(expression, **kw)


def escape_colons(text: str) -> str:
    """SQL so that `sqlalchemy.text()` gives it back unchanged, and sees no parameters in it."""
    return _BIND.sub(r"\\:", _ESCAPED_COLON.sub(r"\\\\", text))


def render_text(expression: ClauseElement, context: RenderContext, **kw: Any) -> str:
    """An expression as `sa.text("…")` (AUT-75)."""
    return f"{sa_prefix(context)}text({escape_colons(sql(expression, context, **kw))!r})"


def render_condition(condition: ClauseElement | str, context: RenderContext) -> str:
    """A condition as a string of SQL; SQLAlchemy makes a `text()` of it where it is used (AUT-80)."""
    return repr(condition if isinstance(condition, str) else escape_colons(sql(condition, context)))


def render_value(value: Any, context: RenderContext) -> str:
    """A value of a dialect's option or of a row: columns by name, SQL as `sa.text()`, the rest as Python (AUT-81).

    Raises NotRenderable for objects whose `repr` is no Python.
    """
    match value:
        case Column():
            return plain(value.name)
        case sqla.InlineLiteral():
            return f"{op_prefix(context)}inline_literal({render_value(value.value, context)})"
        case ClauseElement():
            return render_text(value, context)
        case str() | bytes() | bool() | int() | None:
            return plain(value)
        case float():
            return repr(value) if value - value == 0 else f"float({str(value)!r})"
        case list():
            return f"[{', '.join(_each(value, context))}]"
        case tuple():
            return f"({', '.join(_each(value, context))}{',' if len(value) == 1 else ''})"
        case Mapping():
            pairs = zip(_each(value, context), _each(value.values(), context), strict=True)
            return f"{{{', '.join(f'{key}: {item}' for key, item in pairs)}}}"
        case date() | time() | timedelta() | tzinfo():
            zone = getattr(value, "tzinfo", None)
            context.imports |= {
                f"import {type(part).__module__}" for part in (value, zone) if part is not None
            }
            return repr(value)
        case Decimal() | UUID():
            context.imports.add(f"import {type(value).__module__}")
            return f"{type(value).__module__}.{value!r}"
    if repr(value).startswith("<"):
        raise errors.NotRenderable(what=value)
    return repr(value)


def _each(values: Iterable[Any], context: RenderContext) -> list[str]:
    return [render_value(value, context) for value in values]


def render_options(options: Mapping[str, Any], context: RenderContext) -> list[str]:
    """Options of dialects as keyword arguments, in their order."""
    return [f"{name}={render_value(value, context)}" for name, value in options.items()]


def ask_user(kind: str, item: Any, context: RenderContext) -> str | bool | None:
    """What the project's `render_item` makes of an object: text, None to leave it out, False for our way (AUT-86)."""
    render_item = context.opts.get("render_item")
    answer: str | bool | None = render_item(kind, item, context) if render_item else False
    return answer
