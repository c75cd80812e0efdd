"""SQL types as Python."""

from __future__ import annotations

import importlib
import re
from collections.abc import Hashable
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy.types import TypeDecorator, TypeEngine, to_instance

from limbeck import sqla
from limbeck.base.dispatch import Dispatcher
from limbeck.ddl.compare.types import type_key
from limbeck.ddl.contracts import RenderContext
from limbeck.ddl.render.source import ask_user, dialect_prefix, plain, sa_prefix

type_arguments = Dispatcher()
"""Class of type → `fn(type, context)` that lists the arguments it is made with, where its repr leaves some out."""

NOT_IMPORTABLE = ("__main__", "builtins", "env_py")
"""Modules that a migration cannot import: those that are run as files have no name of their own."""


def render_type(
    type_: TypeEngine[Any] | type[TypeEngine[Any]], context: RenderContext, *, with_variants: bool = True
) -> str:
    """A type as the call that makes it, with its variants (AUT-72, AUT-73).

    The project's `render_item` is asked first, then the database's implementation.
    """
    type_ = to_instance(type_)
    answer = ask_user("type", type_, context)
    if isinstance(answer, str):
        return answer
    text = context.migration_context.impl.render_type(type_, context)
    if not isinstance(text, str):
        text = render_constructor(type_, context)
    for dialect, variant in sqla.variants(type_).items() if with_variants else ():
        text += f".with_variant({render_type(variant, context)}, {plain(dialect)})"
    return text


def render_constructor(type_: TypeEngine[Any], context: RenderContext) -> str:
    """The call that makes a type, without its variants."""
    made_by = type(type_)
    name = f"{_home(made_by, context)}{made_by.__name__}"
    if made_by.__module__.startswith("sqlalchemy.") and made_by in type_arguments:
        return f"{name}({', '.join(type_arguments.dispatch(type_)(type_, context))})"
    text = _repr(type_).replace(", metadata=MetaData()", "")  # SQLAlchemy 2.0 tells where a type belongs
    for inner in _types_inside(type_):
        # Text behind a dot has been rendered before.
        text = render_type(inner, context).join(re.split(rf"(?<![\w.]){re.escape(repr(inner))}", text))
    return name + text[len(made_by.__name__) :] if text.startswith(made_by.__name__) else _prefix(name) + text


def _home(made_by: type, context: RenderContext) -> str:
    """The prefix under which a migration finds a class, which is imported if need be."""
    module = made_by.__module__
    match module.split("."):
        case ["sqlalchemy", "dialects", dialect, *path]:
            package = importlib.import_module(f"sqlalchemy.dialects.{dialect}")
            is_public = getattr(package, made_by.__name__, None) is made_by
            return dialect_prefix(dialect, context) + "".join(f"{part}." for part in path if not is_public)
        case ["sqlalchemy", *_]:
            is_public = getattr(sqlalchemy, made_by.__name__, None) is made_by
            return sa_prefix(context) + ("" if is_public else "types.")
    outer = _prefix(made_by.__qualname__) if "<locals>" not in made_by.__qualname__ else ""
    prefix: str | None = context.opts.get("user_module_prefix")
    if prefix is not None:
        return prefix + outer
    if module not in NOT_IMPORTABLE:
        context.imports.add(f"import {module}")
    return f"{module}.{outer}"


def _prefix(name: str) -> str:
    return name[: name.rfind(".") + 1]


def _types_inside(type_: TypeEngine[Any]) -> list[TypeEngine[Any]]:
    """The types that a type is made of, such as what an array holds; the longest to write come first."""
    holder = type_.impl if isinstance(type_, TypeDecorator) else type_
    values = [value for value in vars(holder).values() if isinstance(value, TypeEngine)]
    found = {repr(value): value for value in (*values, *_default_types(type(holder).__mro__))}
    return [found[text] for text in sorted(found, key=len, reverse=True)]


@cache
def _default_types(bases: tuple[type, ...]) -> list[TypeEngine[Any]]:
    """The types that are attributes of a class and its bases, for instances that have no others."""
    return [value for base in bases for value in vars(base).values() if isinstance(value, TypeEngine)]


_reprs: dict[Hashable, str] = {}


def _repr(type_: TypeEngine[Any]) -> str:
    """The `repr` of a type, which SQLAlchemy works out from its signature each time."""
    key = type_key(type_)
    if key is type_:
        return repr(type_)
    text = _reprs.get(key)
    if text is None:
        text = _reprs[key] = repr(type_)
    return text
