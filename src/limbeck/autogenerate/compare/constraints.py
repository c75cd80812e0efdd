"""The plugin for all that constrains: nullability, indexes and unique constraints, foreign keys (AUT-106)."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Column

from limbeck.autogenerate.compare.foreign_keys import compare_foreign_keys
from limbeck.autogenerate.compare.indexes import compare_indexes_and_uniques
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.ddl.compare.records import Record
from limbeck.operations.ops import AlterColumnOp

log = logging.getLogger("alembic.autogenerate.compare.constraints")


def same_nullability(glancing: Glancing, found: Record, wanted: Column[Any]) -> bool:
    """Whether a column may be null just as it should."""
    return found["nullable"] is wanted.nullable


@settled_by(same_nullability)
def _compare_nullable(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Note whether a column may be null, and whether it should."""
    alter_column_op.existing_nullable = conn_col.nullable
    if conn_col.nullable is not metadata_col.nullable:
        alter_column_op.modify_nullable = metadata_col.nullable
        log.info(
            "Detected %s on column '%s.%s'", "NULL" if metadata_col.nullable else "NOT NULL", tname, cname
        )
    return PriorityDispatchResult.CONTINUE


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(_compare_nullable, "column", "nullable")
    plugin.add_autogenerate_comparator(compare_indexes_and_uniques, "table", "indexes")
    plugin.add_autogenerate_comparator(compare_foreign_keys, "table", "foreignkeys")
