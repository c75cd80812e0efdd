"""Do two indexes of one name mean the same? (AUT-41, AUT-42)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlalchemy.sql.elements import ClauseElement, TextClause

from limbeck.ddl.compare.defaults import normalized, without_parentheses
from limbeck.ddl.compare.result import ComparisonResult
from limbeck.ddl.contracts import Comparing

Spell = Callable[[str], str]
"""A dialect's own correction of an expression's text."""


def compare_indexes(impl: Comparing, metadata_index: Index, reflected_index: Index) -> ComparisonResult:
    """Compare whether they are unique, and their columns in order (AUT-41).

    Expressions are not compared here: a dialect whose reflection of them can be relied on does that.
    """
    reasons = unique_difference(metadata_index, reflected_index)
    if has_expressions(metadata_index) or has_expressions(reflected_index):
        return ComparisonResult.Different(reasons) if reasons else ComparisonResult.Skip("expressions")
    wanted, found = column_names(metadata_index), column_names(reflected_index)
    if wanted != found:
        reasons.append(f"columns {found} to {wanted}")
    return ComparisonResult.of(reasons)


def unique_difference(metadata_index: Index, reflected_index: Index) -> list[str]:
    """What to say if only one of them is unique."""
    wanted, found = bool(metadata_index.unique), bool(reflected_index.unique)
    return [] if wanted == found else [f"unique={found} to unique={wanted}"]


def has_expressions(index: Index) -> bool:
    """Whether an index is over more than plain columns."""
    return any(not isinstance(element, Column) for element in index.expressions)


def column_names(index: Index) -> list[str]:
    """The names of the columns of an index, in order."""
    return [column.name for column in index.columns]


def element_texts(impl: Comparing, index: Index, spell: Spell = str) -> Iterator[str]:
    """What an index is over, element by element, as comparable text."""
    for element in index.expressions:
        yield normalized(without_parentheses(spell(_sql(impl, element))))


def _sql(impl: Comparing, element: str | ClauseElement) -> str:
    if isinstance(element, Column):
        return impl.dialect.identifier_preparer.quote(element.name)
    if isinstance(element, TextClause):
        return element.text
    return element if isinstance(element, str) else impl.render_ddl_sql_expr(element)


def correct_for_autogen_constraints(
    impl: Comparing,
    conn_uniques: set[UniqueConstraint],
    conn_indexes: set[Index],
    metadata_unique_constraints: set[UniqueConstraint],
    metadata_indexes: set[Index],
) -> None:
    """Leave the four sets as they are: databases report what was asked for, unless their dialect knows more."""


def unique_signature(constraint: UniqueConstraint) -> frozenset[str]:
    """What a unique constraint is about: its columns, in no order (AUT-40)."""
    return frozenset(column.name for column in constraint.columns)


def options_of(item: Any, dialect: str) -> dict[str, Any]:
    """The options that one dialect has for an index or constraint."""
    return dict(item.dialect_options[dialect])
