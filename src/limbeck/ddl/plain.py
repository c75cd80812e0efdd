"""CREATE TABLE and CREATE INDEX for the many migrations that need nothing of SQLAlchemy's compiler but names of types.

The text is to the letter what SQLAlchemy's compiler writes. Whatever is not surely plain is left to that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Column,
    Constraint,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import CompileError

from limbeck import sqla
from limbeck.sqla import shortcuts

if TYPE_CHECKING:
    from limbeck.operations.ops import CreateIndexOp, CreateTableOp

CountedKey = Callable[[str], str | None]
"""From a type as text, what stands behind the name of an integer key that the database counts up."""


class NotPlain(Exception):
    """Something is left to SQLAlchemy."""


class PlainDDL:
    """Writes what is plain, in the SQL of one dialect."""

    def __init__(self, dialect: Dialect, counted_key: CountedKey) -> None:
        self._dialect = dialect
        self._counted_key = counted_key

    def create_table(self, operation: CreateTableOp) -> str | None:
        """CREATE TABLE as text; None if it is not plain."""
        if (
            operation.schema
            or operation.if_not_exists
            or operation.comment
            or operation.prefixes
            or operation.kw
            or shortcuts.has_listeners()
        ):
            return None
        try:
            parts = ", \n\t".join(self._parts(operation.columns))
            return f"\nCREATE TABLE {self._name(operation.table_name)} (\n\t{parts}\n)\n\n"
        except (NotPlain, CompileError):
            return None

    def create_index(self, operation: CreateIndexOp) -> str | None:
        """CREATE INDEX as text; None if it is not plain."""
        columns = operation.columns
        if (
            operation.schema
            or operation.if_not_exists
            or operation.kw
            or not isinstance(columns, (list, tuple))
            or not columns
            or shortcuts.has_listeners()
        ):
            return None
        try:
            names = self._names(columns)
            unique = "UNIQUE " if operation.unique else ""
            index, table = self._name(operation.index_name), self._name(operation.table_name)
            return f"CREATE {unique}INDEX {index} ON {table} ({names})"
        except NotPlain:
            return None

    def _name(self, name: object) -> str:
        """A name, quoted if need be. Percent signs and tabs are written differently for a driver and for a script."""
        if (
            not isinstance(name, str)
            or "%" in name
            or not name.isprintable()
            or not 0 < len(name) <= self._dialect.max_identifier_length
        ):
            raise NotPlain()
        return self._dialect.identifier_preparer.quote(name)

    def _names(self, names: Iterable[object]) -> str:
        return ", ".join(map(self._name, names))

    def _parts(self, items: Sequence[Any]) -> Iterator[str]:
        """The definitions of the columns, then the primary key, then the other constraints."""
        columns = {item.name: item for item in items if type(item) is Column}
        constraints = [item for item in items if isinstance(item, Constraint)]
        if len(columns) + len(constraints) != len(items):
            raise NotPlain()
        key = _Key.of(columns, constraints)
        for name, column in columns.items():
            yield f"{self._name(name)} {self._definition(column, key)}"
        if key.columns:
            yield f"{self._title(key.constraint)}PRIMARY KEY ({self._names(key.columns)})"
        for constraint in constraints:
            if constraint is not key.constraint:
                yield self._title(constraint) + self._constraint(constraint, columns)

    def _definition(self, column: Column[Any], key: _Key) -> str:
        _require_plain(column)
        type_ = self._dialect.type_compiler_instance.process(column.type, type_expression=column)
        if column.name not in key.columns:
            return type_ if column.nullable else f"{type_} NOT NULL"
        if column.nullable or column.default is not None:
            raise NotPlain()
        if (
            len(key.columns) > 1
            or key.is_given
            or column.autoincrement is False
            or not isinstance(column.type, Integer)
        ):
            return f"{type_} NOT NULL"
        counted = self._counted_key(type_)
        if counted is None:
            raise NotPlain()
        return counted

    def _title(self, constraint: Constraint | None) -> str:
        name = None if constraint is None else constraint.name
        return f"CONSTRAINT {self._name(name)} " if name else ""

    def _constraint(self, constraint: Constraint, columns: Mapping[str, Column[Any]]) -> str:
        names = sqla.column_keys(constraint)
        if not names or not columns.keys() >= set(names) or any(columns[name].key != name for name in names):
            raise NotPlain()
        if type(constraint) is UniqueConstraint:
            return f"UNIQUE ({self._names(names)})"
        if type(constraint) is ForeignKeyConstraint:
            return f"FOREIGN KEY({self._names(names)}) REFERENCES {self._references(constraint)}"
        raise NotPlain()

    def _references(self, constraint: ForeignKeyConstraint) -> str:
        options = (constraint.onupdate, constraint.ondelete, constraint.match, constraint.use_alter)
        targets = [
            key.target_fullname.split(".") for key in constraint.elements if sqla.has_written_target(key)
        ]
        tables = {target[0] for target in targets}
        is_simple = len(targets) == len(constraint.elements) and {len(target) for target in targets} == {2}
        if any(options) or not is_simple or len(tables) != 1:
            raise NotPlain()
        return f"{self._name(tables.pop())} ({self._names(target[1] for target in targets)})"


class _Key(NamedTuple):
    """The primary key: the names of its columns, and the constraint that says so, if it is not the columns."""

    columns: Sequence[str]
    constraint: Constraint | None = None
    is_given: bool = False
    """Whether it refers to another table, so that nobody counts it up."""

    @classmethod
    def of(cls, columns: Mapping[str, Column[Any]], constraints: Sequence[Constraint]) -> _Key:
        said = [one for one in constraints if type(one) is PrimaryKeyConstraint]
        marked = [name for name, column in columns.items() if column.primary_key]
        for constraint in constraints:
            _require_plain_constraint(constraint)
        referring = {
            name
            for one in constraints
            if isinstance(one, ForeignKeyConstraint)
            for name in sqla.column_keys(one)
        }
        if not said:
            return cls(marked, None, not referring.isdisjoint(marked))
        names = sqla.column_keys(said[0])
        is_known = columns.keys() >= set(names) and all(columns[name].key == name for name in names)
        if len(said) > 1 or marked or not names or not is_known:
            raise NotPlain()
        return cls(names, said[0], not referring.isdisjoint(names))


def _require_plain(column: Column[Any]) -> None:
    if (
        column.server_default is not None
        or column.server_onupdate is not None
        or column.computed is not None
        or column.identity is not None
        or column.foreign_keys
        or column.constraints
        or column.comment
        or column.index
        or column.unique
        or column.system
        or column.autoincrement not in ("auto", False)
        or shortcuts.has_options(column)
        or not shortcuts.is_plain_type(column.type)
    ):
        raise NotPlain()


def _require_plain_constraint(constraint: Constraint) -> None:
    if (
        constraint.deferrable is not None
        or constraint.initially is not None
        or constraint.comment
        or not (constraint.name is None or isinstance(constraint.name, str))
        or shortcuts.has_options(constraint)
    ):
        raise NotPlain()
