"""What autogenerate asks of a dialect, beyond whether two things mean the same.

`DefaultImpl` inherits these answers; a dialect gives others where it knows better.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from sqlalchemy import Constraint, ForeignKeyConstraint, Table
from sqlalchemy.engine import Dialect, Inspector

from limbeck.ddl.compare import constraints
from limbeck.operations.ops import AlterColumnOp, DropColumnOp, DropIndexOp, DropTableOp, MigrateOperation


class AutogenRules:
    """How a database wants its changes to be made."""

    dialect: Dialect

    restates_columns: ClassVar[bool] = False
    """Whether a change of a column repeats its whole definition (AUT-83)."""

    def needs_batch(self, operation: MigrateOperation) -> bool:
        """Whether this change can only be made by copying the table, in a batch block."""
        return False

    def batch_options(self, operations: Sequence[MigrateOperation]) -> dict[str, Any]:
        """Options that a batch block with these operations needs."""
        return {}

    def foreign_key_options(self, constraint: ForeignKeyConstraint) -> tuple[Any, ...]:
        """What, beside its columns, makes a foreign key differ from another (AUT-50)."""
        return constraints.foreign_key_options(constraint)

    def name_constraint(self, constraint: Constraint, taken: Collection[str]) -> str:
        """A name for a constraint that nobody has named, so that a migration can drop it again."""
        return constraints.name_for(constraint, longest=self.dialect.max_identifier_length, taken=taken)

    def hidden_tables(self, inspector: Inspector, schema: str | None) -> Collection[str]:
        """Tables that are part of others, so that nobody asks for them by name (AUT-8)."""
        return ()

    def settle_table_changes(
        self, operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
    ) -> list[MigrateOperation]:
        """The changes to one table as this database can make them; `metadata_table` None removes it."""
        return operations

    def settle_changes(
        self, inspector: Inspector, operations: list[MigrateOperation]
    ) -> list[MigrateOperation]:
        """All changes, with what this database needs around them."""
        return operations

    def prepare_alteration(self, operation: AlterColumnOp) -> None:
        """Add to a change of type what this database needs to convert the values; asked for each direction."""

    def prepare_drop(self, operation: DropColumnOp) -> None:
        """Add to a column's end what this database needs to drop it; asked for each direction."""

    def is_dropped_with_table(self, index: DropIndexOp, table: DropTableOp) -> bool:
        """Whether an index cannot be dropped before its table, and goes with it."""
        return False
