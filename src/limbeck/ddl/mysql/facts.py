"""What MySQL and MariaDB do, by server and version (InnoDB).

Sources: MySQL manual, "Online DDL Operations" and "CHECK Constraints"; MariaDB documentation, "InnoDB Online DDL
Operations with the INSTANT ALTER Algorithm" and "CONSTRAINT". MariaDB's side was confirmed on 10.11 by asking for
each ALGORITHM and LOCK until the server refused.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Dialect

from limbeck.ddl.base import is_computed, unwrapped_default
from limbeck.ddl.facts import Cost, Effect, Lock, Version
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


def is_mariadb(dialect: Dialect) -> bool:
    """Whether the server is MariaDB, whatever the URL calls it."""
    return bool(getattr(dialect, "is_mariadb", False))


def keeps_checks(dialect: Dialect) -> bool:
    """Whether the server keeps CHECK constraints; one not connected to is taken for a recent one."""
    version = server_version(dialect)
    return not version or version >= (MARIADB_CHECKS if is_mariadb(dialect) else MYSQL_CHECKS)


def server_version(dialect: Dialect) -> Version:
    """The server's version, empty if there is no connection."""
    found = getattr(dialect, "server_version_info", None) or ()
    return tuple(part for part in found if isinstance(part, int))


def effect_of(operation: Any, dialect: Dialect) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known."""
    match operation:
        case ops.AddColumnOp():
            if is_computed(unwrapped_default(operation.column.server_default)):
                return None  # depends on whether it is stored
            return _instant_if_recent(dialect, "the table is rebuilt; others go on working")
        case ops.DropColumnOp():
            return _instant_if_recent(dialect, "the table is rebuilt; others go on working")
        case ops.AlterColumnOp() if operation.modify_type is not None:
            return None if _may_be_instant(operation) else COPY
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
        case ops.RenameTableOp() | ops.DropTableOp():
            return Effect(Lock.EVERYTHING, Cost.METADATA, "waits until nobody uses the table")
    return None


def _instant_if_recent(dialect: Dialect, otherwise: str) -> Effect:
    least = MARIADB_INSTANT if is_mariadb(dialect) else MYSQL_INSTANT
    return INSTANT if server_version(dialect) >= least else Effect(Lock.NONE, Cost.REWRITE, otherwise)


def _may_be_instant(operation: ops.AlterColumnOp) -> bool:
    """Whether old and new type are of one family: a longer VARCHAR or a longer ENUM need no copy."""
    new, old = operation.modify_type, operation.existing_type
    return old is not None and getattr(new, "__visit_name__", 0) == getattr(old, "__visit_name__", 1)
