"""Trying again what another session was in the way of: when that is safe, how often, and after how long."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.run_lock import pause

log = logging.getLogger("alembic.runtime.migration")

MOST_REPETITIONS = 3
FIRST_PAUSE = 1.0
"""Seconds, cut by chance so that two who are in each other's way part company; each further pause is twice as long."""


class Undoing(NamedTuple):
    """What the end of a failed step's transaction has undone, and what it has not.

    `has_own_beginning` says that the transaction was begun by limbeck, and held nothing of anybody else. `leftover`
    says what the journal knows of statements that no rollback undoes: False that there are none, None that it
    does not know.
    """

    has_own_beginning: bool
    is_external: bool
    is_autocommit: bool
    undoes_ddl: bool
    is_per_step: bool
    commits_of_step: int
    commits_of_run: int
    leftover: bool | None


def find_restart(undoing: Undoing, failed: int) -> int | None:
    """The step to begin with again, if all since its beginning is undone: the one that failed, or the first of the run.

    >>> find_restart(Undoing(True, False, False, True, False, 0, 0, None), 2)
    0
    """
    if undoing.is_external or not undoing.has_own_beginning:
        return None
    if undoing.is_per_step and undoing.leftover is not None:
        return None if undoing.leftover else failed
    if undoing.is_autocommit or not undoing.undoes_ddl:
        return None
    if undoing.is_per_step:
        return None if undoing.commits_of_step else failed
    return None if undoing.commits_of_run else 0


class Repetitions:
    """Counts how often something is tried again. Nothing is, unless somebody has said how long to wait for others."""

    def __init__(
        self,
        impl: DefaultImpl,
        *,
        is_wanted: bool,
        has_own_beginning: bool,
        chance: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._impl = impl
        self._is_wanted = is_wanted
        self._chance = chance
        self.has_own_beginning = has_own_beginning
        """Whether the transaction that was open when the run began holds nothing that somebody else did."""
        self.count = 0

    def may_help(self, error: BaseException) -> bool:
        """Whether the statement that failed may succeed when others are done."""
        return (
            self._is_wanted
            and self.count < MOST_REPETITIONS
            and isinstance(error, DBAPIError)
            and not error.connection_invalidated
            and self._impl.is_conflict(error)
        )

    def wait(self, connection: Connection, what: str, error: BaseException) -> None:
        """Say that it will be tried again, and let others go on until then."""
        seconds = FIRST_PAUSE * 2**self.count * self._chance(0.5, 1.0)
        self.count += 1
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        log.warning(
            "Another session was in the way of %s (%s). It was rolled back, and is tried again in %.1f seconds "
            "(%d of %d)",
            what,
            reason,
            seconds,
            self.count,
            MOST_REPETITIONS,
        )
        pause(connection, threading.Event(), seconds)

    def begin(self) -> None:
        """Count anew: what was tried has succeeded."""
        self.count = 0

    def note(self, error: BaseException) -> None:
        """Say on a failure how often it was tried."""
        if self.count:
            error.add_note(f"it was tried {self.count + 1} times")
