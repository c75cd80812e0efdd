"""What SQL Server's statements block, scan and rewrite.

Sources: Transact-SQL reference, "ALTER TABLE" (remarks on locks and on adding NOT NULL columns), "CREATE INDEX",
"Transaction Locking and Row Versioning Guide". Nothing here was measured: a Sch-M lock blocks all use of the table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String

from limbeck.ddl.base import is_computed, is_identity, type_instance, unwrapped_default
from limbeck.ddl.facts import Cost, Effect, Lock
from limbeck.operations import ops

BRIEF = Effect(Lock.EVERYTHING, Cost.METADATA, "Sch-M, for a moment")
READ = Effect(Lock.EVERYTHING, Cost.SCAN, "Sch-M while the rows are read")


def effect_of(operation: Any) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known."""
    match operation:
        case ops.AddColumnOp():
            return _of_new_column(operation)
        case ops.AlterColumnOp():
            return _of_altered_column(operation)
        case ops.CreateIndexOp() if operation.kw.get("mssql_clustered"):
            return Effect(Lock.EVERYTHING, Cost.REWRITE, "Sch-M while the table is sorted anew")
        case ops.CreateIndexOp():
            return Effect(Lock.WRITES, Cost.SCAN, "S lock until the index is built")
        case ops.CreatePrimaryKeyOp():
            return Effect(Lock.EVERYTHING, Cost.REWRITE, "Sch-M while the table is sorted anew")
        case ops.AddConstraintOp():
            return READ
        case ops.CreateTableOp():
            return Effect(Lock.NONE, Cost.METADATA, "nobody uses the table yet")
        case (
            ops.DropColumnOp()
            | ops.DropConstraintOp()
            | ops.DropIndexOp()
            | ops.DropTableOp()
            | ops.RenameTableOp()
        ):
            return BRIEF
    return None


def _of_new_column(operation: ops.AddColumnOp) -> Effect:
    column = operation.column
    default = unwrapped_default(column.server_default)
    if is_computed(default):
        stored = Effect(Lock.EVERYTHING, Cost.REWRITE, "each row gets its stored value")
        return stored if default.persisted else BRIEF
    if is_identity(default) or column.primary_key:
        return Effect(Lock.EVERYTHING, Cost.REWRITE, "each row gets its number")
    if default is not None and not column.nullable:
        return Effect(
            Lock.EVERYTHING, Cost.REWRITE, "each row gets the default, except in Enterprise editions"
        )
    return BRIEF


def _of_altered_column(operation: ops.AlterColumnOp) -> Effect | None:
    if operation.modify_type is not None:
        if _is_widened(operation):
            return READ if operation.modify_nullable is False else BRIEF
        return Effect(
            Lock.EVERYTHING, Cost.REWRITE, "each row is converted, unless both types are stored alike"
        )
    if operation.modify_nullable is False:
        return READ
    if operation.modify_comment is not False and operation.modify_name is None:
        return None
    return BRIEF if operation.has_changes() else Effect(Lock.NONE, Cost.METADATA, "nothing is changed")


def _is_widened(operation: ops.AlterColumnOp) -> bool:
    if operation.modify_type is None or operation.existing_type is None:
        return False
    new, old = type_instance(operation.modify_type), type_instance(operation.existing_type)
    if not (isinstance(new, String) and isinstance(old, String)) or new.__visit_name__ != old.__visit_name__:
        return False
    return None not in (new.length, old.length) and (new.length or 0) >= (old.length or 0)
