"""The answer of a command as data, for whoever wants that instead of text, and what the process ends with."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
from collections.abc import Mapping
from typing import Any, NamedTuple

from limbeck.base.current import Current

FINDINGS = 3
"""The exit code of a command that was asked to tell by it whether there is something to do."""


class Note(NamedTuple):
    """Something to be shown beside a line of a file; `level` is error, warning or notice."""

    level: str
    text: str
    path: str | None = None
    line: int | None = None
    title: str = "limbeck"


class Answer:
    """What a command has to say, as plain values; `wants_data` says that nobody reads text."""

    def __init__(self, *, wants_data: bool = False) -> None:
        self.wants_data = wants_data
        self.data: Mapping[str, Any] | None = None
        self.error: Mapping[str, Any] | None = None
        self.exit_code = 0
        self.notes: list[Note] = []


answer: Current[Answer] = Current("answer")
"""Where the answer of the command goes that runs in this thread or task; in a program there is none."""


def wants_data() -> bool:
    """Whether the answer is wanted as data."""
    found = answer.find()
    return found is not None and found.wants_data


def give(data: Mapping[str, Any]) -> None:
    """Answer with data: dictionaries, lists, texts, numbers, booleans and None."""
    found = answer.find()
    if found is not None:
        found.data = data


def end_with(exit_code: int) -> None:
    """Let the process end with this code, if nothing fails."""
    found = answer.find()
    if found is not None:
        found.exit_code = exit_code


def note_beside(note: Note) -> None:
    """Have something shown beside a line of a file, where that is wanted."""
    found = answer.find()
    if found is not None:
        found.notes.append(note)
