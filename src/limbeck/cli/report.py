"""What reports about different failures have in common: where it was, what was running, what is the case now."""

from __future__ import annotations

import linecache
from typing import Any

from limbeck.base.report import Fact
from limbeck.cli.position import find_position
from limbeck.cli.traces import Place, Trace, shown_path


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
        text = f"{identifier}{message} ({step.name}){_operation(trace, revision, step.name)}"
        return "Migration failed", (Fact("revision", text),)
    place = trace.find_place()
    return (f"{shown_path(place.path)} failed" if place else "Failed"), ()


def _operation(trace: Trace, revision: Any, function: str) -> str:
    """Which of the operations of a migration has failed; nothing if it has one only, or if that is not known."""
    path: str = getattr(revision, "path", "")
    line = trace.find_line_in(path, function)
    if line is None:
        return ""
    position = find_position("".join(linecache.getlines(path)), function, line)
    return "" if position is None or position[1] == 1 else f", operation {position[0]:,} of {position[1]:,}"


def way_on(error: BaseException) -> str:
    """What follows once the cause is mended."""
    stopped_after = getattr(error, "limbeck_stopped_after", None)
    if stopped_after is None:
        return "run the command again"
    return (
        f"run the command again: it goes on after statement {stopped_after}\n"
        "`limbeck repair` shows what is in the database, and other ways out"
    )


def state(error: BaseException) -> tuple[Fact, ...]:
    """What the runtime noted: the state that the database is in now. Which step it was is told elsewhere."""
    notes: list[str] = list(getattr(error, "__notes__", ()))
    if getattr(error, "limbeck_step", None) is not None:
        notes = [note for note in notes if not note.startswith("while running ")]
    return tuple(Fact("state", note) for note in notes)
