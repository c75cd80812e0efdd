"""What a database can be asked to do, and everything in which one may differ from another.

`DefaultImpl` speaks standard SQL. A dialect subclasses it, names itself with `__dialect__`, and overrides
what it does differently; a third-party dialect does the same and has the same rights.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TextIO

from sqlalchemy import (
    Column,
    Connection,
    Constraint,
    Executable,
    Index,
    Table,
    TableClause,
    cast,
    text,
)
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.engine.mock import MockConnection
from sqlalchemy.schema import (
    AddConstraint,
    CreateIndex,
    CreateTable,
    DropConstraint,
    DropIndex,
    DropTable,
    DropTableComment,
    SetColumnComment,
    SetTableComment,
)
from sqlalchemy.sql.elements import BindParameter, TextClause, quoted_name
from sqlalchemy.types import TypeEngine

from limbeck import errors, sqla
from limbeck.base.lazy import lazy_exports
from limbeck.ddl import base
from limbeck.ddl.compare.rules import AutogenRules
from limbeck.ddl.journaling import JournalRules
from limbeck.ddl.limiting import LimitRules
from limbeck.ddl.literals import Literals
from limbeck.ddl.rehearsing import RehearsalRules
from limbeck.ddl.sink import ExecuteSink, PrintSink
from limbeck.ddl.statement import Parameters, PlainText, Result, Sink, Statement
from limbeck.ddl.version_table import VersionTableRules
from limbeck.ddl.watching import WatchRules
from limbeck.ddl.writing import PlainRules
from limbeck.operations.registry import Operation

if TYPE_CHECKING:
    from limbeck.ddl.compare.types import Params as Params
    from limbeck.ddl.facts import Effect
    from limbeck.ddl.lease import Lease
    from limbeck.ddl.locking import Claim, RunLock
    from limbeck.ddl.rows import Page, Row

__getattr__ = lazy_exports(__name__, {"Params": "limbeck.ddl.compare.types:Params"})[0]

FOLDERS = {
    "postgresql": "limbeck.ddl.postgresql",
    "mysql": "limbeck.ddl.mysql",
    "mariadb": "limbeck.ddl.mysql",
    "sqlite": "limbeck.ddl.sqlite",
    "mssql": "limbeck.ddl.mssql",
    "oracle": "limbeck.ddl.oracle",
}
"""Where the knowledge about each dialect lives: the only place outside those folders that names one."""

OPERATIONS = ("limbeck.ddl.postgresql.operations",)
"""Operations that belong to one dialect; their directives exist everywhere (OPS-85)."""

RENDERERS = ("limbeck.ddl.postgresql.render",)
"""Renderers of operations, constraints and types that belong to one dialect."""

_impls: dict[str, type[DefaultImpl]] = {}


class ImplMeta(type):
    """Registers each implementation under its `__dialect__`; one from outside takes the place of limbeck's."""

    def __init__(cls, classname: str, bases: tuple[type, ...], dict_: dict[str, Any]) -> None:
        super().__init__(classname, bases, dict_)
        name = dict_.get("__dialect__")
        if name is None:
            return
        # limbeck's own are imported late, perhaps after a project has registered its replacement.
        is_own = cls.__module__.partition(".")[0] == __name__.partition(".")[0]
        if not (is_own and name in _impls):
            _impls[name] = cls  # type: ignore[assignment]  # only DefaultImpl and its subclasses have this metaclass


