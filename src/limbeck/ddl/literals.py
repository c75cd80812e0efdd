"""Values as SQL text, also those that SQLAlchemy knows only how to send beside a statement (OPS-91, OPS-93)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, String, TypeDecorator, literal
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

from limbeck import errors

AnyTypeEngine = TypeEngine[Any]
Writer = Callable[[Any, AnyTypeEngine], str]
"""Writes a value of a type: SQLAlchemy's way, with the escapes of the database."""


class Literals:
    """How a database writes values into SQL; a dialect overrides what it writes otherwise.

    A value is written so that running the script leaves the same row as executing the operation does.
    """

    def write(self, value: Any, type_: AnyTypeEngine, dialect: Dialect, plain: Writer) -> str:
        """A value of a type as SQL.

        Raises NoLiteral, or SQLAlchemy's CompileError, if it has no form as text.
        """
        concrete = type_.dialect_impl(dialect)
        if isinstance(concrete, TypeDecorator):
            if type(concrete).literal_processor is not TypeDecorator.literal_processor:
                return plain(value, type_)
            value, type_ = undecorated(value, concrete, dialect)
            return self.write(value, type_, dialect, plain)
        if value is None and not type_.should_evaluate_none:
            return "NULL"
        if isinstance(concrete, JSON):
            return plain(json_text(value, dialect), String())
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.binary(bytes(value))
        if isinstance(value, (float, Decimal)) and not math.isfinite(value):
            return self.not_finite(value, dialect)
        return self.other(value, concrete, dialect, plain)

    def other(self, value: Any, type_: AnyTypeEngine, dialect: Dialect, plain: Writer) -> str:
        """A value that most databases write in one way; a type that does not know it is told by the value."""
        if type_.literal_processor(dialect) is None:
            type_ = literal(value).type
        return plain(value, type_)

    def binary(self, value: bytes) -> str:
        """Bytes."""
        return f"X'{value.hex()}'"

    def not_finite(self, value: float | Decimal, dialect: Dialect) -> str:
        """NaN or an infinity. Raises NoLiteral where the database has none."""
        raise errors.NoLiteral(value=value, dialect=dialect.name)


def undecorated(value: Any, decorator: TypeDecorator[Any], dialect: Dialect) -> tuple[Any, AnyTypeEngine]:
    """What a type of the user's own makes of a value, and the type that it decorates."""
    kind = type(decorator)
    inner = decorator.type_engine(dialect)
    if value is not None and kind.process_literal_param is not TypeDecorator.process_literal_param:
        return decorator.process_literal_param(value, dialect), inner
    if kind.process_bind_param is not TypeDecorator.process_bind_param:
        return decorator.process_bind_param(value, dialect), inner
    if kind.bind_processor is not TypeDecorator.bind_processor:
        process = decorator.bind_processor(dialect)
        sent = process(value) if process else value
        return sent, literal(sent).type
    return value, inner


def json_text(value: Any, dialect: Dialect) -> str:
    """A value as JSON, by the serializer of the engine."""
    # Asked of the plain type: those of drivers wrap the value for themselves, or leave all to the driver.
    process: Callable[[Any], str] | None = JSON().bind_processor(dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    if process is not None:
        return process(value)
    return json.dumps(None if value is JSON.NULL else value)
