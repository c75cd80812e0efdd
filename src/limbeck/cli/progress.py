"""What a terminal shows of work that takes long, one line with a clock that goes when the work is done; and the log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

from limbeck.base.console import find_width, is_terminal, write_text
from limbeck.base.progress import Activity, RunWatcher
from limbeck.base.progress import render_age as render_duration

PATIENCE = 1.0
"""Seconds that pass without a word."""
INTERVAL = 0.25
"""Seconds between two changes of the line."""
HEARTBEAT = 30.0
"""Seconds between two lines of the log about the same statement."""
BAR_LENGTH = 12
LOG = "alembic.runtime.migration"


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
        self._doing: str | None = None
        self._began = self._shown_at = 0.0
        self._length = 0
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether something is watched, so that the line is taken."""
        return self._doing is not None

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
        self.show(f"{self._doing}  {render_duration(now - self._began)}")

    def end(self) -> None:
        """Take the line away."""
        self._doing = None
        self.clear()

    def show(self, line: str) -> None:
        """Show a line in the place of the one before, as much of it as there is room for."""
        self._write(f"  {line}"[: (find_width(self._stream) or 80) - 1])

    def clear(self) -> None:
        """Take away the line that is shown."""
        if self._length:
            self._write("")

    def can_show(self, text: str) -> bool:
        """Whether the terminal has the signs for it."""
        try:
            text.encode(getattr(self._stream, "encoding", None) or "ascii")
        except UnicodeEncodeError:
            return False
        return True

    def _write(self, line: str) -> None:
        with self._lock:
            write_text(self._stream, f"\r{line.ljust(self._length)}" if line else f"\r{' ' * self._length}\r")
            self._stream.flush()
            self._length = len(line)


class _RunView:
    """What all have in common who look at a run."""

    def __init__(self) -> None:
        self.step = ""
        self._number: int | None = None

    @property
    def follows(self) -> bool:
        """Somebody looks."""
        return True

    def lock_waiting(self, holder: Any) -> None:
        """The log says so."""

    def run_started(self, steps: Any) -> None:
        """The log says so."""

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """Remember which it is."""
        self.step = (
            f"{number}/{count}  {getattr(getattr(step, 'revision', None), 'revision', step.short_log)}"
        )

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """Whoever started the command says so."""
        self.step = ""

    def statement_begins(self, number: int | None, sql: str) -> None:
        """Remember which it is."""
        self._number = number

    @property
    def statement(self) -> str:
        """Which statement it is, without its text, which may be long."""
        return "the version table" if self._number is None else f"statement {self._number}"


class RunLine(_RunView):
    """Shows on a terminal which statement a run is at, and what takes so long."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._signs = ("█", "░") if clock.can_show("█░") else ("#", "-")

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        """Show it, unless something else is shown that knows better what is done."""
        if seconds >= PATIENCE and not self._clock.is_busy:
            # For whom it waits is longer to say, and more to know, than which statement it is.
            statement = "" if activity is not None and activity.blockers else self.statement
            parts = [self.step, statement, render_duration(seconds), self._render(activity)]
            self._clock.show("  ".join(part for part in parts if part))

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        """Take the line away."""
        if not self._clock.is_busy:
            self._clock.clear()

    def _render(self, activity: Activity | None) -> str:
        if activity is None:
            return ""
        from limbeck.base.redaction import redact

        if activity.share is None or activity.blockers:
            return redact(str(activity))
        full, empty = self._signs
        length = round(BAR_LENGTH * min(max(activity.share, 0), 1))
        bar = full * length + empty * (BAR_LENGTH - length)
        return f"{bar}  {int(activity.share * 100)} %  {activity.phase or ''}".rstrip()


class Heartbeat(_RunView):
    """Says in the log now and then that a statement goes on, where nobody looks at a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._due = HEARTBEAT

    @property
    def follows(self) -> bool:
        """Whether anybody reads the log."""
        import logging

        return logging.getLogger(LOG).isEnabledFor(logging.INFO)

    def statement_begins(self, number: int | None, sql: str) -> None:
        """Remember which it is."""
        super().statement_begins(number, sql)
        self._due = HEARTBEAT

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        """Say so, if it is time."""
        if seconds < self._due:
            return
        self._due = seconds + HEARTBEAT
        import logging

        from limbeck.base.redaction import redact

        parts = [self.step, self.statement, f"running for {render_duration(seconds)}", str(activity or "")]
        line = redact("  ".join(part for part in parts if part))
        logging.getLogger(LOG).info(line)

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        """That is no news."""


def find_watcher(stream: TextIO, terminal: str | None, *, quiet: bool = False) -> Clock | Unseen:
    """A clock, if a person looks at `stream` on a terminal that can go back to the start of a line (UX-6)."""
    return Clock(stream) if is_terminal(stream) and terminal != "dumb" and not quiet else Unseen()


def find_run_watcher(clock: Clock | Unseen, *, quiet: bool) -> RunWatcher | None:
    """Who looks at a run: a person on a terminal, or else whoever reads the log, unless nobody wants to hear of it."""
    if quiet:
        return None
    return RunLine(clock) if isinstance(clock, Clock) else Heartbeat()
