"""One thing that `limbeck doctor` has found, and how several are told."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple

from limbeck.base.report import Fact, Report

MOST_PLACES = 5
"""How many places of one finding are listed."""


class Level(enum.Enum):
    """How bad a finding is; the value is the word in front of it."""

    BROKEN = "broken"
    """A command will fail, here and with the original."""
    UNSAFE = "unsafe"
    """It may work today."""
    DIFFERENT = "different"
    """Limbeck does something else than the original here, on purpose."""
    UNCHECKED = "not checked"
    """Something could not be looked at."""


class Finding(NamedTuple):
    """What was found, at which places, why that matters, and what to do."""

    level: Level
    what: str
    places: tuple[str, ...] = ()
    why: str | None = None
    fix: str | None = None

    def report(self) -> Report:
        """The finding in the shape in which failures are told, too."""
        shown = [*self.places[:MOST_PLACES]]
        if len(self.places) > MOST_PLACES:
            shown.append(f"and {len(self.places) - MOST_PLACES} more")
        facts = [Fact("where", "\n".join(shown))] if shown else []
        if self.why:
            facts.append(Fact("why", self.why))
        return Report(f"{self.level.value}: {self.what}", tuple(facts), fix=self.fix)


def gather(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the worst ones first; those that differ only in their places are one."""
    places: dict[Finding, list[str]] = {}
    for finding in findings:
        places.setdefault(finding._replace(places=()), []).extend(finding.places)
    order = [*Level]
    return sorted(
        (finding._replace(places=tuple(dict.fromkeys(found))) for finding, found in places.items()),
        key=lambda finding: order.index(finding.level),
    )


def summary(findings: Iterable[Finding]) -> str:
    """How many findings there are of each level."""
    counts = dict.fromkeys(Level, 0)
    for finding in findings:
        counts[finding.level] += 1
    told = ", ".join(f"{count} {level.value}" for level, count in counts.items() if count)
    return told or "Nothing was found that is broken, unsafe or different."
