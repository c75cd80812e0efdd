"""The order of a table's columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from limbeck import errors


def rearranged(columns: Sequence[str], groups: Sequence[Sequence[str]]) -> list[str]:
    """The columns with those of each group in its order, and else as near to what it was as that allows (BAT-71).

    Raises ContradictoryOrder if the groups ask for a circle.
    """
    before: dict[str, set[str]] = {column: set() for column in columns}
    for group in groups:
        for first, second in pairwise(group):
            before[second].add(first)
    pending, done = list(columns), list[str]()
    while pending:
        free = next((column for column in pending if before[column].issubset(done)), None)
        if free is None:
            raise errors.ContradictoryOrder(columns=pending)
        pending.remove(free)
        done.append(free)
    return done
