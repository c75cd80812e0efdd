"""What a second session finds out when the first one has got no answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from limbeck import sqla
from limbeck.ddl.impl import DefaultImpl

LOOKS = (0.0, 0.2, 0.5)
"""Seconds to wait before each look: a server that was asked to commit may still be at it."""

Rows = tuple[str, ...]


def look_up_rows(
    impl: DefaultImpl,
    connection: Connection,
    read: Callable[[Connection], Rows],
    expected: frozenset[str] | None,
) -> Rows | None:
    """The rows of the version table as a new session sees them; None if there can be none.

    It looks again for a moment if they are not what they would be after the commit.
    """
    if connection.dialect.is_async or impl.is_private_database(connection.engine.url):
        return None
    engine = sqla.engine_apart(connection.engine, None)
    rows: Rows | None = None
    try:
        for pause in LOOKS:
            time.sleep(pause)
            with engine.connect() as second:
                rows = read(second)
            if expected is None or frozenset(rows) == expected:
                break
    except (SQLAlchemyError, sqla.SameConnection):
        return None
    finally:
        engine.dispose()
    return rows


def end_statement(impl: DefaultImpl, connection: Connection, error: BaseException) -> None:
    """Let the database stop what it is doing for a run that is interrupted; a failure to do so is noted."""
    try:
        impl.end_statement(connection)
    except (SQLAlchemyError, sqla.SameConnection) as failure:
        error.add_note(f"the statement that was running could not be ended: {failure}")
