"""SQLite."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TextIO

from sqlalchemy import (
    Column,
    Connection,
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    select,
)  # fmt: skip
from sqlalchemy.engine import URL, Dialect, Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

from limbeck import errors, sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.sink import PrintSink
from limbeck.ddl.sqlite import elements as elements
from limbeck.ddl.sqlite.literals import SQLiteLiterals
from limbeck.ddl.sqlite.transaction import RealTransaction, is_open

if TYPE_CHECKING:
    from limbeck.ddl.compare.records import TableRecord
    from limbeck.ddl.facts import Effect
    from limbeck.ddl.lease import Lease
    from limbeck.ddl.limiting import Limits, SessionLimits
    from limbeck.ddl.locking import Claim, RunLock
    from limbeck.ddl.rehearsing import StandIn, TableKey
    from limbeck.ddl.sqlite import rehearsal
    from limbeck.operations.ops import DropColumnOp, MigrateOperation


class SQLiteImpl(DefaultImpl):
    """Little can be altered, constraints not at all, and there are no comments.

    What only a rebuild, a script or a comparison needs is imported when one comes: most runs have none.
    """

    __dialect__ = "sqlite"
    writes_plain_ddl = True
    literals = SQLiteLiterals()
    transactional_ddl = True
    empty_statement = "PRAGMA limbeck_nothing"
    needs_transaction_block = False
    enforces_length = False
    type_synonyms = (*DefaultImpl.type_synonyms, {"REAL", "DOUBLE", "DOUBLE PRECISION"})

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None,
        as_sql: bool,
        transactional_ddl: bool | None,
        output_buffer: TextIO | None,
        context_opts: Mapping[str, Any],
    ) -> None:
        super().__init__(dialect, connection, as_sql, transactional_ddl, output_buffer, context_opts)
        self._rehearsal: rehearsal.Rehearsal | None = None
        self._transaction: RealTransaction | None = None
        if as_sql:
            # A rebuild in a script switches foreign keys off and on, which does nothing inside a transaction.
            self.transactional_ddl = bool(transactional_ddl)
            from limbeck.ddl.sqlite.rehearsal import Rehearsal

            assert isinstance(self.sink, PrintSink), "a script is printed"
            self.sink = self._rehearsal = Rehearsal(self.sink, dialect)

    @property
    def undoes_ddl(self) -> bool:
        """With `transactional_ddl=False`, the driver's ways hold: it begins no transaction for DDL (TXN-7)."""
        return self.transactional_ddl

    def shares_transaction(self, sql: str) -> bool:
        """A row and DDL can share a transaction, even if the project wants none around its migrations."""
        return True

    def is_permanent_at_once(self, connection: Connection) -> bool:
        """Whether no transaction is open: the driver begins none for DDL."""
        return not is_open(connection)

    def begin_changes(self, on_commit: Callable[[], None]) -> None:
        """Begin a transaction that has DDL in it, too, unless the project wants none."""
        if not self.transactional_ddl or self.connection is None:
            return
        if self._transaction is None:
            self._transaction = RealTransaction(self.connection, on_commit)
        self._transaction.begin()

    def run_lock(self, claim: Claim) -> RunLock | None:
        """A locked file beside the database; a database in memory is nobody else's."""
        from limbeck.ddl.sqlite.lock import FileLock, find_path

        path = None if self.connection is None else find_path(self.connection, claim.schema)
        return None if path is None else FileLock(path, claim)

    def run_lease(self, claim: Claim, *, is_renewed: bool = True) -> Lease | None:
        """None: who writes keeps all others from writing, also from renewing a lease."""
        return None

    @property
    def unlimited(self) -> str | None:  # type: ignore[override]  # only a connection tells
        """Not every driver lets a statement be interrupted."""
        from limbeck.ddl.sqlite.watching import Handlers

        if self.connection is None or Handlers.of(self.connection) is not None:
            return None
        return "this driver lets nobody interrupt a statement"

    def session_limits(self, limits: Limits) -> SessionLimits | None:
        """See `limbeck.ddl.sqlite.limits`."""
        from limbeck.ddl.sqlite.limits import SQLiteLimits

        return SQLiteLimits(limits)

    def is_conflict(self, error: DBAPIError) -> bool:
        """See `limbeck.ddl.sqlite.limits`."""
        from limbeck.ddl.sqlite import limits

        return limits.is_conflict(error)

    def has_begun(self) -> bool:
        """Whether somebody has begun a transaction on this connection; in one of Python's modes there always is one."""
        if self.connection is None:
            return False
        driver = self.dialect.get_driver_connection(self.connection.connection.dbapi_connection)  # type: ignore[arg-type]  # it is open
        return getattr(driver, "autocommit", None) is not False and is_open(self.connection)

    @classmethod
    def is_private_database(cls, url: URL) -> bool:
        """A database in memory, or one in a temporary file, belongs to its connection."""
        name = url.database
        return not name or name == ":memory:" or "mode=memory" in name or url.query.get("mode") == "memory"

    @classmethod
    def is_local_file(cls, url: URL) -> bool:
        """A file, unless it is one with a password, as encrypted ones have."""
        return not cls.is_private_database(url) and url.password is None

    def try_to_read(self, column: Column[Any]) -> list[Any] | None:
        """Read it; without naming the database, a table of the same name in an attached one would be found."""
        stored = Table(
            column.table.name, MetaData(), Column(column.name, column.type), schema=column.table.schema or "main"
        )  # fmt: skip
        return self._try(select(stored.c[column.name]))

    def find_schema(self, table_name: str, schema: str | None) -> Connection | None:
        """The database; in a script, one in memory that has made what the script makes (BAT-41)."""
        if self._rehearsal is not None:
            return self._rehearsal.find(table_name, schema)
        return super().find_schema(table_name, schema)

    def on(self, connection: Connection) -> SQLiteImpl:
        """The same implementation for another connection, such as one to a copy in memory."""
        return type(self)(self.dialect, connection, False, None, None, self.context_opts)

    def add_column(self, table_name: str, column: Column[Any], **kw: Any) -> None:
        """Add a column, unless it brings constraints that could not be added afterwards (OPS-29)."""
        for constraint in sqla.in_creation_order(column.table.constraints):
            is_inline = kw.get("inline_references") and isinstance(constraint, ForeignKeyConstraint)
            if not (
                is_inline or isinstance(constraint, PrimaryKeyConstraint) or sqla.is_type_bound(constraint)
            ):
                raise _not_alterable(constraint)
        super().add_column(table_name, column, **kw)

    def alter_column(self, table_name: str, column_name: str, **kw: Any) -> None:
        """Change a column as far as SQLite can; a comment is ignored, as everywhere in SQLite (OPS-44)."""
        super().alter_column(table_name, column_name, **{**kw, "comment": False})

    def add_constraint(self, const: Constraint, **kw: Any) -> None:
        """Refuse, or leave out with a warning a CHECK that only a type asked for (OPS-27, OPS-80)."""
        if not sqla.is_type_bound(const):
            raise _not_alterable(const)
        if sqla.is_created(const, self):
            warnings.warn(
                "SQLite cannot add the CHECK constraint of a type to a table that exists, so it is left out; "
                "batch mode rebuilds the table with it",
                stacklevel=3,
            )

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Refuse, or leave alone a CHECK that only a type asked for (OPS-41, OPS-80)."""
        if not sqla.is_type_bound(const):
            raise _not_alterable(const)

    def create_table_comment(self, table: Table) -> None:
        """Do nothing: SQLite has no comments (OPS-67)."""

    def drop_table_comment(self, table: Table) -> None:
        """Do nothing: SQLite has no comments (OPS-67)."""

    def requires_recreate_in_batch(self, batch_op: Any) -> bool:
        """Whether the block does more than SQLite's ALTER TABLE can (BAT-13)."""
        from limbeck.ddl.sqlite import batch

        return batch.is_rebuild_needed(self, batch_op)

    def rebuild_in_batch(self, block: Any) -> None:
        """Rebuild the table from its own text, as SQLite's documentation prescribes (BAT-25, BAT-28)."""
        from limbeck.ddl.sqlite import rebuild

        rebuild.rebuild(self, block)

    def complete_reflected_table(self, table: Table, connection: Connection) -> None:
        """See `limbeck.ddl.sqlite.batch`."""
        from limbeck.ddl.sqlite import batch

        batch.complete(table, connection)

    def create_column_comment(self, column: Column[Any]) -> None:
        """Do nothing: SQLite has no comments (OPS-22)."""

    def render_ddl_sql_expr(self, expr: ClauseElement, is_server_default: bool = False, **kw: Any) -> str:
        """An expression as the SQL text that goes into Python code."""
        from limbeck.ddl.sqlite import render

        text = super().render_ddl_sql_expr(expr, is_server_default, **kw)
        return render.default_text(text) if is_server_default else text

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites, or None if that is not known."""
        from limbeck.ddl.sqlite import facts

        return facts.effect_of(operation)

    def stand_in(self, connection: Connection) -> AbstractContextManager[StandIn | None]:
        """A copy in memory."""
        from limbeck.ddl.sqlite import stand_in

        return stand_in.copied(connection)

    def estimate_rows(self, connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
        """See `limbeck.ddl.sqlite.estimates`."""
        from limbeck.ddl.sqlite import estimates

        return estimates.estimate_rows(connection, tables)

    # --- comparing ----------------------------------------------------------------------------------------

    def read_records(
        self,
        inspector: Inspector,
        schema: str | None,
        names: Sequence[str],
        *,
        with_names: bool,
        with_defaults: bool,
    ) -> Iterable[TableRecord]:
        """See `limbeck.ddl.sqlite.records`."""
        from limbeck.ddl.sqlite import records

        if with_names:
            return super().read_records(
                inspector, schema, names, with_names=with_names, with_defaults=with_defaults
            )
        return records.read_records(inspector, schema, names)

    def autogen_column_reflect(self, inspector: Inspector, table: Table, column_info: Any) -> None:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        compare.autogen_column_reflect(inspector, table, column_info)

    def correct_for_autogen_constraints(  # pyright: ignore[reportIncompatibleMethodOverride]  # the documented name
        self,
        conn_unique_constraints: set[UniqueConstraint],
        conn_indexes: set[Index],
        metadata_unique_constraints: set[UniqueConstraint],
        metadata_indexes: set[Index],
    ) -> None:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        compare.correct_for_autogen_constraints(
            conn_unique_constraints, conn_indexes, metadata_unique_constraints, metadata_indexes
        )

    def needs_batch(self, operation: MigrateOperation) -> bool:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        return compare.needs_batch(self, operation)

    def batch_options(self, operations: Sequence[MigrateOperation]) -> dict[str, Any]:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        return compare.batch_options(operations)

    def settle_table_changes(
        self, operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
    ) -> list[MigrateOperation]:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        longest = self.dialect.max_identifier_length
        return compare.settle_table_changes(operations, conn_table, metadata_table, longest)

    def prepare_drop(self, operation: DropColumnOp) -> None:
        """See `limbeck.ddl.sqlite.compare`."""
        from limbeck.ddl.sqlite import compare

        compare.prepare_drop(operation)


def _not_alterable(constraint: Constraint) -> errors.ConstraintNotAlterable:
    name = None if constraint.name is None else str(constraint.name)
    return errors.ConstraintNotAlterable(dialect="SQLite", constraint=name, table=constraint.table.name)
