"""Registries that find a function for a class: one function each, or a prioritised chain of them."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
Key = tuple[Any, str]


class DispatchPriority(IntEnum):
    """How early a comparator runs: FIRST before MEDIUM before LAST (PLG-5)."""

    FIRST = 50
    MEDIUM = 25
    LAST = 10


class PriorityDispatchResult(Enum):
    """What a comparator says to the rest of its chain: go on, or stop here (PLG-5)."""

    CONTINUE = 1
    STOP = 2


class Dispatcher:
    """Finds the one function registered for a class or one of its bases, by dialect or for all."""

    def __init__(self) -> None:
        self._functions: dict[Key, Callable[..., Any]] = {}
        self._source: str | None = None

    @property
    def _registry(self) -> dict[Key, Callable[..., Any]]:
        if self._source is not None:
            importlib.import_module(self._source)  # waits for a thread that is at it
        return self._functions

    @_registry.setter
    def _registry(self, functions: dict[Key, Callable[..., Any]]) -> None:
        self._functions = functions

    def fill_from(self, module: str) -> None:
        """Import a module, which registers functions here, before anything is looked up or registered."""
        self._source = module

    def __contains__(self, target: object) -> bool:
        return (target, "default") in self._registry

    def dispatch_for(
        self, target: Any, *, qualifier: str = "default", replace: bool = False
    ) -> Callable[[Function], Function]:
        """Register the decorated function for the class `target`, for one dialect or for all.

        Raises ValueError if the class has a function already and `replace` is not set (OPS-101).
        """

        def register(function: Function) -> Function:
            if (target, qualifier) in self._registry and not replace:
                raise ValueError(
                    f"{getattr(target, '__name__', target)!r} has a function already; "
                    "pass replace=True to replace it"
                )
            self._registry[target, qualifier] = function
            return function

        return register

    def dispatch(self, obj: object, qualifier: str = "default") -> Callable[..., Any]:
        """The function for `obj`: an instance, a class, or a name used as target.

        Classes are tried in method resolution order, each for `qualifier` before `"default"`.
        Raises ValueError if nothing is registered (OPS-1).
        """
        targets: tuple[Any, ...]
        if isinstance(obj, str):
            targets = (obj,)
        else:
            targets = (obj if isinstance(obj, type) else type(obj)).__mro__
        registry = self._registry
        for target in targets:
            for wanted in dict.fromkeys((qualifier, "default")):
                function = registry.get((target, wanted))
                if function is not None:
                    return function
        raise ValueError(f"nothing is registered to handle {obj!r}")

    def branch(self) -> Dispatcher:
        """A copy that can be extended without touching this registry."""
        copy = Dispatcher()
        copy._registry.update(self._registry)
        return copy


class PriorityDispatcher:
    """Chains of functions for a target, run in order of priority, then of registration.

    Functions of one `subgroup` form a chain of their own: STOP ends that chain only (PLG-5).
    """

    def __init__(self) -> None:
        self._registry: defaultdict[Key, list[tuple[int, str | None, Callable[..., Any]]]] = defaultdict(list)

    def dispatch_for(
        self,
        target: str,
        *,
        priority: DispatchPriority = DispatchPriority.MEDIUM,
        qualifier: str = "default",
        subgroup: str | None = None,
    ) -> Callable[[Function], Function]:
        """Add the decorated function to the chain of `target`, for one dialect or for all."""

        def register(function: Function) -> Function:
            chain = self._registry[target, qualifier]
            chain.append((int(priority), subgroup, function))
            return function

        return register

    def dispatch(self, target: str, *, qualifier: str = "default") -> Callable[..., PriorityDispatchResult]:
        """One callable that runs the functions of `target` for `qualifier` and for all, by priority."""
        entries = self._entries(target, qualifier)

        def run(*args: Any, **kw: Any) -> PriorityDispatchResult:
            stopped: set[str | None] = set()
            for _, subgroup, function in entries:
                if subgroup not in stopped and function(*args, **kw) is PriorityDispatchResult.STOP:
                    stopped.add(subgroup)
            return PriorityDispatchResult.STOP if stopped else PriorityDispatchResult.CONTINUE

        return run

    def functions(self, target: str, *, qualifier: str = "default") -> list[Callable[..., Any]]:
        """The functions that `dispatch` would run, in order."""
        return [function for _, _, function in self._entries(target, qualifier)]

    def _entries(self, target: str, qualifier: str) -> list[tuple[int, str | None, Callable[..., Any]]]:
        entries = list(self._registry.get((target, qualifier), ()))
        if qualifier != "default":
            entries += self._registry.get((target, "default"), ())
        return sorted(entries, key=lambda entry: -entry[0])

    def branch(self) -> PriorityDispatcher:
        """A copy that can be extended without touching this registry."""
        copy = PriorityDispatcher()
        copy.populate_with(self)
        return copy

    def populate_with(self, other: PriorityDispatcher) -> None:
        """Add every function of `other` behind the ones that are here."""
        for key, chain in other._registry.items():
            self._registry[key].extend(chain)
