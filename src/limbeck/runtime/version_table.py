"""The table that says which revisions are applied: create it, read it, and move its rows with each step."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Executable,
    Insert,
    String,
    Update,
    bindparam,
    inspect,
    select,
)  # fmt: skip
from sqlalchemy.exc import DBAPIError, NotSupportedError, ProgrammingError
from sqlalchemy.types import TypeEngine

from limbeck import errors
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.sink import PREPARED, Recorded, RecordSink
from limbeck.ddl.version_table import WIDE
from limbeck.graph.moves import RowChanges, row_changes

log = logging.getLogger("alembic.runtime.migration")

S = TypeVar("S", Insert, Update, Delete)
OLD, NEW = "old_version", "new_version"
"""The names of the values in the statements that change rows."""


class Look(NamedTuple):
    """What there is: the rows of the version table, or None without one; and whether there is another table."""

    rows: tuple[str, ...] | None
    has_other: bool | None


class OtherRow(Protocol):
    """A row of another table that is to change together with a row of the version table.

    `changes` and `conditions` are the same for each row of the table; `values` are those that their parameters have.
    """

    is_changed: bool

    @property
    def changes(self) -> Mapping[Any, Any]: ...
    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


class VersionTable:
    """The version table of one migration context (VER-1 to VER-5).

    Statements go through the dialect's implementation, so a script shows them and a connection executes them.
    """

    def __init__(
        self, impl: DefaultImpl, connection: Connection | None, *, name: str, schema: str | None, pk: bool
    ) -> None:
        self._impl = impl
        self._connection = connection
        self.table = impl.version_table_impl(
            version_table=name, version_table_schema=schema, version_table_pk=pk
        )
        self._number = self.table.c.version_num
        self._joint: Update | None = None
        self._is_joint_refused = False

    def exists(self) -> bool:
        """Whether the database has the table, in its schema."""
        table = self.table
        return inspect(self._connected()).has_table(table.name, schema=table.schema)

    def create(self, *, longest: str = "") -> None:
        """Create the table, with room for the identifier `longest` (VER-1). Raises IdentifierTooLong."""
        self.fit(longest)
        self._impl.create_table(self.table)

    def read(self) -> tuple[str, ...]:
        """The rows, in the order the database gives them; none if there is no table (MIG-4, VER-14)."""
        return self.find() or ()

    def find(self) -> tuple[str, ...] | None:
        """The rows, or None if there is no table (MIG-4)."""
        return self.look().rows

    def look(self, *, beside: str | None = None) -> Look:
        """The rows; and whether there is a table `beside` this one, if that can be had in passing (MIG-4).

        One statement where one that fails does no harm, else a second one that asks for the tables first.
        """
        connection, table = self._connected(), self.table
        found = self._impl.try_to_read(self._number)
        if found is not None:
            return Look(tuple(found), None)
        if not self._impl.finds_tables_at_once:
            beside = None
        there = self._impl.find_tables([name for name in (table.name, beside) if name], table.schema)
        has_beside = None if beside is None else beside in there
        if table.name not in there:
            return Look(None, has_beside)
        return Look(tuple(connection.execute(select(self._number)).scalars()), has_beside)

    def read_latest(self) -> tuple[str, ...]:
        """The rows as they are now, also in a transaction that sees the database as it was when it began."""
        if not self.exists():
            return ()
        return tuple(self._connected().execute(select(self._number).with_for_update()).scalars())

    def clear(self) -> None:
        """Delete all rows."""
        self._impl._exec(self.table.delete())

    def apply(self, changes: RowChanges, other: OtherRow | None = None) -> None:
        """Delete, insert and update rows, and see to it that each row was there once (VER-12, VER-13).

        An update changes the `other` row as well, and notes it there. Raises RowCountMismatch if not.
        """
        for revision in changes.delete:
            self.delete(revision)
        for revision in changes.insert:
            self.insert(revision)
        for old, new in changes.update:
            self.update(old, new, other)

    def insert(self, revision: str) -> None:
        """Add a row (VER-12)."""
        log.debug("inserting %s into %s", revision, self.table.name)
        self._impl._exec(self._insert, multiparams={NEW: revision})

    def update(self, old: str, new: str, other: OtherRow | None = None) -> None:
        """Let a row name another revision."""
        log.debug("updating %s to %s in %s", old, new, self.table.name)
        if other is None or not self._update_both(old, new, other):
            self._change_one(self._update, old, new)

    def delete(self, revision: str) -> None:
        """Take a row out."""
        log.debug("deleting %s from %s", revision, self.table.name)
        self._change_one(self._delete, revision, None)

    def _update_both(self, old: str, new: str, other: OtherRow) -> bool:
        """Update a row and the `other` one in one statement; False if one of them is not there.

        They are counted together: a third one means that the first was there more than once. A server that only
        speaks like another may not know such a statement: then it is told in two, from now on.
        """
        if self._is_joint_refused:
            return False
        values = {OLD: old, NEW: new, **other.values}
        try:
            result = self._impl._exec(self._joint_update(other), multiparams=values)
        except (NotSupportedError, ProgrammingError):
            self._is_joint_refused = True
            return False
        assert result is not None, "a script has no other row"
        if result.rowcount > 2:
            raise errors.RowCountMismatch(table=self.table.name, old=old, new=new, found=result.rowcount - 1)
        other.is_changed = result.rowcount > 0
        return other.is_changed

    # Each step changes rows, so these are made once.

    def _joint_update(self, other: OtherRow) -> Update:
        if self._joint is None:
            statement = self.table.update().values({self._number: self._value(NEW), **other.changes})
            self._joint = self._prepared(statement.where(self._number == self._value(OLD), *other.conditions))
        return self._joint

    @cached_property
    def _insert(self) -> Insert:
        # `inline()` keeps out a RETURNING that nobody reads.
        return self._prepared(self.table.insert().inline().values({self._number: self._value(NEW)}))

    @cached_property
    def _update(self) -> Update:
        statement = self.table.update().values({self._number: self._value(NEW)})
        return self._prepared(statement.where(self._number == self._value(OLD)))

    @cached_property
    def _delete(self) -> Delete:
        return self._prepared(self.table.delete().where(self._number == self._value(OLD)))

    def _prepared(self, statement: S) -> S:
        return statement.execution_options(**{PREPARED: True})

    def _value(self, name: str) -> BindParameter[str]:
        """A revision as a bound parameter; in a script as a literal, whatever `literal_binds` says (VER-5)."""
        return bindparam(name, type_=String(), literal_execute=self._impl.as_sql)

    # --- room for long identifiers (VER-1) -----------------------------------------------------------------

    def fit(self, longest: str) -> None:
        """Take the table to have room for an identifier, because it is made so, or held it before.

        Raises IdentifierTooLong if it cannot have.
        """
        room = _length(self._number.type)
        if room is None or len(longest) <= room:
            return
        if len(longest) > WIDE and self._impl.enforces_length:
            raise errors.IdentifierTooLong(revision=longest, length=WIDE)
        self._number.type = self._number.type.adapt(type(self._number.type), length=WIDE)

    def make_room(self, longest: str) -> None:
        """Widen the table that exists if an identifier does not fit; look at it only if it may not.

        Raises VersionTableTooNarrow if it cannot be widened, IdentifierTooLong if that would not help.
        """
        room = _length(self._number.type)
        if room is None or len(longest) <= room or not self._impl.enforces_length:
            return
        existing = room if self._impl.as_sql else self._find_length()
        if existing is None or len(longest) <= existing:
            return
        self.fit(longest)
        self._widen(existing, longest)

    def _widen(self, existing: int, longest: str) -> None:
        statements = self._plan_widening()

        def refusal(reason: str | None = None) -> errors.VersionTableTooNarrow:
            return errors.VersionTableTooNarrow(
                table=self.table.name,
                length=existing,
                revision=longest,
                statements=[one.sql for one in statements],
                reason=reason,
            )

        if not self._impl.can_widen_version_table and not self._impl.as_sql:
            raise refusal()
        log.info("Widening %s from %d to %d characters", self.table.name, existing, WIDE)
        try:
            for one in statements:
                self._impl.sink.emit(one.statement)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            raise refusal(str(error.orig)) from error

    def find_room(self) -> int | None:
        """How many characters the existing table has room for; None if there is no limit, or no table."""
        return self._find_length() if self._impl.enforces_length and self.exists() else None

    def _find_length(self) -> int | None:
        """How many characters the column of the existing table takes, as it says; None if it does not say."""
        table, inspector = self.table, inspect(self._connected())
        columns = inspector.get_columns(table.name, schema=table.schema)
        return next(
            (_length(column["type"]) for column in columns if column["name"] == self._number.name), None
        )

    def _plan_widening(self) -> list[Recorded]:
        """The statements that widen the table, without running them."""
        recorder = RecordSink(self._impl.dialect)
        sink, self._impl.sink = self._impl.sink, recorder
        try:
            self._impl.widen_version_table(self.table)
        finally:
            self._impl.sink = sink
        return recorder.recorded

    def _change_one(self, statement: Executable, old: str, new: str | None) -> None:
        values = {OLD: old} if new is None else {OLD: old, NEW: new}
        result = self._impl._exec(statement, multiparams=values)
        if result is None or not self._impl.dialect.supports_sane_rowcount:
            return  # a script, or a database that cannot say
        if result.rowcount != 1:
            raise errors.RowCountMismatch(table=self.table.name, old=old, new=new, found=result.rowcount)

    def _connected(self) -> Connection:
        if self._connection is None:
            raise errors.NotConnected()
        return self._connection


def _length(type_: TypeEngine[Any]) -> int | None:
    """How many characters a column of that type holds, or None if it sets no limit."""
    length = getattr(type_, "length", None)
    return length if isinstance(length, int) else None


class MovingStep(Protocol):
    """What moves rows: a step of `script.steps`."""

    @property
    def move(self) -> Any: ...
    @property
    def revision_map(self) -> Any: ...


class HasVersionTable(Protocol):
    """What `HeadMaintainer` needs of a migration context."""

    @property
    def rows(self) -> VersionTable: ...


class HeadMaintainer:
    """The rows of the version table during a run, in memory and, step by step, in the table.

    They are read once and never again (§5.1); `heads` is what the table holds now.
    """

    def __init__(self, context: HasVersionTable, heads: Iterable[str]) -> None:
        self.context = context
        self.heads: set[str] = set(heads)

    def update_to_step(self, step: MovingStep, other: OtherRow | None = None) -> None:
        """Change the rows as the step demands: they stay the newest of what is applied (GRA-40, VER-10).

        The `other` row is changed in the same statement if it is one that updates.
        """
        changes = row_changes(step.revision_map.graph, step.move, frozenset(self.heads))
        self.context.rows.apply(changes, other)
        self.heads = set(changes.after)
