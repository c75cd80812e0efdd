"""Ways out for a revision that has stopped in the middle, besides going on with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from sqlalchemy import Connection, event

from limbeck import errors
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations.base import Operations
from limbeck.operations.ops import CreateTableOp, ModifyTableOps
from limbeck.operations.registry import Operation
from limbeck.runtime.journal import digests, text
from limbeck.runtime.journal.kinds import Kind
from limbeck.runtime.journal.table import (
    ABANDONED,
    BEGUN,
    BLOCK,
    DONE,
    DOUBTFUL,
    UNDONE,
    Entry,
    JournalTable,
    Passage,
)


class Function(Protocol):
    """The `upgrade()` or `downgrade()` of a revision."""

    def __call__(self, **kw: Any) -> Any: ...


def mark_interrupted(
    table: JournalTable, connection: Connection, passage: Passage, *, is_done: bool
) -> Entry:
    """Take the user's word for whether the statement that was cut off has taken effect; which one it was.

    Raises NothingToRepair if none was.
    """
    entry = next((one for one in passage.entries if one.state in (BEGUN, DOUBTFUL)), None)
    if entry is None:
        raise errors.NothingToRepair(f"No statement of revision {passage.revision} is in doubt")
    if is_done:
        table.mark_done(connection, passage.id, entry)
    else:
        table.remove(connection, passage.id, [entry.position])
    return entry


def abandon(table: JournalTable, connection: Connection, passage: Passage) -> None:
    """Forget where a revision has stopped; what it has left in the database is the user's own affair now."""
    table.close(connection, passage.id, ABANDONED)


def undo(
    operations: Operations, table: JournalTable, connection: Connection, passage: Passage, function: Function
) -> list[Operation]:
    """Undo what a revision has done before it stopped, the last operation first; which operations were undone.

    Raises NotUndoable, before anything is done, if the opposite of one is not known.
    """
    impl = operations.impl
    with _Rehearsal(impl, connection) as rehearsal:
        function()
    passage = _with_last_creations(impl, connection, passage, rehearsal.statements)
    undone = _reversible(passage, rehearsal.seen)
    opposites = [_opposite(passage, operation, entry) for operation, entry in undone]
    for opposite in opposites:
        _invoke(operations, opposite)
    table.close(connection, passage.id, UNDONE)
    return [operation for operation, _ in undone]


def _with_last_creations(
    impl: DefaultImpl, connection: Connection, passage: Passage, statements: dict[str, str]
) -> Passage:
    """The passage with what was carried out, but not written down before the process was killed."""
    if passage.is_end_known or passage.begun is None:
        return passage
    last, digests = 0, list(statements)
    for entry in passage.entries:
        last = digests.index(entry.digest) + 1 if entry.digest in statements else last
    entries = list(passage.entries)
    for digest in digests[last:]:
        if not impl.was_created_since(connection, statements[digest], passage.begun):
            break
        entries.append(Entry(len(entries) + 1, DONE, digest, statements[digest]))
    return passage._replace(entries=tuple(entries))


def _reversible(passage: Passage, seen: dict[str, Operation | None]) -> list[tuple[Operation, Entry]]:
    """The operations of which something is in the database, the last one first."""
    found: list[tuple[Operation, Entry]] = []
    done = [(entry, seen.get(entry.digest)) for entry in _without_blocks(passage)]
    new_tables = {
        operation.table_name.lower() for _, operation in done if isinstance(operation, CreateTableOp)
    }
    for entry, operation in reversed(done):
        if text.kind_of(entry.statement) is Kind.DATA:
            target = (text.find_target(entry.statement) or "").strip('`"').lower()
            if target not in new_tables:
                raise errors.NotUndoable(revision=passage.revision, statement=entry.statement)
        elif operation is None:
            raise errors.NotUndoable(revision=passage.revision, statement=entry.statement)
        elif all(operation is not other for other, _ in found):
            found.append((operation, entry))
    return found


def _without_blocks(passage: Passage) -> Iterator[Entry]:
    """The entries, each batch block as one. Raises NotUndoable if a block has stopped in the middle."""
    block: Entry | None = None
    for entry in passage.entries:
        if entry.state == BLOCK and block is not None:
            block = None
        elif entry.state == BLOCK:
            block = entry
            yield entry
        elif block is None:
            yield entry
    if block is not None:
        raise errors.NotUndoable(revision=passage.revision, statement=block.statement)


def _invoke(operations: Operations, opposite: Any) -> None:
    if not isinstance(opposite, ModifyTableOps):
        operations.invoke(opposite)
        return
    with operations.batch_alter_table(opposite.table_name, schema=opposite.schema) as batch:
        for one in opposite.ops:
            batch.invoke(one)


def _opposite(passage: Passage, operation: Any, entry: Entry) -> Any:
    try:
        return operation.reverse()
    except (AttributeError, NotImplementedError, ValueError) as error:
        raise errors.NotUndoable(revision=passage.revision, statement=entry.statement) from error


class _Rehearsal:
    """Runs a migration's function without its changes, and remembers which operation leads to which statement."""

    def __init__(self, impl: DefaultImpl, connection: Connection) -> None:
        self._impl = impl
        self._connection = connection
        self.seen: dict[str, Operation | None] = {}
        self.statements: dict[str, str] = {}
        """The changes in their order, by their digests."""

    def __enter__(self) -> _Rehearsal:
        event.listen(self._connection, "before_cursor_execute", self._leave_out, retval=True)
        self._impl.journal = self
        return self

    def __exit__(self, *_: object) -> None:
        self._impl.journal = None
        event.remove(self._connection, "before_cursor_execute", self._leave_out)

    def _leave_out(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        if text.kind_of(statement) is Kind.AGAIN:
            return statement, parameters
        digest = digests.digest(statement, parameters)
        self.seen.setdefault(digest, self._impl.operation)
        self.statements.setdefault(digest, statement)
        return self._impl.empty_statement, [()] if executemany else ()

    def run_block(self, table: str, rebuild: Callable[[], None]) -> None:
        """Remember the block, and leave the table alone."""
        name = f"rebuild of table {table}"
        self.seen.setdefault(digests.digest(name, None), self._impl.operation)

    def note_plan(self, statements: Callable[[], list[str]]) -> None:
        """Nothing is going to be done."""

    def forget_block(self) -> None:
        """Nothing was done."""
