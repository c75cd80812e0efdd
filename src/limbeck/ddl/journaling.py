"""What a dialect knows about statements that no rollback undoes: whether they took effect, and how to begin again.

`DefaultImpl` inherits these answers, which claim to know nothing; a dialect gives others where it knows better.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, DateTime, Text
from sqlalchemy.types import TypeEngine

from limbeck import sqla


class Outcome(Enum):
    """Whether a statement that was cut off has taken effect."""

    DONE = "done"
    NOT_DONE = "not done"
    UNKNOWN = "unknown"


class Settlement(NamedTuple):
    """What the catalogue says about a statement that was cut off, and the SQL that clears away what is left of it."""

    outcome: Outcome
    cleanup: str | None = None


class BlockJournal(Protocol):
    """Sees to it that a batch block, which asks what a table looks like, is not asked again when half of it is done."""

    def run_block(self, table: str, rebuild: Callable[[], None]) -> None:
        """Rebuild a table, or do what is left of it."""

    def note_plan(self, statements: Callable[[], list[str]]) -> None:
        """The rebuild is about to begin: what it is going to do, if it is to be known later."""

    def forget_block(self) -> None:
        """What the block has done so far is undone."""


class JournalRules:
    """What the journal of a run asks of a database."""

    transactional_ddl: bool
    journal: BlockJournal | None = None
    """Who writes down the step that runs now."""
    session_number: str | None = None
    """An SQL expression for what the database calls the session, as text."""
    long_text: TypeEngine[str] = Text()
    """A type for statements of any length."""
    moment: TypeEngine[datetime] = DateTime()
    """A type for the time now, as precise as the database has it."""
    current_moment: str = "CURRENT_TIMESTAMP"
    """An SQL expression for the time now, as precise as the database has it."""
    notes_creations_later: bool = False
    """Whether the last statements of a run that was killed may be missing from the journal; see `find_creation`."""
    updates_tables_at_once: bool = False
    """Whether one UPDATE can change rows of two tables, so that neither is changed without the other."""
    encloses_rebuild: bool = False
    """Whether a rebuild of a table can be one transaction that is begun before it."""

    @property
    def undoes_ddl(self) -> bool:
        """Whether a rollback undoes DDL, whatever `configure(transactional_ddl=...)` has said (TXN-7)."""
        return type(self).transactional_ddl

    def shares_transaction(self, sql: str) -> bool:
        """Whether the effect of a statement, and a row that says so, can be made permanent together."""
        return self.undoes_ddl

    def is_permanent_at_once(self, connection: Connection) -> bool:
        """Whether each statement on a connection is permanent at once, unless a transaction is begun by hand."""
        return sqla.is_autocommit(connection)

    def find_creation(self, connection: Connection, sql: str) -> str | None:
        """The evidence of a statement that creates what is surely absent; the catalogue itself says that it has run.

        None of any other statement, for which `find_evidence` is asked.
        """
        return None

    def find_evidence(self, connection: Connection, sql: str) -> str | None:
        """What the catalogue says about all that a statement is to change; None if that is not known."""
        return None

    def forget_catalogue(self) -> None:
        """Something was sent that may change anything, even which database is meant: nothing is known any more."""

    def is_undone_if_refused(self, evidence: str) -> bool:
        """Whether a statement leaves nothing behind when the database refuses it; `evidence` is from before it."""
        return False

    def was_created_since(self, connection: Connection, sql: str, moment: datetime) -> bool:
        """Whether what such a statement creates is there, and was made after that moment of the database's clock."""
        return False

    def settle(self, connection: Connection, sql: str, evidence: str | None) -> Settlement:
        """Whether a statement took effect that was cut off, or has failed; `evidence` is from before it."""
        return Settlement(Outcome.UNKNOWN)

    def is_session_busy(self, connection: Connection, number: str) -> bool:
        """Whether a session of somebody who has gone is still carrying out its last statement."""
        return False

    def end_statement(self, connection: Connection) -> None:
        """Called when a run is interrupted: end what the database does for it. Most drivers have done so by then."""

    def cancel_statement(self, connection: Connection) -> None:
        """The same from another thread, while the driver waits for its answer and hears of nothing else."""
