"""Writing SQL as text."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Insert, Update, text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, TextClause
from sqlalchemy.types import TypeDecorator, TypeEngine


class WriteLiteral(Protocol):
    """Writes a value of a type as SQL; `plain` is how SQLAlchemy would write it."""

    def __call__(
        self,
        value: Any,
        type_: TypeEngine[Any],
        dialect: Dialect,
        plain: Callable[[Any, TypeEngine[Any]], str],
    ) -> str: ...


def printing_dialect(dialect: Dialect, write: WriteLiteral | None = None) -> Dialect:
    """The dialect for text that people and tools read: percent signs stay single (OPS-11).

    Identifier preparers double `%` for drivers whose placeholders begin with it, and compilers ask the
    preparer. It also keeps every name it has quoted, which the copy must not share. `write` writes the values.
    """
    printing = copy.copy(dialect)
    preparer = copy.copy(dialect.identifier_preparer)
    preparer.dialect = printing
    preparer._double_percents = False
    preparer._strings = {}
    printing.identifier_preparer = preparer
    types = copy.copy(dialect.type_compiler_instance)
    types.dialect = printing
    printing.type_compiler_instance = types
    if write is not None:
        printing.statement_compiler = _compiler_that_writes(write, dialect.statement_compiler)
    return printing


def _compiler_that_writes(write: WriteLiteral, compiler_class: type[SQLCompiler]) -> type[SQLCompiler]:
    """The compiler of a dialect, with another way to write values."""

    class WritingCompiler(compiler_class):  # type: ignore[misc,valid-type]  # the class is known only now
        def render_literal_bindparam(self, bindparam: BindParameter[Any], *args: Any, **kw: Any) -> str:
            # SQLAlchemy writes None as NULL without asking the type, which may mean something else by it.
            if bindparam.value is None and bindparam.callable is None and _means_none(bindparam.type):
                return self.render_literal_value(None, bindparam.type)
            return str(super().render_literal_bindparam(bindparam, *args, **kw))

        def render_literal_value(self, value: Any, type_: TypeEngine[Any]) -> str:
            return write(value, type_, self.dialect, super().render_literal_value)

    return WritingCompiler


def _means_none(type_: TypeEngine[Any]) -> bool:
    return type_.should_evaluate_none or isinstance(type_, TypeDecorator)


_LITERAL = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
"""What SQLAlchemy puts where a value goes that is always written into the text (`literal_execute`)."""


def filled_in(compiled: SQLCompiler, values: Mapping[str, Any]) -> str:
    """The text of a compiled statement with the values that are always written into it."""

    def write(found: re.Match[str]) -> str:
        return compiled.render_literal_value(values[found[1]], compiled.binds[found[1]].type)

    return _LITERAL.sub(write, compiled.string)


def assume_standard_strings(dialect: Dialect) -> None:
    """Let a backslash in a PostgreSQL string be a backslash, if no server has been asked whether it is.

    SQLAlchemy 2.0 takes such a server for one from before 9.1, where it had to be doubled.
    """
    if getattr(dialect, "server_version_info", None) is None:
        dialect._backslash_escapes = False  # type: ignore[attr-defined]  # of that dialect only


def given_values(construct: Insert | Update) -> dict[str, Any] | None:
    """What an INSERT or UPDATE sets, by column; None if it takes values from elsewhere or for many rows."""
    if construct._multi_values or getattr(construct, "select", None) is not None:
        return None
    ordered = dict(getattr(construct, "_ordered_values", None) or ())
    given = {**(construct._values or {}), **ordered}
    return {
        getattr(key, "key", key): value.effective_value if isinstance(value, BindParameter) else value
        for key, value in given.items()
    }


def literal_text(sql: str | TextClause) -> TextClause:
    """SQL text in which a colon is a colon, as in what a database reports; text with values stays as it is."""
    if isinstance(sql, TextClause):
        if any(parameter.value is not None for parameter in sql._bindparams.values()):
            return sql
        sql = sql.text
    return text(re.sub(r"(?<!\\):", r"\:", sql))


class InlineLiteral(BindParameter[Any]):
    """A value that is always written into the SQL text (OPS-91)."""

    inherit_cache = False  # the text differs with each value

    def __init__(self, value: Any, type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None) -> None:
        super().__init__(None, value, type_=type_, unique=True)


@compiles(InlineLiteral)
def _write_inline(literal: InlineLiteral, compiler: Any, **kw: Any) -> Any:
    return compiler.render_literal_bindparam(literal, **kw)
