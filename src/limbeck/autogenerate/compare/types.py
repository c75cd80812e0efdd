"""Compare the types of columns (AUT-20 to AUT-26)."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Column
from sqlalchemy.types import NullType, TypeEngine

from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.ddl.compare.records import Record
from limbeck.ddl.compare.types import type_key
from limbeck.operations.ops import AlterColumnOp

log = logging.getLogger("alembic.autogenerate.compare.types")


def same_type(glancing: Glancing, found: Record, wanted: Column[Any]) -> bool:
    """Whether a column has the type it should have, or types are not compared."""
    if not glancing.compares_types:
        return True
    key = type_key(found["type"]), type_key(wanted.type)
    return glancing.remembered(key, lambda: _is_same_type(glancing, found["type"], wanted.type))


def _is_same_type(glancing: Glancing, found: TypeEngine[Any], wanted: TypeEngine[Any]) -> bool:
    if isinstance(found, NullType) or isinstance(wanted, NullType):
        return False
    return not glancing.impl.compare_type(Column("found", found), Column("wanted", wanted))


@settled_by(same_type)
def _dialect_impl_compare_type(
    autogen_context: AutogenContext,
    alter_column_op: AlterColumnOp,
    schema: str | None,
    tname: str,
    cname: str,
    conn_col: Column[Any],
    metadata_col: Column[Any],
) -> PriorityDispatchResult:
    """Note the type the column has, and the one it should have if that is another."""
    alter_column_op.existing_type = conn_col.type
    if isinstance(conn_col.type, NullType):
        log.info("The type of column '%s.%s' in the database is not known", tname, cname)
    elif isinstance(metadata_col.type, NullType):
        log.info("Column '%s.%s' has no type in the models", tname, cname)
    elif is_different_type(autogen_context, conn_col, metadata_col):
        alter_column_op.modify_type = metadata_col.type
        log.info(
            "Detected type change from %r to %r on '%s.%s'", conn_col.type, metadata_col.type, tname, cname
        )
    return PriorityDispatchResult.CONTINUE


def is_different_type(
    autogen_context: AutogenContext, conn_col: Column[Any], metadata_col: Column[Any]
) -> bool:
    """Whether the types differ: as the option `compare_type` says, else as the dialect does (AUT-26)."""
    option = autogen_context.opts.get("compare_type", True)
    if option is False:
        return False
    if callable(option):
        answer = option(
            autogen_context.migration_context, conn_col, metadata_col, conn_col.type, metadata_col.type
        )
        if answer is not None:
            return bool(answer)
    return bool(autogen_context.migration_context.impl.compare_type(conn_col, metadata_col))


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(_dialect_impl_compare_type, "column", "types")
