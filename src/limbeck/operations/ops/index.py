"""Create and drop indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index
from sqlalchemy.sql.elements import ClauseElement

from limbeck.operations.ops.base import BatchInvoker, Invoker, MigrateOperation
from limbeck.operations.schemaobj import HasOptions, SchemaObjects

Elements = Sequence[str | ClauseElement]
"""Names of columns, and SQL expressions."""


class CreateIndexOp(MigrateOperation):
    """Create an index."""

    def __init__(
        self,
        index_name: str | None,
        table_name: str,
        columns: Elements,
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.unique = unique
        self.if_not_exists = if_not_exists
        self.kw = kw

    def reverse(self) -> DropIndexOp:
        """Drop the index again."""
        return DropIndexOp(
            self.index_name,
            self.table_name,
            schema=self.schema,
            _reverse=self,
            unique=self.unique,
            **self.kw,
        )

    def to_diff_tuple(self) -> tuple[str, Index]:
        """`("add_index", Index)` (AUT-3)."""
        return ("add_index", self.to_index())

    @classmethod
    def from_index(cls, index: Index) -> CreateIndexOp:
        """The operation that creates `index`. Raises ValueError if it belongs to no table."""
        if index.table is None:
            raise ValueError(f"index {index.name!r} belongs to no table")
        return cls(
            index.name,
            index.table.name,
            list(index.expressions),
            schema=index.table.schema,
            unique=index.unique,
            **index.kwargs,
        )

    def to_index(self, migration_context: HasOptions | None = None) -> Index:
        """A new Index on a table of its own."""
        return SchemaObjects(migration_context).index(
            self.index_name,
            self.table_name,
            self.columns,
            schema=self.schema,
            unique=self.unique,
            **self.kw,
        )

    @classmethod
    def create_index(
        cls,
        operations: Invoker,
        index_name: str | None,
        table_name: str,
        columns: Elements,
        *,
        schema: str | None = None,
        unique: bool = False,
        if_not_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Create an index (OPS-70).

            op.create_index("ix_account_name", "account", ["name", sa.text("lower(mail)")])

        Strings in `columns` are names of columns; write expressions with `sa.text()` or `sa.func`.
        `index_name` None takes a name from the naming convention. `if_not_exists` writes IF NOT EXISTS.
        `kw` takes options of `Index`, like `postgresql_concurrently` or `sqlite_where` (OPS-74, OPS-75).
        """
        operations.invoke(
            cls(
                index_name,
                table_name,
                columns,
                schema=schema,
                unique=unique,
                if_not_exists=if_not_exists,
                **kw,
            )
        )

    @classmethod
    def batch_create_index(
        cls, operations: BatchInvoker, index_name: str | None, columns: Elements, **kw: Any
    ) -> None:
        """Create an index on the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.create_index("ix_account_name", ["name"])

        `kw` takes what `op.create_index()` does.
        """
        operations.invoke(
            cls(index_name, operations.impl.table_name, columns, schema=operations.impl.schema, **kw)
        )


class DropIndexOp(MigrateOperation):
    """Drop an index."""

    def __init__(
        self,
        index_name: str | None,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateIndexOp | None = None,
        **kw: Any,
    ) -> None:
        self.index_name = index_name
        self.table_name = table_name
        self.schema = schema
        self.if_exists = if_exists
        self.kw = kw
        self._reverse = _reverse

    def reverse(self) -> CreateIndexOp:
        """Create the index again. Raises ValueError if the operation does not know what it was."""
        original = self._reverse
        if original is None or self.table_name is None:
            raise ValueError(
                f"dropping index {self.index_name!r} cannot be reversed: "
                "the operation does not know what the index was"
            )
        return CreateIndexOp(
            self.index_name,
            self.table_name,
            original.columns,
            schema=self.schema,
            unique=original.unique,
            if_not_exists=original.if_not_exists,
            **original.kw,
        )

    def to_diff_tuple(self) -> tuple[str, Index]:
        """`("remove_index", Index)` (AUT-3)."""
        return ("remove_index", self.to_index())

    @classmethod
    def from_index(cls, index: Index) -> DropIndexOp:
        """The operation that drops `index` and remembers it. Raises ValueError if it belongs to no table."""
        return CreateIndexOp.from_index(index).reverse()

    def to_index(self, migration_context: HasOptions | None = None) -> Index:
        """The index as it was if that is known, else one of that name without columns."""
        kw = {"unique": self._reverse.unique if self._reverse else False, **self.kw}
        return SchemaObjects(migration_context).index(
            self.index_name,
            self.table_name,
            self._reverse.columns if self._reverse else [],
            schema=self.schema,
            **kw,
        )

    @classmethod
    def drop_index(
        cls,
        operations: Invoker,
        index_name: str,
        table_name: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop an index (OPS-73).

            op.drop_index("ix_account_name", "account")

        MySQL, MariaDB and SQL Server need `table_name`. `if_exists` writes IF EXISTS. `kw` takes options of
        `Index`, like `postgresql_concurrently`.
        """
        operations.invoke(cls(index_name, table_name, schema=schema, if_exists=if_exists, **kw))

    @classmethod
    def batch_drop_index(cls, operations: BatchInvoker, index_name: str, **kw: Any) -> None:
        """Drop an index of the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.drop_index("ix_account_name")

        `kw` takes what `op.drop_index()` does.
        """
        operations.invoke(cls(index_name, operations.impl.table_name, schema=operations.impl.schema, **kw))
