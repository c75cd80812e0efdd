"""Compare the comments of tables and columns, where the database has them."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Column, Table

from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.base.dispatch import DispatchPriority, PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.ddl.compare.records import Record, TableRecord
from limbeck.operations.ops import AlterColumnOp, CreateTableCommentOp, DropTableCommentOp, ModifyTableOps

log = logging.getLogger("alembic.autogenerate.compare.comments")


def same_column_comment(glancing: Glancing, found: Record, wanted: Column[Any]) -> bool:
    """Whether a column has the comment it should have."""
    return (found.get("comment") or None) == (wanted.comment or None) or not glancing.has_comments


@settled_by(same_column_comment)
def compare_column_comment(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Note the comment a column has and should have; an empty one is none."""
    if autogen_context.dialect.supports_comments:
        found, wanted = conn_col.comment or None, metadata_col.comment or None
        alter_column_op.existing_comment = found
        if found != wanted:
            alter_column_op.modify_comment = wanted
            log.info("Detected column comment '%s.%s'", tname, cname)
    return PriorityDispatchResult.CONTINUE


def same_table_comment(glancing: Glancing, record: TableRecord, table: Table) -> bool:
    """Whether a table has the comment it should have."""
    found = record.comment["text"] if record.comment else None
    return (found or None) == (table.comment or None) or not glancing.has_comments


@settled_by(same_table_comment)
def compare_table_comment(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    conn_table: Table | None,
    metadata_table: Table | None,
) -> PriorityDispatchResult:
    """Set or remove the comment of a table that stays; a new table brings its own."""
    if conn_table is None or metadata_table is None or not autogen_context.dialect.supports_comments:
        return PriorityDispatchResult.CONTINUE
    found, wanted = conn_table.comment or None, metadata_table.comment or None
    if wanted is None and found is not None:
        modify_table_ops.ops.append(DropTableCommentOp(tname, existing_comment=found, schema=schema))
        log.info("Detected removed comment of table '%s'", tname)
    elif wanted != found:
        modify_table_ops.ops.append(
            CreateTableCommentOp(tname, wanted, existing_comment=found, schema=schema)
        )
        log.info("Detected comment of table '%s'", tname)
    return PriorityDispatchResult.CONTINUE


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(compare_column_comment, "column", "comments")
    plugin.add_autogenerate_comparator(
        compare_table_comment, "table", "comments", priority=DispatchPriority.LAST
    )
