"""`Operations` and `BatchOperations`: each directive makes an operation and hands it over."""

# mypy: disable-error-code="arg-type"
# (A factory with `**kw` could be given `operations` twice, by position and by name; here it never is.)

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from sqlalchemy import Table
from sqlalchemy.sql.elements import ColumnElement, conv

from limbeck import sqla
from limbeck.base import current
from limbeck.base.signature import read_signature
from limbeck.operations import ops
from limbeck.operations.ops.base import AnyType, MigrateOperation
from limbeck.operations.registry import implementations
from limbeck.operations.schemaobj import SchemaObjects

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound="type[MigrateOperation]")
O = TypeVar("O", bound="AbstractOperations")  # noqa: E741 — the one for Operations


class Context(Protocol):
    """What operations need of the migration context they run in."""

    @property
    def impl(self) -> Any: ...
    @property
    def opts(self) -> Mapping[str, Any]: ...
    @property
    def bind(self) -> Any: ...
    @property
    def connection(self) -> Any: ...


def directive(factory: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """The method for an operation's factory: `operations.add_column(...)` for `AddColumnOp.add_column`.

    It has the factory's parameters, docstring and types.
    """

    @functools.wraps(factory)
    def method(self: Any, /, *args: P.args, **kw: P.kwargs) -> R:
        return factory(self, *args, **kw)

    signature = read_signature(factory)
    first, *others = signature.parameters.values()
    own = first.replace(name="self", annotation=inspect.Parameter.empty)
    method.__signature__ = signature.replace(parameters=[own, *others])  # type: ignore[attr-defined]  # inspect reads it
    return method


class AbstractOperations:
    """What the directives of a migration and those of a batch block have in common."""

    _to_impl = implementations  # the name under which extensions' tests save and restore it (ECO-2)

    def __init__(self, migration_context: Context, impl: Any = None) -> None:
        self.migration_context = migration_context
        self.impl = migration_context.impl if impl is None else impl
        self.schema_obj = SchemaObjects(migration_context)

    # --- extending ----------------------------------------------------------------------------------------

    @classmethod
    def register_operation(cls, name: str, sourcename: str | None = None) -> Callable[[C], C]:
        """Make a directive for an operation class of your own (OPS-100).

            @Operations.register_operation("create_sequence")
            class CreateSequenceOp(MigrateOperation):
                def __init__(self, name: str) -> None:
                    self.name = name

                @classmethod
                def create_sequence(cls, operations, name: str) -> None:
                    operations.invoke(cls(name))

        `op.create_sequence("s")` exists at once. `sourcename` is the class method, if it has another name.
        """

        def register(operation_class: C) -> C:
            setattr(cls, name, directive(getattr(operation_class, sourcename or name)))
            return operation_class

        return register

    @classmethod
    def implementation_for(cls, op_cls: type, replace: bool = False) -> Callable[[F], F]:
        """Say how an operation is applied: decorate a function of `(operations, operation)` (OPS-101).

            @Operations.implementation_for(CreateSequenceOp)
            def create_sequence(operations, operation):
                operations.execute(f"CREATE SEQUENCE {operation.name}")

        Raises ValueError if the class has an implementation already and `replace` is not set.
        """
        return implementations.dispatch_for(op_cls, replace=replace)

    @classmethod
    def context(cls: type[O], migration_context: Context) -> AbstractContextManager[O]:
        """Let `limbeck.op` reach this migration context inside a `with` block (OPS-102)."""
        return _active(cls(migration_context))

    # --- running ------------------------------------------------------------------------------------------

    def invoke(self, operation: MigrateOperation) -> Any:
        """Apply one operation, and return what its implementation returns (OPS-1).

        Raises ValueError if nothing is registered for its class or a base of it.
        """
        implementation = implementations.dispatch(operation)
        before = getattr(self.impl, "operation", None)
        self.impl.operation = operation
        try:
            return implementation(self, operation)
        finally:
            self.impl.operation = before

    @contextmanager
    def batch_alter_table(
        self,
        table_name: str,
        schema: str | None = None,
        recreate: Literal["auto", "always", "never"] = "auto",
        partial_reordering: Sequence[Sequence[str]] | None = None,
        copy_from: Table | None = None,
        table_args: Sequence[Any] = (),
        table_kwargs: Mapping[str, Any] = {},
        reflect_args: Sequence[Any] = (),
        reflect_kwargs: Mapping[str, Any] = {},
        naming_convention: dict[str, str] | None = None,
    ) -> Iterator[BatchOperations]:
        """Collect changes to one table, and make them together at the end of the block.

            with op.batch_alter_table("account") as batch_op:
                batch_op.add_column(sa.Column("age", sa.Integer))
                batch_op.drop_column("name")

        SQLite cannot alter most things: there the table is created anew, its rows are copied, and it takes
        the place of the old one (BAT-13). Elsewhere the changes are plain ALTER statements (BAT-12).
        `recreate` "always" or "never" decides for every database.

        `copy_from` is the table as it is, for use without a connection; otherwise the database is asked, with
        `reflect_args` and `reflect_kwargs` for `Table` (BAT-40, BAT-41). `table_args` and `table_kwargs` are
        added to the new table (BAT-42). `partial_reordering` lists groups of columns that are to stand in
        this order (BAT-71). `naming_convention` names the constraints that have no name (BAT-43).

        Raises ValueError for another `recreate`. After an exception in the block nothing is changed (BAT-1).
        """
        batch = self.migration_context.impl.start_batch(
            self,
            table_name=table_name,
            schema=schema,
            recreate=recreate,
            partial_reordering=partial_reordering,
            copy_from=copy_from,
            table_args=table_args,
            table_kwargs=table_kwargs,
            reflect_args=reflect_args,
            reflect_kwargs=reflect_kwargs,
            naming_convention=naming_convention,
        )
        yield BatchOperations(self.migration_context, impl=batch)
        batch.flush()

    # --- the connection, names and values -------------------------------------------------------------------

    def get_context(self) -> Any:
        """The migration context that is running."""
        return self.migration_context

    def get_bind(self) -> Any:
        """The connection; in offline mode an object that writes what it should execute (OPS-95)."""
        return self.migration_context.impl.bind

    def run_async(self, async_function: Callable[..., Awaitable[R]], *args: Any, **kw_args: Any) -> R:
        """Call an async function with the async connection as its first argument, and return its result (OPS-95).

            op.run_async(lambda connection: connection.execute(sa.text("SELECT 1")))

        Raises ValueError if the engine is not an async one.
        """
        return sqla.run_async(self.migration_context.connection, async_function, *args, **kw_args)

    def f(self, name: str) -> conv:
        """Mark a name as final, so that no naming convention is applied to it (OPS-4, OPS-5).

        op.create_check_constraint(op.f("ck_account_age"), "account", "age > 0")
        """
        return conv(name)

    def inline_literal(self, value: str | int, type_: AnyType | None = None) -> ColumnElement[Any]:
        """A value that is written into the SQL text, never sent beside it as a parameter (OPS-91).

        op.execute(account.update().where(account.c.id == op.inline_literal(5)).values(name="x"))
        """
        return sqla.InlineLiteral(value, type_)


class Operations(AbstractOperations):
    """The directives of a migration; `limbeck.op` is the door to the one that is running."""

    add_column = directive(ops.AddColumnOp.add_column)
    alter_column = directive(ops.AlterColumnOp.alter_column)
    bulk_insert = directive(ops.BulkInsertOp.bulk_insert)
    create_check_constraint = directive(ops.CreateCheckConstraintOp.create_check_constraint)
    create_foreign_key = directive(ops.CreateForeignKeyOp.create_foreign_key)
    create_index = directive(ops.CreateIndexOp.create_index)
    create_primary_key = directive(ops.CreatePrimaryKeyOp.create_primary_key)
    create_table = directive(ops.CreateTableOp.create_table)
    create_table_comment = directive(ops.CreateTableCommentOp.create_table_comment)
    create_unique_constraint = directive(ops.CreateUniqueConstraintOp.create_unique_constraint)
    drop_column = directive(ops.DropColumnOp.drop_column)
    drop_constraint = directive(ops.DropConstraintOp.drop_constraint)
    drop_index = directive(ops.DropIndexOp.drop_index)
    drop_table = directive(ops.DropTableOp.drop_table)
    drop_table_comment = directive(ops.DropTableCommentOp.drop_table_comment)
    execute = directive(ops.ExecuteSQLOp.execute)
    rename_table = directive(ops.RenameTableOp.rename_table)


class BatchOperations(AbstractOperations):
    """The directives of a `batch_alter_table()` block: as in `Operations`, without table and schema (BAT-3)."""

    add_column = directive(ops.AddColumnOp.batch_add_column)
    alter_column = directive(ops.AlterColumnOp.batch_alter_column)
    create_check_constraint = directive(ops.CreateCheckConstraintOp.batch_create_check_constraint)
    create_foreign_key = directive(ops.CreateForeignKeyOp.batch_create_foreign_key)
    create_index = directive(ops.CreateIndexOp.batch_create_index)
    create_primary_key = directive(ops.CreatePrimaryKeyOp.batch_create_primary_key)
    create_table_comment = directive(ops.CreateTableCommentOp.batch_create_table_comment)
    create_unique_constraint = directive(ops.CreateUniqueConstraintOp.batch_create_unique_constraint)
    drop_column = directive(ops.DropColumnOp.batch_drop_column)
    drop_constraint = directive(ops.DropConstraintOp.batch_drop_constraint)
    drop_index = directive(ops.DropIndexOp.batch_drop_index)
    drop_table_comment = directive(ops.DropTableCommentOp.batch_drop_table_comment)
    execute = directive(ops.ExecuteSQLOp.batch_execute)


@contextmanager
def _active(operations: O) -> Iterator[O]:
    with current.operations.active(operations):
        yield operations
