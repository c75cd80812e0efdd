"""What stands in for `op` when a recorded call is read instead of applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from limbeck.operations import ops


class Interpreter:
    """Understands batch blocks, operation objects and names; subclasses give the directives a meaning."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not understand `{name}`")

    def f(self, name: str) -> Any:
        return sa.sql.naming.conv(name)

    def inline_literal(self, value: Any, type_: Any = None) -> Any:
        return sa.literal(value, type_)

    def invoke(self, operation: Any) -> None:
        """Say an operation object as the directive that makes it."""
        match operation:
            case ops.AddColumnOp():
                self.add_column(operation.table_name, operation.column, schema=operation.schema)
            case ops.DropTableOp():
                self.drop_table(operation.table_name, schema=operation.schema)
            case ops.AlterColumnOp():
                self.alter_column(
                    operation.table_name,
                    operation.column_name,
                    nullable=operation.modify_nullable,
                    existing_type=operation.existing_type,
                    schema=operation.schema,
                )
            case ops.ModifyTableOps():
                for each in operation.ops:
                    self.invoke(each)

    @contextmanager
    def batch_alter_table(self, table: str, *, schema: str | None = None, **kw: Any) -> Iterator[Block]:
        copy_from = kw.get("copy_from")
        if copy_from is not None:
            self.copied_from(copy_from)
        yield Block(self, table, schema)

    def copied_from(self, table: sa.Table) -> None:
        """Take notice of the table that a batch block says there is."""


class Block:
    """A batch block: its directives leave out the table."""

    def __init__(self, op: Interpreter, table: str, schema: str | None) -> None:
        self.op, self.table, self.place = op, table, {"schema": schema} if schema else {}

    def __getattr__(self, name: str) -> Any:
        directive = getattr(self.op, name)

        def call(*args: Any, **kw: Any) -> Any:
            if name == "execute":
                return directive(*args, **kw)
            if name in ("add_column", "drop_column", "alter_column") or name.endswith("table_comment"):
                return directive(self.table, *args, **self.place, **kw)
            first, *rest = args
            if name == "create_foreign_key":
                schema = self.place.get("schema")
                return directive(first, self.table, *rest, source_schema=schema, **kw)
            return directive(first, self.table, *rest, **self.place, **kw)

        return call
