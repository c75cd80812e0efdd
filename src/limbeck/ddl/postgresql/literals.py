"""Values as PostgreSQL writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, String
from sqlalchemy.dialects.postgresql import CIDR, HSTORE, INET
from sqlalchemy.dialects.postgresql.ranges import AbstractMultiRange, AbstractRange
from sqlalchemy.engine import Dialect

from limbeck.ddl.literals import AnyTypeEngine, Literals, Writer


class PostgresqlLiterals(Literals):
    """Nearly every type reads its values from a string; arrays say of which type they are."""

    def other(self, value: Any, type_: AnyTypeEngine, dialect: Dialect, plain: Writer) -> str:
        """A value of a type, or an array of them."""
        if isinstance(type_, ARRAY):
            return f"{self._array(value, type_, dialect, plain)}::{_name(type_, dialect)}"
        if isinstance(type_, HSTORE) and isinstance(value, dict):
            return plain(_hstore(value), String())
        if isinstance(type_, AbstractMultiRange) and not isinstance(value, str):
            return plain(f"{{{', '.join(map(str, value))}}}", String())
        if isinstance(type_, (AbstractRange, INET, CIDR)):
            return plain(str(value), String())
        return super().other(value, type_, dialect, plain)

    def binary(self, value: bytes) -> str:
        """Bytes."""
        return f"'\\x{value.hex()}'::bytea"

    def not_finite(self, value: float | Decimal, dialect: Dialect) -> str:
        """NaN or an infinity."""
        if math.isnan(value):
            return "'NaN'"
        return "'Infinity'" if value > 0 else "'-Infinity'"

    def _array(self, value: Iterable[Any], type_: ARRAY[Any], dialect: Dialect, plain: Writer) -> str:
        items = list(value)
        if not items:
            return "'{}'"
        depth_left = type_.dimensions != 1
        parts = [
            self._array(item, type_, dialect, plain)
            if depth_left and isinstance(item, (list, tuple))
            else self.write(item, type_.item_type, dialect, plain)
            for item in items
        ]
        return f"ARRAY[{', '.join(parts)}]"


def _name(type_: AnyTypeEngine, dialect: Dialect) -> str:
    return dialect.type_compiler_instance.process(type_)


def _hstore(value: dict[str, str | None]) -> str:
    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    return ", ".join(
        f"{quoted(key)}=>{'NULL' if item is None else quoted(item)}" for key, item in value.items()
    )
