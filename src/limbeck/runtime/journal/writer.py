"""Writes down what one step does, where it cannot be undone: at once, or before something commits in the middle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck import errors
from limbeck.base.process import Process
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.journal.digests import digest
from limbeck.runtime.journal.table import BEGUN, DONE, Entry, JournalTable, Passage, PassageEnd

UNTOLD = ""
"""In the place of the digest of a change that has no values, which is found only if it is written down."""
MOST_DEFERRED = 20
"""How many changes may be carried out and not written down, if the catalogue tells of them."""


class _OwnWork(AbstractContextManager[None]):
    """How deep in work of its own the journal is: entered and left so often that a generator would be slow."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


class PassageWriter:
    """The rows of one passage in the side table, in whatever transaction is open.

    `is_in_transaction` says that one was begun by hand, or around a batch block, where else each statement is permanent
    at once; `is_in_block` that a batch block runs. `place` is the position of the last change that was carried out, or
    left out because it had been.
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
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._table = table
        self._process = process
        self._is_new = is_new
        self.passage = passage
        self.is_open = False
        self._own_work = _OwnWork()
        self.is_in_transaction = False
        self.is_in_block = False
        self.place = 0
        self._position = 0
        self._last_done = max((one.position for one in passage.entries), default=0)
        self._kept: list[Entry] = []
        """What the open transaction has done, to be written if that is committed before the step has ended."""
        self._deferred: list[Entry] = []
        """What was carried out and the catalogue tells of, too."""
        self._has_statements = not is_new
        """Whether more than the beginning of the passage may have been written."""
        self._answers: list[Entry] = []
        """What was asked, to be written with the next change."""
        self._asked = len(passage.answers)

    @property
    def is_permanent_at_once(self) -> bool:
        """Whether a row is permanent when it is written, unless a transaction is begun by hand."""
        return self._impl.is_permanent_at_once(self._connection)

    @property
    def has_written(self) -> bool:
        """Whether the database may hold something about this passage."""
        return self.is_open or not self._is_new

    @property
    def last_done(self) -> int:
        """The position of the last change that is in the database, as far as it is known here."""
        return self._last_done

    # --- positions ----------------------------------------------------------------------------------------

    def next_position(self) -> int:
        """The position of a change that is not in the journal yet."""
        self._position = max(self._position, self._last_done) + 1
        return self._position

    def pass_by(self, entry: Entry) -> None:
        """A change is left out, because the journal has it."""
        self.pass_to(entry.position)

    def pass_to(self, position: int) -> None:
        """A position is taken."""
        self._position = max(self._position, position)

    def note_done(self, entry: Entry) -> None:
        """A change is carried out."""
        self._last_done = max(self._last_done, entry.position)
        self.place = entry.position

    @property
    def position(self) -> int:
        """The position of the change that was met last."""
        return self._position

    # --- writing ------------------------------------------------------------------------------------------

    def at_work(self) -> AbstractContextManager[None]:
        """Around statements of the journal's own."""
        return self._own_work

    @property
    def is_at_work(self) -> bool:
        """Whether a statement on the connection is the journal's own."""
        return self._own_work.depth > 0

    def run(self, sql: str) -> None:
        """Run a statement of the journal's own."""
        with self.at_work():
            self._connection.exec_driver_sql(sql)

    def prepare(self) -> None:
        """See to it that the table is there: creating it may end a transaction that is about to begin."""
        if not self._table.is_surely_there:
            with self.at_work(), self._told_if_impossible():
                self._table.create(self._connection)

    def write(self, *entries: Entry) -> None:
        """Write changes down, with what was asked before them; and the passage, if they are its first."""
        connection, table = self._connection, self._table
        rows = [*self._take_answers(), *entries]
        self._has_statements = self._has_statements or bool(rows)
        with self.at_work():
            if self.is_open:
                table.add(connection, self.passage.id, rows)
                return
            with self._told_if_impossible():
                table.create(connection)
                if not self._is_new and table.reopen(connection, self.passage, self._process):
                    table.add(connection, self.passage.id, rows)
                else:
                    table.open(connection, self.passage, self._process, rows)
        self.is_open = True

    def keep(self, entry: Entry) -> None:
        """A change is carried out that a rollback would undo."""
        self._kept.append(entry)

    @property
    def can_defer(self) -> bool:
        """Whether a change may be written down after it.

        Not in a block, which is planned; nor if something was asked before it: the answer would no longer be the same.
        """
        return not self._answers and not self.is_in_block

    def begin(self) -> None:
        """Write down that the passage has begun, if nobody has."""
        if not self.is_open:
            self.write()

    def begin_for_others(self) -> None:
        """The same, so that other sessions see it, and wait while the statement that comes now is carried out."""
        if not self.is_open:
            self.write()
            if not self.is_permanent_at_once:
                self.run("COMMIT")

    def defer(self, entry: Entry) -> None:
        """A change is carried out that the catalogue tells of."""
        self._deferred.append(entry)
        if len(self._deferred) >= MOST_DEFERRED:
            self.write_deferred()

    def write_deferred(self) -> None:
        """Write down what the catalogue tells of, before anything begins that may be rolled back."""
        if self._deferred:
            self.write(*self._told_deferred())
            self._deferred.clear()
            if not self.is_permanent_at_once:
                # The last change has ended its transaction, so nothing else is in this one.
                self.run("COMMIT")

    def keep_answer(self, entry: Entry) -> None:
        """A question was answered."""
        self._answers.append(entry)

    def flush(self) -> None:
        """Called before something commits in the middle of the step: write down what the transaction has done."""
        kept, self._kept = self._kept, []
        done = [*self._told_deferred(), *kept]
        if done:
            self.write(*done)
            self._deferred.clear()

    def doubt(self) -> None:
        """A rollback may have taken the passage out of the table again."""
        self.is_open = self._is_new = False

    def forget_kept(self) -> None:
        """What the open transaction has done is undone."""
        self._kept.clear()

    def update(self, entry: Entry) -> None:
        """A change that was written down is carried out, or was refused: its state says which."""
        with self.at_work():
            mark = self._table.mark_done if entry.state == DONE else self._table.mark_doubtful
            mark(self._connection, self.passage.id, entry)

    def remove(self, positions: Iterable[int]) -> None:
        """Changes that were written down are not in the database."""
        with self.at_work():
            self._table.remove(self._connection, self.passage.id, positions)

    @contextmanager
    def completing(self) -> Iterator[PassageEnd | None]:
        """Around the change of the version table: with it, the statements go from the journal.

        Gives what may be written in the same statement as that change.
        """
        if not self.has_written:
            yield None
            return
        encloses = self.is_permanent_at_once
        with self.at_work():
            if encloses:
                self._connection.exec_driver_sql("BEGIN")
            id, has_statements = self.passage.id, self._has_statements
            end = self._table.end_of(id, DONE)
            yield end
            if end is None or not end.is_changed:
                self._table.close(self._connection, id, DONE, has_statements=has_statements)
            elif has_statements:
                self._table.forget_statements(self._connection, id)
            if encloses:
                self._connection.exec_driver_sql("COMMIT")

    # --- when the step has failed -------------------------------------------------------------------------

    def note_stop(self, refused: Entry | None, *, is_end_known: bool) -> int | None:
        """Write down where the step has stopped; the position of the last change that is in the database, or None.

        `refused` is a change that was written down as begun, and is not in the database. `is_end_known` is false
        if changes may be there that nobody has written down. The caller commits.
        """
        self.forget_kept()
        self._answers.clear()
        if not self.has_written:
            return None
        self.flush()
        connection, table, id = self._connection, self._table, self.passage.id
        passages = table.read_unfinished(connection)
        entries = next((one.entries for one in passages if one.id == id), None)
        if entries is None:
            return None
        if refused is not None:
            table.remove(connection, id, [refused.position])
            entries = tuple(one for one in entries if one.position != refused.position)
        if not is_end_known:
            return entries[-1].position if entries else 0
        if not entries:
            table.discard(connection, id)
            return None
        last = entries[-1]
        if last.state in (BEGUN, DONE) and last.position <= self._last_done:
            table.mark_done(connection, id, last)  # nothing is written after it that would say so
        table.note_stop(connection, id)
        return last.position

    # --- helpers ------------------------------------------------------------------------------------------

    def _told_deferred(self) -> list[Entry]:
        return [one._replace(digest=one.digest or digest(one.statement, None)) for one in self._deferred]

    def _take_answers(self) -> list[Entry]:
        answers, self._answers = self._answers, []
        first = self._asked
        self._asked += len(answers)
        return [one._replace(position=-first - place) for place, one in enumerate(answers, 1)]

    @contextmanager
    def _told_if_impossible(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if error.connection_invalidated or not self._is_new:
                raise
            raise errors.JournalNotWritable(table=self._table.table.name, reason=str(error.orig)) from error
