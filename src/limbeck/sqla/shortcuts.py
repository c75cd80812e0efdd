"""Where SQLAlchemy's long way makes no difference, because nobody listens and nobody has changed it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    CursorResult,
    Executable,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable, SchemaItem
from sqlalchemy.sql.base import SchemaEventTarget
from sqlalchemy.types import TIMESTAMP, TypeEngine

from limbeck.sqla.driver import Executed, execute_text

_WRITTEN = (
    *(CreateTable, CreateColumn, CreateIndex),
    *(PrimaryKeyConstraint, UniqueConstraint, ForeignKeyConstraint),
)
"""What stands in plain statements."""


def is_own_dialect(dialect: Dialect) -> bool:
    """Whether a dialect writes DDL as SQLAlchemy itself does, and does not come from elsewhere."""
    makers = (
        type(dialect),
        dialect.ddl_compiler,
        type(dialect.type_compiler_instance),
        type(dialect.identifier_preparer),
    )
    return all(maker.__module__.startswith("sqlalchemy.") for maker in makers)


def has_listeners() -> bool:
    """Whether somebody wants to hear of tables and of what belongs to them, or has a say in how they are written.

    `@compiles` leaves a dispatcher in the class whose text it changes.
    """
    listeners, among_own = _listeners()
    if any(listeners):
        return True
    for each in among_own:
        for listener in each:
            if not listener.__module__.startswith("sqlalchemy."):
                return True
    return any("_compiler_dispatcher" in kind.__dict__ for kind in _WRITTEN)


@cache
def _listeners() -> tuple[list[Collection[Any]], list[Collection[Any]]]:
    """Who listens to a table of nobody's and to its parts: whoever listens to all, now or later.

    In the second place those who stand beside SQLAlchemy itself: so it names constraints by a convention.
    """
    column = Column("a", Integer, primary_key=True)
    unique, key = UniqueConstraint("a"), ForeignKeyConstraint(["a"], ["probe.a"])
    table = Table("probe", MetaData(), column, unique, key)
    index = Index("ix", column)
    parts: list[Any] = [part.dispatch for part in (table, column, table.primary_key, unique, key, index)]
    events = ("before_create", "after_create", "before_parent_attach")
    listeners = [getattr(part, event).parent_listeners for part in parts for event in events]
    return listeners, [part.after_parent_attach.parent_listeners for part in parts]


def takes_text(connection: Connection) -> bool:
    """Whether a connection can be given text instead of a construct, and nobody sees the difference."""
    events: Any = connection.dispatch
    return not (
        events.before_execute
        or events.after_execute
        or connection.get_execution_options().get("schema_translate_map")
    )


class PreparedStatements:
    """Statements that come again and again, each time with other values; each is compiled once.

    Where nobody sees the difference, and the values need nothing but to be handed on, the driver gets the text.
    """

    def __init__(self) -> None:
        self._texts: dict[Executable, _DriverText | None] = {}

    def execute(
        self,
        connection: Connection,
        construct: Executable,
        values: Mapping[str, Any],
        execution_options: Any = None,
    ) -> CursorResult[Any] | Executed:
        """Execute one with its values; they have the same names each time."""
        text = self._find_text(connection, construct, values) if takes_text(connection) else None
        if text is None:
            return connection.execute(construct, values, execution_options=execution_options)
        return execute_text(connection, text.sql, text.values(values))

    def _find_text(
        self, connection: Connection, construct: Executable, values: Mapping[str, Any]
    ) -> _DriverText | None:
        if construct not in self._texts:
            self._texts[construct] = _driver_text(construct, connection.dialect, list(values))
        return self._texts[construct]


class _DriverText(NamedTuple):
    """A statement as text for a driver, with the names of its values in their order, or None if they go by name."""

    sql: str
    names: tuple[str, ...] | None

    def values(self, given: Mapping[str, Any]) -> Any:
        """The values as the driver wants them."""
        return given if self.names is None else tuple([given[name] for name in self.names])


def _driver_text(construct: Any, dialect: Dialect, names: list[str]) -> _DriverText | None:
    """The text of a statement, if its values need nothing but to be handed on."""
    compiled = construct.compile(dialect=dialect, column_keys=names)
    if dialect.bind_typing is BindTyping.SETINPUTSIZES or compiled._bind_processors:
        return None
    return _DriverText(compiled.string, tuple(compiled.positiontup) if compiled.positional else None)


def has_options(item: SchemaItem) -> bool:
    """Whether a column or constraint was given options of a dialect; SQLAlchemy makes room for them only then."""
    return bool(vars(item).get("dialect_options"))


def is_plain_type(type_: TypeEngine[Any]) -> bool:
    """Whether a type is no more than its name: it makes no constraint, no type of its own, and has no stand-ins."""
    if type_._variant_mapping:
        return False
    if type(type_) is Boolean:
        return not type_.create_constraint
    kind: Any = type(type_)
    return _is_plain_kind(kind)


@cache
def _is_plain_kind(kind: Any) -> bool:
    is_own = kind.__module__.startswith("sqlalchemy.")
    return is_own and not issubclass(kind, (SchemaEventTarget, TIMESTAMP))


class UnmadeTable(Table):
    """A table that becomes one when somebody looks at it: most that `op.create_table()` gives are never used.

    Whatever is asked of it first, it fills itself by means of `fill`, and is a plain Table from then on.
    """

    inherit_cache = True

    def __getattribute__(self, name: str) -> Any:
        fill = object.__getattribute__(self, "__dict__").pop("fill")
        object.__setattr__(self, "__class__", Table)
        fill(self)
        return getattr(self, name)


def unmade_table(fill: Callable[[Table], object]) -> Table:
    """A table that is filled when somebody looks at it."""
    table: Table = object.__new__(UnmadeTable)
    object.__getattribute__(table, "__dict__")["fill"] = fill
    return table


def make_table(table: Table, name: str, metadata: MetaData, *items: Any, **kw: Any) -> None:
    """Let an object that is not filled yet be the table that `Table(name, metadata, …)` would make."""
    table.dispatch.before_parent_attach(table, metadata)
    metadata._add_table(name, kw.get("schema"), table)
    table.__init__(name, metadata, *items, _no_init=False, **kw)  # type: ignore[misc]  # as Table.__new__ does it
    table.dispatch.after_parent_attach(table, metadata)
