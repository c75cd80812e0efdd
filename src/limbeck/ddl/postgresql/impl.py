"""PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Constraint,
    Executable,
    ForeignKeyConstraint,
    Index,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    literal_column,
    select,
    text,
)  # fmt: skip
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement, quoted_name
from sqlalchemy.types import TypeEngine

from limbeck import errors, sqla
from limbeck.ddl import base
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.postgresql import elements
from limbeck.ddl.postgresql.literals import PostgresqlLiterals
from limbeck.ddl.postgresql.session import find_told_process, is_idle
from limbeck.ddl.rehearsing import TableKey
from limbeck.ddl.statement import Parameters, Result

if TYPE_CHECKING:
    from limbeck.base.progress import Activity
    from limbeck.ddl.compare.constraints import KeyOptions
    from limbeck.ddl.compare.records import TableRecord
    from limbeck.ddl.compare.result import ComparisonResult
    from limbeck.ddl.facts import Effect
    from limbeck.ddl.journaling import Settlement
    from limbeck.ddl.lease import Lease
    from limbeck.ddl.limiting import Limits, SessionLimits
    from limbeck.ddl.locking import Claim, RunLock
    from limbeck.operations.ops import AlterColumnOp, MigrateOperation


_TABLES = (
    "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relname IN :names AND "
)
_NAMES: BindParameter[Any] = bindparam("names", expanding=True)
_TABLES_ON_PATH = text(
    f"{_TABLES}pg_catalog.pg_table_is_visible(c.oid) AND n.nspname <> 'pg_catalog'"
).bindparams(_NAMES)
_TABLES_OF_SCHEMA = text(f"{_TABLES}n.nspname = :schema").bindparams(_NAMES)


class PostgresqlImpl(DefaultImpl):
    """DDL in transactions, ALTER for nearly everything, types with names of their own."""

    __dialect__ = "postgresql"
    writes_plain_ddl = True
    literals = PostgresqlLiterals()
    transactional_ddl = True
    session_number = "pg_backend_pid()::text"
    finds_tables_at_once = True
    encloses_rebuild = True
    unlimited = None
    can_widen_version_table = True
    type_synonyms = (*DefaultImpl.type_synonyms, {"FLOAT", "DOUBLE PRECISION"})
    read_only_statement = "SET TRANSACTION READ ONLY"
    empty_statement = "DO $$ BEGIN END $$"
    compared_index_options = frozenset({"postgresql_nulls_not_distinct"})

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        if self.as_sql:
            sqla.assume_standard_strings(self.dialect)

    def counted_key(self, type_: str) -> str | None:
        """A serial type, which counts by a sequence of its own."""
        serial = {"INTEGER": "SERIAL", "BIGINT": "BIGSERIAL"}.get(type_)
        return None if serial is None else f"{serial} NOT NULL"

    def _exec(
        self,
        construct: Executable | str,
        execution_options: Mapping[str, Any] | None = None,
        multiparams: Parameters = None,
        params: Mapping[str, Any] = {},
    ) -> Result | None:
        """Hand one statement to the sink, and in a script remember the types it creates and drops (OPS-60)."""
        if isinstance(construct, str):
            construct = text(construct)
        if self.as_sql:
            self.note_left_out(construct)
        return super()._exec(construct, execution_options, multiparams, params)

    def note_left_out(self, construct: Any) -> None:
        """Remember the types that it creates and drops: the next table may need one."""
        for type_ in elements.created_types(construct):
            sqla.note_named_type(type_, self)
        for name, schema in elements.dropped_types(construct):
            sqla.forget_named_type(self.memo, name, schema)

    def names_made_by(self, construct: object) -> Iterable[tuple[str | None, str]]:
        """Schema and name of each named type that a statement creates."""
        return [sqla.name_of_type(type_) for type_ in elements.created_types(construct)]

    def names_dropped_by(self, construct: object) -> Iterable[tuple[str | None, str]]:
        """Schema and name of each named type that a statement drops."""
        return [(schema, name) for name, schema in elements.dropped_types(construct)]

    def estimate_rows(self, connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
        """See `limbeck.ddl.postgresql.estimates`."""
        from limbeck.ddl.postgresql import estimates

        return estimates.estimate_rows(connection, tables)

    # --- the journal --------------------------------------------------------------------------------------

    def shares_transaction(self, sql: str) -> bool:
        """See `limbeck.ddl.postgresql.journaling`."""
        from limbeck.ddl.facts import server_version
        from limbeck.ddl.postgresql import journaling

        if journaling.shares_transaction(sql, server_version(self.dialect)):
            return True
        return self.connection is not None and journaling.leaves_transaction(self.connection, sql)

    def find_evidence(self, connection: Connection, sql: str) -> str | None:
        """See `limbeck.ddl.postgresql.journaling`."""
        from limbeck.ddl.postgresql import journaling

        return journaling.find_evidence(connection, sql)

    def settle(self, connection: Connection, sql: str, evidence: str | None) -> Settlement:
        """See `limbeck.ddl.postgresql.journaling`."""
        from limbeck.ddl.postgresql import journaling

        return journaling.settle(connection, sql, evidence)

    def is_session_busy(self, connection: Connection, number: str) -> bool:
        """See `limbeck.ddl.postgresql.journaling`."""
        from limbeck.ddl.postgresql import journaling

        return journaling.is_session_busy(connection, number)

    def cancel_statement(self, connection: Connection) -> None:
        """Ask the server to cancel it, as drivers can from any thread."""
        driver: Any = connection.connection.dbapi_connection
        if not connection.dialect.is_async and callable(getattr(driver, "cancel", None)):
            driver.cancel()

    # --- the version table and columns --------------------------------------------------------------------

    def find_tables(self, names: Collection[str], schema: str | None) -> frozenset[str]:
        """Ask the catalogue for all at once: to select from a table that is missing would be an error in the log."""
        assert self.connection is not None, "there must be a connection to ask"
        query = _TABLES_ON_PATH if schema is None else _TABLES_OF_SCHEMA
        values = {"names": list(names)} | ({} if schema is None else {"schema": schema})
        return frozenset(self.connection.execute(query, values).scalars())

    def run_lock(self, claim: Claim) -> RunLock | None:
        """An advisory lock; a lease behind a proxy."""
        from limbeck.ddl.postgresql.lock import PostgresqlLock

        return PostgresqlLock(claim, self._format_table)

    def run_lease(self, claim: Claim, *, is_renewed: bool = True) -> Lease | None:
        """A lease that respects advisory locks."""
        from limbeck.ddl.postgresql.lock import PostgresqlLease

        return PostgresqlLease(claim, is_renewed=is_renewed)

    # --- limits -------------------------------------------------------------------------------------------

    def session_limits(self, limits: Limits) -> SessionLimits | None:
        """See `limbeck.ddl.postgresql.limits`."""
        from limbeck.ddl.postgresql.limits import PostgresqlLimits

        return PostgresqlLimits(limits)

    def find_session(self, connection: Connection) -> int | None:
        """The number of the session, as the driver knows it."""
        return find_told_process(connection)

    def look_at(self, connection: Connection, session: int) -> Activity | None:
        """See `limbeck.ddl.postgresql.watching`."""
        from limbeck.ddl.postgresql import watching

        return watching.look_at(connection, session)

    def is_conflict(self, error: DBAPIError) -> bool:
        """See `limbeck.ddl.postgresql.limits`."""
        from limbeck.ddl.postgresql import limits

        return limits.is_conflict(error)

    def _format_table(self, name: str, schema: str | None) -> str:
        table = self.dialect.identifier_preparer.quote(name)
        return table if schema is None else f"{self.dialect.identifier_preparer.quote_schema(schema)}.{table}"

    def has_begun(self) -> bool:
        """Whether a transaction has begun on the server."""
        return self.connection is not None and not is_idle(self.connection)

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
        existing_type: base.AnyType | None = None,
        existing_server_default: base.Default | bool = None,
        existing_nullable: bool | None = None,
        existing_autoincrement: bool | None = None,
        **kw: Any,
    ) -> None:
        """Change a column: first its type, for a default must fit the new one (OPS-42, OPS-43).

        Where values need a conversion, the old default stands in the way: "default for column … cannot be cast
        automatically". It goes first, and what shall be there comes back afterwards. Raises UsingWithoutType if
        `postgresql_using` says how to convert values, but not to what.
        """
        using = kw.pop("postgresql_using", None)
        if type_ is None and using is not None:
            raise errors.UsingWithoutType(table=table_name, column=column_name)
        if using is not None:
            after = existing_server_default if server_default is False else server_default
            is_known = server_default is not False or after not in (None, False)
            if is_known and not base.is_identity(after) and not base.is_computed(after):
                self._exec(base.ColumnDefault(table_name, column_name, None, schema=schema))
                server_default = False if after is None else after
        if type_ is not None:
            self._exec(
                elements.PostgresqlColumnType(
                    table_name,
                    column_name,
                    type_,
                    schema=schema,
                    using=using,
                    existing_type=existing_type,
                    existing_server_default=existing_server_default,
                    existing_nullable=existing_nullable,
                )
            )
        super().alter_column(
            table_name,
            column_name,
            nullable=nullable,
            server_default=server_default,
            name=name,
            schema=schema,
            autoincrement=autoincrement,
            existing_type=existing_type,
            existing_server_default=existing_server_default,
            existing_nullable=existing_nullable,
            existing_autoincrement=existing_autoincrement,
            **kw,
        )

    def default_changes(
        self,
        table_name: str,
        column_name: str,
        default: Any,
        *,
        existing_server_default: Any = None,
        **existing: Any,
    ) -> Iterator[base.AlterColumn]:
        """The changes between two defaults; a plain one goes before an identity comes (OPS-55)."""
        existing["existing_server_default"] = existing_server_default
        if base.is_identity(default):
            if base.is_identity(existing_server_default):
                ignore = self.identity_attrs_ignore
                if not base.changed_identity_attributes(default, existing_server_default, ignore=ignore):
                    return
            elif not (
                existing_server_default is None
                or existing_server_default is False
                or base.is_computed(existing_server_default)
            ):
                # ADD GENERATED does not take the place of a default: "column … already has a default value".
                yield base.ColumnDefault(table_name, column_name, None, **existing)
        yield from super().default_changes(table_name, column_name, default, **existing)

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites, or None if that is not known."""
        from limbeck.ddl.facts import server_version
        from limbeck.ddl.postgresql import facts

        return facts.effect_of(operation, server_version(self.dialect))

    def render_ddl_sql_expr(
        self, expr: ClauseElement, is_server_default: bool = False, is_index: bool = False, **kw: Any
    ) -> str:
        """An expression as the SQL text that goes into Python code."""
        from limbeck.ddl.postgresql import render

        return super().render_ddl_sql_expr(render.grouped(expr, is_index=is_index), is_server_default, **kw)

    def prep_table_for_batch(self, batch_impl: Any, table: Table) -> None:
        """Drop the named constraints of the old table: the new one needs their names (BAT-24)."""
        for constraint in sqla.in_creation_order(table.constraints):
            if constraint.name is not None:
                self.drop_constraint(constraint)

    @contextmanager
    def rebuilding_table(self, table: Table, new: Table) -> Iterator[None]:
        """Let sequences go on after the highest value that was copied; those of the new table begin anew (BAT-24)."""
        yield
        preparer = self.dialect.identifier_preparer
        name = str(preparer.format_table(table))
        for column in new.c:
            if column is new.autoincrement_column or column.identity is not None:
                highest: Any = select(func.max(literal_column(preparer.quote(column.name)))).select_from(
                    text(name)
                )
                sequence = func.pg_get_serial_sequence(
                    sqla.InlineLiteral(name), sqla.InlineLiteral(str(column.name))
                )
                self._exec(select(func.setval(sequence, highest.scalar_subquery())))

    # --- comparing ----------------------------------------------------------------------------------------

    def compare_type(self, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.compare_type(self, inspector_column, metadata_column)

    def compare_server_default(
        self,
        inspector_column: Column[Any],
        metadata_column: Column[Any],
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.compare_server_default(
            self, inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default
        )

    def compare_indexes(self, metadata_index: Index, reflected_index: Index) -> ComparisonResult:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.compare_indexes(self, metadata_index, reflected_index)

    def compare_unique_constraint(
        self, metadata_constraint: UniqueConstraint, reflected_constraint: UniqueConstraint
    ) -> ComparisonResult:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.compare_unique_constraint(self, metadata_constraint, reflected_constraint)

    def correct_for_autogen_constraints(  # pyright: ignore[reportIncompatibleMethodOverride]  # the documented name
        self,
        conn_unique_constraints: set[UniqueConstraint],
        conn_indexes: set[Index],
        metadata_unique_constraints: set[UniqueConstraint],
        metadata_indexes: set[Index],
    ) -> None:
        """As everywhere; dialects made from this one know the parameters by these names."""
        super().correct_for_autogen_constraints(
            conn_unique_constraints, conn_indexes, metadata_unique_constraints, metadata_indexes
        )

    def render_type(  # pyright: ignore[reportIncompatibleMethodOverride]  # the documented name
        self, type_: TypeEngine[Any], autogen_context: Any
    ) -> str | bool:
        """As everywhere; dialects made from this one know the parameters by these names."""
        return super().render_type(type_, autogen_context)

    def read_records(
        self,
        inspector: Inspector,
        schema: str | None,
        names: Sequence[str],
        *,
        with_names: bool,
        with_defaults: bool,
    ) -> Iterable[TableRecord]:
        """See `limbeck.ddl.postgresql.records`."""
        from limbeck.ddl.postgresql import records

        if not records.is_known(self.dialect):
            return super().read_records(
                inspector, schema, names, with_names=with_names, with_defaults=with_defaults
            )
        kinds = self.compared_kinds
        return records.read_records(inspector, schema, names, kinds, with_defaults=with_defaults)

    def autogen_column_reflect(self, inspector: Inspector, table: Table, column_info: Any) -> None:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        compare.autogen_column_reflect(inspector, table, column_info)

    def adjust_reflected_dialect_options(
        self, reflected_object: Mapping[str, Any], kind: str
    ) -> dict[str, Any]:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.adjust_reflected_dialect_options(reflected_object, kind)

    def foreign_key_options(self, constraint: ForeignKeyConstraint | KeyOptions) -> tuple[Any, ...]:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.foreign_key_options(constraint)

    def name_constraint(self, constraint: Constraint, taken: Collection[str]) -> str:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.name_constraint(constraint, taken)

    def hidden_tables(self, inspector: Inspector, schema: str | None) -> Collection[str]:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.hidden_tables(inspector, schema)

    def settle_table_changes(
        self, operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
    ) -> list[MigrateOperation]:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        return compare.settle_table_changes(operations)

    def settle_changes(
        self, inspector: Inspector, operations: list[MigrateOperation]
    ) -> list[MigrateOperation]:
        """See `limbeck.ddl.postgresql.enums`."""
        from limbeck.ddl.postgresql import enums

        return enums.with_enums(inspector, self.dialect, operations)

    def prepare_alteration(self, operation: AlterColumnOp) -> None:
        """See `limbeck.ddl.postgresql.compare`."""
        from limbeck.ddl.postgresql import compare

        compare.prepare_alteration(self, operation)
