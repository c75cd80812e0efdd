"""What MySQL and MariaDB do, by server and version."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Dialect

from limbeck.ddl.facts import Cost, Effect, Lock, Version
from limbeck.operations import ops

MYSQL_CHECKS: Version = (8, 0, 16)
"""MySQL reads CHECK constraints before this version, and forgets them (manual, "CHECK Constraints")."""
MARIADB_CHECKS: Version = (10, 2, 1)
"""MariaDB likewise ("CONSTRAINT", CHECK Constraints)."""
MYSQL_INSTANT_ADD: Version = (8, 0, 12)
"""ADD COLUMN changes only the table's description from here on, as its last column ("Online DDL Operations")."""
MARIADB_INSTANT_ADD: Version = (10, 3, 2)
"""MariaDB likewise ("Instant ADD COLUMN for InnoDB")."""


def is_mariadb(dialect: Dialect) -> bool:
    """Whether the server is MariaDB, whatever the URL calls it."""
    return bool(getattr(dialect, "is_mariadb", False))


def keeps_checks(dialect: Dialect) -> bool:
    """Whether the server keeps CHECK constraints; a server not connected to is taken for a recent one."""
    version = _version(dialect)
    return not version or version >= (MARIADB_CHECKS if is_mariadb(dialect) else MYSQL_CHECKS)


def effect_of(operation: Any, dialect: Dialect) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known (InnoDB)."""
    version = _version(dialect)
    match operation:
        case ops.CreateTableOp() | ops.RenameTableOp() | ops.DropTableOp():
            return Effect(Lock.EVERYTHING, Cost.METADATA, "needs the table for itself, for a moment")
        case ops.AddColumnOp():
            instant = version >= (MARIADB_INSTANT_ADD if is_mariadb(dialect) else MYSQL_INSTANT_ADD)
            if instant:
                return Effect(Lock.NONE, Cost.METADATA, "the last column is added instantly")
            return Effect(Lock.NONE, Cost.REWRITE, "the table is rebuilt, other sessions go on working")
        case ops.AlterColumnOp() if operation.modify_type is not None:
            return Effect(Lock.WRITES, Cost.REWRITE, "a changed type copies the table")
        case ops.CreateIndexOp() | ops.CreateUniqueConstraintOp():
            return Effect(Lock.NONE, Cost.SCAN, "the index is built while other sessions go on working")
        case ops.DropIndexOp():
            return Effect(Lock.NONE, Cost.METADATA, "")
        case ops.CreateForeignKeyOp():
            return Effect(Lock.WRITES, Cost.REWRITE, "with foreign_key_checks on, the table is copied")
    return None


def _version(dialect: Dialect) -> Version:
    found = getattr(dialect, "server_version_info", None) or ()
    return tuple(part for part in found if isinstance(part, int))
