"""Watches the statements of one step: writes down what no rollback will undo, and leaves out what is done already."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from limbeck import errors, sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.journal import digests, results
from limbeck.runtime.journal.kinds import Kind, kind_of_plain
from limbeck.runtime.journal.replay import Replay
from limbeck.runtime.journal.settling import (
    has_left_nothing,
    is_undone_if_refused,
    settle_passage,
    undecided,
)
from limbeck.runtime.journal.table import BEGUN, DONE, DOUBTFUL, READ, Entry, JournalTable, PassageEnd
from limbeck.runtime.journal.watch import Leftover, PlainStatement
from limbeck.runtime.journal.writer import UNTOLD, PassageWriter

if TYPE_CHECKING:
    from limbeck.runtime.journal.blocks import BlockRecorder

REFUSED = "SELECT 1 FROM limbeck_is_never_there"
"""What is sent instead of a question that the database had refused the first time, for want of what it asks about."""


class _Now:
    """The statement that runs now, and what is to be done when it has ended.

    It `is_skipped` if something else is sent in its place; `is_deferred` if it may be written down after it, because
    the catalogue tells of it; `is_question` if it changes nothing, and its answer is to be the same when the step is
    run again.
    """

    def __init__(
        self,
        entry: Entry,
        *,
        is_skipped: bool = False,
        is_deferred: bool = False,
        is_direct: bool = False,
        is_question: bool = False,
    ) -> None:
        self.entry = entry
        self.is_skipped = is_skipped
        self.is_deferred = is_deferred
        self.is_direct = is_direct
        self.is_question = is_question
        self.is_written = False
        """Whether the journal says already that it has begun."""
        self.is_enclosed = False
        """Whether a transaction was begun for it and its row."""


class StepRecorder:
    """The journal of one step.

    Where a rollback undoes everything, nothing is written; what was done is written only when something commits
    in the middle of the step, in the transaction that is committed. Elsewhere each statement is written down before
    it, or in one transaction with it; only what creates a thing that was absent may be written down later, since the
    catalogue tells of it.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        connection: Connection,
        table: JournalTable,
        writer: PassageWriter,
        *,
        is_edited: bool,
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._writer = writer
        self.passage = passage = writer.passage
        self._now: _Now | None = None
        self._is_autocommit = False
        """Whether the change that was asked for last was permanent at once."""
        self._temporary: set[str] = set()
        settled = settle_passage(impl, connection, writer)
        self._cleanup = settled.cleanup
        self._is_end_known = settled.is_end_known
        self._is_edited = is_edited
        self._replay = Replay(
            settled.entries, passage.answers, revision=passage.revision, is_edited=is_edited
        )
        self._table = table

    @property
    def blocks(self) -> BlockRecorder:
        """The journal of the batch blocks in it."""
        return self._blocks

    @cached_property
    def _blocks(self) -> BlockRecorder:
        from limbeck.runtime.journal.blocks import BlockRecorder

        return BlockRecorder(
            self._impl, self._connection, self._table, self._writer, self._replay, self._begin_block
        )

    # --- what was seen before this was made -----------------------------------------------------------------

    def take_over(self, statements: Iterable[PlainStatement], *, last_position: int) -> None:
        """Changes in the transaction that is open, and the last position that one has had, if it failed or not."""
        for one in statements:
            digest = digests.digest_with(one.statement, one.values)
            returned = results.keep_key(one.key)
            entry = Entry(
                one.position, DONE, digest, one.statement, rows=results.count(one.rows), returned=returned
            )
            self._writer.note_done(entry)
            self._writer.keep(entry)
        self._writer.pass_to(last_position)

    def take_over_running(self, one: PlainStatement) -> None:
        """A change in the transaction that is open, which has been executed just now."""
        entry = Entry(one.position, BEGUN, digests.digest_with(one.statement, one.values), one.statement)
        self._now = _Now(entry)

    # --- before a statement -------------------------------------------------------------------------------

    def before(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        """A statement is about to be executed; gives what is to be executed."""
        if self._writer.is_at_work:
            return statement, parameters
        self._give_up_now()
        if not parameters and self._begin_creation(statement):
            return statement, parameters
        sqla.forget_given(context)
        kind = self._kind_of(statement)
        digest = digests.digest(statement, parameters)
        if kind is Kind.AGAIN:
            return self._ask(statement, parameters, digest, executemany)
        self._is_autocommit = is_autocommit = self._writer.is_permanent_at_once
        found = self._replay.meet(digest, statement, values_may_differ=not is_autocommit)
        if found is not None:
            self._writer.pass_by(found)
            self._now = _Now(found, is_skipped=True)
            self._require_rows(found, context)
            return self._impl.empty_statement, _no_values(parameters, executemany)
        if not self._is_end_known and self._was_carried_out(statement, digest):
            return self._impl.empty_statement, _no_values(parameters, executemany)
        entry = Entry(self._writer.next_position(), BEGUN, digest, statement)
        self._now = _Now(entry, is_direct=is_autocommit or not self._impl.undoes_ddl)
        if self._now.is_direct:
            self._begin_direct(self._now, kind, is_autocommit=is_autocommit)
        return statement, parameters

    def _begin_creation(self, statement: str) -> bool:
        """The short way of most statements: of what creates a thing that was absent there is nothing to decide.

        Only where no rollback undoes it, and nothing is left of an earlier run. It may be written down later.
        """
        writer, impl = self._writer, self._impl
        if impl.undoes_ddl or self._replay or not self._is_end_known or self._cleanup or self._temporary:
            return False
        if not writer.can_defer:
            return False
        with writer.at_work():
            evidence = impl.find_creation(self._connection, statement)
        if evidence is None:
            return False
        self._is_autocommit = writer.is_permanent_at_once
        writer.begin()
        entry = Entry(writer.next_position(), DONE, UNTOLD, statement, evidence)
        self._now = _Now(entry, is_direct=True, is_deferred=True)
        return True

    def _was_carried_out(self, statement: str, digest: str) -> bool:
        """Whether a statement was carried out that is not in the journal, as the first of which this is not so tells.

        Raises StatementUndecided.
        """
        begun = self.passage.begun
        with self._writer.at_work():
            is_there = begun is not None and self._impl.was_created_since(self._connection, statement, begun)
        if not is_there:
            self._is_end_known = True
            return False
        entry = Entry(self._writer.next_position(), DONE, digest, statement)
        if self._is_edited:
            raise errors.CreationUndecided(
                revision=self.passage.revision,
                position=entry.position,
                statement=statement,
                reason="what it creates is there, but the file was edited after the run was cut off",
            )
        self._writer.note_done(entry)
        self._now = _Now(entry, is_skipped=True, is_deferred=True)
        return True

    def _kind_of(self, statement: str) -> Kind:
        kind = None if self._temporary else kind_of_plain(statement)
        return self._kind_of_other(statement) if kind is None else kind

    def _kind_of_other(self, statement: str) -> Kind:
        from limbeck.runtime.journal import text

        if text.is_commit(statement):
            self._writer.flush()
        begins = text.begins_transaction(statement)
        if begins is not None:
            if begins:
                self._writer.write_deferred()
            self._writer.is_in_transaction = begins
        temporary = text.find_temporary_table(statement)
        if temporary is not None:
            self._temporary.add(temporary)
        elif self._temporary and text.find_target(statement) in self._temporary:
            return Kind.AGAIN
        return text.kind_of(statement)

    def _ask(self, statement: str, parameters: Any, digest: str, executemany: bool) -> tuple[str, Any]:
        """A question gets the answer of the first time, if it was asked before what is done already."""
        from limbeck.runtime.journal import text

        if not text.is_answer(statement):
            self._impl.forget_catalogue()
            return statement, parameters
        if text.find_source(statement) in self._temporary:
            return statement, parameters
        known = self._replay.answer(digest)
        if known is None and not self._replay:
            self._is_end_known = True  # what follows a question is written down before it
        if known is not None:
            self._now = _Now(known, is_skipped=True, is_question=True)
            instead = REFUSED if known.returned is None else self._impl.empty_statement
            return instead, _no_values(parameters, executemany)
        place = str(self._writer.place)
        self._now = _Now(Entry(0, READ, digest, statement, evidence=place), is_question=True)
        return statement, parameters

    def _begin_direct(self, now: _Now, kind: Kind, *, is_autocommit: bool) -> None:
        """Write a statement down that is permanent at once, or begin what makes it so together with its row."""
        writer, sql = self._writer, now.entry.statement
        for cleanup in self._cleanup:
            writer.run(cleanup)
        self._cleanup.clear()
        encloses = is_autocommit and not writer.is_in_transaction
        writer.prepare()
        if is_autocommit and not writer.is_permanent_at_once:
            writer.run("COMMIT")  # a driver that begins transactions for rows only has done so
        with writer.at_work():
            shares = kind is Kind.DATA or self._impl.shares_transaction(sql)
        if shares:
            writer.write_deferred()
            if encloses:
                writer.run("BEGIN")
                now.is_enclosed = True
            return
        with writer.at_work():
            evidence = self._impl.find_evidence(self._connection, sql)
        now.entry = now.entry._replace(evidence=evidence)
        writer.write_deferred()
        if evidence is None:
            writer.begin_for_others()
        if encloses and not self._impl.undoes_ddl:
            # DDL ends this transaction by itself; what turns out to be no DDL is permanent with its row.
            writer.run("BEGIN")
            now.is_enclosed = True
        writer.write(now.entry)
        now.is_written = True

    def _begin_block(self) -> None:
        """A batch block is about to run, which is written down as it is carried out."""
        self._give_up_now()
        self._writer.write_deferred()
        if not self._replay:
            self._is_end_known = True

    def _require_rows(self, entry: Entry, context: Any) -> None:
        """Raise StatementUndecided if a statement is left out that is to return rows which are not known."""
        if results.has_lost_rows(entry.returned) or (
            results.returns_rows(context) and not results.has_rows(entry.returned)
        ):
            raise undecided(
                self.passage,
                entry,
                "it is in the database, but the rows that it returned are not known any more",
            )

    # --- after it -----------------------------------------------------------------------------------------

    def after(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        """A statement was executed."""
        now, writer = self._now, self._writer
        if writer.is_at_work or now is None:
            return
        self._now = None
        if now.is_skipped:
            results.give_back(cursor, context, now.entry.returned, now.entry.rows)
            if now.is_deferred:
                writer.defer(now.entry)
            if not now.is_question:
                writer.place = now.entry.position
            return
        if now.is_deferred:
            writer.note_done(now.entry)
            writer.defer(now.entry)
            return
        returned = results.keep(cursor, context)
        if now.is_question:
            if results.has_rows(returned):
                writer.keep_answer(now.entry._replace(returned=returned))
            return
        rows = results.count(getattr(cursor, "rowcount", None))
        entry = now.entry._replace(state=DONE, rows=rows, returned=returned)
        writer.note_done(entry)
        if not now.is_direct:
            writer.keep(entry)
            return
        if not now.is_written:
            writer.write(entry)
        elif not entry.goes_without_saying:
            writer.update(entry)
        if now.is_enclosed:
            writer.run("COMMIT")

    def flush(self) -> None:
        """Called before something commits in the middle of the step."""
        self._writer.flush()

    def require_complete(self) -> None:
        """The function of the step has ended. Raises FinishedStatementEdited if a statement is gone."""
        self._give_up_now()
        self._replay.require_nothing_left()

    def _give_up_now(self) -> None:
        """A statement that has begun and not ended has failed, and the migration goes on."""
        now, self._now = self._now, None
        if now is None:
            return
        if now.is_question and not now.is_skipped:
            self._writer.keep_answer(now.entry)
        if now.is_enclosed:
            self._writer.run("ROLLBACK")
            self._writer.doubt()
        if not now.is_written:
            return
        if is_undone_if_refused(self._impl, now.entry):
            self._writer.remove([now.entry.position])
        else:
            self._writer.update(now.entry._replace(state=DOUBTFUL))

    # --- the end ------------------------------------------------------------------------------------------

    def completing(self) -> AbstractContextManager[PassageEnd | None]:
        """Around the change of the version table: with it, the statements go from the journal."""
        return self._writer.completing()

    @property
    def has_written(self) -> bool:
        """Whether the database may hold something about this passage."""
        return self._writer.has_written

    @property
    def knows_what_stays(self) -> bool:
        """Whether all that a rollback does not undo stands in the journal: if nothing stands there, nothing stays."""
        return self.has_written or self._is_autocommit

    def note_failure(self) -> Leftover | None:
        """Called after the step has failed and was rolled back: write down where it stopped.

        None if nothing of it is in the database. The caller commits.
        """
        now, self._now = self._now, None
        if now is not None and now.is_enclosed:
            self._connection.exec_driver_sql("ROLLBACK")
        refused = now.entry if now is not None and now.is_written else None
        if refused is not None and not has_left_nothing(self._impl, self._connection, refused):
            refused = None
        last = self._writer.note_stop(refused, is_end_known=self._is_end_known)
        return None if last is None else Leftover(last)

    @property
    def is_own(self) -> bool:
        """Whether what is executed now is the journal's own, and no part of the migration."""
        return self._writer.is_at_work

    def presumed_leftover(self) -> Leftover | None:
        """What is in the database as far as it is known here, without asking it."""
        return Leftover(self._writer.last_done) if self.has_written else None


def _no_values(parameters: Any, executemany: bool) -> Any:
    empty: Any = {} if isinstance(parameters[0] if executemany else parameters, dict) else ()
    return [empty] if executemany else empty
