"""What a statement does to those who use the table at the same time: the words, and how to ask.

Each dialect says in its own `facts.py` what its statements block, scan and rewrite.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy.engine import Dialect

Version = tuple[int, ...]
"""A server's version as SQLAlchemy gives it, such as (16, 2); empty if it is not known."""


class Lock(IntEnum):
    """Whom a statement keeps waiting while it runs, from nobody to everybody."""

    NONE = 0
    SCHEMA = 1
    """Other changes of the same table's schema."""
    WRITES = 2
    """INSERT, UPDATE and DELETE on the table."""
    EVERYTHING = 3
    """All use of the table, reading too."""


class Cost(IntEnum):
    """How the time a statement takes grows."""

    METADATA = 0
    """Not with the table: only its description changes."""
    SCAN = 1
    """With the rows: each is read once."""
    REWRITE = 2
    """With the rows: each is written again."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What running one statement means: whom it blocks, how long it takes, and why."""

    lock: Lock
    cost: Cost
    why: str = ""
    transactional: bool = True
    """Whether it can be part of a transaction, so that a rollback undoes it."""


def server_version(dialect: Dialect) -> Version:
    """The server's version, empty if there is no connection: then a recent one is meant."""
    found = getattr(dialect, "server_version_info", None) or ()
    return tuple(part for part in found if isinstance(part, int))


def is_older(version: Version, than: Version) -> bool:
    """Whether a server is known to be older than a version."""
    return bool(version) and version < than
