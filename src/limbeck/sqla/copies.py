"""Copies of what users hand over, which is never changed (OPS-12)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.schema import DefaultClause, FetchedValue
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from limbeck.sqla.tables import column_keys, in_creation_order, is_type_bound, referred_name, table_of


def copy_column(column: Column[Any], *, bare: bool = False) -> Column[Any]:
    """A copy of a column that belongs to no table.

    Its type, CHECKs, default and identity are copied with it, and its foreign keys if it belongs to no table;
    those that are constraints of a table stay there. A `bare` one asks for no index and no unique constraint.
    """
    copied = column._copy()
    if column.constraints:
        # SQLAlchemy copies from a set, so the copies have lost the order in which they were written.
        copied.constraints.clear()
        for constraint in in_creation_order(column.constraints):
            if not is_type_bound(constraint):
                constraint._copy()._set_parent_with_dispatch(copied)
    if copied.type is not column.type:
        # SQLAlchemy 2.1 leaves these behind when it copies an Enum.
        for fact in vars(column.type).keys() & {"create_type", "_inherit_schema"}:
            setattr(copied.type, fact, getattr(column.type, fact))
    if bare:
        copied.index = copied.unique = None
    if copied.nullable != column.nullable:
        # SQLAlchemy copies what was said when the column was made, which a hook may have changed since.
        set_nullable(copied, bool(column.nullable))
    return copied


def copy_column_alone(column: Column[Any]) -> Column[Any]:
    """A copy of a column without any part it has in keys, constraints and indexes of its table.

    It stays as nullable as it was, also if it is no longer part of the primary key.
    """
    copied = copy_column(column, bare=True)
    copied.primary_key = False
    set_nullable(copied, bool(column.nullable))
    return copied


def clone_column(column: Column[Any]) -> Column[Any]:
    """A column that can be changed without changing the user's, and still belongs to the same table."""
    clone = copy.copy(column)
    for key in column._memoized_keys:
        clone.__dict__.pop(key, None)
    return clone


def set_nullable(column: Column[Any], nullable: bool) -> None:
    """Say whether a column that belongs to no table may be null, also for its copies."""
    column.nullable = column._user_defined_nullable = nullable


def set_server_default(column: Column[Any], default: Any) -> None:
    """Give a column another server default, identity or generating expression, or none."""
    if column.computed is not None:
        column.server_onupdate = None
    column.server_default = column.computed = column.identity = None
    if isinstance(default, (Computed, Identity)):
        default._copy()._set_parent_with_dispatch(column)
    elif isinstance(default, FetchedValue):
        column.server_default = default
    elif default is not None:
        column.server_default = DefaultClause(default)


def copy_constraint(constraint: Constraint, columns: Mapping[Column[Any], Column[Any]]) -> Constraint:
    """A copy of a constraint that belongs to no table and names its columns.

    `columns` maps the user's columns to their copies. Kinds of constraints that only a dialect knows are
    copied if they can be, else they are used as they are.
    """
    if isinstance(constraint, ForeignKeyConstraint):
        return ForeignKeyConstraint(
            list(constraint.column_keys),
            [_target(key, columns) for key in constraint.elements],
            name=constraint.name,
            onupdate=constraint.onupdate,
            ondelete=constraint.ondelete,
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            use_alter=constraint.use_alter,
            link_to_name=constraint.link_to_name,
            match=constraint.match,
            comment=constraint.comment,
            info=dict(constraint.info),
            **constraint.dialect_kwargs,
        )
    kind = type(constraint)
    if kind in (PrimaryKeyConstraint, UniqueConstraint):
        copied: Constraint = cast(Any, kind)(
            *column_keys(constraint),
            name=constraint.name,
            deferrable=constraint.deferrable,
            initially=constraint.initially,
            comment=constraint.comment,
            info=dict(constraint.info),
            **constraint.dialect_kwargs,
        )
        return copied
    if isinstance(constraint, CheckConstraint):
        check = constraint._copy()
        check.sqltext = _with_columns(check.sqltext, columns)
        return check
    if getattr(constraint, "parent", None) is None:
        return constraint
    return constraint._copy()


def _target(key: ForeignKey, columns: Mapping[Column[Any], Column[Any]]) -> str | Column[Any]:
    """What the copy of a foreign key points to: another table is known by names, the same one by its keys.

    Names with dots in them do not survive being written as one text, so the column itself stands for them.
    """
    try:
        if key.column in columns:
            return key.target_fullname
        is_dotted = "." in key.column.name or "." in table_of(key.column).name
        return key.column if is_dotted else referred_name(key)
    except InvalidRequestError:
        return key.target_fullname


def copy_index(index: Index, columns: Mapping[Column[Any], Column[Any]]) -> Index:
    """A copy of an index that belongs to no table and uses the copies of its columns."""
    expressions = index.expressions or index._pending_colargs
    return Index(
        index.name,
        *[_with_columns(expression, columns) for expression in expressions],
        unique=index.unique,
        info=dict(index.info),
        **index.kwargs,
    )


def _with_columns(expression: Any, columns: Mapping[Any, Any]) -> Any:
    """An expression in which the columns are replaced by their copies."""
    return replace_columns(expression, columns.get)


def columns_in(expression: Any) -> list[ColumnClause[Any]]:
    """The columns that an expression uses."""
    return [part for part in iterate(expression) if isinstance(part, ColumnClause) and not part.is_literal]


def replace_columns(expression: Any, replacement: Callable[[ColumnClause[Any]], Any]) -> Any:
    """An expression with other columns; `replacement` gives the new one, or None to keep what is there."""
    if isinstance(expression, str):
        return expression

    def replace(part: Any, **kw: Any) -> Any:
        if isinstance(part, ColumnClause) and not part.is_literal:
            return replacement(part)
        return None

    return cast("Any", replacement_traverse)(expression, {}, replace)
