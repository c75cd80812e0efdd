"""Expressions of MySQL and MariaDB as Python."""

from __future__ import annotations

from typing import Any

from sqlalchemy.sql.elements import BinaryExpression, ClauseElement, Grouping, UnaryExpression
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import asc_op, desc_op


def grouped(expression: ClauseElement, *, is_index: bool = False, **kw: Any) -> ClauseElement:
    """An expression with the parentheses it needs in an index, where only columns and prefixes go without."""
    if not is_index:
        return expression
    if isinstance(expression, UnaryExpression) and expression.modifier in (asc_op, desc_op):
        return expression
    if isinstance(expression, (BinaryExpression, UnaryExpression, FunctionElement)):
        return Grouping(expression)
    return expression
