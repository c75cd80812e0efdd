"""Watches the statements of one step: writes down what no rollback will undo, and leaves out what is done already."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from limbeck import sqla
from limbeck.base.process import Process
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.journaling import Outcome
from limbeck.errors import JournalNotWritable, StatementUndecided
from limbeck.runtime.journal import results, text
from limbeck.runtime.journal.replay import Replay
from limbeck.runtime.journal.table import BEGUN, BLOCK, DONE, READ, Entry, JournalTable, Passage
from limbeck.runtime.journal.text import Kind

REFUSED = "SELECT 1 FROM limbeck_is_never_there"
"""What is sent instead of a question that the database had refused the first time, for want of what it asks about."""


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
    is_question: bool = False
    """Whether it changes nothing, and its answer is to be the same when the step is run again."""


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
        self._answers: list[Entry] = []
        """What was asked, to be written with the next change."""
        self._asked = len(passage.answers)
        self._place = 0
        """The position of the last change that was carried out."""
        self._now: _Now | None = None
        self._is_own = False
        self._has_users_transaction = False
        self._temporary: set[str] = set()
        self._cleanup: list[str] = []
        self._begun_block: Entry | None = None
        entries = [self._settled(one) for one in passage.entries]
        self._replay = Replay(
            [one for one in entries if one is not None],
            passage.answers,
            revision=passage.revision,
            is_edited=is_edited,
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
        sqla.forget_given(context)
        kind = self._kind_of(statement)
        digest = text.digest(statement, parameters)
        if kind is Kind.AGAIN:
            return self._ask(statement, parameters, digest, executemany)
        is_autocommit = self._impl.is_permanent_at_once(connection)
        found = self._replay.meet(digest, statement, values_may_differ=not is_autocommit)
        if found is not None:
            self._position = found.position
            self._now = _Now(found, is_skipped=True)
            self._require_rows(found, context)
            return self._impl.empty_statement, _no_values(parameters, executemany)
        entry = Entry(self._next_position(), BEGUN, digest, statement)
        self._now = _Now(entry, is_direct=is_autocommit or not self._impl.undoes_ddl)
        if self._now.is_direct:
            self._begin_direct(self._now, kind, is_autocommit=is_autocommit)
        return statement, parameters

    def _ask(self, statement: str, parameters: Any, digest: str, executemany: bool) -> tuple[str, Any]:
        """A question gets the answer of the first time, if it was asked before what is done already."""
        if not text.is_answer(statement) or text.find_source(statement) in self._temporary:
            return statement, parameters
        known = self._replay.answer(digest)
        if known is not None:
            self._now = _Now(known, is_skipped=True, is_question=True)
            instead = REFUSED if known.returned is None else self._impl.empty_statement
            return instead, _no_values(parameters, executemany)
        self._now = _Now(Entry(0, READ, digest, statement, evidence=str(self._place)), is_question=True)
        return statement, parameters

    def _take_answers(self) -> list[Entry]:
        answers, self._answers = self._answers, []
        first = self._asked
        self._asked += len(answers)
        return [replace(one, position=-first - place) for place, one in enumerate(answers, 1)]

    def _begin_direct(self, now: _Now, kind: Kind, *, is_autocommit: bool) -> None:
        for sql in self._cleanup if is_autocommit or not self._impl.undoes_ddl else ():
            self._run(sql)
        self._cleanup.clear()
        sql = now.entry.statement
        with self._own():
            self._ensure_passage()
            if is_autocommit and not self._impl.is_permanent_at_once(self._connection):
                self._connection.exec_driver_sql(
                    "COMMIT"
                )  # a driver that begins transactions for rows only has done so
            if kind is Kind.DATA or self._impl.shares_transaction(sql):
                if is_autocommit and not self._has_users_transaction:
                    self._connection.exec_driver_sql("BEGIN")
                    now.is_enclosed = True
                return
            evidence = self._impl.find_evidence(self._connection, sql)
            now.entry = replace(now.entry, evidence=evidence)
            if is_autocommit and not self._has_users_transaction and not self._impl.undoes_ddl:
                # DDL ends this transaction by itself; what turns out to be no DDL is permanent with its row.
                self._connection.exec_driver_sql("BEGIN")
                now.is_enclosed = True
            self._table.add(self._connection, self.passage.id, [*self._take_answers(), now.entry])
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
            results.give_back(cursor, context, now.entry.returned, now.entry.rows)
            if not now.is_question:
                self._place = now.entry.position
            return
        returned = results.keep(cursor, context)
        if now.is_question:
            if results.has_rows(returned):
                self._answers.append(replace(now.entry, returned=returned))
            return
        entry = replace(now.entry, state=DONE, rows=_row_count(cursor), returned=returned)
        self._last_done = max(self._last_done, entry.position)
        self._place = entry.position
        if not now.is_direct:
            self._kept.append(entry)
            return
        with self._own():
            if now.is_written:
                self._table.mark_done(connection, self.passage.id, entry)
                self._committed.append(entry)
            else:
                self._table.add(connection, self.passage.id, [*self._take_answers(), entry])
            if now.is_enclosed:
                connection.exec_driver_sql("COMMIT")

    def _commit(self, connection: Connection) -> None:
        self.flush()

    def flush(self) -> None:
        """Called before something commits in the middle of the step: write down what the transaction has done."""
        if self._kept:
            with self._own():
                self._ensure_passage()
                self._table.add(self._connection, self.passage.id, [*self._take_answers(), *self._kept])
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

    def _require_rows(self, entry: Entry, context: Any) -> None:
        """Raise StatementUndecided if a statement is left out that is to return rows which are not known."""
        if results.has_lost_rows(entry.returned) or (
            _returns_rows(context) and not results.has_rows(entry.returned)
        ):
            raise StatementUndecided(
                revision=self.passage.revision,
                position=entry.position,
                statement=entry.statement,
                reason="it is in the database, but the rows that it returned are not known any more",
            )

    def _give_up_now(self) -> None:
        """A statement that has begun and not ended has failed, and the migration goes on."""
        now, self._now = self._now, None
        if now is not None and now.is_question and not now.is_skipped:
            self._answers.append(now.entry)
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
        if found is not None and self._is_undone(found, end):
            found = None
        if found is None:
            with self._enclosing_block():
                self._begun_block = begin
                if self._impl.undoes_ddl:
                    self._note_block(begin)
                rebuild()
                self._note_block(end)
                self._begun_block = None
            return
        if found.evidence is not None:
            self._position = max(self._position, found.position)
            for sql in json.loads(found.evidence):
                self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        elif not self._replay:  # only its beginning was made permanent
            rebuild()
        if not self._replay.pass_block(end.digest):
            self._note_block(end)
        else:
            self._place = self._replay.passed
        self._begun_block = None

    def _is_undone(self, begin: Entry, end: Entry) -> bool:
        """Whether a failed block has dropped its new table again, although the journal was not told in time."""
        entries = self._replay.left_of_block(end.digest)
        plan = {text.normalized(sql) for sql in json.loads(begin.evidence or "[]")}
        if not plan or not any(text.is_table_dropped(one.statement, but=plan) for one in entries):
            return False
        with self._own():
            positions = [begin.position, *(one.position for one in entries)]
            self._table.remove(self._connection, self.passage.id, positions)
        self._replay.pass_block(end.digest)
        return True

    @contextmanager
    def _enclosing_block(self) -> Iterator[None]:
        """Around a block: one transaction, where there would be none, and the database can undo all of it."""
        if (
            not self._impl.encloses_rebuild
            or self._has_users_transaction
            or not self._impl.is_permanent_at_once(self._connection)
        ):
            yield
            return
        was_open = self._is_open
        self._run("BEGIN")
        self._has_users_transaction = True
        try:
            yield
        except BaseException:
            if not self._connection.invalidated:
                self._run("ROLLBACK")
                self._is_open = was_open
                self._table.forget_existence()
            raise
        else:
            self._run("COMMIT")
        finally:
            self._has_users_transaction = False

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
        self._last_done = self._place = entry.position
        if self._impl.undoes_ddl and not self._impl.is_permanent_at_once(self._connection):
            self._kept.append(entry)
            return entry
        with self._own():
            self._ensure_passage()
            self._table.add(self._connection, self.passage.id, [*self._take_answers(), entry])
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
        self._answers.clear()
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
        try:
            self._table.create(self._connection)
            if self._is_new:
                self._table.open(self._connection, self.passage, self._process)
            else:
                self._table.reopen(self._connection, self.passage, self._process)
        except DBAPIError as error:
            if error.connection_invalidated or not self._is_new:
                raise
            raise JournalNotWritable(table=self._table.table.name, reason=str(error.orig)) from error
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
