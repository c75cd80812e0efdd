"""Documented path for the dispatchers and small tools that live elsewhere."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "DispatchPriority": "limbeck.base.dispatch:DispatchPriority",
        "Dispatcher": "limbeck.base.dispatch:Dispatcher",
        "PriorityDispatchResult": "limbeck.base.dispatch:PriorityDispatchResult",
        "PriorityDispatcher": "limbeck.base.dispatch:PriorityDispatcher",
        "asbool": "sqlalchemy.util:asbool",
        "immutabledict": "sqlalchemy.util:immutabledict",
        "not_none": "limbeck.base.presence:not_none",
        "rev_id": "limbeck.script.draft:new_revision_id",
        "to_list": "sqlalchemy.util:to_list",
    },
)
