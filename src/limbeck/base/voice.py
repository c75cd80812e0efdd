"""How a command tells, beside its answer, what it found out and what it needs to know: through whoever started it."""

from __future__ import annotations

from typing import Protocol

from limbeck.base.current import Current


class Voice(Protocol):
    """Speaks to the person who typed a command; in a program there is none."""

    def note(self, text: str) -> None:
        """Tell something that was decided without being asked for."""

    def show_log(self) -> None:
        """Show which migrations run, where no env.py has set up logging."""

    def agrees(self, question: str) -> bool:
        """Ask; where nobody can be asked, the answer is no."""
        ...


voice: Current[Voice] = Current("voice")
"""Who speaks for what this thread or task does."""


def note(text: str) -> None:
    """Tell something that was decided without being asked for, if somebody listens."""
    speaker = voice.find()
    if speaker is not None:
        speaker.note(text)


def show_log() -> None:
    """Show which migrations run, if somebody looks."""
    speaker = voice.find()
    if speaker is not None:
        speaker.show_log()


def agrees(question: str) -> bool:
    """Whether somebody is there and says yes."""
    speaker = voice.find()
    return speaker is not None and speaker.agrees(question)
