"""The object that is active now, one for each thread and task: what stands behind the doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class Current(Generic[T]):
    """A slot that holds the active object of one kind.

    It is a context variable, so threads and tasks do not see each other's object, and leaving an inner
    `active` block brings the outer object back (RUN-2, RUN-3).
    """

    def __init__(self, name: str) -> None:
        self._variable: ContextVar[T | None] = ContextVar(f"limbeck.{name}", default=None)

    def find(self) -> T | None:
        """The active object, or None."""
        return self._variable.get()

    def replace(self, value: T | None) -> None:
        """Make `value` the active object until something else replaces it."""
        self._variable.set(value)

    @contextmanager
    def active(self, value: T) -> Iterator[T]:
        """Make `value` the active object inside a `with` block."""
        before = self._variable.get()
        self._variable.set(value)
        try:
            yield value
        finally:
            self._variable.set(before)


operations: Current[object] = Current("operations")
"""The `Operations` that `limbeck.op` forwards to, while a migration runs."""

environment: Current[object] = Current("environment")
"""The `EnvironmentContext` that `limbeck.context` forwards to, while env.py runs."""
