"""The vocabulary of change: operations, and the directives that make them."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "AbstractOperations": "limbeck.operations.base:AbstractOperations",
        "BatchOperations": "limbeck.operations.base:BatchOperations",
        "MigrateOperation": "limbeck.operations.ops:MigrateOperation",
        "MigrationScript": "limbeck.operations.ops:MigrationScript",
        "Operations": "limbeck.operations.base:Operations",
        "base": "limbeck.operations.base",
        "batch": "limbeck.operations.batch",
        "ops": "limbeck.operations.ops",
        "toimpl": "limbeck.operations.toimpl",
    },
)
