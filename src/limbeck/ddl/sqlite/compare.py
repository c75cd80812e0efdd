"""What SQLite reports and what was meant; what it cannot alter."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
)  # fmt: skip
from sqlalchemy.engine import Inspector
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import conv

from limbeck import sqla
from limbeck.ddl.compare.constraints import name_for
from limbeck.ddl.compare.defaults import read_value
from limbeck.ddl.compare.indexes import has_expressions, unique_signature
from limbeck.ddl.contracts import Comparing
from limbeck.ddl.sqlite.tokens import mentions
from limbeck.operations.ops import (
    AddColumnOp,
    AddConstraintOp,
    AlterColumnOp,
    CreateUniqueConstraintOp,
    DropColumnOp,
    DropConstraintOp,
    MigrateOperation,
)  # fmt: skip

CONVENTION = {
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
}
"""Names that a batch block gives to constraints which have none, so that it can drop them."""

CONVENTION_KEYS = {"foreignkey": "fk", "unique": "uq"}
"""What a convention calls the kinds of constraints."""


def autogen_column_reflect(inspector: Inspector, table: Table, column_info: Any) -> None:
    """An INTEGER PRIMARY KEY holds no NULL, also if nobody said so: it is the row's number (AUT-24)."""
    if not column_info.get("primary_key") or not column_info.get("nullable"):
        return
    key = inspector.get_pk_constraint(table.name, schema=table.schema)
    if key["constrained_columns"] == [column_info["name"]] and str(column_info["type"]).upper() == "INTEGER":
        column_info["nullable"] = False


def correct_for_autogen_constraints(
    conn_uniques: set[UniqueConstraint],
    conn_indexes: set[Index],
    metadata_unique_constraints: set[UniqueConstraint],
    metadata_indexes: set[Index],
) -> None:
    """Leave expression indexes out, with a warning: SQLAlchemy does not read them from SQLite (AUT-42)."""
    skipped = [index for index in metadata_indexes if has_expressions(index)]
    for index in sorted(skipped, key=lambda index: index.name or ""):
        warnings.warn(
            f"autogenerate skips the expression index {index.name!r}: it cannot be read from SQLite, "
            "so write its operations by hand",
            stacklevel=2,
        )
    metadata_indexes.difference_update(skipped)


def needs_batch(impl: Comparing, operation: MigrateOperation) -> bool:
    """Whether ALTER TABLE cannot do it: all that touches a constraint, and most of what a column is."""
    match operation:
        case AddConstraintOp() | DropConstraintOp():
            return True
        case AlterColumnOp():
            return (
                operation.modify_type is not None
                or operation.modify_nullable is not None
                or operation.modify_server_default is not False
            )
        case AddColumnOp():
            return not _can_be_added(impl, operation.column)
        case DropColumnOp():
            return operation._reverse is not None and _is_constrained(operation._reverse.column)
    return False


def _can_be_added(impl: Comparing, column: Column[Any]) -> bool:
    """ADD COLUMN takes neither keys and checks, nor what would have to be computed for the rows there are."""
    if column.primary_key or getattr(column.type, "create_constraint", False):
        return False
    default = column.server_default
    if isinstance(default, Computed):
        return not default.persisted
    if not isinstance(default, DefaultClause):
        return column.nullable is not False
    if isinstance(default.arg, str):
        return True
    return read_value(impl.render_ddl_sql_expr(default.arg)).kind in ("number", "string")


def _is_constrained(column: Column[Any]) -> bool:
    """Whether a constraint of the table names the column, which DROP COLUMN refuses to drop then."""
    if getattr(column.type, "create_constraint", False):
        return True
    table: object = column.table
    if not isinstance(table, Table):
        return bool(column.primary_key)
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            if _names(constraint, column.name):
                return True
        elif column.name in getattr(constraint, "columns", ()):
            return True
    return False


def batch_options(operations: Sequence[MigrateOperation]) -> dict[str, Any]:
    """A naming convention, if a constraint that has no name in the database is to be dropped."""
    convention = _convention(operations)
    return {"naming_convention": convention} if convention else {}


