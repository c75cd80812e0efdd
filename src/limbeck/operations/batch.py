"""Documented path for the classes in `limbeck.ddl.batch`."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "ApplyBatchImpl": "limbeck.ddl.batch.draft:TableDraft",
        "BatchOperationsImpl": "limbeck.ddl.batch.record:BatchOperationsImpl",
    },
)
