"""What SQLite's statements block, scan and rewrite.

Source: SQLite documentation, "ALTER TABLE" and "File Locking And Concurrency": there is one writer for the whole
database, so no statement blocks more than any other that writes; only how long it takes differs.
"""

from __future__ import annotations

from typing import Any

from limbeck.ddl.facts import Cost, Effect, Lock
from limbeck.operations import ops

ONE_WRITER = "one writer for the whole database"


def effect_of(operation: Any) -> Effect | None:
    """What an operation means for a table in use, or None if that is not known."""
    match operation:
        case ops.ModifyTableOps():
            return Effect(
                Lock.WRITES, Cost.REWRITE, f"the table is made anew, and its rows copied; {ONE_WRITER}"
            )
        case ops.DropColumnOp():
            return Effect(Lock.WRITES, Cost.REWRITE, f"the rows are written again; {ONE_WRITER}")
        case ops.CreateIndexOp():
            return Effect(Lock.WRITES, Cost.SCAN, f"the index is built; {ONE_WRITER}")
        case ops.AddColumnOp() | ops.AlterColumnOp() | ops.RenameTableOp() | ops.CreateTableOp():
            return Effect(Lock.WRITES, Cost.METADATA, ONE_WRITER)
        case ops.DropTableOp() | ops.DropIndexOp():
            return Effect(Lock.WRITES, Cost.SCAN, f"its pages are freed; {ONE_WRITER}")
    return None
