"""What is known about each class of operation: its directive, how to apply it, how to render it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from limbeck.base.dispatch import Dispatcher

Function = TypeVar("Function", bound=Callable[..., Any])


class Operation(Protocol):
    """What this registry and the floors above need of an operation; `MigrateOperation` is the base class."""

    @property
    def info(self) -> dict[Any, Any]: ...


implementations = Dispatcher()
"""Class of operation → `fn(operations, operation)` that applies it (OPS-1)."""

renderers = Dispatcher()
"""Class of operation → `fn(autogen_context, operation)` that writes it as Python (AUT-103)."""


constraint_renderers = Dispatcher()
"""Class of SQLAlchemy constraint → `fn(constraint, autogen_context)` that writes it in `create_table()` (AUT-76)."""


def applies(operation_class: type) -> Callable[[Function], Function]:
    """Register limbeck's own way to apply an operation, unless the user has replaced it already."""

    def register(function: Function) -> Function:
        if operation_class not in implementations:
            implementations.dispatch_for(operation_class)(function)
        return function

    return register
