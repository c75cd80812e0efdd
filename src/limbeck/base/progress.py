"""Long work can be watched: whoever looks at it registers, and whoever does it says so now and then."""

from __future__ import annotations

from typing import Protocol

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
