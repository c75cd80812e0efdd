"""Changes to one table, collected in a block: made with ALTER, or by rebuilding the table."""

from __future__ import annotations

from typing import Any

from limbeck.ddl.batch.record import BatchOperationsImpl


def start_batch(operations: Any, **options: Any) -> BatchOperationsImpl:
    """What collects the directives of a `batch_alter_table()` block; `options` are those of the block (BAT-1)."""
    return BatchOperationsImpl(operations, **options)
