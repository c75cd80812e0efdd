"""Documented path for the dispatchers that live in `limbeck.base.dispatch`."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        name: f"limbeck.base.dispatch:{name}"
        for name in ("DispatchPriority", "Dispatcher", "PriorityDispatchResult", "PriorityDispatcher")
    },
)
