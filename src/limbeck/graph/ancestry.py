"""Who comes before whom, in constant time: one number per revision and one bit set per run of revisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


class Ancestry:
    """Answers "is this an ancestor of that?" at once, after one walk over all revisions.

    Revisions that follow each other without fork or merge form a run; a revision's ancestors are the earlier
    part of its own run and whole other runs. A straight history is one run, so this costs next to nothing
    where nothing branches, and bits of as many runs as there are where it does.
    """

    def __init__(
        self,
        order: Iterable[str],
        lower: Mapping[str, Sequence[str]],
        upper: Mapping[str, Sequence[str]],
    ) -> None:
        run: dict[str, int] = {}
        place: dict[str, int] = {}
        reached: list[int] = []
        for position, id in enumerate(order):
            below = lower[id]
            place[id] = position
            if len(below) == 1 and len(upper[below[0]]) == 1:
                run[id] = run[below[0]]
                continue
            runs = 0
            for other in below:
                runs |= reached[run[other]] | (1 << run[other])
            run[id] = len(reached)
            reached.append(runs)
        self._run = run
        self._place = place
        self._reached = reached

    def precedes(self, ancestor: str, id: str) -> bool:
        """Whether `ancestor` is an ancestor of `id`, or `id` itself."""
        own, other = self._run[id], self._run[ancestor]
        if own == other:
            return self._place[ancestor] <= self._place[id]
        return bool(self._reached[own] >> other & 1)

    def relates(self, one: str, other: str) -> bool:
        """Whether one of the two is an ancestor of the other, or both are the same."""
        return self.precedes(one, other) or self.precedes(other, one)
