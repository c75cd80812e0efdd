"""The door to the operations of the migration that is running.

Made by `make stubs` from `limbeck.operations.base.Operations`; do not edit.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from sqlalchemy import Column, Executable, Table, TableClause
from sqlalchemy.schema import SchemaItem
from sqlalchemy.sql.elements import ClauseElement, ColumnElement, conv

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
    """Add a column to a table, with the constraints and the index that it asks for (OPS-20).

        op.add_column("account", sa.Column("age", sa.Integer, nullable=True))

    A foreign key becomes a statement of its own, or with `inline_references` a REFERENCES clause of the
    column (OPS-23). `inline_primary_key` writes PRIMARY KEY inside the column (OPS-24).
    `if_not_exists` writes IF NOT EXISTS (OPS-25).
    """

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
    """Change a column (OPS-40 to OPS-57).

        op.alter_column("account", "name", existing_type=sa.String(50), nullable=False)

    `nullable`, `comment`, `server_default`, `new_column_name` and `type_` say what becomes different. None
    removes a comment or a server default. Each `existing_…` says what is there: some databases need the
    whole definition to change a part of it, MySQL above all, and a migration is reversed by it.
    `kw` takes options of dialects, like `postgresql_using`, and `autoincrement`.
    """

def batch_alter_table(
    table_name: str,
    schema: str | None = None,
    recreate: Literal["auto", "always", "never"] = "auto",
    partial_reordering: Sequence[Sequence[str]] | None = None,
    copy_from: Table | None = None,
    table_args: Sequence[Any] = (),
    table_kwargs: Mapping[str, Any] = ...,
    reflect_args: Sequence[Any] = (),
    reflect_kwargs: Mapping[str, Any] = ...,
    naming_convention: dict[str, str] | None = None,
) -> AbstractContextManager[BatchOperations]:
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

def bulk_insert(
    table: Table | TableClause,
    rows: Iterable[Mapping[str, Any]],
    *,
    multiinsert: bool = True,
) -> None:
    """Insert rows into a table (OPS-93).

        account = sa.table("account", sa.column("id", sa.Integer), sa.column("name", sa.String))
        op.bulk_insert(account, [{"id": 1, "name": "ann"}, {"id": 2, "name": "bob"}])

    `table` is what `create_table()` returned, or a `sa.table()` with typed columns. `rows` is a list, or an
    iterator, of which a page at a time is read and sent to the database at once. A column that a row does
    not name gets its default. Values may be SQL expressions such as `sa.func.now()`; such rows, and all
    rows with `multiinsert` False, are inserted one by one.
    Raises TypeError for rows that are no dictionaries.
    """

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
    """Create a CHECK (OPS-80).

        op.create_check_constraint("ck_account_age", "account", sa.column("age") >= 0)

    `condition` is SQL as a string or an expression. `kw` takes `deferrable`, `initially` and options of
    dialects, like `postgresql_not_valid`.
    """

def create_exclude_constraint(constraint_name: str, table_name: str, *elements: Any, **kw: Any) -> None:
    """Create an EXCLUDE constraint on PostgreSQL (OPS-85).

        op.create_exclude_constraint(
            "ex_booking_period", "booking", ("period", "&&"), ("room", "="), where=sa.text("NOT cancelled")
        )

    `elements` are pairs of a column name or SQL expression and an operator. `kw` takes `where`, `schema`,
    `using` (gist unless said otherwise), `ops`, `deferrable` and `initially`.
    """

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
    """Create a foreign key (OPS-81).

        op.create_foreign_key("fk_address_account", "address", "account", ["account_id"], ["id"])

    `local_cols` are columns of `source_table`, `remote_cols` those of `referent_table` they point to.
    `dialect_kw` takes options of dialects, like `postgresql_not_valid`.
    """

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
    """Create an index (OPS-70).

        op.create_index("ix_account_name", "account", ["name", sa.text("lower(mail)")])

    Strings in `columns` are names of columns; write expressions with `sa.text()` or `sa.func`.
    `index_name` None takes a name from the naming convention. `if_not_exists` writes IF NOT EXISTS.
    `kw` takes options of `Index`, like `postgresql_concurrently` or `sqlite_where` (OPS-74, OPS-75).
    """

def create_primary_key(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
) -> None:
    """Create a primary key on a table that has none (OPS-80).

    op.create_primary_key("pk_account", "account", ["id", "version"])
    """

def create_table(
    table_name: str,
    *columns: SchemaItem,
    if_not_exists: bool | None = None,
    **kw: Any,
) -> Table:
    """Create a table (OPS-60).

        op.create_table(
            "account",
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(50), nullable=False),
            sa.UniqueConstraint("name", name="uq_account_name"),
        )

    `columns` are Column, Constraint and Index objects; they are copied, so they can be used again.
    `if_not_exists` writes IF NOT EXISTS. `kw` takes `schema`, `comment`, `prefixes`, `info` and every
    option that `Table` knows, like `mysql_engine`.
    Returns the `Table`, ready for `bulk_insert()` (OPS-65).
    """

def create_table_comment(
    table_name: str,
    comment: str | None,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> None:
    """Set the comment of a table (OPS-67).

    op.create_table_comment("account", "one row per customer", existing_comment="customers")
    """

def create_unique_constraint(
    constraint_name: str | None,
    table_name: str,
    columns: Sequence[str],
    *,
    schema: str | None = None,
    **kw: Any,
) -> None:
    """Create a unique constraint (OPS-80).

        op.create_unique_constraint("uq_account_name", "account", ["name"])

    `kw` takes `deferrable`, `initially` and options of dialects, like `postgresql_nulls_not_distinct`.
    """

def drop_column(table_name: str, column_name: str, *, schema: str | None = None, **kw: Any) -> None:
    """Drop a column.

        op.drop_column("account", "age")

    `kw` takes `if_exists`, and on SQL Server `mssql_drop_default`, `mssql_drop_check` and
    `mssql_drop_foreign_key`, which drop what would be in the way.
    """

def drop_constraint(
    constraint_name: str,
    table_name: str,
    type_: Literal["foreignkey", "primary", "unique", "check"] | None = None,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
) -> None:
    """Drop a constraint (OPS-83).

        op.drop_constraint("uq_account_name", "account", type_="unique")

    MySQL and MariaDB need `type_`. With it, a naming convention that uses `%(constraint_name)s` applies
    to the name (OPS-4). `if_exists` writes IF EXISTS.
    """

def drop_index(
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

def drop_table(
    table_name: str,
    *,
    schema: str | None = None,
    if_exists: bool | None = None,
    **kw: Any,
) -> None:
    """Drop a table; its ENUM types stay (OPS-65).

        op.drop_table("account")

    `if_exists` writes IF EXISTS (OPS-63). `kw` takes options of `Table` that dialects or extensions look at.
    """

def drop_table_comment(
    table_name: str,
    *,
    existing_comment: str | None = None,
    schema: str | None = None,
) -> None:
    """Remove the comment of a table (OPS-67).

    op.drop_table_comment("account", existing_comment="one row per customer")
    """

def execute(sqltext: Executable | str, *, execution_options: dict[str, Any] | None = None) -> None:
    r"""Execute SQL (OPS-90).

        op.execute("UPDATE account SET name = 'none' WHERE name IS NULL")

    In a string `:name` is a parameter; write a colon that follows no letter as `\:`. Expressions are
    executed as they are: `op.execute(account.update().values(name=op.inline_literal("none")))`.
    The statement gives no result; use `op.get_bind().execute()` to read data.
    """

def f(name: str) -> conv:
    """Mark a name as final, so that no naming convention is applied to it (OPS-4, OPS-5).

    op.create_check_constraint(op.f("ck_account_age"), "account", "age > 0")
    """

def get_bind() -> Any:
    """The connection; in offline mode an object that writes what it should execute (OPS-95)."""

def get_context() -> Any:
    """The migration context that is running."""

def implementation_for(op_cls: type, replace: bool = False) -> Callable[[F], F]:
    """Say how an operation is applied: decorate a function of `(operations, operation)` (OPS-101).

        @Operations.implementation_for(CreateSequenceOp)
        def create_sequence(operations, operation):
            operations.execute(f"CREATE SEQUENCE {operation.name}")

    Raises ValueError if the class has an implementation already and `replace` is not set.
    """

def inline_literal(value: str | int, type_: AnyType | None = None) -> ColumnElement[Any]:
    """A value that is written into the SQL text, never sent beside it as a parameter (OPS-91).

    op.execute(account.update().where(account.c.id == op.inline_literal(5)).values(name="x"))
    """

def invoke(operation: MigrateOperation) -> Any:
    """Apply one operation, and return what its implementation returns (OPS-1).

    Raises ValueError if nothing is registered for its class or a base of it.
    """

def register_operation(name: str, sourcename: str | None = None) -> Callable[[C], C]:
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

def rename_table(old_table_name: str, new_table_name: str, *, schema: str | None = None) -> None:
    """Rename a table (OPS-66).

    op.rename_table("account", "customer")
    """

def run_async(async_function: Callable[..., Awaitable[R]], *args: Any, **kw_args: Any) -> R:
    """Call an async function with the async connection as its first argument, and return its result (OPS-95).

        op.run_async(lambda connection: connection.execute(sa.text("SELECT 1")))

    Raises ValueError if the engine is not an async one.
    """
