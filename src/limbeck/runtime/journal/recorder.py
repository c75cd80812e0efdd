"""Watches the statements of one step: writes down what no rollback will undo, and leaves out what is done already."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Connection, event

from limbeck.base.process import Process
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.journaling import Outcome
from limbeck.errors import StatementUndecided
from limbeck.runtime.journal import text
from limbeck.runtime.journal.replay import Replay
from limbeck.runtime.journal.table import BEGUN, BLOCK, DONE, Entry, JournalTable, Passage
from limbeck.runtime.journal.text import Kind

MOST_ROWS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a failed step has left in the database: the last statement that is there, or none."""

    position: int


@dataclass(slots=True)
class _Now:
    """The statement that runs now, and what is to be done when it has ended."""

    entry: Entry
    is_skipped: bool = False
    is_written: bool = False
    """Whether the journal says already that it has begun."""
    is_enclosed: bool = False
    """Whether a transaction was begun for it and its row."""
    is_direct: bool = False


class Commits(Protocol):
    """Commits in the middle of a step."""

    before_commit: Callable[[], None] | None


class StepRecorder:
    """The journal of one step.

    Where a rollback undoes everything, nothing is written; what was done is written only when something commits
    in the middle of the step, in the transaction that is committed. Elsewhere each statement is written down before
    it, or in one transaction with it.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        connection: Connection,
        table: JournalTable,
        passage: Passage,
        process: Process,
        *,
        is_new: bool,
        is_edited: bool,
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._table = table
        self._process = process
        self.passage = passage
        self._is_open = False
        self._is_new = is_new
        self._position = 0
        self._last_done = max((one.position for one in passage.entries), default=0)
        self._kept: list[Entry] = []
        """What the open transaction has done, to be written if that is committed before the step has ended."""
        self._committed: list[Entry] = []
        """What was written as begun, and is known to be done, in case a rollback takes that knowledge back."""
        self._now: _Now | None = None
        self._is_own = False
        self._has_users_transaction = False
        self._temporary: set[str] = set()
        self._cleanup: list[str] = []
        self._begun_block: Entry | None = None
        entries = [self._settled(one) for one in passage.entries]
        self._replay = Replay(
            [one for one in entries if one is not None], revision=passage.revision, is_edited=is_edited
        )

    # --- watching -----------------------------------------------------------------------------------------

    @contextmanager
    def watching(self, commits: Commits) -> Iterator[None]:
        """Around the function of the migration; `commits` tells of those that the connection itself does not see."""
        listeners: tuple[tuple[str, Callable[..., Any], dict[str, Any]], ...] = (
            ("before_cursor_execute", self._before, {"retval": True}),
            ("after_cursor_execute", self._after, {}),
            ("commit", self._commit, {}),
        )
        for name, function, options in listeners:
            event.listen(self._connection, name, function, **options)
        self._impl.journal = self
        commits.before_commit = self.flush
        try:
            yield
            self._give_up_now()
            self._replay.require_nothing_left()
        finally:
            self._impl.journal = None
            commits.before_commit = None
            for name, function, _ in listeners:
                event.remove(self._connection, name, function)

    def _before(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        if self._is_own:
            return statement, parameters
        self._give_up_now()
        kind = self._kind_of(statement)
        if kind is Kind.AGAIN:
            return statement, parameters
        digest = text.digest(statement, parameters)
        is_autocommit = self._impl.is_permanent_at_once(connection)
        found = self._replay.meet(digest, statement, values_may_differ=not is_autocommit)
        if found is not None:
            self._position = found.position
            self._now = _Now(found, is_skipped=True)
            return self._in_place_of(found, context), _no_values(parameters, executemany)
        entry = Entry(self._next_position(), BEGUN, digest, statement)
        self._now = _Now(entry, is_direct=is_autocommit or not self._impl.undoes_ddl)
        if self._now.is_direct:
            self._begin_direct(self._now, kind, is_autocommit=is_autocommit)
        return statement, parameters

    def _begin_direct(self, now: _Now, kind: Kind, *, is_autocommit: bool) -> None:
        for sql in self._cleanup if is_autocommit or not self._impl.undoes_ddl else ():
            self._run(sql)
        self._cleanup.clear()
        sql = now.entry.statement
        with self._own():
            self._ensure_passage()
            if kind is Kind.DATA or self._impl.shares_transaction(sql):
                if is_autocommit and not self._has_users_transaction:
                    self._connection.exec_driver_sql("BEGIN")
                    now.is_enclosed = True
                return
            evidence = self._impl.find_evidence(self._connection, sql)
            now.entry = replace(now.entry, evidence=evidence)
            self._table.add(self._connection, self.passage.id, [now.entry])
            now.is_written = True

    def _after(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        now = self._now
        if self._is_own or now is None:
            return
        self._now = None
        if now.is_skipped:
            _restore(cursor, now.entry)
            return
        entry = replace(now.entry, state=DONE, rows=_row_count(cursor), returned=_keep_rows(cursor))
        self._last_done = max(self._last_done, entry.position)
        if not now.is_direct:
            self._kept.append(entry)
            return
        with self._own():
            if now.is_written:
                self._table.mark_done(connection, self.passage.id, entry)
                self._committed.append(entry)
            else:
                self._table.add(connection, self.passage.id, [entry])
            if now.is_enclosed:
                connection.exec_driver_sql("COMMIT")

    def _commit(self, connection: Connection) -> None:
        self.flush()

    def flush(self) -> None:
        """Called before something commits in the middle of the step: write down what the transaction has done."""
        if self._kept:
            with self._own():
                self._ensure_passage()
                self._table.add(self._connection, self.passage.id, self._kept)
            self._kept.clear()

    def _kind_of(self, statement: str) -> Kind:
        if text.is_commit(statement):
            self.flush()
        begins = text.begins_transaction(statement)
        if begins is not None:
            self._has_users_transaction = begins
        temporary = text.find_temporary_table(statement)
        if temporary is not None:
            self._temporary.add(temporary)
        elif self._temporary and text.find_target(statement) in self._temporary:
            return Kind.AGAIN
        return text.kind_of(statement)

    def _in_place_of(self, entry: Entry, context: Any) -> str:
        """What is sent instead of a statement that was carried out before."""
        if not entry.returned and not _returns_rows(context):
            return self._impl.empty_statement
        returned = json.loads(entry.returned) if entry.returned else None
        if returned is not None:
            sql = self._impl.select_literals(returned["rows"], returned["names"])
            if sql is not None:
                return sql
        raise StatementUndecided(
            revision=self.passage.revision,
            position=entry.position,
            statement=entry.statement,
            reason="it is in the database, but the rows that it returned are not known any more",
        )

    def _give_up_now(self) -> None:
        """A statement that has begun and not ended has failed, and the migration goes on."""
        now, self._now = self._now, None
        if now is not None and now.is_enclosed:
            with self._own():
                self._connection.exec_driver_sql("ROLLBACK")
        if now is not None and now.is_written and now.entry.evidence is None:
            with self._own():
                self._table.remove(self._connection, self.passage.id, [now.entry.position])

    # --- batch blocks -------------------------------------------------------------------------------------

    def run_block(self, table: str, rebuild: Callable[[], None]) -> None:
        """Rebuild a table, or do what is left of it: what the table looks like is not asked in the middle."""
        self._give_up_now()
        begin, end = _block_entries(table)
        found = self._replay.meet(begin.digest, begin.statement, values_may_differ=False)
        if found is None:
            self._begun_block = begin
            if self._impl.undoes_ddl:
                self._note_block(begin)
            rebuild()
        elif found.evidence is not None:
            self._position = max(self._position, found.position)
            for sql in json.loads(found.evidence):
                self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        elif not self._replay:  # only its beginning was made permanent
            rebuild()
        if not self._replay.pass_block(end.digest):
            self._note_block(end)
        self._begun_block = None

    def note_plan(self, statements: Callable[[], list[str]]) -> None:
        """Called before the first statement of a block that is not one transaction: what it is going to do."""
        begin = self._begun_block
        if begin is not None and not self._impl.undoes_ddl:
            self._begun_block = self._note_block(replace(begin, evidence=json.dumps(statements())))

    def forget_block(self) -> None:
        """What the block has done so far is undone, so that it begins anew next time."""
        begin = self._begun_block
        if begin is not None and not self._impl.undoes_ddl:
            with self._own():
                positions = range(begin.position, self._position + 1)
                self._table.remove(self._connection, self.passage.id, positions)
            self._committed = [one for one in self._committed if one.position < begin.position]

    def _note_block(self, entry: Entry) -> Entry:
        entry = replace(entry, position=self._next_position())
        self._last_done = entry.position
        if self._impl.undoes_ddl and not self._impl.is_permanent_at_once(self._connection):
            self._kept.append(entry)
            return entry
        with self._own():
            self._ensure_passage()
            self._table.add(self._connection, self.passage.id, [entry])
        return entry

    def _next_position(self) -> int:
        self._position = max(self._position, self._last_done) + 1
        return self._position

    # --- the end ------------------------------------------------------------------------------------------

    @contextmanager
    def completing(self) -> Iterator[None]:
        """Around the change of the version table: with it, the statements go from the journal."""
        if not self.has_written:
            yield
            return
        encloses = self._impl.is_permanent_at_once(self._connection)
        with self._own():
            if encloses:
                self._connection.exec_driver_sql("BEGIN")
            yield
            self._table.close(self._connection, self.passage.id, DONE)
            if encloses:
                self._connection.exec_driver_sql("COMMIT")

    def note_failure(self) -> Leftover | None:
        """Called after the step has failed and was rolled back: write down where it stopped.

        None if nothing of it is in the database. The caller commits.
        """
        now, self._now = self._now, None
        self._kept.clear()
        if not self.has_written:
            return None
        connection = self._connection
        if now is not None and now.is_enclosed:
            connection.exec_driver_sql("ROLLBACK")
        for entry in self._committed:
            self._table.mark_done(connection, self.passage.id, entry)
        passages = self._table.read_unfinished(connection)
        passage = next((one for one in passages if one.id == self.passage.id), None)
        if passage is None:
            return None
        if now is not None and now.is_written:
            passage = replace(passage, entries=self._without_failed(passage.entries, now.entry))
        if not passage.entries:
            self._table.discard(connection, passage.id)
            return None
        self._table.note_stop(connection, passage.id)
        return Leftover(max(one.position for one in passage.entries))

    @property
    def has_written(self) -> bool:
        """Whether the database may hold something about this passage."""
        return self._is_open or not self._is_new

    def presumed_leftover(self) -> Leftover | None:
        """What is in the database as far as it is known here, without asking it."""
        return Leftover(self._last_done) if self.has_written else None

    def _without_failed(self, entries: tuple[Entry, ...], failed: Entry) -> tuple[Entry, ...]:
        """A statement that the database has refused has not happened, unless it has left something behind."""
        if failed.evidence is not None:
            settlement = self._impl.settle(self._connection, failed.statement, failed.evidence)
            if settlement.outcome is not Outcome.NOT_DONE or settlement.cleanup:
                return entries
        self._table.remove(self._connection, self.passage.id, [failed.position])
        return tuple(one for one in entries if one.position != failed.position)

    # --- helpers ------------------------------------------------------------------------------------------

    def _settled(self, entry: Entry) -> Entry | None:
        """An interrupted statement as one that is done, or None if it is to be run again."""
        if entry.state != BEGUN:
            return entry
        settlement = self._impl.settle(self._connection, entry.statement, entry.evidence)
        if settlement.outcome is Outcome.UNKNOWN:
            raise StatementUndecided(
                revision=self.passage.revision,
                position=entry.position,
                statement=entry.statement,
                reason="the database does not tell whether it has taken effect",
            )
        with self._own():
            if settlement.outcome is Outcome.DONE:
                self._table.mark_done(self._connection, self.passage.id, entry)
                return replace(entry, state=DONE)
            self._table.remove(self._connection, self.passage.id, [entry.position])
        if settlement.cleanup:
            self._cleanup.append(settlement.cleanup)
        return None

    def _ensure_passage(self) -> None:
        if self._is_open:
            return
        self._table.create(self._connection)
        if self._is_new:
            self._table.open(self._connection, self.passage, self._process)
        else:
            self._table.reopen(self._connection, self.passage, self._process)
        self._is_open = True

    def _run(self, sql: str) -> None:
        with self._own():
            self._connection.exec_driver_sql(sql)

    @contextmanager
    def _own(self) -> Iterator[None]:
        was, self._is_own = self._is_own, True
        try:
            yield
        finally:
            self._is_own = was


def _block_entries(table: str) -> tuple[Entry, Entry]:
    """What stands for the beginning and for the end of a block."""
    names = (f"rebuild of table {table}", f"end of the rebuild of table {table}")
    begin, end = (Entry(0, BLOCK, text.digest(name, None), name) for name in names)
    return begin, end


def _no_values(parameters: Any, executemany: bool) -> Any:
    empty: Any = {} if isinstance(parameters[0] if executemany else parameters, dict) else ()
    return [empty] if executemany else empty


def _returns_rows(context: Any) -> bool:
    compiled = getattr(context, "compiled", None)
    return bool(getattr(compiled, "effective_returning", None))


def _row_count(cursor: Any) -> int | None:
    count = getattr(cursor, "rowcount", None)
    return count if isinstance(count, int) and count >= 0 else None


def _keep_rows(cursor: Any) -> str | None:
    """The rows that a statement has returned, as JSON, if the driver lets them be read twice."""
    if getattr(cursor, "description", None) is None or not hasattr(cursor, "scroll"):
        return None
    rows = cursor.fetchmany(MOST_ROWS_KEPT + 1)
    try:
        cursor.scroll(0, mode="absolute")
        names = [column[0] for column in cursor.description]
        return json.dumps({"names": names, "rows": [list(row) for row in rows]})
    except TypeError:
        return None


def _restore(cursor: Any, entry: Entry) -> None:
    """Let the result of a statement that was left out tell as many rows as the first time, if the driver lets it."""
    if entry.rows is not None and cursor.description is None:
        try:
            cursor.rowcount = entry.rows
        except AttributeError:
            return
