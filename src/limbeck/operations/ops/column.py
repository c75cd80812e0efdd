"""Add, alter and drop columns."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Column, Computed, Identity
from sqlalchemy.schema import FetchedValue
from sqlalchemy.sql.elements import ClauseElement

from limbeck import sqla
from limbeck.operations.ops.base import AlterTableOp, AnyType, BatchInvoker, Invoker
from limbeck.operations.schemaobj import HasOptions, SchemaObjects

Default = str | ClauseElement | FetchedValue | Identity | Computed | None
"""A server default; None means that there is none. Where False is allowed, it means "not given"."""


class AddColumnOp(AlterTableOp):
    """Add a column to a table."""

    def __init__(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        _constraints_included: bool = False,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw
        # True: the indexes and constraints of this column are operations of their own.
        self._constraints_included = _constraints_included

    def reverse(self) -> DropColumnOp:
        """Drop the column again."""
        return DropColumnOp(self.table_name, self.column.name, schema=self.schema, _reverse=self)

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        """`("add_column", schema, table name, Column)` (AUT-3)."""
        return ("add_column", self.schema, self.table_name, self.column)

    def to_column(self) -> Column[Any]:
        """A copy of the column that belongs to no table: the user's own is never changed (OPS-12)."""
        return sqla.copy_column(self.column, bare=self._constraints_included)

    @classmethod
    def from_column(cls, col: Column[Any]) -> AddColumnOp:
        """The operation that adds `col` to the table it belongs to, without its indexes and constraints."""
        table = sqla.table_of(col)
        return cls(table.name, col, schema=table.schema, _constraints_included=True)

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: Column[Any]) -> AddColumnOp:
        """The operation that adds `col` to the table of that name, without its indexes and constraints."""
        return cls(tname, col, schema=schema, _constraints_included=col.table is not None)

    @classmethod
    def add_column(
        cls,
        operations: Invoker,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column to a table, with the constraints and the index that it asks for (OPS-20).

            op.add_column("account", sa.Column("age", sa.Integer, nullable=True))

        A foreign key becomes a statement of its own, or with `inline_references` a REFERENCES clause of the
        column (OPS-23). `inline_primary_key` writes PRIMARY KEY inside the column (OPS-24).
        `if_not_exists` writes IF NOT EXISTS (OPS-25).
        """
        operations.invoke(
            cls(
                table_name,
                column,
                schema=schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
            )
        )

    @classmethod
    def batch_add_column(
        cls,
        operations: BatchInvoker,
        column: Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column to the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.add_column(sa.Column("age", sa.Integer, nullable=True))

        `insert_before` and `insert_after` name the column to put it beside, which needs the table to be
        rebuilt (BAT-15, BAT-70). The rest is as in `op.add_column()`.
        """
        kw = _positions(insert_before, insert_after)
        operations.invoke(
            cls(
                operations.impl.table_name,
                column,
                schema=operations.impl.schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
                **kw,
            )
        )


class AlterColumnOp(AlterTableOp):
    """Change a column: its type, whether it may be null, its default, its comment, its name."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: Default | Literal[False] = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        modify_nullable: bool | None = None,
        modify_comment: str | Literal[False] | None = False,
        modify_server_default: Default | Literal[False] = False,
        modify_name: str | None = None,
        modify_type: AnyType | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default: Default | Literal[False] = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default: Default | Literal[False] = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

    def has_changes(self) -> bool:
        """Whether anything would be modified (OPS-40)."""
        return (
            self.modify_nullable is not None
            or self.modify_comment is not False
            or self.modify_server_default is not False
            or self.modify_name is not None
            or self.modify_type is not None
            or any(name.startswith("modify_") for name in self.kw)
        )

    def reverse(self) -> AlterColumnOp:
        """Change the column back: what was modified and what existed trade places, also the name."""
        kw = dict(self.kw)
        for name in [name for name in kw if name.startswith("modify_")]:
            existing = name.replace("modify_", "existing_", 1)
            kw[name], kw[existing] = self.kw.get(existing), self.kw[name]
        opposite = AlterColumnOp(
            self.table_name,
            self.column_name,
            schema=self.schema,
            existing_type=self.existing_type,
            existing_server_default=self.existing_server_default,
            existing_nullable=self.existing_nullable,
            existing_comment=self.existing_comment,
            **kw,
        )
        if self.modify_name is not None:
            opposite.column_name, opposite.modify_name = self.modify_name, self.column_name
        if self.modify_type is not None:
            opposite.existing_type, opposite.modify_type = self.modify_type, self.existing_type
        if self.modify_nullable is not None:
            opposite.existing_nullable, opposite.modify_nullable = (
                self.modify_nullable,
                self.existing_nullable,
            )
        if self.modify_server_default is not False:
            opposite.existing_server_default = self.modify_server_default
            opposite.modify_server_default = self.existing_server_default
        if self.modify_comment is not False:
            opposite.existing_comment, opposite.modify_comment = self.modify_comment, self.existing_comment
        return opposite

    def to_diff_tuple(self) -> list[tuple[Any, ...]]:
        """One tuple for each thing that changes: type, nullable, default, comment (AUT-3)."""
        existing: dict[str, Any] = {
            "existing_nullable": self.existing_nullable,
            "existing_type": self.existing_type,
            "existing_server_default": self.existing_server_default,
            "existing_comment": self.existing_comment,
        }
        changes: list[tuple[str, str, Any]] = []
        if self.modify_type is not None:
            changes.append(("modify_type", "existing_type", self.modify_type))
        if self.modify_nullable is not None:
            changes.append(("modify_nullable", "existing_nullable", self.modify_nullable))
        if self.modify_server_default is not False:
            changes.append(("modify_default", "existing_server_default", self.modify_server_default))
        if self.modify_comment is not False:
            changes.append(("modify_comment", "existing_comment", self.modify_comment))
        return [
            (
                tag,
                self.schema,
                self.table_name,
                self.column_name,
                {name: value for name, value in existing.items() if name != own},
                existing[own],
                new,
            )
            for tag, own, new in changes
        ]

    @classmethod
    def alter_column(
        cls,
        operations: Invoker,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: Default | Literal[False] = False,
        new_column_name: str | None = None,
        type_: AnyType | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: Default | Literal[False] = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column (OPS-40 to OPS-57).

            op.alter_column("account", "name", existing_type=sa.String(50), nullable=False)

        `nullable`, `comment`, `server_default`, `new_column_name` and `type_` say what becomes different. None
        removes a comment or a server default. Each `existing_…` says what is there: some databases need the
        whole definition to change a part of it, MySQL above all, and a migration is reversed by it.
        `kw` takes options of dialects, like `postgresql_using`, and `autoincrement`.
        """
        operations.invoke(
            cls(
                table_name,
                column_name,
                schema=schema,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                existing_comment=existing_comment,
                modify_nullable=nullable,
                modify_comment=comment,
                modify_server_default=server_default,
                modify_name=new_column_name,
                modify_type=type_,
                **kw,
            )
        )

    @classmethod
    def batch_alter_column(
        cls,
        operations: BatchInvoker,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: Default | Literal[False] = False,
        new_column_name: str | None = None,
        type_: AnyType | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: Default | Literal[False] = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column of the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.alter_column("name", new_column_name="title")

        Column names are those before the block. `insert_before` and `insert_after` move the column when the
        table is rebuilt. The rest is as in `op.alter_column()`.
        """
        operations.invoke(
            cls(
                operations.impl.table_name,
                column_name,
                schema=operations.impl.schema,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                existing_comment=existing_comment,
                modify_nullable=nullable,
                modify_comment=comment,
                modify_server_default=server_default,
                modify_name=new_column_name,
                modify_type=type_,
                **_positions(insert_before, insert_after),
                **kw,
            )
        )


class DropColumnOp(AlterTableOp):
    """Drop a column."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddColumnOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self.kw = kw
        self._reverse = _reverse

    def reverse(self) -> AddColumnOp:
        """Add the column again. Raises ValueError if the operation does not know what it was."""
        if self._reverse is None:
            raise ValueError(
                f"dropping column {self.column_name!r} of {self.table_name!r} cannot be reversed: "
                "the operation does not know what the column was"
            )
        original = self._reverse
        return AddColumnOp(
            self.table_name,
            original.column,
            schema=self.schema,
            if_not_exists=original.if_not_exists,
            inline_references=original.inline_references,
            inline_primary_key=original.inline_primary_key,
            _constraints_included=original._constraints_included,
            **original.kw,
        )

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        """`("remove_column", schema, table name, Column)` (AUT-3)."""
        column = self._reverse.column if self._reverse else self.to_column()
        return ("remove_column", self.schema, self.table_name, column)

    def to_column(self, migration_context: HasOptions | None = None) -> Column[Any]:
        """The column as it was if that is known, else one of that name without a type."""
        if self._reverse is not None:
            return self._reverse.to_column()
        column: Column[Any] = SchemaObjects(migration_context).column(self.column_name)
        return column

    @classmethod
    def from_column_and_tablename(cls, schema: str | None, tname: str, col: Column[Any]) -> DropColumnOp:
        """The operation that drops `col` from the table of that name and remembers it."""
        reverse = AddColumnOp.from_column_and_tablename(schema, tname, col)
        return cls(tname, col.name, schema=schema, _reverse=reverse)

    @classmethod
    def drop_column(
        cls,
        operations: Invoker,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column.

            op.drop_column("account", "age")

        `kw` takes `if_exists`, and on SQL Server `mssql_drop_default`, `mssql_drop_check` and
        `mssql_drop_foreign_key`, which drop what would be in the way.
        """
        operations.invoke(cls(table_name, column_name, schema=schema, **kw))

    @classmethod
    def batch_drop_column(cls, operations: BatchInvoker, column_name: str, **kw: Any) -> None:
        """Drop a column of the table of this batch block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.drop_column("age")

        `kw` takes what `op.drop_column()` does, and `existing_type`: a Boolean or Enum whose named CHECK
        is dropped with the column (BAT-54).
        """
        operations.invoke(cls(operations.impl.table_name, column_name, schema=operations.impl.schema, **kw))


def _positions(insert_before: str | None, insert_after: str | None) -> dict[str, Any]:
    """Only what was given, so that renderers and dialects see no empty options."""
    given = {"insert_before": insert_before, "insert_after": insert_after}
    return {name: column for name, column in given.items() if column is not None}
