"""From where to where: what is typed as the target of a run."""

from __future__ import annotations

from typing import NamedTuple

from limbeck.errors import CommandError


class Span(NamedTuple):
    """Where a run starts, if that is not read from the database, and where it goes."""

    start: str | None
    target: str


def read_span(text: str, *, sql: bool) -> Span:
    """Take `start:target` apart. Raises CommandError where a range makes no sense (CLI-41)."""
    start, colon, target = text.partition(":")
    if not colon:
        start, target = "", text
    elif not sql:
        raise CommandError(
            "Range revision not allowed",
            hint="a range start:target is meant for --sql; otherwise the start is read from the database",
        )
    if not target or ":" in target or (colon and not start):
        raise CommandError(
            f"{text!r} is not a revision{' or a range start:target' if sql else ''}",
            hint="for example: head, base, +1, -1, or an id as `limbeck history` shows it",
        )
    return Span(start if colon else None, target)
