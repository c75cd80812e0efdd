"""What a dialect knows about bounding its statements in time, and about refusals that pass when others are done.

`DefaultImpl` inherits these answers, which bound nothing; a dialect gives others where it knows better.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


class Limits(NamedTuple):
    """How long things may take in the session that migrates, in seconds; None leaves that to the database."""

    statement: float | None = None
    """One statement, from its beginning to its end."""
    lock_wait: float | None = None
    """Waiting for what another session holds."""

    def __bool__(self) -> bool:
        return self.statement is not None or self.lock_wait is not None


class SessionLimits:
    """Keeps limits in the session of one connection, and leaves the session as it was.

    What it sends goes past SQLAlchemy's events: it is no part of the migration.
    """

    def before_statement(self, connection: Connection) -> None:
        """A statement is about to be executed: see to it that the limits hold for it."""

    def transaction_ended(self) -> None:
        """What a transaction had of its own is gone."""

    def end(self, connection: Connection, *, has_failed: bool) -> None:
        """The run is over; so is its transaction, unless that belongs to somebody else, who rolls back if it failed."""


class LimitRules:
    """What a database can bound."""

    unlimited: str | None = "this database has no setting for it"
    """Why the time of a statement cannot be bounded, or which statements it is that cannot; None if all can."""

    def session_limits(self, limits: Limits) -> SessionLimits | None:
        """What keeps limits in a session; None if none can be kept."""
        return None

    def is_conflict(self, error: DBAPIError) -> bool:
        """Whether a statement was refused only because of what other sessions did at the same time."""
        return False


def run_apart(connection: Connection, sql: str) -> tuple[Any, ...]:
    """Execute a statement that is no part of the migration, and give its first row, if it has one.

    Raises DBAPIError, as for any other statement.
    """
    dialect: Any = connection.dialect
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
        return tuple(cursor.fetchone() or ()) if cursor.description else ()
    except dialect.loaded_dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, connection.connection, cursor)
        raise DBAPIError.instance(
            sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_lost, dialect=dialect
        ) from error
    finally:
        cursor.close()
