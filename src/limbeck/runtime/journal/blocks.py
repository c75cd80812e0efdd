"""Batch blocks in the journal: a rebuild, which looks at the table, is not planned anew when half of it is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.journal import digests
from limbeck.runtime.journal.replay import Replay
from limbeck.runtime.journal.table import BLOCK, Entry, JournalTable
from limbeck.runtime.journal.writer import PassageWriter


class BlockRecorder:
    """Writes down where each block begins and ends, and, if it is not one transaction, what it is going to do.

    `end_statement` is called before a block, because the statement before it may have failed.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        connection: Connection,
        table: JournalTable,
        writer: PassageWriter,
        replay: Replay,
        end_statement: Callable[[], None],
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._table = table
        self._writer = writer
        self._replay = replay
        self._end_statement = end_statement
        self._begun: Entry | None = None

    def run_block(self, table: str, rebuild: Callable[[], None]) -> None:
        """Rebuild a table, or do what is left of it: what the table looks like is not asked in the middle."""
        self._end_statement()
        begin, end = _entries_of(table)
        found = self._replay.meet(begin.digest, begin.statement, values_may_differ=False)
        if found is not None and self._is_undone(found, end):
            found = None
        self._writer.is_in_block = True
        try:
            if found is None:
                self._run(begin, end, rebuild)
            else:
                self._finish(found, end, rebuild)
        finally:
            self._writer.is_in_block = False
        self._begun = None

    def note_plan(self, statements: Callable[[], list[str]]) -> None:
        """Called before the first statement of a block that is not one transaction: what it is going to do."""
        begin = self._begun
        if begin is not None and not self._impl.undoes_ddl:
            self._begun = self._note(begin._replace(evidence=json.dumps(statements())))

    def forget_block(self) -> None:
        """What the block has done so far is undone, so that it begins anew next time."""
        begin = self._begun
        if begin is not None and not self._impl.undoes_ddl:
            self._writer.remove(range(begin.position, self._writer.position + 1))

    def _run(self, begin: Entry, end: Entry, rebuild: Callable[[], None]) -> None:
        with self._enclosing():
            self._begun = begin
            if self._impl.undoes_ddl:
                self._note(begin)
            rebuild()
            self._note(end)

    def _finish(self, begin: Entry, end: Entry, rebuild: Callable[[], None]) -> None:
        """Do what is left of a block of which the beginning stands in the journal."""
        if begin.evidence is not None:
            self._writer.pass_by(begin)
            for sql in json.loads(begin.evidence):
                self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        elif not self._replay:  # only its beginning was made permanent
            rebuild()
        if self._replay.pass_block(end.digest):
            self._writer.place = self._replay.passed
        else:
            self._note(end)

    def _is_undone(self, begin: Entry, end: Entry) -> bool:
        """Whether a failed block has dropped its new table again, although the journal was not told in time."""
        from limbeck.runtime.journal import text

        entries = self._replay.left_of_block(end.digest)
        plan = {digests.normalized(sql) for sql in json.loads(begin.evidence or "[]")}
        if not plan or not any(text.is_table_dropped(one.statement, but=plan) for one in entries):
            return False
        self._writer.remove([begin.position, *(one.position for one in entries)])
        self._replay.pass_block(end.digest)
        return True

    @contextmanager
    def _enclosing(self) -> Iterator[None]:
        """Around a block: one transaction, where there would be none, and the database can undo all of it."""
        writer = self._writer
        if not self._impl.encloses_rebuild or not writer.is_permanent_at_once or writer.is_in_transaction:
            yield
            return
        was_open = writer.is_open
        writer.run("BEGIN")
        writer.is_in_transaction = True
        try:
            yield
        except BaseException:
            if not self._connection.invalidated:
                writer.run("ROLLBACK")
                writer.is_open = was_open
                self._table.note_existence(None)
            raise
        else:
            writer.run("COMMIT")
        finally:
            writer.is_in_transaction = False

    def _note(self, entry: Entry) -> Entry:
        entry = entry._replace(position=self._writer.next_position())
        self._writer.note_done(entry)
        if self._impl.undoes_ddl and not self._writer.is_permanent_at_once:
            self._writer.keep(entry)
        else:
            self._writer.write(entry)
        return entry


def _entries_of(table: str) -> tuple[Entry, Entry]:
    """What stands for the beginning and for the end of a block."""
    names = (f"rebuild of table {table}", f"end of the rebuild of table {table}")
    begin, end = (Entry(0, BLOCK, digests.digest(name, None), name) for name in names)
    return begin, end
