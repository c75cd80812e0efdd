"""What Oracle Database's statements block, scan and rewrite.

Sources: Database Concepts, "Automatic Locks in DDL Operations" and "Table Locks (TM)"; SQL Language Reference, "ALTER
TABLE" (add_column_clause, drop_column_clause) and "CREATE INDEX". Nothing here was measured. Readers wait for none
of them, for a query takes no lock; and each statement commits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Numeric, String

from limbeck.ddl.base import is_computed, is_identity, type_instance, unwrapped_default
from limbeck.ddl.facts import Cost, Effect, Lock, Version, is_older
from limbeck.operations import ops

NOT_NULL_DEFAULTS: Version = (11, 2)
"""The default of a new NOT NULL column is kept once for all rows from here on."""
NULLABLE_DEFAULTS: Version = (12, 1)
"""That of a new column that may be NULL likewise."""

BRIEF = Effect(Lock.WRITES, Cost.METADATA, "waits for open transactions on the table, for a moment")
READ = Effect(Lock.WRITES, Cost.SCAN, "others cannot write while the rows are read")
WRITTEN = Effect(Lock.WRITES, Cost.REWRITE, "others cannot write while each row is written")


def effect_of(operation: Any, version: Version = ()) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known; no version means a recent one."""
    effect = _effect_of(operation, version)
    return None if effect is None else replace(effect, transactional=False)


def _effect_of(operation: Any, version: Version) -> Effect | None:
    match operation:
        case ops.AddColumnOp():
            return _of_new_column(operation, version)
        case ops.AlterColumnOp():
            return _of_altered_column(operation)
        case ops.DropColumnOp():
            return WRITTEN
        case ops.CreateIndexOp() | ops.AddConstraintOp():
            return READ
        case ops.CreateTableCommentOp() | ops.DropTableCommentOp():
            return Effect(Lock.NONE, Cost.METADATA, "only the table's description changes")
        case ops.CreateTableOp():
            return Effect(Lock.NONE, Cost.METADATA, "nobody uses the table yet")
        case ops.DropIndexOp() | ops.DropConstraintOp():
            return BRIEF
        case ops.RenameTableOp() | ops.DropTableOp():
            return Effect(Lock.EVERYTHING, Cost.METADATA, "whoever asks for the table does not find it")
    return None


def _of_new_column(operation: ops.AddColumnOp, version: Version) -> Effect:
    column = operation.column
    default = unwrapped_default(column.server_default)
    if is_identity(default):
        return WRITTEN
    if default is None or is_computed(default):
        return BRIEF
    kept_once = NULLABLE_DEFAULTS if column.nullable else NOT_NULL_DEFAULTS
    return WRITTEN if is_older(version, kept_once) else BRIEF


def _of_altered_column(operation: ops.AlterColumnOp) -> Effect | None:
    if operation.modify_type is not None:
        return BRIEF if _is_widened(operation) else None  # most others need an empty column
    if operation.modify_nullable is False:
        return READ
    return BRIEF if operation.has_changes() else Effect(Lock.NONE, Cost.METADATA, "nothing is changed")


def _is_widened(operation: ops.AlterColumnOp) -> bool:
    if operation.modify_type is None or operation.existing_type is None:
        return False
    new, old = type_instance(operation.modify_type), type_instance(operation.existing_type)
    if isinstance(new, String) and isinstance(old, String) and new.__visit_name__ == old.__visit_name__:
        return None not in (new.length, old.length) and (new.length or 0) >= (old.length or 0)
    if isinstance(new, Numeric) and isinstance(old, Numeric):
        known = None not in (new.precision, old.precision)
        return known and new.scale == old.scale and (new.precision or 0) >= (old.precision or 0)
    return False
