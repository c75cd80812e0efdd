"""Notices steps that ran in a transaction which nobody committed, and says so (TXN-3, TXN-5)."""

from __future__ import annotations

import logging
import sys
from types import FrameType
from typing import Protocol

from sqlalchemy import Connection, event

log = logging.getLogger("alembic.runtime.migration")

EXTERNAL = (
    "the connection was in a transaction already when `context.configure()` ran, so its owner has to commit: "
    "call `connection.commit()` before `context.configure()`, or after `context.run_migrations()`"
)
NO_TRANSACTION = (
    "env.py runs the migrations outside of a transaction block: put `context.run_migrations()` inside "
    "`with context.begin_transaction():`"
)


class Step(Protocol):
    @property
    def short_log(self) -> str: ...


class UncommittedSteps:
    """Remembers the steps run in a transaction that limbeck may not commit.

    If the connection is closed while that transaction is open, the database forgets those steps, and without
    a word; so a warning is logged then. An explicit rollback, or an exception, needs no warning.
    """

    def __init__(self, connection: Connection, *, reason: str) -> None:
        self._reason = reason
        self._steps: list[str] = []
        self._handled_then = sys.exception()
        event.listen(connection, "commit", self._forget)
        event.listen(connection, "rollback", self._complain)

    def add(self, step: Step) -> None:
        """A step has run."""
        self._steps.append(step.short_log)

    def _forget(self, connection: Connection) -> None:
        self._steps.clear()

    def _complain(self, connection: Connection) -> None:
        steps, self._steps = self._steps, []
        if steps and _is_being_closed(connection) and sys.exception() is self._handled_then:
            log.warning(
                "Not committed: %s. The connection was closed with its transaction open, so the database has "
                "undone what it can undo, and does not count these steps; %s",
                "; ".join(steps),
                self._reason,
            )


def _is_being_closed(connection: Connection) -> bool:
    """Whether `Connection.close()` is what rolls back. SQLAlchemy tells events nothing about the reason."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code is Connection.close.__code__ and frame.f_locals.get("self") is connection:
            return True
        frame = frame.f_back
    return False
