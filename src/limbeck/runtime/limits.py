"""The time limits of a run: what was said about them, and how they get into the session that migrates."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from limbeck import errors
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.limiting import Limits
from limbeck.runtime.run_lock import read_timeout
from limbeck.runtime.transaction import Transactions

log = logging.getLogger("alembic.runtime.migration")


def read_limits(setting: Callable[[str], Any]) -> Limits:
    """The limits that were said; None for what nobody has said. Raises InvalidSetting.

    `lock_timeout` is how long to wait for others: for another run, and for what another session holds.
    """
    waiting = setting("lock_timeout")
    return Limits(
        statement=read_statement_timeout(setting("statement_timeout")),
        lock_wait=None if waiting is None else read_timeout(waiting),
    )


def read_statement_timeout(value: object) -> float | None:
    """The setting `statement_timeout`: seconds, or None if there is no limit; 0 says so, too. Raises InvalidSetting."""
    if value is None:
        return None
    try:
        seconds = float(str(value))
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        raise errors.InvalidSetting(
            name="statement_timeout", value=value, expected="a number of seconds, 0 for none"
        )
    return seconds or None


@contextmanager
def limited(
    impl: DefaultImpl, connection: Connection, transactions: Transactions, limits: Limits
) -> Iterator[None]:
    """Around a run: let the limits hold for each of its statements, and leave the session as it was.

    Warns if the database does not know such a limit.
    """
    if limits.statement is not None and impl.unlimited is not None:
        log.warning("The time of statements is not bounded: %s", impl.unlimited)
    session = impl.session_limits(limits) if limits else None
    if session is None:
        yield
        return

    def before(connection: Connection, *_: object) -> None:
        session.before_statement(connection)

    def ended(connection: Connection) -> None:
        session.transaction_ended()

    def end(*, has_failed: bool = False) -> None:
        if not connection.closed and not connection.invalidated:
            session.end(connection, has_failed=has_failed)

    listeners: dict[str, Callable[..., Any]] = {
        "before_cursor_execute": before,
        "commit": ended,
        "rollback": ended,
    }
    for name, function in listeners.items():
        event.listen(connection, name, function)
    has_failed = True
    try:
        yield
        has_failed = False
    finally:
        for name, function in listeners.items():
            event.remove(connection, name, function)
        if transactions.is_open:
            transactions.at_end(end)
        else:
            end(has_failed=has_failed)
