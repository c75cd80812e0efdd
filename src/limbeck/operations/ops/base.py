"""What every operation is."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy.types import TypeEngine

AnyType = TypeEngine[Any] | type[TypeEngine[Any]]
"""A SQL type, as an instance or as a class (OPS-12)."""


class Invoker(Protocol):
    """What a directive needs of `Operations`: somebody to carry out the operation it makes."""

    def invoke(self, operation: MigrateOperation) -> Any: ...


class BatchTarget(Protocol):
    """The table that a batch block is about."""

    @property
    def table_name(self) -> str: ...
    @property
    def schema(self) -> str | None: ...


class BatchInvoker(Invoker, Protocol):
    """What a directive needs of `BatchOperations`: the table comes from the block (BAT-3)."""

    @property
    def impl(self) -> BatchTarget: ...


class MigrateOperation:
    """One change to a schema, or to its data, as a value that can be applied, reversed, compared and rendered.

    Subclass it to add an operation of your own (OPS-100):

        @Operations.register_operation("create_sequence")
        class CreateSequenceOp(MigrateOperation):
            ...
    """

    _mutations: frozenset[object] = frozenset()
    """The rewriters that have seen this operation already."""

    @property
    def info(self) -> dict[Any, Any]:
        """A dictionary for whatever extensions want to keep with this operation."""
        kept: dict[Any, Any] = self.__dict__.setdefault("_info", {})
        return kept

    def reverse(self) -> MigrateOperation:
        """The operation that undoes this one. Raises NotImplementedError if there is none."""
        raise NotImplementedError(f"{type(self).__name__} cannot be reversed")

    def to_diff_tuple(self) -> tuple[Any, ...] | list[tuple[Any, ...]]:
        """This operation as `compare_metadata()` reports it. Raises NotImplementedError if it has no such form."""
        raise NotImplementedError(f"{type(self).__name__} has no diff tuple")


class AlterTableOp(MigrateOperation):
    """A change to one table."""

    def __init__(self, table_name: str, *, schema: str | None = None) -> None:
        self.table_name = table_name
        self.schema = schema
