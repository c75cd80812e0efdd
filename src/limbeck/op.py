"""The door to the operations of the migration that is running: `from limbeck import op`.

Every directive that `Operations` has, also one registered later, is a function here (RUN-4, RUN-5).
Which migration they reach is decided when they are called, for each thread and task by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import limbeck.ddl.apply  # noqa: F401  # dialects register directives of their own there (OPS-85)
from limbeck.base import current
from limbeck.operations.base import Operations


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not hasattr(Operations, name):
        raise AttributeError(f"module 'limbeck.op' has no attribute {name!r}")
    return _forward(name)


def __dir__() -> list[str]:
    return sorted(name for name in dir(Operations) if not name.startswith("_"))


def _forward(name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(Operations, name)
    if getattr(method, "__self__", None) is Operations:
        return method  # a class method (register_operation, implementation_for, ...) needs no migration

    def call(*args: Any, **kw: Any) -> Any:
        operations = current.operations.find()
        if operations is None:
            raise NameError(
                f"`op.{name}()` can be called only while a migration runs: put it inside `upgrade()` or "
                "`downgrade()`, or inside `with Operations.context(migration_context):`"
                f"{current.operations.explanation}"
            )
        return getattr(operations, name)(*args, **kw)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = method.__doc__
    return call


class _Door(ModuleType):
    """Lets tests of extensions set the current object by `op._proxy = Operations(...)` (ECO-2)."""

    @property
    def _proxy(self) -> object:
        return current.operations.find()

    @_proxy.setter
    def _proxy(self, value: object) -> None:
        current.operations.replace(value)

    @_proxy.deleter
    def _proxy(self) -> None:
        current.operations.replace(None)


sys.modules[__name__].__class__ = _Door
