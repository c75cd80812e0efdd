"""`--json=lines`: what happens in a run while it happens, each event as one JSON object in a line of standard output.

The last line is `run_finished` or `error`. What people read goes to standard error, as with `--json`.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

from limbeck.base.answer import Answer
from limbeck.base.progress import Activity, Blocker
from limbeck.base.redaction import redact
from limbeck.cli.json_answer import VERSION, run_apart, write_object
from limbeck.command.seen import step_data

RUNS = ("upgrade", "downgrade", "stamp")
"""The commands that have such events."""
PROGRESS_AFTER = 2.0
"""Seconds that a statement takes before it is said that it goes on."""
PROGRESS_INTERVAL = 5.0
"""Seconds between two such events."""


def run_for_events(run: Callable[[Answer, TextIO, EventWriter], int], command: str) -> int:
    """Run a command, tell what happens in it, and return the exit code."""
    events = EventWriter(sys.stdout, command)
    outcome = run_apart(lambda given, out: run(given, out, events))
    if outcome.error is None:
        events.write(
            "run_finished", exit_code=outcome.exit_code, data=outcome.data, warnings=outcome.warnings
        )
    else:
        events.write("error", exit_code=outcome.exit_code, error=outcome.error, warnings=outcome.warnings)
    return outcome.exit_code


class EventWriter:
    """Writes what it hears of a run, from whichever thread."""

    follows = True

    def __init__(
        self,
        stream: TextIO,
        command: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._command = command
        self._now = now
        self._clock = clock
        self._lock = threading.Lock()
        self._step: dict[str, Any] = {}
        self._began = 0.0
        self._number: int | None = None
        self._sql = ""
        self._due = PROGRESS_AFTER

    def write(self, event: str, **facts: Any) -> None:
        """Write one event, with the time and the command."""
        head = {"v": VERSION, "event": event, "time": self._now().isoformat(), "command": self._command}
        with self._lock:
            write_object(self._stream, {**head, **facts})

    def lock_waiting(self, holder: Any) -> None:
        """Another run is waited for, and may be known."""
        self.write("lock_waiting", holder=None if holder is None else _holder_facts(holder))

    def run_started(self, steps: Iterable[Any]) -> None:
        """The steps are known; the next event is that the first begins."""
        self.write("run_started", steps=[step_data(step) for step in steps])

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """A revision begins; once more, if it was rolled back because others were in the way."""
        self._step = {"revision": step_data(step)["revision"], "number": number, "count": count}
        self._began = self._clock()
        self.write("revision_started", **{**step_data(step), **self._step})

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """It has ended well."""
        seconds = round(self._clock() - self._began, 6)
        facts = {**step_data(step), **self._step}
        self.write("revision_finished", **facts, seconds=seconds, statements=statements)

    def statement_begins(self, number: int | None, sql: str) -> None:
        """Nothing is said yet: most statements have ended a moment later."""
        self._number, self._sql = number, sql
        self._due = PROGRESS_AFTER

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        """Say so now and then."""
        if seconds < self._due:
            return
        self._due = seconds + PROGRESS_INTERVAL
        known = activity or Activity()
        self.write(
            "progress",
            revision=self._step.get("revision"),
            statement=self._number,
            seconds=round(seconds, 3),
            phase=known.phase,
            share=None if known.share is None else round(known.share, 4),
            waits_for=[_blocker_facts(one) for one in known.blockers],
        )

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        """A statement of a migration has ended; those of limbeck's own are nobody's concern."""
        if self._number is not None:
            self.write(
                "statement",
                revision=self._step.get("revision"),
                statement=self._number,
                sql=redact(self._sql),
                ok=not has_failed,
                seconds=round(seconds, 6),
            )


def _holder_facts(holder: Any) -> dict[str, Any]:
    return {
        "host": holder.host,
        "process": holder.process,
        "since": None if holder.since is None else holder.since.isoformat(),
        "revision": holder.revision,
    }


def _blocker_facts(blocker: Blocker) -> dict[str, Any]:
    found = blocker._asdict()
    if blocker.seconds is not None:
        found["seconds"] = round(float(blocker.seconds), 3)
    return {name: redact(value) if isinstance(value, str) else value for name, value in found.items()}
