"""`--output github`: notes that GitHub shows beside the lines of the files that they are about."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.base.answer import Note
from limbeck.base.paths import shown_path


def render_notes(notes: Iterable[Note]) -> Iterable[str]:
    """The workflow commands for notes: `::warning file=versions/a1.py,line=12,title=limbeck::it blocks writes`."""
    for note in notes:
        properties = {"title": note.title}
        if note.path is not None:
            properties = {"file": shown_path(note.path), **properties}
            if note.line is not None:
                properties["line"] = str(note.line)
        shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{note.level} {shown}::{_message(note.text)}"


def _message(text: str) -> str:
    """As GitHub's documentation of workflow commands wants it, so that a line stays a line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
