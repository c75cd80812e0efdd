"""What a draft of a table consists of: columns in their slots, and constraints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData
from sqlalchemy.sql.elements import TextClause

from limbeck.operations import ops


@dataclass(slots=True)
class Slot:
    """A column of the new table, its name in the old one, and where its values come from.

    `transfer` has an entry "expr" for a column whose values are copied; a dialect may wrap it (BAT-22).
    """

    column: Column[Any]
    old_name: str | None = None
    transfer: dict[str, Any] = field(default_factory=dict)

    @property
    def is_generated(self) -> bool:
        """Whether its values are computed from other columns."""
        return self.column.computed is not None


@dataclass(slots=True)
class Kept:
    """A constraint of the new table; `bound_to` is the column whose type asks for it."""

    operation: Any
    bound_to: Slot | None = None

    @property
    def is_written(self) -> bool:
        """Whether it has a text of its own, which nobody has to compile."""
        return False

    @property
    def unnamed_text(self) -> str | None:
        """The SQL of a CHECK without a name, if nothing but its text is known."""
        operation = self.operation
        if isinstance(operation, ops.CreateCheckConstraintOp) and operation.constraint_name is None:
            return operation.condition.text if isinstance(operation.condition, TextClause) else None
        return None


class Convention:
    """What naming asks of a migration context, for one convention."""

    def __init__(self, naming_convention: dict[str, str]) -> None:
        self.opts = {"target_metadata": MetaData(naming_convention=naming_convention)}
