"""What a terminal shows of work that takes long: one line with a clock, which goes when the work is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from limbeck.base.console import find_width, is_terminal, write_text

PATIENCE = 1.0
"""Seconds that pass without a word."""
INTERVAL = 0.25
"""Seconds between two changes of the line."""


class Unseen:
    """Watches work where nobody looks, so that it can be interrupted there, too."""

    def begin(self, doing: str) -> None:
        """Something begins that may take long."""

    def rename(self, doing: str) -> None:
        """It is known better now what is done."""

    def tick(self) -> None:
        """It goes on."""

    def end(self) -> None:
        """It has ended."""


class Clock:
    """Watches work on a terminal."""

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._now = now
        self._doing = ""
        self._began = self._shown_at = 0.0
        self._length = 0

    def begin(self, doing: str) -> None:
        """Something begins that may take long."""
        self._doing = doing
        self._began = self._now()

    def rename(self, doing: str) -> None:
        """It is known better now what is done; the clock goes on."""
        self._doing = doing

    def tick(self) -> None:
        """Show how long it has taken so far, unless that was shown a moment ago."""
        now = self._now()
        if now - self._began < PATIENCE or (self._length and now - self._shown_at < INTERVAL):
            return
        self._shown_at = now
        room = (find_width(self._stream) or 80) - 1
        self._write(f"  {self._doing}  {render_duration(now - self._began)}"[:room])

    def end(self) -> None:
        """Take the line away."""
        if self._length:
            self._write("")

    def _write(self, line: str) -> None:
        write_text(self._stream, f"\r{line.ljust(self._length)}" if line else f"\r{' ' * self._length}\r")
        self._stream.flush()
        self._length = len(line)


def find_watcher(stream: TextIO, terminal: str | None, *, quiet: bool = False) -> Clock | Unseen:
    """A clock, if a person looks at `stream` on a terminal that can go back to the start of a line (UX-6)."""
    return Clock(stream) if is_terminal(stream) and terminal != "dumb" and not quiet else Unseen()


def render_duration(seconds: float) -> str:
    """`3 s`, `2 m 05 s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} m {rest:02} s" if minutes else f"{rest} s"
