"""What a run does with the rows of version tables, remembered while it is planned, and how long its steps take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from limbeck.command.environment import Rows
from limbeck.command.results import Run, Step
from limbeck.graph.moves import row_changes
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationStep, RevisionStep


class Seen:
    """Plans the steps of a run, and remembers them with the rows before and after.

    env.py may run for several version tables of the database; their rows and steps stand one behind the other.
    """

    def __init__(self, script: ScriptDirectory, plan: Callable[[Rows], Iterable[MigrationStep]]) -> None:
        self._script = script
        self._plan = plan
        self.before: Rows = ()
        self.after: Rows = ()
        self.steps: list[MigrationStep] = []

    def __call__(self, rows: Rows, context: Any) -> Iterable[MigrationStep]:
        steps = list(self._plan(rows))
        graph = self._script.revision_map.graph
        left = frozenset(rows)
        for step in steps:
            left = row_changes(graph, step.move, left).after
        self.before += rows
        self.after += tuple(row for row in rows if row in left) + tuple(sorted(left.difference(rows)))
        self.steps += steps
        return steps

    @property
    def described(self) -> tuple[Step, ...]:
        """The revisions that are applied or undone."""
        return tuple(
            Step(
                step.revision.revision,
                "upgrade" if step.is_upgrade else "downgrade",
                step.doc,
                step.revision.path,
            )
            for step in self.steps
            if isinstance(step, RevisionStep)
        )

    @property
    def run(self) -> Run:
        """The run, once it is done."""
        return Run(self.before, self.after, self.described)


class Stopwatch:
    """Measures how long each step takes, and tells it to whoever wants to know."""

    def __init__(self, tell: Callable[[int, int, Any, float], None] | None = None) -> None:
        self._tell = tell
        self._began = 0.0
        self.seconds: list[float] = []

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """The `number`-th of `count` steps begins."""
        self._began = time.monotonic()

    def step_ended(self, number: int, count: int, step: Any) -> None:
        """It has ended well."""
        taken = time.monotonic() - self._began
        self.seconds.append(taken)
        if self._tell is not None:
            self._tell(number, count, step, taken)


def run_data(seen: Seen, watch: Stopwatch) -> dict[str, Any]:
    """A run as plain values."""
    steps = [
        {"revision": step.revision, "direction": step.direction, "message": step.message, "path": step.path}
        for step in seen.described
    ]
    if len(watch.seconds) == len(steps):
        for step, seconds in zip(steps, watch.seconds, strict=True):
            step["seconds"] = round(seconds, 6)  # type: ignore[assignment]  # a number among texts
    return {"before": list(seen.before), "after": list(seen.after), "steps": steps}
