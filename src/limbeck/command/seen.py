"""What a run does with the rows of version tables, remembered while it is planned, and how long its steps take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from limbeck.command.environment import Rows
from limbeck.graph.moves import row_changes
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationStep, RevisionStep

if TYPE_CHECKING:
    from limbeck.command.results import Run, Step


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
        from limbeck.command.results import Step

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
        from limbeck.command.results import Run

        return Run(self.before, self.after, self.described)


class Measured(NamedTuple):
    """How long a step took, and how many statements its function has executed."""

    seconds: float
    statements: int


class Stopwatch:
    """Measures the steps, and tells it to whoever wants to know."""

    def __init__(self, tell: Callable[[int, int, Any, Measured], None] | None = None) -> None:
        self._tell = tell
        self._began = 0.0
        self._steps: list[Any] = []
        self._places: dict[int, int] = {}
        """Where in the list a step is, by its identity."""
        self.measured: list[Measured] = []

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """The `number`-th of `count` steps begins; once more, if what it had done was rolled back."""
        self._began = time.monotonic()
        place = self._places.get(id(step))
        if place is not None:
            for again in self._steps[place:]:
                del self._places[id(again)]
            del self._steps[place:], self.measured[place:]

    def step_ended(self, number: int, count: int, step: Any, statements: int) -> None:
        """It has ended well."""
        measured = Measured(time.monotonic() - self._began, statements)
        self._places[id(step)] = len(self._steps)
        self._steps.append(step)
        self.measured.append(measured)
        if self._tell is not None:
            self._tell(number, count, step, measured)


def step_data(step: Any) -> dict[str, Any]:
    """A step as plain values; one that only stamps has no message and no file."""
    own = getattr(step, "revision", None)
    if own is None:
        to = ", ".join(step.to_revisions_no_deps) or None
        return {"revision": to, "direction": "stamp", "message": None, "path": None}
    return {"revision": own.revision, "direction": step.name, "message": step.doc, "path": own.path}


def run_data(seen: Seen, watch: Stopwatch) -> dict[str, Any]:
    """A run as plain values."""
    steps: list[dict[str, Any]] = [
        {"revision": step.revision, "direction": step.direction, "message": step.message, "path": step.path}
        for step in seen.described
    ]
    if len(watch.measured) == len(steps):
        for step, measured in zip(steps, watch.measured, strict=True):
            step["seconds"] = round(measured.seconds, 6)
    return {"before": list(seen.before), "after": list(seen.after), "steps": steps}