def _convention(operations: Sequence[MigrateOperation]) -> dict[str, str]:
    """The convention for the kinds of nameless constraints that are dropped: it names all that it covers (BAT-43)."""
    kinds = {
        CONVENTION_KEYS[operation.constraint_type or ""]
        for operation in operations
        if isinstance(operation, DropConstraintOp) and _was_nameless(operation)
    }
    return {kind: name for kind, name in CONVENTION.items() if kind in kinds}


def settle_table_changes(
    operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None, longest: int
) -> list[MigrateOperation]:
    """Drop what the batch block would otherwise carry over, and give it names to do that by (AUT-53)."""
    if metadata_table is None:
        return operations
    settled: list[MigrateOperation] = []
    for operation in operations:
        if isinstance(operation, DropConstraintOp) and operation.constraint_name is None:
            constraint = operation.to_constraint()
            if isinstance(constraint, (ForeignKeyConstraint, UniqueConstraint)):
                operation.constraint_name = conv(name_for(constraint, longest=longest))
                operation.info[NAMELESS] = True
        if isinstance(operation, DropColumnOp):
            settled += _drop_checks(operation.column_name, conn_table, [*operations, *settled])
            settled += _drop_nameless(operation.column_name, conn_table, [*operations, *settled], longest)
        settled.append(operation)
    if "uq" in _convention(settled):
        settled += _settle_nameless(conn_table, metadata_table, settled, longest)
    return settled


def _drop_checks(column: str, table: Table, operations: list[MigrateOperation]) -> list[MigrateOperation]:
    """Drop the CHECKs that name a column, before the column goes."""
    dropped = {item.constraint_name for item in operations if isinstance(item, DropConstraintOp)}
    return [
        DropConstraintOp.from_constraint(constraint)
        for constraint in sqla.in_creation_order(table.constraints)
        if isinstance(constraint, CheckConstraint)
        and constraint.name is not None
        and constraint.name not in dropped
        and _names(constraint, column)
    ]


def _drop_nameless(
    column: str, table: Table, operations: list[MigrateOperation], longest: int
) -> list[MigrateOperation]:
    """Drop the nameless unique constraints on a column before the column goes, so that they can come back with it."""
    return [
        drop
        for constraint, drop in _nameless_uniques(table, operations, longest)
        if column in constraint.columns
    ]


def _settle_nameless(
    table: Table, metadata_table: Table, operations: list[MigrateOperation], longest: int
) -> list[MigrateOperation]:
    """What the naming convention of the block would leave to do: it names every unique constraint without a name.

    Those that the models do not have are dropped, and those that they have under a name get it.
    """
    wanted = {
        unique_signature(constraint): constraint
        for constraint in sqla.in_creation_order(metadata_table.constraints)
        if isinstance(constraint, UniqueConstraint)
    }
    settled: list[MigrateOperation] = []
    for constraint, drop in _nameless_uniques(table, operations, longest):
        counterpart = wanted.get(unique_signature(constraint))
        if counterpart is None:
            settled.append(drop)
        elif counterpart.name is not None:
            settled += [drop, CreateUniqueConstraintOp.from_constraint(counterpart)]
    return settled


def _nameless_uniques(
    table: Table, operations: list[MigrateOperation], longest: int
) -> Iterator[tuple[UniqueConstraint, DropConstraintOp]]:
    """The unique constraints without a name that are not dropped yet, and how to drop each."""
    dropped = {item.constraint_name for item in operations if isinstance(item, DropConstraintOp)}
    for constraint in sqla.in_creation_order(table.constraints):
        if isinstance(constraint, UniqueConstraint) and constraint.name is None:
            drop = DropConstraintOp.from_constraint(constraint)
            drop.constraint_name = conv(name_for(constraint, longest=longest))
            drop.info[NAMELESS] = True
            if drop.constraint_name not in dropped:
                yield constraint, drop


def _names(constraint: CheckConstraint, column: str) -> bool:
    return mentions(str(constraint.sqltext), column)


def prepare_drop(operation: DropColumnOp) -> None:
    """Say of what type a column was whose type brought a CHECK, so that the CHECK goes with it (BAT-54)."""
    if operation._reverse is not None and getattr(operation._reverse.column.type, "create_constraint", False):
        operation.kw["existing_type"] = operation._reverse.column.type


NAMELESS = "limbeck.nameless"


def _was_nameless(operation: DropConstraintOp) -> bool:
    return bool(operation.info.get(NAMELESS))
