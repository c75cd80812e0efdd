"""Documented path for the migration context, which lives in `limbeck.runtime.migration`."""

from limbeck.base.lazy import lazy_exports

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
