"""Long work can be watched: whoever looks at it registers, and whoever does it says so now and then."""

from __future__ import annotations

from typing import Any, Protocol

from limbeck.base.current import Current


class Watcher(Protocol):
    """Shows that work goes on."""

    def begin(self, doing: str) -> None:
        """Something begins that may take long."""

    def rename(self, doing: str) -> None:
        """It is known better now what is done; the clock goes on."""

    def tick(self) -> None:
        """It goes on."""

    def end(self) -> None:
        """It has ended, well or not."""


watcher: Current[Watcher] = Current("watcher")
"""Who watches what this thread or task does."""


class StepWatcher(Protocol):
    """Hears when the steps of a run begin and end; `number` counts from 1 to `count`."""

    def step_begins(self, number: int, count: int, step: Any) -> None:
        """A step begins."""

    def step_ended(self, number: int, count: int, step: Any) -> None:
        """It has ended well."""


step_watcher: Current[StepWatcher] = Current("step_watcher")
"""Who hears of the steps that this thread or task runs."""
