"""Keeps what a run does for `show --last-run`: which revisions, which statements, and how long each took.

Only for the command line. Nothing is asked or sent for it, and where it cannot be written, nobody hears of that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from limbeck.base.answer import answer
from limbeck.base.progress import Activity, RunWatcher, run_watcher
from limbeck.base.redaction import redact
from limbeck.command.environment import Rows, Work
from limbeck.command.seen import step_data
from limbeck.script.base import ScriptDirectory
from limbeck.script.last_run import LastRun, write_last_run

MOST_STATEMENTS = 100
"""How many statements of a step are kept: those that took longest."""
LONGEST_SQL = 1000
"""How many characters of one are kept."""
LONGEST_SECRET = 500
"""How many more are looked at, so that a secret is found whole where a statement is cut."""


class Recording:
    """Notes what it hears of a run, and passes it on to whoever else looks at it."""

    def __init__(self, command: str, target: str, other: RunWatcher | None = None) -> None:
        self._command = command
        self._target = target
        self._other = other
        self._began: datetime | None = None
        self._start = self._step_start = 0.0
        self._first = 0
        self._databases: list[str] = []
        self._secrets: set[str] = set()
        self._steps: list[str] = []
        """The steps that have ended, as JSON: there may be thousands, each with many statements."""
        self._step: dict[str, Any] | None = None
        """The one that has not."""
        self._statement: tuple[int, str] | None = None
        self.seconds = 0.0
        """How long it took."""
        self.is_kept = False
        """Whether it can be looked at now."""

    @property
    def follows(self) -> bool:
        """Whether whoever else looks at it does."""
        return self._other is not None and self._other.follows

    # --- what it hears --------------------------------------------------------------------------------------

    def lock_waiting(self, holder: Any) -> None:
        """Nothing runs yet."""
        if self._other is not None:
            self._other.lock_waiting(holder)

    def run_started(self, steps: Any) -> None:
        """The clock begins; env.py may run for several databases, one after the other."""
        if self._began is None:
            self._began, self._start = datetime.now(UTC), time.monotonic()
        self._first = len(self._steps)
        if self._other is not None:
            self._other.run_started(steps)

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """A step begins; what is known of it, and of those behind it, was rolled back."""
        del self._steps[self._first + number - 1 :]
        self._step = {**step_data(step), "seconds": None, "count": 0, "statements": []}
        self._step_start = time.monotonic()
        if self._other is not None:
            self._other.step_begins(number, count, step)

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """It has ended well."""
        if self._step is not None:
            self._step.update(seconds=time.monotonic() - self._step_start, count=statements)
            self._steps.append(self._told(self._step))
            self._step = None
        if self._other is not None:
            self._other.step_ended(number, count, step, statements)

    def statement_begins(self, number: int | None, sql: str) -> None:
        """A statement begins; those of limbeck's own are not kept."""
        self._statement = None if number is None else (number, sql)
        if self._other is not None:
            self._other.statement_begins(number, sql)

    def statement_goes_on(self, seconds: float, activity: Activity | None) -> None:
        """That is for whoever looks now."""
        if self._other is not None:
            self._other.statement_goes_on(seconds, activity)

    def statement_ended(self, seconds: float, *, has_failed: bool) -> None:
        """It has ended; the fastest are forgotten when there are too many."""
        if self._statement is not None and self._step is not None:
            number, sql = self._statement
            self._step["count"] = number
            kept = self._step["statements"]
            kept.append((number, sql[: LONGEST_SQL + LONGEST_SECRET], seconds, has_failed))
            if len(kept) >= 2 * MOST_STATEMENTS:
                kept[:] = _slowest(kept)
        if self._other is not None:
            self._other.statement_ended(seconds, has_failed=has_failed)

    # --- what it keeps --------------------------------------------------------------------------------------

    def around(self, work: Work) -> Work:
        """The same work; on the way it is noted which database it is for."""

        def do(rows: Rows, context: Any) -> Iterable[Any]:
            url = getattr(getattr(context.connection, "engine", None), "url", None)
            if url is not None:
                self._databases.append(f"{context.impl.describe_database(url)} ({context.dialect.name})")
                self._secrets |= {str(url.password)} if url.password else set()
            return work(rows, context)

        return do

    def finish(self, error: BaseException | None) -> LastRun | None:
        """The facts about the run; None if nothing was to be done."""
        if self._began is None:
            return None
        from limbeck.base.process import find_process

        process = find_process()
        self.seconds = time.monotonic() - self._start
        facts = {
            "command": self._command,
            "target": self._target,
            "host": process.host,
            "user": process.user,
            "process": process.number,
            "program": process.program,
            "databases": list(dict.fromkeys(self._databases)),
            "began": self._began.isoformat(),
            "seconds": round(self.seconds, 6),
            # Not what the database has said, for that may be a row of somebody's data.
            "failure": None if error is None else type(error).__name__,
        }
        return LastRun(facts, self._steps if self._step is None else [*self._steps, self._told(self._step)])

    def _told(self, step: dict[str, Any]) -> str:
        seconds = step["seconds"]
        statements = [
            (number, _shortened(redact(sql, self._secrets)), round(taken, 6), not has_failed)
            for number, sql, taken, has_failed in _slowest(step["statements"])
        ]
        told = {"seconds": None if seconds is None else round(seconds, 6), "statements": statements}
        return json.dumps(step | told)


def _slowest(statements: list[tuple[int, str, float, bool]]) -> list[tuple[int, str, float, bool]]:
    """Those that took longest, and what failed, in their order."""
    if len(statements) <= MOST_STATEMENTS:
        return statements
    by_duration = sorted(statements, key=lambda one: (one[3], one[2]), reverse=True)
    return sorted(by_duration[:MOST_STATEMENTS])


def _shortened(sql: str) -> str:
    return sql if len(sql) <= LONGEST_SQL else f"{sql[:LONGEST_SQL]}..."


@contextmanager
def recorded(script: ScriptDirectory, command: str, target: str, *, sql: bool = False) -> Iterator[Recording]:
    """Around the run of a command: keeps what was done.

    In a program nothing is kept, and nothing of a script of SQL.
    """
    recording = Recording(command, target, run_watcher.find())
    if sql or answer.find() is None:
        yield recording
        return
    failure: BaseException | None = None
    try:
        with run_watcher.active(recording):
            yield recording
    except BaseException as error:
        failure = error
        raise
    finally:
        run = recording.finish(failure)
        if run is not None:
            recording.is_kept = write_last_run(script, run)
