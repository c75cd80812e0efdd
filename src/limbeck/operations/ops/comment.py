"""Set and remove comments on tables. A column's comment is part of `alter_column()`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from limbeck.operations.ops.base import AlterTableOp, BatchInvoker, Invoker
from limbeck.operations.schemaobj import HasOptions, SchemaObjects


class CreateTableCommentOp(AlterTableOp):
    """Set the comment of a table."""

    def __init__(
        self,
        table_name: str,
        comment: str | None,
        *,
        schema: str | None = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.comment = comment
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp | DropTableCommentOp:
        """Set the old comment again, or remove the new one if there was none."""
        if self.existing_comment is None:
            return DropTableCommentOp(self.table_name, existing_comment=self.comment, schema=self.schema)
        return CreateTableCommentOp(
            self.table_name, self.existing_comment, existing_comment=self.comment, schema=self.schema
        )

    def to_table(self, migration_context: HasOptions | None = None) -> Table:
        """A table of that name with the new comment."""
        return SchemaObjects(migration_context).table(
            self.table_name, schema=self.schema, comment=self.comment
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """`("add_table_comment", Table, old comment)` (AUT-3)."""
        return ("add_table_comment", self.to_table(), self.existing_comment)

    @classmethod
    def create_table_comment(
        cls,
        operations: Invoker,
        table_name: str,
        comment: str | None,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Set the comment of a table (OPS-67).

        op.create_table_comment("account", "one row per customer", existing_comment="customers")
        """
        operations.invoke(cls(table_name, comment, schema=schema, existing_comment=existing_comment))

    @classmethod
    def batch_create_table_comment(
        cls, operations: BatchInvoker, comment: str | None, *, existing_comment: str | None = None
    ) -> None:
        """Set the comment of the table of this batch block.

        with op.batch_alter_table("account") as batch_op:
            batch_op.create_table_comment("one row per customer")
        """
        operations.invoke(
            cls(
                operations.impl.table_name,
                comment,
                schema=operations.impl.schema,
                existing_comment=existing_comment,
            )
        )


class DropTableCommentOp(AlterTableOp):
    """Remove the comment of a table."""

    def __init__(
        self, table_name: str, *, schema: str | None = None, existing_comment: str | None = None
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.existing_comment = existing_comment

    def reverse(self) -> CreateTableCommentOp:
        """Set the old comment again."""
        return CreateTableCommentOp(self.table_name, self.existing_comment, schema=self.schema)

    def to_table(self, migration_context: HasOptions | None = None) -> Table:
        """A table of that name without a comment."""
        return SchemaObjects(migration_context).table(self.table_name, schema=self.schema)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """`("remove_table_comment", Table)` (AUT-3)."""
        return ("remove_table_comment", self.to_table())

    @classmethod
    def drop_table_comment(
        cls,
        operations: Invoker,
        table_name: str,
        *,
        existing_comment: str | None = None,
        schema: str | None = None,
    ) -> None:
        """Remove the comment of a table (OPS-67).

        op.drop_table_comment("account", existing_comment="one row per customer")
        """
        operations.invoke(cls(table_name, schema=schema, existing_comment=existing_comment))

    @classmethod
    def batch_drop_table_comment(
        cls, operations: BatchInvoker, *, existing_comment: str | None = None
    ) -> None:
        """Remove the comment of the table of this batch block.

        with op.batch_alter_table("account") as batch_op:
            batch_op.drop_table_comment(existing_comment="one row per customer")
        """
        operations.invoke(
            cls(
                operations.impl.table_name,
                schema=operations.impl.schema,
                existing_comment=existing_comment,
            )
        )
