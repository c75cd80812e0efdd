"""The object that is active now, one for each thread and task: what stands behind the doors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Unmade(Generic[T]):
    """Stands for an active object until somebody asks for it, so that what is never asked for is never made."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make

    @cached_property
    def made(self) -> T:
        """The object."""
        return self._make()


class Current(Generic[T]):
    """A slot that holds the active object of one kind.

    It is a context variable, so threads and tasks do not see each other's object, and leaving an inner
    `active` block brings the outer object back (RUN-2, RUN-3). A thread that was started without a context, as
    env.py may start one, finds the object that is active in this process if there is only one; but not if it
    has an object `of` another kind, to which the one that is active elsewhere would not belong.
    """

    def __init__(self, name: str, *, of: Current[Any] | None = None) -> None:
        self._of = of
        self._variable: ContextVar[T | Unmade[T] | None] = ContextVar(f"limbeck.{name}", default=None)
        self._lock = threading.Lock()
        self._active: list[T | Unmade[T]] = []
        """The innermost object of each thread or task that is inside an `active` block."""

    def find(self) -> T | None:
        """The active object, or None."""
        found = self._variable.get()
        if found is None and not self._is_elsewhere:
            with self._lock:
                found = self._active[0] if len(self._active) == 1 else None
        return found.made if isinstance(found, Unmade) else found

    def replace(self, value: T | None) -> None:
        """Make `value` the active object of this thread or task until something else replaces it."""
        self._variable.set(value)

    @contextmanager
    def active(self, value: T) -> Iterator[T]:
        """Make `value` the active object inside a `with` block."""
        with self._holding(value):
            yield value

    def active_once_made(self, make: Callable[[], T]) -> AbstractContextManager[None]:
        """The same with an object that is made when somebody asks for it."""
        return self._holding(Unmade(make))

    @contextmanager
    def _holding(self, value: T | Unmade[T]) -> Iterator[None]:
        before = self._variable.get()
        self._variable.set(value)
        self._exchange(before, value)
        try:
            yield
        finally:
            self._exchange(value, before)
            self._variable.set(before)

    @property
    def explanation(self) -> str:
        """Why there is no active object, if that is because there are several (RUN-9)."""
        with self._lock:
            if len(self._active) < 2 or self._is_elsewhere:
                return ""
        return (
            ". Several run at once in this process, and this thread was started without the context of any: "
            "start it with `contextvars.copy_context().run` or `asyncio.to_thread`"
        )

    @property
    def _is_elsewhere(self) -> bool:
        """Whether what is active in another thread belongs to something else than this one works on."""
        return self._of is not None and self._of._variable.get() is not None

    def _exchange(self, old: T | Unmade[T] | None, new: T | Unmade[T] | None) -> None:
        with self._lock:
            for position, value in enumerate(self._active):
                if value is old:
                    del self._active[position]
                    break
            if new is not None:
                self._active.append(new)


environment: Current[object] = Current("environment")
"""The `EnvironmentContext` that `limbeck.context` forwards to, while env.py runs."""

operations: Current[object] = Current("operations", of=environment)
"""The `Operations` that `limbeck.op` forwards to, while a migration runs."""
