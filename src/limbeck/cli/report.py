"""The shape of a report about a failure: the cause in one line, labelled facts, what to do next."""

from __future__ import annotations

from typing import NamedTuple

from limbeck.cli.traces import Place, Trace, shown_path

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

    def lines(self) -> list[str]:
        """The report as lines of text."""
        facts = [*self.facts, *([Fact("fix", self.fix)] if self.fix else [])]
        return [self.cause, *(line for fact in facts for line in labelled(fact))]


def labelled(fact: Fact) -> list[str]:
    """The lines of a fact: its label in front of the first, the others below the text."""
    first, *others = fact.text.expandtabs(4).splitlines() or [""]
    indent = " " * (LABEL_WIDTH + 2)
    return [f"  {fact.label:<{LABEL_WIDTH}}{first}", *(f"{indent}{line}" for line in others)]


def where(place: Place | None) -> tuple[Fact, ...]:
    """The fact that says which line of the user's code it was, with that line."""
    if place is None:
        return ()
    return (Fact("where", f"{place}\n{place.source}" if place.source else str(place)),)


def what_was_running(trace: Trace) -> tuple[str, tuple[Fact, ...]]:
    """A word for what failed, and which revision it was, if one was running."""
    step = getattr(trace.error, "limbeck_step", None)
    if step is not None:
        revision = getattr(step, "revision", None)
        identifier = getattr(revision, "revision", revision)
        message = f"  {step.doc}" if getattr(step, "doc", None) else ""
        return "Migration failed", (Fact("revision", f"{identifier}{message} ({step.name})"),)
    place = trace.find_place()
    return (f"{shown_path(place.path)} failed" if place else "Failed"), ()


def state(error: BaseException) -> tuple[Fact, ...]:
    """What the runtime noted: the state that the database is in now. Which step it was is told elsewhere."""
    notes: list[str] = list(getattr(error, "__notes__", ()))
    if getattr(error, "limbeck_step", None) is not None:
        notes = [note for note in notes if not note.startswith("while running ")]
    return tuple(Fact("state", note) for note in notes)
