"""What MySQL and MariaDB do, by server and version (InnoDB).

Sources: MySQL manual, "Online DDL Operations" and "CHECK Constraints"; MariaDB documentation, "InnoDB Online DDL
Operations with the INSTANT ALTER Algorithm" and "CONSTRAINT". MariaDB's side was confirmed on 10.11 by asking for
each ALGORITHM and LOCK until the server refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Enum, String
from sqlalchemy.engine import Dialect

from limbeck.ddl.base import is_computed, type_instance, unwrapped_default
from limbeck.ddl.facts import Cost, Effect, Lock, Version, is_older, server_version
from limbeck.ddl.mysql.server import is_mariadb
from limbeck.operations import ops

MYSQL_CHECKS: Version = (8, 0, 16)
"""MySQL reads CHECK constraints before this version, and forgets them."""
MARIADB_CHECKS: Version = (10, 2, 1)
"""MariaDB likewise."""
MYSQL_INSTANT: Version = (8, 0, 29)
"""ADD and DROP COLUMN change only the table's description from here on, wherever the column is."""
MARIADB_INSTANT: Version = (10, 4)
"""MariaDB likewise."""

INSTANT = Effect(Lock.NONE, Cost.METADATA, "instant")
COPY = Effect(Lock.WRITES, Cost.REWRITE, "the table is copied; others can only read")


def keeps_checks(dialect: Dialect) -> bool:
    """Whether the server keeps CHECK constraints; one not connected to is taken for a recent one."""
    version = server_version(dialect)
    return not version or version >= (MARIADB_CHECKS if is_mariadb(dialect) else MYSQL_CHECKS)


def effect_of(operation: Any, dialect: Dialect) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known; each DDL statement commits."""
    effect = _effect_of(operation, dialect)
    return None if effect is None else replace(effect, transactional=False)


def _effect_of(operation: Any, dialect: Dialect) -> Effect | None:
    match operation:
        case ops.AddColumnOp():
            default = unwrapped_default(operation.column.server_default)
            if is_computed(default) and default.persisted:
                return COPY
            return _instant_if_recent(dialect, "the table is rebuilt; others go on working")
        case ops.DropColumnOp():
            return _instant_if_recent(
                dialect, "the table is rebuilt; others go on working"
            )  # or if it is indexed
        case ops.AlterColumnOp() if operation.modify_type is not None:
            return _of_new_type(operation, dialect)
        case ops.AlterColumnOp() if operation.modify_nullable is not None:
            return Effect(Lock.NONE, Cost.REWRITE, "the table is rebuilt in place; others go on working")
        case ops.AlterColumnOp():
            return INSTANT
        case ops.CreateIndexOp() | ops.CreateUniqueConstraintOp():
            return Effect(Lock.NONE, Cost.SCAN, "the index is built while others go on working")
        case ops.DropIndexOp() | ops.CreateTableCommentOp() | ops.DropTableCommentOp():
            return Effect(Lock.NONE, Cost.METADATA, "only the table's description changes")
        case ops.CreateForeignKeyOp():
            return Effect(Lock.WRITES, Cost.REWRITE, "the table is copied, unless foreign_key_checks is off")
        case ops.CreateCheckConstraintOp():
            return COPY if is_mariadb(dialect) else Effect(Lock.WRITES, Cost.SCAN, "the rows are checked")
        case ops.CreateTableOp():
            return Effect(Lock.NONE, Cost.METADATA, "nobody uses the table yet")
        case ops.CreatePrimaryKeyOp():
            return Effect(Lock.NONE, Cost.REWRITE, "the table is sorted anew; others go on working")
        case ops.DropConstraintOp():
            return _of_dropped_constraint(operation)
        case ops.RenameTableOp() | ops.DropTableOp():
            return Effect(Lock.EVERYTHING, Cost.METADATA, "waits until nobody uses the table")
    return None


def _instant_if_recent(dialect: Dialect, otherwise: str) -> Effect:
    least = MARIADB_INSTANT if is_mariadb(dialect) else MYSQL_INSTANT
    rebuilt = Effect(Lock.NONE, Cost.REWRITE, otherwise)
    return rebuilt if is_older(server_version(dialect), least) else INSTANT


def _of_dropped_constraint(operation: ops.DropConstraintOp) -> Effect | None:
    if operation.constraint_type in ("foreignkey", "unique"):
        return Effect(Lock.NONE, Cost.METADATA, "only the table's description changes")
    return COPY if operation.constraint_type == "primary" else None


def _of_new_type(operation: ops.AlterColumnOp, dialect: Dialect) -> Effect | None:
    if operation.existing_type is None or operation.modify_type is None:
        return COPY
    old, new = type_instance(operation.existing_type), type_instance(operation.modify_type)
    if isinstance(old, Enum) and isinstance(new, Enum):
        return INSTANT if new.enums[: len(old.enums)] == old.enums else COPY
    if type(old) is not type(new):
        return COPY
    if not (isinstance(old, String) and isinstance(new, String)) or old.length is None or new.length is None:
        return None
    if new.length < old.length:
        return COPY
    # MySQL copies once the length in bytes, which depends on the character set, needs a second byte.
    return INSTANT if is_mariadb(dialect) else None
