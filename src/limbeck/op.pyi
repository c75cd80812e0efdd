"""Types of the door `limbeck.op`. Written by `make stubs`: do not edit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from sqlalchemy import ClauseElement, Column, ColumnElement, Executable, Table, TableClause
from sqlalchemy.sql.elements import conv
from sqlalchemy.sql.schema import SchemaItem

from limbeck.operations.base import BatchOperations, C, Context, F, Operations, R
from limbeck.operations.ops.base import AnyType, MigrateOperation
from limbeck.operations.ops.column import Default
from limbeck.operations.ops.index import Elements

def add_column(
    table_name: str,
    column: Column[Any],
    *,
    schema: str | None = None,
    if_not_exists: bool | None = None,
    inline_references: bool | None = None,
    inline_primary_key: bool | None = None,
) -> None:
    """Add a column to a table, with the constraints and the index that it asks for (OPS-20)."""

def alter_column(
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
    """Change a column (OPS-40 to OPS-57)."""

def batch_alter_table(
    table_name: str,
    schema: str | None = None,
    recreate: Literal["auto", "always", "never"] = "auto",
    partial_reordering: Sequence[Sequence[str]] | None = None,
    copy_from: Table | None = None,
    table_args: Sequence[Any] = ...,
    table_kwargs: Mapping[str, Any] = ...,
    reflect_args: Sequence[Any] = ...,
    reflect_kwargs: Mapping[str, Any] = ...,
    naming_convention: dict[str, str] | None = None,
) -> AbstractContextManager[BatchOperations]:
    """Collect changes to one table, and make them together at the end of the block."""

def bulk_insert(table: Table | TableClause, rows: list[dict[str, Any]], *, multiinsert: bool = True) -> None:
    """Insert rows into a table (OPS-93)."""

def context(migration_context: Context) -> AbstractContextManager[Operations]:
    """Let `limbeck.op` reach this migration context inside a `with` block (OPS-102)."""

def create_check_constraint(
    constraint_name: str | None,
    table_name: str,
    condition: str | ClauseElement,
    *,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Create a CHECK (OPS-80)."""

def create_foreign_key(
    constraint_name: str | None,
    source_table: str,
    referent_table: str,
    local_cols: Sequence[str],
    remote_cols: Sequence[str],
    *,
    onupdate: str | None = None,
    ondelete: str | None = None,
    deferrable: bool | None = None,
    initially: str | None = None,
    match: str | None = None,
    source_schema: str | None = None,
    referent_schema: str | None = None,
    **dialect_kw: Any,
) -> None:
    """Create a foreign key (OPS-81)."""

def create_index(
    index_name: str | None,
    table_name: str,
    columns: Elements,
    *,
    schema: str | None = None,
    unique: bool = False,
    if_not_exists: bool | None = None,
    **kw: Any,
) -> None:
    """Create an index (OPS-70)."""

def create_primary_key(
    constraint_name: str | None, table_name: str, columns: Sequence[str], *, schema: str | None = None
) -> None:
    """Create a primary key on a table that has none (OPS-80)."""

def create_table(
    table_name: str, *columns: SchemaItem, if_not_exists: bool | None = None, **kw: Any
) -> Table:
    """Create a table (OPS-60)."""

def create_table_comment(
    table_name: str, comment: str | None, *, existing_comment: str | None = None, schema: str | None = None
) -> None:
    """Set the comment of a table (OPS-67)."""

def create_unique_constraint(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Create a unique constraint (OPS-80)."""

def drop_column(table_name: str, column_name: str, *, schema: str | None = None, **kw: Any) -> None:
    """Drop a column."""

def drop_constraint(
    constraint_name: str,
    table_name: str,
    type_: Literal["foreignkey", "primary", "unique", "check"] | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
) -> None:
    """Drop a constraint (OPS-83)."""

def drop_index(
    index_name: str,
    table_name: str | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
    **kw: Any,
) -> None:
    """Drop an index (OPS-73)."""

def drop_table(
    table_name: str, *, schema: str | None = None, if_exists: bool | None = None, **kw: Any
) -> None:
    """Drop a table; its ENUM types stay (OPS-65)."""

def drop_table_comment(
    table_name: str, *, existing_comment: str | None = None, schema: str | None = None
) -> None:
    """Remove the comment of a table (OPS-67)."""

def execute(sqltext: Executable | str, *, execution_options: dict[str, Any] | None = None) -> None:
    """Execute SQL (OPS-90)."""

def f(name: str) -> conv:
    """Mark a name as final, so that no naming convention is applied to it (OPS-4, OPS-5)."""

def get_bind() -> Any:
    """The connection; in offline mode an object that writes what it should execute (OPS-95)."""

def get_context() -> Any:
    """The migration context that is running."""

def implementation_for(op_cls: type, replace: bool = False) -> Callable[[F], F]:
    """Say how an operation is applied: decorate a function of `(operations, operation)` (OPS-101)."""

def inline_literal(value: str | int, type_: AnyType | None = None) -> ColumnElement[Any]:
    """A value that is written into the SQL text, never sent beside it as a parameter (OPS-91)."""

def invoke(operation: MigrateOperation) -> Any:
    """Apply one operation, and return what its implementation returns (OPS-1)."""

def register_operation(name: str, sourcename: str | None = None) -> Callable[[C], C]:
    """Make a directive for an operation class of your own (OPS-100)."""

def rename_table(old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
    """Rename a table (OPS-66)."""

def run_async(async_function: Callable[..., Awaitable[R]], *args: Any, **kw_args: Any) -> R:
    """Call an async function with the async connection as its first argument, and return its result (OPS-95)."""

def __getattr__(name: str) -> Any:
    """A directive that an extension has registered."""
