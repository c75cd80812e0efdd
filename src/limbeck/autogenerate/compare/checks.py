"""Compare CHECK constraints by name; a plugin that has to be asked for (spec §7)."""

from __future__ import annotations

import logging

from sqlalchemy import CheckConstraint, Table

from limbeck import sqla
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.match import match
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.operations.ops import (
    AddColumnOp,
    AddConstraintOp,
    AlterColumnOp,
    DropConstraintOp,
    ModifyTableOps,
)

log = logging.getLogger("alembic.autogenerate.compare.constraints")


def compare_checks(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    conn_table: Table | None,
    metadata_table: Table | None,
) -> PriorityDispatchResult:
    """Add operations for the named CHECKs of a table that stays.

    A CHECK that belongs to the type of a column comes with that column, or with the change to that type.
    """
    if conn_table is None or metadata_table is None:
        return PriorityDispatchResult.CONTINUE
    parents = {"table_name": tname, "schema_name": schema}
    found = {
        name: check
        for name, check in _by_name(autogen_context, conn_table).items()
        if autogen_context.run_name_filters(name, "check_constraint", dict(parents))
    }
    added = {
        operation.column.name for operation in modify_table_ops.ops if isinstance(operation, AddColumnOp)
    } | {
        operation.column_name
        for operation in modify_table_ops.ops
        if isinstance(operation, AlterColumnOp) and operation.modify_type is not None
    }
    wanted = {
        name: check
        for name, check in _by_name(autogen_context, metadata_table).items()
        if not (sqla.is_type_bound(check) and added & {column.name for column in check.columns})
    }
    matched = match(found, wanted)
    impl = autogen_context.migration_context.impl

    def drop(check: CheckConstraint, name: str, twin: CheckConstraint | None = None) -> None:
        if autogen_context.run_object_filters(check, name, "check_constraint", True, twin):
            log.info("Detected removed check constraint %r on %r", name, tname)
            modify_table_ops.ops.append(DropConstraintOp.from_constraint(check))

    def create(check: CheckConstraint, name: str, twin: CheckConstraint | None = None) -> None:
        if autogen_context.run_object_filters(check, name, "check_constraint", False, twin):
            log.info("Detected added check constraint %r on %r", name, tname)
            modify_table_ops.ops.append(AddConstraintOp.from_constraint(check))

    for name in matched.removed:
        drop(found[name], name)
    for name in matched.common:
        if impl.compare_check_constraint(wanted[name], found[name]).is_different:
            drop(found[name], name, wanted[name])
            create(wanted[name], name, found[name])
    for name in matched.added:
        create(wanted[name], name)
    return PriorityDispatchResult.CONTINUE


def _by_name(autogen_context: AutogenContext, table: Table) -> dict[str, CheckConstraint]:
    checks = [item for item in table.constraints if isinstance(item, CheckConstraint)]
    impl = autogen_context.migration_context.impl
    named = {
        sqla.final_name(check, autogen_context.dialect): check
        for check in checks
        if sqla.is_created(check, impl)
    }
    return {name: check for name, check in named.items() if name is not None}


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(compare_checks, "table", "checkconstraints")
