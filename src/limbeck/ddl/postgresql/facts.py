"""What PostgreSQL's statements block, scan and rewrite.

Sources: manual, "Explicit Locking" and the notes of ALTER TABLE and CREATE INDEX; each line was confirmed by
running the statement and reading `pg_locks`, the table's file node and its scan counters.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Computed, Integer, Numeric, String

from limbeck.ddl.base import is_computed, is_identity, type_instance, unwrapped_default
from limbeck.ddl.facts import Cost, Effect, Lock, Version, is_older
from limbeck.operations import ops

BRIEF = Effect(Lock.EVERYTHING, Cost.METADATA, "ACCESS EXCLUSIVE, for a moment")


CONSTANT_DEFAULTS: Version = (11,)
"""A new column's constant default is kept once for all rows from here on."""


def effect_of(operation: Any, version: Version = ()) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known; no version means a recent one."""
    match operation:
        case ops.AddColumnOp():
            return _of_new_column(operation, version)
        case ops.AlterColumnOp():
            return _of_altered_column(operation)
        case ops.CreateIndexOp():
            if operation.kw.get("postgresql_concurrently"):
                return Effect(Lock.SCHEMA, Cost.SCAN, "CONCURRENTLY lets others write", transactional=False)
            return Effect(Lock.WRITES, Cost.SCAN, "SHARE lock until the index is built")
        case ops.DropIndexOp():
            if operation.kw.get("postgresql_concurrently"):
                why = "CONCURRENTLY lets others read and write"
                return Effect(Lock.SCHEMA, Cost.METADATA, why, transactional=False)
            return BRIEF
        case ops.CreateForeignKeyOp():
            cost = Cost.METADATA if operation.kw.get("postgresql_not_valid") else Cost.SCAN
            return Effect(Lock.WRITES, cost, "SHARE ROW EXCLUSIVE on both tables")
        case ops.AddConstraintOp():
            not_valid = getattr(operation, "kw", {}).get("postgresql_not_valid")
            cost = Cost.METADATA if not_valid else Cost.SCAN
            return Effect(
                Lock.EVERYTHING, cost, "ACCESS EXCLUSIVE while the rows are read" if cost else BRIEF.why
            )
        case ops.CreateTableCommentOp() | ops.DropTableCommentOp():
            return Effect(Lock.SCHEMA, Cost.METADATA, "SHARE UPDATE EXCLUSIVE, for a moment")
        case ops.DropColumnOp() | ops.DropTableOp() | ops.RenameTableOp() | ops.DropConstraintOp():
            return BRIEF
        case ops.CreateTableOp():
            return Effect(Lock.NONE, Cost.METADATA, "nobody uses the table yet")
    return None


def _of_new_column(operation: ops.AddColumnOp, version: Version) -> Effect | None:
    column = operation.column
    default = unwrapped_default(column.server_default)
    if is_computed(default):
        assert isinstance(default, Computed)
        if default.persisted is not False:
            return Effect(Lock.EVERYTHING, Cost.REWRITE, "each row gets its stored value")
    is_serial = column.primary_key and column.autoincrement and isinstance(column.type, Integer)
    if is_identity(default) or is_serial:
        return Effect(Lock.EVERYTHING, Cost.REWRITE, "each row gets its number")
    if default is None:
        return BRIEF
    if isinstance(default, str):
        written = Effect(Lock.EVERYTHING, Cost.REWRITE, "each row gets the default")
        return written if is_older(version, CONSTANT_DEFAULTS) else BRIEF
    return None  # an expression rewrites the table if it is volatile, which only the server can tell


def _of_altered_column(operation: ops.AlterColumnOp) -> Effect | None:
    if operation.modify_type is not None:
        if _is_widened(operation):
            return BRIEF
        return Effect(Lock.EVERYTHING, Cost.REWRITE, "table and indexes, unless both types are stored alike")
    if operation.modify_nullable is False:
        return Effect(Lock.EVERYTHING, Cost.SCAN, "unless a valid CHECK says IS NOT NULL")
    return BRIEF if operation.has_changes() else Effect(Lock.NONE, Cost.METADATA, "nothing is changed")


def _is_widened(operation: ops.AlterColumnOp) -> bool:
    """Whether the old values fit the new type as they are stored: longer VARCHAR, more digits, same scale."""
    if operation.modify_type is None or operation.existing_type is None:
        return False
    new, old = type_instance(operation.modify_type), type_instance(operation.existing_type)
    if _is_varying(new) and _is_varying(old) and isinstance(new, String) and isinstance(old, String):
        same_collation = new.collation == old.collation
        return same_collation and (
            new.length is None or (old.length is not None and new.length >= old.length)
        )
    if isinstance(new, Numeric) and isinstance(old, Numeric) and new.asdecimal and old.asdecimal:
        both_known = None not in (new.precision, old.precision)
        return both_known and new.scale == old.scale and (new.precision or 0) >= (old.precision or 0)
    return False


def _is_varying(type_: Any) -> bool:
    return type_.__visit_name__ in ("string", "VARCHAR", "text", "TEXT", "unicode", "unicode_text")
