"""How a failure looks: the cause stands out, facts keep below their labels, and nothing runs over the edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from limbeck.base.look import Look
from limbeck.base.redaction import redact
from limbeck.base.report import LABEL_WIDTH, Fact, labelled

HANG = LABEL_WIDTH + 2
"""The column in which the text of a fact begins."""


def render_failure(
    cause: str | None, facts: Iterable[Fact], look: Look, secrets: Iterable[str] = ()
) -> Iterator[str]:
    """The lines about a failure, without secrets: its cause, if that was not told elsewhere, and labelled facts."""
    secrets = frozenset(secrets)
    if cause is not None:
        for line in redact(cause, secrets).splitlines():
            yield from (look.bold(look.bad(piece)) for piece in look.wrapped(line, hang=2))
    for fact in facts:
        yield from render_fact(Fact(fact.label, redact(fact.text, secrets)), look)


def render_fact(fact: Fact, look: Look) -> Iterator[str]:
    """The lines of a fact; what is too long for the terminal goes on below its text."""
    first, *others = (piece for line in labelled(fact) for piece in look.wrapped(line, hang=HANG))
    yield f"{look.dim(first[:HANG].rstrip())}{' ' * (HANG - len(first[:HANG].rstrip()))}{first[HANG:]}".rstrip()
    yield from others
