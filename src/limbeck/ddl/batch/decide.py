"""Whether a batch block rebuilds its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from limbeck import errors

Directive = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A call that a batch block has collected: the method of the implementation, and its arguments."""

POSITIONS = ("insert_before", "insert_after")


class Implementation(Protocol):
    """What deciding needs of a dialect's implementation."""

    def requires_recreate_in_batch(self, batch_op: Any) -> bool: ...


class Block(Protocol):
    """What deciding needs of a batch block."""

    @property
    def recreate(self) -> str: ...
    @property
    def batch(self) -> list[Directive]: ...
    @property
    def impl(self) -> Implementation: ...


def require_known(recreate: str) -> None:
    """Raise ValueError for a `recreate` that means nothing (BAT-2)."""
    if recreate not in ("auto", "always", "never"):
        raise ValueError(f"recreate is 'auto', 'always' or 'never', not {recreate!r}")


def is_rebuild_needed(block: Block) -> bool:
    """Whether the block rebuilds its table: as it was said, else as the dialect needs it (BAT-10 to BAT-13)."""
    if block.recreate == "auto":
        return block.impl.requires_recreate_in_batch(block)
    return block.recreate == "always"


def require_no_position(table: str, directives: Iterable[Directive]) -> None:
    """Raise PositionNeedsRebuild if a column is to be added in a certain place (BAT-15)."""
    for name, args, kw in directives:
        if name == "add_column" and any(kw.get(position) for position in POSITIONS):
            raise errors.PositionNeedsRebuild(table=table, column=args[1].name)


def without_position(kw: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a directive for a table that is altered, where columns have no choice of place."""
    return {name: value for name, value in kw.items() if name not in POSITIONS}
