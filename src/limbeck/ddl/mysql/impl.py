"""MySQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Constraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    select,
)
from sqlalchemy.dialects.mysql import DATETIME, LONGTEXT
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import CompileError, DBAPIError
from sqlalchemy.sql.elements import ClauseElement, quoted_name

from limbeck import errors, sqla
from limbeck.ddl import base
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.mysql.elements import (
    MariaDBDropConstraintIfExists,
    MySQLAlterDefault,
    MySQLChangeColumn,
    MySQLModifyColumn,
)
from limbeck.ddl.mysql.literals import MySQLLiterals
from limbeck.ddl.mysql.server import is_mariadb
from limbeck.ddl.rehearsing import TableKey

if TYPE_CHECKING:
    from datetime import datetime

    from limbeck.base.progress import Activity
    from limbeck.ddl.compare.constraints import KeyOptions
    from limbeck.ddl.compare.records import Record, TableRecord
    from limbeck.ddl.facts import Effect
    from limbeck.ddl.journaling import Settlement
    from limbeck.ddl.lease import Lease
    from limbeck.ddl.limiting import Limits, SessionLimits
    from limbeck.ddl.locking import Claim, RunLock
    from limbeck.ddl.mysql.known import KnownObjects
    from limbeck.operations.ops import DropIndexOp, DropTableOp, MigrateOperation

IN_TRANSACTION = 1
"""A bit of the protocol's status."""
DROPPABLE = (ForeignKeyConstraint, UniqueConstraint, PrimaryKeyConstraint, CheckConstraint)


