"""What belongs to a table: its constraints, indexes and foreign keys, and how they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Constraint, ForeignKey, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.util import OrderedSet

from limbeck.sqla import shortcuts

C = TypeVar("C", bound=Constraint)
T = TypeVar("T")


def in_creation_order(constraints: Iterable[C]) -> list[C]:
    """Constraints in the order they were made; SQLAlchemy keeps them in sets (OPS-20)."""
    return sorted(constraints, key=lambda constraint: getattr(constraint, "_creation_order", 0))


def is_type_bound(constraint: Constraint) -> bool:
    """Whether a type made this constraint: the CHECK of a Boolean or Enum (OPS-27)."""
    return bool(getattr(constraint, "_type_bound", False))


def is_created(constraint: Constraint, has_dialect: Any) -> bool:
    """Whether the dialect creates this constraint at all; a type-bound CHECK is left out where the type is native.

    `has_dialect` is anything with a `dialect`: the rule of a type-bound constraint asks for nothing else.
    """
    rule = getattr(constraint, "_create_rule", None)
    return rule is None or bool(rule(has_dialect))


def statement_about(kind: Callable[..., T], constraint: Constraint, **kw: Any) -> T:
    """The statement that adds or drops a constraint, which its table may go on to create.

    SQLAlchemy 2.0 lets a constraint that has a statement of its own not be created any more.
    """
    rule = getattr(constraint, "_create_rule", None)
    statement = kind(constraint, **kw)
    constraint._create_rule = rule
    return statement


def table_of_items(
    name: str, metadata: MetaData, *items: Any, blank: Table | None = None, **kw: Any
) -> Table:
    """A table whose indexes keep their order: those of columns, then the others as given (OPS-60).

    SQLAlchemy keeps indexes in a set that has no order.
    """
    indexes = [item for item in items if isinstance(item, Index)]
    own = [item for item in items if not isinstance(item, Index)] if indexes else items
    if blank is None:
        table = Table(name, metadata, *own, **kw)
    else:
        table = blank
        shortcuts.make_table(table, name, metadata, *own, **kw)
    table.indexes = OrderedSet(indexes_in_order(table) if table.indexes else ())
    for index in indexes:
        index._set_parent_with_dispatch(table)
    return table


def indexes_in_order(table: Table) -> list[Index]:
    """The indexes of a table in the order they were given, or if that is lost, of its columns (OPS-60)."""
    if isinstance(table.indexes, OrderedSet):
        return list(table.indexes)
    position = {column.key: number for number, column in enumerate(table.c)}

    def key(index: Index) -> tuple[list[int], str]:
        return [position.get(column.key, -1) for column in index.columns], index.name or ""

    return sorted(table.indexes, key=key)


def index_on(table: Table, name: str | None, expressions: Sequence[Any], **kw: Any) -> Index:
    """An index of `table`, also if none of its expressions says so."""
    return Index(name, *expressions, _table=table, **kw)


def table_of(item: Constraint | Column[Any]) -> Table:
    """The table a constraint or column belongs to. Raises ValueError if it belongs to none."""
    table = getattr(item, "table", None)
    if not isinstance(table, Table):
        raise ValueError(f"{item!r} belongs to no table")
    return table


def given_name(constraint: Constraint) -> str | None:
    """The name of a constraint, or None; SQLAlchemy marks "no name although there is a convention" by a symbol."""
    return constraint.name if isinstance(constraint.name, str) else None


def final_name(item: Constraint | Index, dialect: Dialect) -> str | None:
    """The name a constraint or index gets in the database, or None if the database will choose one.

    Naming conventions are applied, and names that are too long are cut as `CREATE` would cut them. SQLAlchemy
    has this switch for migration tools.
    """
    if item.name is None:
        return None
    name = dialect.identifier_preparer.format_constraint(item, _alembic_quote=False)
    return None if name is None else str(name)


def table_prefixes(table: Table) -> list[str]:
    """What stands between CREATE and TABLE, like TEMPORARY."""
    return list(table._prefixes)


def column_keys(constraint: Constraint) -> list[str]:
    """Keys of the columns of a constraint, also before it belongs to a table."""
    columns = list(cast("Any", constraint).columns) or cast("Any", constraint)._pending_colargs
    return [column if isinstance(column, str) else column.key for column in columns]


def has_written_target(key: ForeignKey) -> bool:
    """Whether what a foreign key points to can be written as one text: not if a name has a dot in it."""
    try:
        return bool(key.target_fullname)
    except InvalidRequestError:
        return False


def written_target(key: ForeignKey) -> tuple[str | None, str, str]:
    """Schema, table and column that a foreign key was given; a table alone means the column of the same name there.

    SQLAlchemy keeps the parts since 2.1; before, a dot inside a name cannot be told from one between names.
    """
    tokens = getattr(key, "target_tokens", None)
    if tokens is not None:
        return tokens.schema, tokens.table_name, tokens.column_name or key.parent.name
    *path, last = key.target_fullname.split(".")
    if not path:
        path, last = [last], key.parent.name
    return ".".join(path[:-1]) or None, path[-1], last


def referred_name(key: ForeignKey) -> str:
    """The `schema.table.column` that a foreign key points to: by name where the column is at hand, else as given."""
    try:
        column = key.column
    except (
        InvalidRequestError
    ):  # the other table is not at hand: reflected alone, in another MetaData, or not yet
        return key.target_fullname
    return f"{table_of(column).fullname}.{column.name}"


def exclude_elements(constraint: Any) -> list[tuple[Any, str]]:
    """The expressions of a PostgreSQL EXCLUDE constraint, each with its operator (OPS-85)."""
    return [(expression, operator) for expression, _, operator in constraint._render_exprs]


def is_default_option(constraint: Constraint, name: str, value: Any) -> bool:
    """Whether a dialect's option says what holds anyway, as reflection likes to do (AUT-80)."""
    dialect, _, option = name.partition("_")
    try:
        default = constraint.dialect_options[dialect]._defaults.get(option)
    except ArgumentError:  # no such dialect is installed
        return False
    says_nothing = value in ([], (), {}) or (value is False and isinstance(constraint, UniqueConstraint))
    return bool(value == default) or (says_nothing and default is None)
