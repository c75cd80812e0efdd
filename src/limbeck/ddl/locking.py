"""What keeps two runs apart on one database: what all ways of doing so have in common.

A dialect's `lock.py` says how its database does it. Whatever is asked here is asked on a connection that does nothing
else and commits each statement at once, from a thread of its own: see `limbeck.runtime.lock_session`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Connection

from limbeck.ddl.version_table import LOCK_SUFFIX


class Holder(NamedTuple):
    """Who holds a run lock, as far as that is known.

    >>> str(Holder("web-3", "process 812", None, "9d01aa"))
    'host web-3, process 812, going to 9d01aa'
    """

    host: str | None = None
    process: str | None = None
    since: datetime | None = None
    revision: str | None = None

    def __str__(self) -> str:
        parts = [
            f"host {self.host}" if self.host else "",
            self.process or "",
            f"since {_clock_time(self.since)}" if self.since else "",
            f"going to {self.revision}" if self.revision else "",
        ]
        return ", ".join(part for part in parts if part)


def _clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


class Claim(NamedTuple):
    """Who wants the lock of which version table. `schema` is the one that the table is really in.

    `journal_table` is the name of the table in which runs note their statements.
    """

    table: str
    schema: str | None
    host: str
    process: int
    revision: str | None
    now: Callable[[], datetime]
    journal_table: str
    default_schema: str | None = None

    @property
    def holder(self) -> Holder:
        """What others shall read once this run has the lock: it has it since now."""
        return Holder(self.host, f"process {self.process}", self.now(), self.revision)

    @property
    def number(self) -> int:
        """The same 64 bits for all runs on this version table, and hardly for others: FNV-1a of what it is called.

        Nothing here needs a hash that withstands attacks, and `hashlib` brings a library of cryptography into memory.
        """
        place = self.schema or self.default_schema or ""
        number = 0xCBF29CE484222325
        for byte in f"limbeck\n{place}\n{self.table}".encode():
            number = (number ^ byte) * 0x100000001B3 % 2**64
        return number

    @property
    def lock_table(self) -> str:
        """The name of the table of leases."""
        return f"{self.table}{LOCK_SUFFIX}"

    def at(self, now: Callable[[], datetime]) -> Claim:
        """The same with another clock."""
        return self._replace(now=now)


class RunLock:
    """One way to keep other runs out.

    Its methods are called from one thread, in the order `try_to_take` (again and again until it says True), `keep`
    (now and then), `release`; after a lost connection it begins anew with another one.
    """

    kind: ClassVar[str] = "session lock"
    """What it is called when somebody asks."""
    needs_session: ClassVar[bool] = True
    """Whether it is held by a database session, which is then handed to each method; else None is."""
    heartbeat: float = 10.0
    """Seconds between two calls of `keep`, so that nobody takes the session for idle, and its end is noticed."""
    has_journal: bool | None = None
    """Whether the journal's table exists, as seen when the lock was taken; None if that is not known."""

    def session_arguments(self, driver: Any) -> Mapping[str, Any]:
        """What the driver is given for the lock's session in addition; `driver` is the migration's connection."""
        return {}

    def try_to_take(self, connection: Connection | None) -> bool:
        """Take the lock if it is free, without waiting."""
        raise NotImplementedError

    def keep(self, connection: Connection | None) -> bool:
        """See whether it is still held, and show that its holder lives."""
        raise NotImplementedError

    def release(self, connection: Connection | None) -> None:
        """Let others have it."""
        raise NotImplementedError

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Who has it; None if nobody has, or if that cannot be found out."""
        return None