class MySQLImpl(DefaultImpl):
    """No DDL in transactions; a column is changed by giving its whole definition again."""

    __dialect__ = "mysql"
    writes_plain_ddl = True
    literals = MySQLLiterals()
    transactional_ddl = False
    index_names_are_per_table = True
    selects_what_may_be_missing = True
    can_widen_version_table = True
    type_synonyms = (
        *DefaultImpl.type_synonyms,
        {"BOOL", "TINYINT"},
        {"JSON", "LONGTEXT"},
        {"REAL", "DOUBLE", "DOUBLE PRECISION"},
    )
    restates_columns = True
    read_only_statement = "SET TRANSACTION READ ONLY"
    empty_statement = "DO 0"
    compared_kinds = DefaultImpl.compared_kinds | {"primary_key"}
    has_uniques_as_indexes = True
    session_number = "CAST(CONNECTION_ID() AS CHAR)"
    long_text = LONGTEXT()
    moment = DATETIME(fsp=6)
    current_moment = "CURRENT_TIMESTAMP(6)"
    type_arg_extract = (r"character set ([\w\-_]+)", r"collate ([\w\-_]+)")
    notes_creations_later = True
    updates_tables_at_once = True

    def counted_key(self, type_: str) -> str | None:
        """AUTO_INCREMENT."""
        return f"{type_} NOT NULL AUTO_INCREMENT"

    def run_lock(self, claim: Claim) -> RunLock | None:
        """A named lock; a lease in a cluster."""
        from limbeck.ddl.mysql.lock import MySQLLock

        return MySQLLock(claim)

    def run_lease(self, claim: Claim, *, is_renewed: bool = True) -> Lease | None:
        """A lease that respects named locks."""
        from limbeck.ddl.mysql.lock import MySQLLease

        return MySQLLease(claim, is_renewed=is_renewed)

    def has_begun(self) -> bool:
        """Whether a transaction has begun on the server, as its last answer said."""
        driver: Any = None if self.connection is None else self.connection.connection.driver_connection
        return bool(getattr(driver, "server_status", 0) & IN_TRANSACTION)

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
        existing_type: base.AnyType | None = None,
        existing_server_default: base.Default | bool = None,
        existing_nullable: bool | None = None,
        autoincrement: bool | None = None,
        existing_autoincrement: bool | None = None,
        comment: str | bool | None = False,
        existing_comment: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column in one statement, made of what is new and, for the rest, what exists (OPS-46 to OPS-50)."""
        redefined = (
            name is not None
            or nullable is not None
            or type_ is not None
            or autoincrement is not None
            or comment is not False
        )
        if not redefined and server_default is False:
            return
        if is_generated(server_default) or is_generated(existing_server_default):
            super().alter_column(
                table_name,
                column_name,
                nullable=nullable,
                server_default=server_default,
                name=name,
                type_=type_,
                schema=schema,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                **kw,
            )
            return
        effective_type = type_ if type_ is not None else existing_type
        # SET DEFAULT knows neither CURRENT_TIMESTAMP nor its ON UPDATE; a full definition does.
        is_datetime = effective_type is not None and sqla.is_datetime(base.type_instance(effective_type))
        if not redefined and (server_default is None or not is_datetime):
            default: Any = server_default
            self._exec(MySQLAlterDefault(table_name, column_name, default, schema=schema))
            return
        needs_change = name is not None or (is_datetime and server_default is not None)
        construct = MySQLChangeColumn if needs_change else MySQLModifyColumn
        self._exec(
            construct(
                table_name,
                column_name,
                schema=schema,
                newname=name if name is not None else column_name,
                type_=effective_type,
                nullable=_first_known(nullable, existing_nullable, True),
                default=server_default if server_default is not False else existing_server_default,
                autoincrement=_first_known(autoincrement, existing_autoincrement, False),
                comment=comment if comment is not False else existing_comment,
            )
        )

    def try_to_read(self, column: Column[Any]) -> list[Any] | None:
        """Read it: a statement that fails leaves the transaction as it was (MIG-4)."""
        return self._try(select(column))

    def try_to_select(self, statement: Select[Any]) -> list[Any] | None:
        """Select it: as harmless as to read the version table."""
        return self._try(statement)

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Drop a constraint in the way of its kind; MariaDB knows IF EXISTS, MySQL does not (OPS-83)."""
        if not isinstance(const, DROPPABLE):
            raise errors.ConstraintTypeRequired(
                constraint=None if const.name is None else str(const.name), dialect="MySQL and MariaDB"
            )
        from limbeck.ddl.mysql import facts

        is_named = sqla.given_name(const) is not None
        if sqla.is_type_bound(const) and not (is_named and facts.keeps_checks(self.dialect)):
            return  # the server knows no such CHECK, or under a name of its own (OPS-41)
        if not is_named and not isinstance(const, PrimaryKeyConstraint):
            raise CompileError(f"A constraint of table {const.table.name!r} has no name to drop it by")
        if kw.pop("if_exists", None) and is_mariadb(self.dialect):
            self._exec(MariaDBDropConstraintIfExists(const))
            return
        super().drop_constraint(const, **kw)

    def render_ddl_sql_expr(
        self, expr: ClauseElement, is_server_default: bool = False, is_index: bool = False, **kw: Any
    ) -> str:
        """An expression as the SQL text that goes into Python code."""
        from limbeck.ddl.mysql import render

        return super().render_ddl_sql_expr(render.grouped(expr, is_index=is_index), is_server_default, **kw)

    def describe_server(self) -> str:
        """MariaDB by its name, whatever the URL says."""
        text = super().describe_server()
        return f"mariadb {text.partition(' ')[2]}" if is_mariadb(self.dialect) else text

    def estimate_rows(self, connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
        """See `limbeck.ddl.mysql.estimates`."""
        from limbeck.ddl.mysql import estimates

        return estimates.estimate_rows(connection, tables)

    # --- the journal --------------------------------------------------------------------------------------

    @cached_property
    def _known(self) -> KnownObjects:
        from limbeck.ddl.mysql.known import KnownObjects

        return KnownObjects()

    def find_creation(self, connection: Connection, sql: str) -> str | None:
        """See `limbeck.ddl.mysql.creations`."""
        from limbeck.ddl.mysql import creations

        return creations.find_new(connection, sql, self._known)

    def find_evidence(self, connection: Connection, sql: str) -> str | None:
        """See `limbeck.ddl.mysql.journaling`."""
        from limbeck.ddl.mysql import journaling

        return journaling.find_evidence(connection, sql, self._known)

    def forget_catalogue(self) -> None:
        """See `limbeck.ddl.mysql.known`."""
        self._known.forget()

    def is_undone_if_refused(self, evidence: str) -> bool:
        """See `limbeck.ddl.mysql.journaling`."""
        from limbeck.ddl.mysql import journaling

        return journaling.is_undone_if_refused(evidence)

    def settle(self, connection: Connection, sql: str, evidence: str | None) -> Settlement:
        """See `limbeck.ddl.mysql.journaling`."""
        from limbeck.ddl.mysql import journaling

        return journaling.settle(connection, sql, evidence)

    def was_created_since(self, connection: Connection, sql: str, moment: datetime) -> bool:
        """See `limbeck.ddl.mysql.journaling`."""
        from limbeck.ddl.mysql import journaling

        return journaling.was_created_since(connection, sql, moment)

    def is_session_busy(self, connection: Connection, number: str) -> bool:
        """See `limbeck.ddl.mysql.journaling`."""
        from limbeck.ddl.mysql import journaling

        return journaling.is_session_busy(connection, number)

    def end_statement(self, connection: Connection) -> None:
        """See `limbeck.ddl.mysql.interruption`."""
        from limbeck.ddl.mysql import interruption

        interruption.end_statement(connection)

    def cancel_statement(self, connection: Connection) -> None:
        """See `limbeck.ddl.mysql.interruption`."""
        from limbeck.ddl.mysql import interruption

        interruption.kill_query(connection)

    # --- limits -------------------------------------------------------------------------------------------

    @property
    def unlimited(self) -> str | None:  # type: ignore[override]  # it is known only here
        """MySQL ends only queries."""
        return None if is_mariadb(self.dialect) else "MySQL bounds only the time of SELECT"

    def session_limits(self, limits: Limits) -> SessionLimits | None:
        """See `limbeck.ddl.mysql.limits`."""
        from limbeck.ddl.mysql.limits import MySQLLimits

        return MySQLLimits(limits, is_mariadb=is_mariadb(self.dialect))

    def find_session(self, connection: Connection) -> int | None:
        """The number of the session, as the driver knows it."""
        from limbeck.ddl.mysql import watching

        return watching.find_session(connection)

    def look_at(self, connection: Connection, session: int) -> Activity | None:
        """See `limbeck.ddl.mysql.watching`."""
        from limbeck.ddl.mysql import watching

        return watching.look_at(connection, session)

    def is_conflict(self, error: DBAPIError) -> bool:
        """See `limbeck.ddl.mysql.limits`."""
        from limbeck.ddl.mysql import limits

        return limits.is_conflict(error)

    # --- facts --------------------------------------------------------------------------------------------

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites, or None if that is not known."""
        from limbeck.ddl.mysql import facts

        return facts.effect_of(operation, self.dialect)

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
        """See `limbeck.ddl.mysql.records`."""
        from limbeck.ddl.mysql import records

        return records.read_records(inspector, schema, names, self.compared_kinds)

    def compare_type(self, inspector_column: Column[Any], metadata_column: Column[Any]) -> bool:
        """See `limbeck.ddl.mysql.compare`."""
        from limbeck.ddl.mysql import compare

        return compare.compare_type(self, inspector_column, metadata_column)

    def compare_server_default(
        self,
        inspector_column: Column[Any],
        metadata_column: Column[Any],
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """See `limbeck.ddl.mysql.compare`."""
        from limbeck.ddl.mysql import compare

        return compare.compare_server_default(
            self, inspector_column, metadata_column, rendered_metadata_default, rendered_inspector_default
        )

    def correct_for_autogen_constraints(  # pyright: ignore[reportIncompatibleMethodOverride]  # the documented name
        self,
        conn_unique_constraints: set[UniqueConstraint],
        conn_indexes: set[Index],
        metadata_unique_constraints: set[UniqueConstraint],
        metadata_indexes: set[Index],
    ) -> None:
        """See `limbeck.ddl.mysql.compare`."""
        from limbeck.ddl.mysql import compare

        compare.correct_for_autogen_constraints(
            conn_unique_constraints, conn_indexes, metadata_unique_constraints, metadata_indexes
        )

    def foreign_key_options(self, constraint: ForeignKeyConstraint | KeyOptions) -> tuple[Any, ...]:
        """See `limbeck.ddl.mysql.compare`."""
        from limbeck.ddl.mysql import compare

        return compare.foreign_key_options(constraint)

    def is_implied_index(self, index: Record, table: TableRecord) -> bool:
        """See `limbeck.ddl.mysql.foreign_keys`."""
        from limbeck.ddl.mysql import foreign_keys

        return foreign_keys.is_implied_index(index, table)

    def settle_table_changes(
        self, operations: list[MigrateOperation], conn_table: Table, metadata_table: Table | None
    ) -> list[MigrateOperation]:
        """See `limbeck.ddl.mysql.foreign_keys`."""
        from limbeck.ddl.mysql import foreign_keys

        return foreign_keys.settle_table_changes(
            operations,
            conn_table,
            metadata_table,
            knows_if_exists=bool(getattr(self.dialect, "is_mariadb", False)),
        )

    def settle_changes(
        self, inspector: Inspector, operations: list[MigrateOperation]
    ) -> list[MigrateOperation]:
        """See `limbeck.ddl.mysql.foreign_keys`."""
        from limbeck.ddl.mysql import foreign_keys

        return foreign_keys.settle_changes(inspector, operations)

    def is_dropped_with_table(self, index: DropIndexOp, table: DropTableOp) -> bool:
        """See `limbeck.ddl.mysql.foreign_keys`."""
        from limbeck.ddl.mysql import foreign_keys

        return foreign_keys.is_dropped_with_table(index, table)


class MariaDBImpl(MySQLImpl):
    """MariaDB under its own dialect name."""

    __dialect__ = "mariadb"


def is_generated(default: Any) -> bool:
    """Whether a default makes the column generated, which a definition written here cannot repeat."""
    return base.is_identity(default) or base.is_computed(default)


def _first_known(*answers: bool | None) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)