class DefaultImpl(
    AutogenRules,
    VersionTableRules,
    PlainRules,
    RehearsalRules,
    JournalRules,
    LimitRules,
    WatchRules,
    metaclass=ImplMeta,
):
    """Turns operations into statements for one database, and hands them to its `sink`.

    Every method that changes the database ends in `_exec`. `operation` is the operation being applied, noted
    on each statement it leads to.
    """

    __dialect__ = "default"

    transactional_ddl: bool = False
    """Whether a rollback undoes DDL (OPS-10); `configure(transactional_ddl=...)` overrides it."""
    needs_transaction_block: bool = True
    """Whether migrations are left uncommitted where env.py runs them outside of `begin_transaction()` (TXN-5)."""
    command_terminator: str = ";"
    """What ends a statement in a script (OPS-9)."""
    batch_separator: str = ""
    """A line between the statements of a script; the option `<dialect>_batch_separator` overrides it (OPS-9)."""
    index_names_are_per_table: bool = False
    """Whether two tables may have an index of the same name, so that dropping one needs the table (OPS-73)."""
    literals: Literals = Literals()
    """How values are written into a script (OPS-91, OPS-93)."""

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None,
        as_sql: bool,
        transactional_ddl: bool | None,
        output_buffer: TextIO | None,
        context_opts: Mapping[str, Any],
    ) -> None:
        self.dialect = dialect
        self.connection = connection
        self.as_sql = as_sql
        self.literal_binds: bool = context_opts.get("literal_binds", False)
        self.output_buffer = output_buffer
        self.context_opts = context_opts
        self.memo: dict[Any, Any] = {}
        self.operation: Operation | None = None
        if transactional_ddl is not None:
            self.transactional_ddl = transactional_ddl
        self.batch_separator = context_opts.get(f"{self.__dialect__}_batch_separator", self.batch_separator)
        self.sink: Sink = ExecuteSink(connection)
        if as_sql:
            self.sink = PrintSink(
                self.static_output,
                dialect,
                terminator=self.command_terminator,
                batch_separator=self.batch_separator,
                literal_binds=self.literal_binds,
                literals=self.literals,
            )

    @classmethod
    def get_by_dialect(cls, dialect: Dialect) -> type[DefaultImpl]:
        """The implementation for a dialect; a dialect that has none of its own gets standard SQL."""
        if dialect.name not in _impls and dialect.name in FOLDERS:
            importlib.import_module(f"{FOLDERS[dialect.name]}.impl")
        return _impls.get(dialect.name, DefaultImpl)

    @classmethod
    def is_private_database(cls, url: URL) -> bool:
        """Whether each connection of this URL has a database of its own, which goes with it."""
        return False

    @classmethod
    def is_local_file(cls, url: URL) -> bool:
        """Whether the URL leads to a file of this machine and nothing else, so that it holds no secret."""
        return False

    @property
    def bind(self) -> Any:
        """The connection, or what writes SQL in its place offline (OPS-95).

        Schema objects can be made through either: `sa.Enum(...).create(op.get_bind(), checkfirst=False)`.
        """
        if self.connection is not None and not self.as_sql:
            return self.connection

        def execute(construct: Any, parameters: Any = None, *_: Any, **__: Any) -> None:
            self._exec(construct, multiparams=parameters or None)

        return MockConnection(self.dialect, execute)

    # --- statements ---------------------------------------------------------------------------------------

    def _exec(
        self,
        construct: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
        multiparams: Parameters = None,
        params: Mapping[str, Any] = {},
    ) -> Result | None:
        """Hand one statement to the sink; text becomes `text()` (OPS-90)."""
        if isinstance(construct, str):
            construct = text(construct)
        parameters = multiparams if multiparams is not None else (params or None)
        return self.sink.emit(Statement(construct, parameters, execution_options, self.operation))

    def execute_plain(self, sql: str) -> None:
        """Hand on a statement that `plain` has written."""
        self.sink.emit(Statement(PlainText(sql), None, None, self.operation))

    def execute(self, sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
        """Run a statement of the user's own (OPS-90, OPS-92).

        Warns of a `:name` without a value: a script says NULL for it, where executing would fail.
        """
        if not isinstance(sql, (str, Executable)):
            raise errors.NotAStatement(given=sql)
        construct = text(sql) if isinstance(sql, str) else sql
        if self.as_sql and self.literal_binds:
            _warn_of_missing_values(construct)
        self._exec(construct, execution_options)

    def static_output(self, text: str) -> None:
        """Write text and an empty line into the script (OFF-13)."""
        assert self.output_buffer is not None, "a script needs an output buffer"
        self.output_buffer.write(f"{text}\n\n")
        self.output_buffer.flush()

    def begin_changes(self, on_commit: Callable[[], None]) -> None:
        """Called when something is about to be changed in a transaction: make sure that there really is one.

        Most drivers have begun it by themselves. `on_commit` is to be called before each commit that
        a statement needs which cannot stand in a transaction.
        """

    def emit_begin(self) -> None:
        """Write what opens a transaction in a script (OFF-6)."""
        self.static_output(f"BEGIN{self.command_terminator}")

    def emit_commit(self) -> None:
        """Write what closes a transaction in a script (OFF-6)."""
        self.static_output(f"COMMIT{self.command_terminator}")

    def start_migrations(self) -> None:
        """Called when a run begins, before the version table is read; for dialects that must prepare (MIG-8)."""

    # --- runs side by side --------------------------------------------------------------------------------

    def run_lock(self, claim: Claim) -> RunLock | None:
        """What keeps other runs out of this database; None if nobody else can reach it."""
        from limbeck.ddl.lease import Lease

        return Lease(claim)

    def run_lease(self, claim: Claim, *, is_renewed: bool = True) -> Lease | None:
        """A lease, if this database can have one; not renewed if it is for the connection that migrates."""
        from limbeck.ddl.lease import Lease

        return Lease(claim, is_renewed=is_renewed)

    def has_begun(self) -> bool:
        """Whether a transaction has begun on the server, as far as the driver tells; SQLAlchemy need not know of it."""
        return False

    # --- columns ------------------------------------------------------------------------------------------

    def add_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | quoted_name | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column, without the constraints and indexes it implies (OPS-20)."""
        self._exec(
            base.AddColumn(
                table_name,
                column,
                schema=schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
            )
        )

    def drop_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column."""
        self._exec(base.DropColumn(table_name, column, schema=schema, if_exists=if_exists))

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: base.Default | bool = False,
        name: str | None = None,
        type_: base.AnyType | None = None,
        schema: str | quoted_name | None = None,
        autoincrement: bool | None = None,
        comment: str | bool | None = False,
        existing_comment: str | None = None,
        existing_type: base.AnyType | None = None,
        existing_server_default: base.Default | bool = None,
        existing_nullable: bool | None = None,
        existing_autoincrement: bool | None = None,
        **kw: Any,
    ) -> None:
        """Change a column: nullability, default, type, comment, and last its name (OPS-40, OPS-42).

        False for `server_default` and `comment` means no change, None removes them.
        """
        if autoincrement is not None or existing_autoincrement is not None:
            warnings.warn(
                "autoincrement and existing_autoincrement make a difference on MySQL and MariaDB only",
                stacklevel=3,
            )
        existing: dict[str, Any] = {
            "schema": schema,
            "existing_type": existing_type,
            "existing_server_default": existing_server_default,
            "existing_nullable": existing_nullable,
        }
        if nullable is not None:
            self._exec(base.ColumnNullable(table_name, column_name, nullable, **existing))
        if server_default is not False:
            for change in self.default_changes(table_name, column_name, server_default, **existing):
                self._exec(change)
        if type_ is not None:
            self._exec(base.ColumnType(table_name, column_name, type_, **existing))
        existing["existing_comment"] = existing_comment
        if comment is not False:
            self._exec(base.ColumnComment(table_name, column_name, comment, **existing))  # type: ignore[arg-type]  # not True
        if name is not None:
            self._exec(base.ColumnName(table_name, column_name, name, **existing))

    def default_changes(
        self,
        table_name: str,
        column_name: str,
        default: Any,
        *,
        existing_server_default: Any = None,
        **existing: Any,
    ) -> Iterator[base.AlterColumn]:
        """The changes that lead from one server default, identity or expression to another (OPS-55, OPS-56)."""
        existing["existing_server_default"] = existing_server_default
        if base.is_computed(default) or base.is_computed(existing_server_default):
            yield base.ComputedColumnDefault(table_name, column_name, default, **existing)
            return
        if base.is_identity(default) or base.is_identity(existing_server_default):
            identity = default if base.is_identity(default) else None
            yield base.IdentityColumnDefault(table_name, column_name, identity, self, **existing)
            if base.is_identity(default) or default is None:
                return
        yield base.ColumnDefault(table_name, column_name, default, **existing)

    # --- tables -------------------------------------------------------------------------------------------

    def create_table(self, table: Table, **kw: Any) -> None:
        """Create a table, then its indexes, then its comments (OPS-60)."""
        # Listeners create what a table needs first, such as a named type, and note it in `memo`. A database
        # can be asked what it has; only a script has to remember what it has created (OPS-60).
        if not (self.as_sql or self.leaves_out_changes):
            self.memo.clear()
        events = sqla.creation_event(self, checkfirst=not self.as_sql)
        table.dispatch.before_create(table, self.bind, **events)
        self._exec(CreateTable(table, **kw))
        table.dispatch.after_create(table, self.bind, **events)
        for index in sqla.indexes_in_order(table):
            self.create_index(index)
        if self.has_comment_statements:
            if table.comment:
                self.create_table_comment(table)
            for column in table.columns:
                if column.comment:
                    self.create_column_comment(column)

    def drop_table(self, table: Table, **kw: Any) -> None:
        """Drop a table; named types it used stay (OPS-65)."""
        events = sqla.drop_event(self)
        table.dispatch.before_drop(table, self.bind, **events)
        self._exec(DropTable(table, **kw))
        table.dispatch.after_drop(table, self.bind, **events)

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | quoted_name | None = None
    ) -> None:
        """Give a table another name (OPS-66)."""
        self._exec(base.RenameTable(old_table_name, new_table_name, schema=schema))

    @property
    def has_comment_statements(self) -> bool:
        """Whether comments are statements of their own, not part of CREATE TABLE (OPS-22, OPS-60)."""
        return self.dialect.supports_comments and not self.dialect.inline_comments

    def create_table_comment(self, table: Table) -> None:
        """Set the comment of a table (OPS-67)."""
        self._exec(SetTableComment(table))

    def drop_table_comment(self, table: Table) -> None:
        """Remove the comment of a table (OPS-67)."""
        self._exec(DropTableComment(table))

    def create_column_comment(self, column: Column[Any]) -> None:
        """Set the comment of a column that has just been created (OPS-22)."""
        self._exec(SetColumnComment(column))

    # --- constraints and indexes --------------------------------------------------------------------------

    def add_constraint(self, const: Constraint, **kw: Any) -> None:
        """Add a constraint to a table that exists, unless this database has no need of it (OPS-27, OPS-80)."""
        if sqla.is_created(const, self):
            self._exec(sqla.statement_about(AddConstraint, const, **kw))

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Drop a constraint (OPS-83)."""
        self._exec(sqla.statement_about(DropConstraint, const, **kw))

    def create_index(self, index: Index, **kw: Any) -> None:
        """Create an index (OPS-70 to OPS-75)."""
        self._exec(CreateIndex(index, **kw))

    def drop_index(self, index: Index, **kw: Any) -> None:
        """Drop an index (OPS-73)."""
        self._exec(DropIndex(index, **kw))

    # --- rows ---------------------------------------------------------------------------------------------

    def bulk_insert(self, table: TableClause | Table, rows: Iterable[Row], multiinsert: bool = True) -> None:
        """Insert rows page by page, each page with one statement (OPS-93).

        Rows that hold SQL expressions, and with `multiinsert` False all rows, are inserted one by one.
        """
        from limbeck.ddl.rows import PAGE_SIZE, pages

        for page in pages(rows, size=PAGE_SIZE if multiinsert else 1):
            self.insert_page(table, page)

    def insert_page(self, table: TableClause | Table, page: Page) -> None:
        """Insert rows that have the same columns; warns of values for columns that the table does not have."""
        if not self.as_sql and (unknown := sorted(page.columns - set(table.c.keys()))):
            warnings.warn(
                f"table {table.name!r} has no column {', '.join(map(repr, unknown))}: the values are left out",
                stacklevel=2,
            )
        insert = table.insert().inline()
        self._exec(insert.values(page.expressions) if page.expressions else insert, multiparams=page.values)

    # --- facts --------------------------------------------------------------------------------------------

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites on this database, or None if that is not known."""
        return None

    # --- batch: a table rebuilt because it cannot be altered ----------------------------------------------

    def start_batch(self, operations: Any, **kw: Any) -> Any:
        """What collects the directives of a `batch_alter_table` block (BAT-1)."""
        from limbeck.ddl.batch import start_batch

        return start_batch(operations, **kw)

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Whether the directives of a batch block cannot be done with ALTER (BAT-12)."""
        return False

    def rebuild_in_batch(self, block: Any) -> None:
        """Make the changes of a batch block by rebuilding its table."""
        block.rebuild()

    def prep_table_for_batch(self, batch_impl: Any, table: Table) -> None:
        """Called before a table is rebuilt; for names that would clash while both tables exist (BAT-24)."""

    def find_schema(self, table_name: str, schema: str | None) -> Connection | None:
        """A connection that can be asked what a table looks like now; None while a script is written (BAT-41)."""
        return None if self.as_sql else self.connection

    def complete_reflected_table(self, table: Table, connection: Connection) -> None:
        """Called for a reflected table, to be rebuilt or compared: add what reflection leaves out (BAT-25)."""

    def rebuilding_table(self, table: Table, new: Table) -> AbstractContextManager[None]:
        """Wraps the statements by which `new` takes the place of `table`, to protect rows elsewhere (BAT-28)."""
        return nullcontext()

    def cast_for_batch_migrate(
        self, existing: Column[Any], existing_transfer: dict[str, Any], new_type: TypeEngine[Any]
    ) -> None:
        """Cast the copied values if the new type is of another kind (BAT-22)."""
        if not sqla.is_same_kind_of_type(existing.type, new_type):
            existing_transfer["expr"] = cast(existing_transfer["expr"], new_type)


def _warn_of_missing_values(construct: Executable) -> None:
    if isinstance(construct, TextClause):
        for parameter in construct.get_children():
            if isinstance(parameter, BindParameter) and parameter.required:
                warnings.warn(
                    f"`:{parameter.key}` has no value, and is NULL in this script: give it one with "
                    f"`sa.text(...).bindparams()`, or write `\\:{parameter.key}` if it is no parameter",
                    stacklevel=2,
                )
