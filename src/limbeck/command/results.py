"""What `limbeck.upgrade()` and its neighbours return: plain values that say what is the case and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["upgrade", "downgrade"]


@dataclass(frozen=True, slots=True)
class Step:
    """One revision that was, or would be, applied or undone."""

    revision: str
    direction: Direction
    message: str
    """The first paragraph of the revision file's docstring."""
    path: str
    """The revision file."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run has done: the revisions the database was at and is at, and the steps between, in their order."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do: the revisions the database is at, those it would be at, and the steps between."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the database and the models.

    >>> difference.kind, difference.details
    ('add_column', (None, 'account', Column('age', Integer(), table=<account>)))
    """

    kind: str
    """What would make them agree, such as `add_table`, `remove_index` or `modify_type`."""
    details: tuple[Any, ...]
    """What follows the kind in the tuples of `compare_metadata()`."""
