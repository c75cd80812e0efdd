"""What has become of statements that were cut off or refused: the dialect asks the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from limbeck import errors
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.journaling import Outcome
from limbeck.runtime.journal.table import BEGUN, DONE, DOUBTFUL, Entry, Passage
from limbeck.runtime.journal.writer import PassageWriter


class Settled(NamedTuple):
    """What an earlier run has carried out, and the SQL that clears away what is left of the rest.

    `is_end_known` says that nothing can have been carried out after that.
    """

    entries: list[Entry]
    cleanup: list[str]
    is_end_known: bool


def settle_passage(impl: DefaultImpl, connection: Connection, writer: PassageWriter) -> Settled:
    """Find out about the statements of an earlier run. Raises StatementUndecided."""
    passage = writer.passage
    entries: list[Entry] = []
    cleanup: list[str] = []
    is_end_known = passage.is_end_known
    for entry in passage.entries:
        if entry.state not in (BEGUN, DOUBTFUL):
            entries.append(entry)
            continue
        settlement = impl.settle(connection, entry.statement, entry.evidence)
        if settlement.outcome is Outcome.UNKNOWN:
            raise undecided(passage, entry, "the database does not tell whether it has taken effect")
        if settlement.outcome is Outcome.DONE:
            done = entry._replace(state=DONE)
            writer.update(done)
            entries.append(done)
            continue
        writer.remove([entry.position])
        if settlement.cleanup:
            cleanup.append(settlement.cleanup)
        if entry is passage.entries[-1]:
            is_end_known = True
    return Settled(entries, cleanup, is_end_known)


def undecided(passage: Passage, entry: Entry, reason: str) -> errors.StatementUndecided:
    """The error that asks the user about a statement."""
    return errors.StatementUndecided(
        revision=passage.revision, position=entry.position, statement=entry.statement, reason=reason
    )


def has_left_nothing(impl: DefaultImpl, connection: Connection, refused: Entry) -> bool:
    """A statement that the database has refused has not happened, unless it has left something behind."""
    if is_undone_if_refused(impl, refused):
        return True
    settlement = impl.settle(connection, refused.statement, refused.evidence)
    return settlement.outcome is Outcome.NOT_DONE and not settlement.cleanup


def is_undone_if_refused(impl: DefaultImpl, entry: Entry) -> bool:
    """Whether that is known without asking."""
    return entry.evidence is None or impl.is_undone_if_refused(entry.evidence)
