"""The vocabulary of change: operations, and the directives that make them."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.operations.base import AbstractOperations as AbstractOperations
    from limbeck.operations.base import BatchOperations as BatchOperations
    from limbeck.operations.base import Operations as Operations
    from limbeck.operations.ops import MigrateOperation as MigrateOperation
    from limbeck.operations.ops import MigrationScript as MigrationScript

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
