"""What a comparison has found, as a person reads it: `+ table pet`, `- column account.mail`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from limbeck.operations import ops
from limbeck.operations.summary import summarize

SIGNS = {"create": "+", "add": "+", "drop": "-", "alter": "~"}
"""What stands for the first word of a summary."""


def list_changes(scripts: Iterable[ops.MigrationScript]) -> tuple[str, ...]:
    """One line for each operation of the upgrade of new scripts, in their order."""
    return tuple(
        _with_sign(summarize(operation))
        for script in scripts
        for group in script.upgrade_ops_list
        for operation in _leaves(group.ops)
    )


def _leaves(operations: Iterable[Any]) -> Iterator[Any]:
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps):
            yield from _leaves(operation.ops)
        else:
            yield operation


def _with_sign(summary: str) -> str:
    verb, _, rest = summary.partition(" ")
    return f"{SIGNS[verb]} {rest}" if verb in SIGNS and rest else f"~ {summary}"
