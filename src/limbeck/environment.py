"""Documented path for the environment context, which lives in `limbeck.runtime.environment`."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.runtime.environment import EnvironmentContext as EnvironmentContext
    from limbeck.runtime.migration import MigrationContext as MigrationContext

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "MigrationContext": "limbeck.runtime.migration:MigrationContext",
        "Operations": "limbeck.operations.base:Operations",
        "util": "limbeck.util",
        **{
            name: f"limbeck.runtime.environment:{name}"
            for name in (
                "CompareServerDefault", "CompareType", "EnvironmentContext", "IncludeNameFn",
                "IncludeObjectFn", "NameFilterParentNames", "NameFilterType", "OnVersionApplyFn",
                "ProcessRevisionDirectiveFn", "RenderItemFn",
            )
        },
    },
)  # fmt: skip
