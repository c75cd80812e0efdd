"""Compare foreign keys by what they connect and do, not by name (AUT-50 to AUT-53)."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.sql.elements import conv

from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.autogenerate.match import sortable
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.ddl.compare.constraints import KeyOptions
from limbeck.ddl.compare.records import Record, TableRecord
from limbeck.operations.ops import CreateForeignKeyOp, DropConstraintOp, ModifyTableOps

log = logging.getLogger("alembic.autogenerate.compare.constraints")


def same_foreign_keys(glancing: Glancing, record: TableRecord, table: Table) -> bool:
    """Whether a table has just the foreign keys it should have."""
    wanted = table.foreign_key_constraints
    if len(record.foreign_keys) != len(wanted):
        return False
    if not wanted:
        return True
    if not all(
        glancing.is_included(record, key["name"], "foreign_key_constraint") for key in record.foreign_keys
    ):
        return False
    found = {_found_signature(glancing, key) for key in record.foreign_keys}
    try:
        return found == {_wanted_signature(glancing, key) for key in wanted}
    except InvalidRequestError:  # its target is not among the models
        return False


def _found_signature(glancing: Glancing, key: Record) -> tuple[Any, ...]:
    options = key.get("options") or {}
    schema = key["referred_schema"]
    return (
        tuple(key["constrained_columns"]),
        (None if schema == glancing.default_schema else schema, key["referred_table"]),
        tuple(key["referred_columns"]),
        glancing.impl.foreign_key_options(KeyOptions(*(options.get(name) for name in KeyOptions._fields))),
    )


def _wanted_signature(glancing: Glancing, key: ForeignKeyConstraint) -> tuple[Any, ...]:
    table = key.referred_table
    return (
        tuple(column.name for column in key.columns),
        (None if table.schema == glancing.default_schema else table.schema, table.name),
        tuple(element.column.name for element in key.elements),
        glancing.impl.foreign_key_options(key),
    )


@settled_by(same_foreign_keys)
def compare_foreign_keys(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    conn_table: Table | None,
    metadata_table: Table | None,
) -> PriorityDispatchResult:
    """Add operations for the foreign keys of a table that stays: removed ones, then new ones (AUT-51)."""
    if conn_table is None or metadata_table is None:
        return PriorityDispatchResult.CONTINUE
    found_keys = {
        key
        for key in conn_table.foreign_key_constraints
        if autogen_context.run_name_filters(
            _name(key), "foreign_key_constraint", {"table_name": tname, "schema_name": schema}
        )
    }
    wanted_keys = set(metadata_table.foreign_key_constraints)
    impl = autogen_context.migration_context.impl
    impl.correct_for_autogen_foreignkeys(found_keys, wanted_keys)
    found = {signature(autogen_context, key): key for key in _in_order(found_keys)}
    wanted = {signature(autogen_context, key): key for key in _in_order(wanted_keys)}
    found_names = {_name(key): key for key in found_keys if _name(key)}
    wanted_names = {_name(key): key for key in wanted_keys if _name(key)}
    taken = {name for name in (*found_names, *wanted_names) if name}

    for sign, key in found.items():
        if sign not in wanted and autogen_context.run_object_filters(
            key, _name(key), "foreign_key_constraint", True, wanted_names.get(_name(key))
        ):
            log.info("Detected removed foreign key %s", describe(key))
            modify_table_ops.ops.append(DropConstraintOp.from_constraint(key))
    for sign, key in wanted.items():
        if sign not in found and autogen_context.run_object_filters(
            key, _name(key), "foreign_key_constraint", False, found_names.get(_name(key))
        ):
            log.info("Detected added foreign key %s", describe(key))
            modify_table_ops.ops.append(create_op(autogen_context, key, taken))
    return PriorityDispatchResult.CONTINUE


def signature(autogen_context: AutogenContext, key: ForeignKeyConstraint) -> tuple[Any, ...]:
    """What makes a foreign key what it is (AUT-50); the default schema is the same as none (AUT-52)."""
    operation = CreateForeignKeyOp.from_constraint(key)
    schema = operation.kw.get("referent_schema")
    if schema is not None and schema == autogen_context.dialect.default_schema_name:
        schema = None
    return (
        tuple(operation.local_cols),
        (schema, operation.referent_table, tuple(operation.remote_cols)),
        autogen_context.migration_context.impl.foreign_key_options(key),
    )


def create_op(
    autogen_context: AutogenContext, key: ForeignKeyConstraint, taken: set[str]
) -> CreateForeignKeyOp:
    """The operation that creates a foreign key by itself; one without a name gets one, for the way back."""
    operation = CreateForeignKeyOp.from_constraint(key)
    operation.kw.pop("use_alter", None)  # that is done by now
    if operation.constraint_name is None:
        name = autogen_context.migration_context.impl.name_constraint(key, taken)
        taken.add(name)
        operation.constraint_name = conv(name)
    return operation


def describe(key: ForeignKeyConstraint) -> str:
    """A foreign key in words: `(a, b)(x, y) on table t`."""
    local = ", ".join(column.name for column in key.columns)
    remote = ", ".join(element.target_fullname for element in key.elements)
    return f"({local})({remote}) on table {key.table.name}"


def _name(key: ForeignKeyConstraint) -> str | None:
    return key.name if isinstance(key.name, str) else None


def _in_order(keys: set[ForeignKeyConstraint]) -> list[ForeignKeyConstraint]:
    return sorted(keys, key=lambda key: (sortable(_name(key)), [column.name for column in key.columns]))
