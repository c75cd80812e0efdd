"""What a generated revision would take away, and whether somebody has agreed to that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from limbeck import errors
from limbeck.base.voice import agrees, note
from limbeck.operations import ops


def require_consent(scripts: Iterable[ops.MigrationScript], *, allowed: bool) -> None:
    """List what the upgrade of new scripts drops with its data, and have that agreed to.

    Raises DropsRefused if it is not `allowed`, and nobody is there who says yes.
    """
    drops = [
        drop for script in scripts for group in script.upgrade_ops_list for drop in find_drops(group.ops)
    ]
    if not drops:
        return
    listed = "\n".join([f"the new revision drops {_counted(drops)}, with all data:", *drops])
    if allowed:
        note(listed)
    elif not agrees(f"{listed}\nWrite it?"):
        raise errors.DropsRefused(drops=drops)


def find_drops(operations: Iterable[Any]) -> Iterator[str]:
    """The tables and columns that operations drop, in a few words each."""
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps):
            yield from find_drops(operation.ops)
        elif isinstance(operation, ops.DropTableOp):
            yield f"table {_name(operation.schema, operation.table_name)}"
        elif isinstance(operation, ops.DropColumnOp):
            yield f"column {_name(operation.schema, operation.table_name, operation.column_name)}"


def is_empty(scripts: Iterable[ops.MigrationScript]) -> bool:
    """Whether the scripts would do nothing."""
    return all(group.is_empty() for script in scripts for group in script.upgrade_ops_list)


def _counted(drops: Iterable[str]) -> str:
    """How many of each kind."""
    kinds = [drop.partition(" ")[0] for drop in drops]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return " and ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())


def _name(*parts: str | None) -> str:
    return ".".join(filter(None, parts))
