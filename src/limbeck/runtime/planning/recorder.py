"""Takes down what a migration sends, and lets nothing through that would change the database."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.statement import Result, Sink, Statement
from limbeck.operations.registry import Operation
from limbeck.runtime.journal import text
from limbeck.runtime.journal.kinds import Kind

_HARMLESS = re.compile(
    r"(?:select|with|show|describe|desc|values|table|pragma|fetch|declare|close|"
    r"explain(?!\s*(?:\(|analy[sz]e)))\b",
    re.IGNORECASE,
)
"""What reads, and no more. EXPLAIN ANALYZE runs the statement."""
_SAVEPOINTS = re.compile(r"(?:savepoint|release|rollback\s+to)\b", re.IGNORECASE)
_ENDS = re.compile(r"(?:begin|start|commit|end|rollback)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement that would go to the database.

    `sets` are the values that go with it: none, one set, or several. `place` counts the transactions of the run;
    `stands_alone` tells that it is in none.
    """

    sql: str
    sets: tuple[Any, ...]
    operation: Operation | None
    line: int | None
    place: int
    stands_alone: bool
    is_bookkeeping: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A question that a migration itself asks the database; what it does may depend on the answer.

    `is_certain` says that the answer will be the same when the migration runs, if nobody else changes anything.
    """

    sql: str
    line: int | None
    is_certain: bool


class Place:
    """Where in the course of transactions a run is."""

    def __init__(self, read: Callable[[], tuple[Any, bool]]) -> None:
        self._read = read
        self._last: Any = None
        self._number = 0

    def find(self) -> tuple[int, bool]:
        """The number of the transaction, and whether statements stand outside of any now."""
        key = self._read()
        if key != self._last:
            self._number += 1
            self._last = key
        return self._number, key[1]


_active: ContextVar[Recorder | None] = ContextVar("limbeck.recorder", default=None)
"""Statements of other threads and tasks on the same engine are none of its business."""


class Recorder:
    """Takes down the statements on a connection, and on others of its engine, for this thread or task.

    With `lets_through` they are executed, because the database is a copy; else everything that is no plain
    question is left out, and the connection is read-only where the database can see to that.
    """

    def __init__(
        self, impl: DefaultImpl, connection: Connection, place: Place, *, lets_through: bool, is_exact: bool
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._place = place
        self._lets_through = lets_through
        self._is_exact = is_exact
        self._statement: Statement | None = None
        self._names: set[tuple[str | None, str]] = set()
        self._path: str | None = None
        self.is_bookkeeping = False
        self.sent: list[Sent] = []
        self.reads: list[Read] = []
        self.has_left_out = False
        """Whether the database lacks something that it would have by now."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take down what is sent inside the block."""
        sink, leaves_out = self._impl.sink, self._impl.leaves_out_changes
        engine = self._connection.engine
        token = _active.set(self)
        event.listen(engine, "before_cursor_execute", self._before, retval=True)
        self._impl.sink = _Between(self, sink)
        self._impl.leaves_out_changes = not self._lets_through
        try:
            yield
        finally:
            self._impl.sink, self._impl.leaves_out_changes = sink, leaves_out
            event.remove(engine, "before_cursor_execute", self._before)
            _active.reset(token)

    def turn_to(self, path: str | None) -> None:
        """A revision begins: its statements are kept apart, and found in its file."""
        self._path = path
        self.sent, self.reads = [], []

    def emit(self, statement: Statement, sink: Sink) -> Result | None:
        """Execute a statement of an operation, so that the driver's form of it is taken down."""
        self._statement = statement
        try:
            result = sink.emit(statement)
        finally:
            self._statement = None
        return result if self._lets_through else None

    def _before(
        self, connection: Connection, cursor: Any, sql: str, parameters: Any, context: Any, many: bool
    ) -> tuple[str, Any]:
        if _active.get() is not self or sql == self._impl.read_only_statement:
            return sql, parameters
        if self._statement is None and self._is_passed(sql):
            return sql, parameters
        construct = getattr(getattr(context, "compiled", None), "statement", None)
        if construct is None and self._statement is not None:
            construct = self._statement.construct
        if self._lets_through or not self._is_made_already(construct):
            self._take_down(sql, parameters, many=many)
        if self._lets_through:
            return sql, parameters
        self._impl.note_left_out(construct)
        self.has_left_out = True
        if self._statement is None and not many and _gives_key(context):
            self.reads.append(Read(self._shown(sql), self._find_line(), is_certain=False))
        return self._impl.empty_statement, [()] if many else ()

    def _is_passed(self, sql: str) -> bool:
        """Whether a statement that no operation has made changes nothing."""
        body = text.body(sql)
        if _ENDS.match(body) or _SAVEPOINTS.match(body):
            return True
        if not _HARMLESS.match(body) or text.kind_of(sql) is not Kind.AGAIN:
            return False
        if self._impl.operation is None and not self.is_bookkeeping:
            is_certain = self._is_exact and not self.has_left_out
            self.reads.append(Read(self._shown(sql), self._find_line(), is_certain))
        return True

    def _is_made_already(self, construct: object) -> bool:
        """Whether it creates a type that this plan has created: asked for it, the database would have said so."""
        for name in self._impl.names_dropped_by(construct):
            self._names.discard(name)
        made = set(self._impl.names_made_by(construct))
        if self._statement is None and made and made <= self._names:
            return True
        self._names |= made
        return False

    def _take_down(self, sql: str, parameters: Any, *, many: bool) -> None:
        sets = tuple(parameters) if many else (parameters,) if parameters else ()
        operation = self._statement.operation if self._statement is not None else self._impl.operation
        place, stands_alone = self._place.find()
        line = None if self.is_bookkeeping else self._find_line()
        self.sent.append(
            Sent(self._shown(sql), sets, operation, line, place, stands_alone, self.is_bookkeeping)
        )

    def _shown(self, sql: str) -> str:
        """The statement without what only the driver needs: doubled percent signs."""
        doubles = self._impl.dialect.paramstyle in ("format", "pyformat")
        return (sql.replace("%%", "%") if doubles else sql).strip()

    def _find_line(self) -> int | None:
        """The line of the revision file that is running."""
        frame: Any = sys._getframe(1) if self._path is not None else None
        while frame is not None:
            if frame.f_code.co_filename == self._path:
                line: int = frame.f_lineno
                return line
            frame = frame.f_back
        return None


def _gives_key(context: Any) -> bool:
    """Whether it inserts a row whose number the database gives, which the migration may ask for."""
    compiled = getattr(context, "compiled", None)
    return bool(getattr(context, "isinsert", False)) and not getattr(compiled, "inline", True)


class _Between:
    """A sink that says which statement comes next."""

    def __init__(self, recorder: Recorder, sink: Sink) -> None:
        self._recorder = recorder
        self._sink = sink

    def emit(self, statement: Statement) -> Result | None:
        return self._recorder.emit(statement, self._sink)
