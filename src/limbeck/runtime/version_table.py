"""The table that says which revisions are applied: create it, read it, and move its rows with each step."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, Executable, String, inspect, select

from limbeck import sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import NotConnected, RowCountMismatch
from limbeck.graph.moves import RowChanges, row_changes

log = logging.getLogger("alembic.runtime.migration")


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

    def exists(self) -> bool:
        """Whether the database has the table, in its schema."""
        table = self.table
        return inspect(self._connected()).has_table(table.name, schema=table.schema)

    def create(self) -> None:
        """Create the table."""
        self._impl.create_table(self.table)

    def read(self) -> tuple[str, ...]:
        """The rows, in the order the database gives them; none if there is no table (MIG-4, VER-14)."""
        connection = self._connected()
        if not self.exists():
            return ()
        return tuple(connection.execute(select(self._number)).scalars())

    def clear(self) -> None:
        """Delete all rows."""
        self._impl._exec(self.table.delete())

    def apply(self, changes: RowChanges) -> None:
        """Delete, insert and update rows, and see to it that each row was there once (VER-12, VER-13).

        Raises RowCountMismatch if not.
        """
        for revision in changes.delete:
            self.delete(revision)
        for revision in changes.insert:
            self.insert(revision)
        for old, new in changes.update:
            self.update(old, new)

    def insert(self, revision: str) -> None:
        """Add a row. `inline()` keeps out a RETURNING that nobody reads (VER-12)."""
        log.debug("inserting %s into %s", revision, self.table.name)
        self._impl._exec(self.table.insert().inline().values(version_num=self._value(revision)))

    def update(self, old: str, new: str) -> None:
        """Let a row name another revision."""
        log.debug("updating %s to %s in %s", old, new, self.table.name)
        statement = self.table.update().values(version_num=self._value(new))
        self._change_one(statement.where(self._number == self._value(old)), old, new)

    def delete(self, revision: str) -> None:
        """Take a row out."""
        log.debug("deleting %s from %s", revision, self.table.name)
        self._change_one(self.table.delete().where(self._number == self._value(revision)), revision, None)

    def _change_one(self, statement: Executable, old: str, new: str | None) -> None:
        result = self._impl._exec(statement)
        if result is None or not self._impl.dialect.supports_sane_rowcount:
            return  # a script, or a database that cannot say
        if result.rowcount != 1:
            raise RowCountMismatch(table=self.table.name, old=old, new=new, found=result.rowcount)

    def _value(self, revision: str) -> Any:
        """A revision as a bound parameter; in a script as a literal, whatever `literal_binds` says (VER-5)."""
        return sqla.InlineLiteral(revision, String()) if self._impl.as_sql else revision

    def _connected(self) -> Connection:
        if self._connection is None:
            raise NotConnected()
        return self._connection


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

    def update_to_step(self, step: MovingStep) -> None:
        """Change the rows as the step demands: they stay the newest of what is applied (GRA-40, VER-10)."""
        changes = row_changes(step.revision_map.graph, step.move, frozenset(self.heads))
        self.context.rows.apply(changes)
        self.heads = set(changes.after)
