"""Documented path for the migration context, which lives in `limbeck.runtime.migration`."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.runtime.migration import *  # noqa: F403 — the names below, for type checkers

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        name: f"limbeck.runtime.migration:{name}"
        for name in (
            "HeadMaintainer",
            "MigrationContext",
            "MigrationInfo",
            "MigrationStep",
            "RevisionStep",
            "StampStep",
        )
    },
)
