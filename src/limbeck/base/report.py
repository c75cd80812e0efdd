"""The shape of a report: what is the case in one line, labelled facts, what to do next."""

from __future__ import annotations

from typing import NamedTuple

LABEL_WIDTH = 10


class Fact(NamedTuple):
    """One labelled line, or several, below the first line of a report."""

    label: str
    text: str


class Report(NamedTuple):
    """What is told about a failure: the cause in one line, the facts, and what to do next."""

    cause: str
    facts: tuple[Fact, ...] = ()
    fix: str | None = None
    code: str | None = None
    """The word that `limbeck explain` knows more about."""

    def lines(self) -> list[str]:
        """The report as lines of text."""
        facts = [*self.facts, *([Fact("fix", self.fix)] if self.fix else [])]
        return [self.cause, *(line for fact in facts for line in labelled(fact))]


def labelled(fact: Fact) -> list[str]:
    """The lines of a fact: its label in front of the first, the others below the text."""
    first, *others = fact.text.expandtabs(4).splitlines() or [""]
    indent = " " * (LABEL_WIDTH + 2)
    return [f"  {fact.label:<{LABEL_WIDTH}}{first}", *(f"{indent}{line}" for line in others)]
