"""Microsoft SQL Server."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table, TableClause, inspect
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.elements import quoted_name

from limbeck import sqla
from limbeck.ddl import base
from limbeck.ddl.facts import Effect
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.mssql import facts
from limbeck.ddl.mssql.elements import DropColumnConstraint
from limbeck.ddl.mssql.literals import MSSQLLiterals
from limbeck.ddl.rows import Page, Row

if TYPE_CHECKING:
    from limbeck.ddl.locking import Claim, RunLock


class MSSQLImpl(DefaultImpl):
    """Defaults are constraints with names, comments are properties, and scripts come in batches."""

    __dialect__ = "mssql"
    literals = MSSQLLiterals()
    transactional_ddl = True
    batch_separator = "GO"
    index_names_are_per_table = True
    can_widen_version_table = True
    type_synonyms = (*DefaultImpl.type_synonyms, {"VARCHAR", "NVARCHAR"})
    identity_attrs_ignore = (
        *DefaultImpl.identity_attrs_ignore,
        "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache",
    )  # fmt: skip

    def run_lock(self, claim: Claim) -> RunLock | None:
        """An application lock."""
        from limbeck.ddl.mssql.lock import MSSQLLock

        return MSSQLLock(claim)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._identity_is_allowed = False
        if self.as_sql and self.dialect.default_schema_name is None:
            # A script has no server to ask; comments must name a schema, and this is every login's (OPS-54).
            self.dialect.default_schema_name = "dbo"

    def emit_begin(self) -> None:
        """Write what opens a transaction in a script (OFF-6)."""
        self.static_output(f"BEGIN TRANSACTION{self.command_terminator}")

    def emit_commit(self) -> None:
        """Write what closes a transaction in a script, and end the batch (OFF-6)."""
        super().emit_commit()
        if self.batch_separator:
            self.static_output(self.batch_separator)

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
        **kw: Any,
    ) -> None:
        """Change a column: its old default, type and nullability at once, comment, new default, name (OPS-51)."""
        existing: dict[str, Any] = {
            "schema": schema,
            "existing_type": existing_type,
            "existing_server_default": existing_server_default,
            "existing_nullable": existing_nullable,
        }
        defaults = []
        if server_default is not False:
            defaults = list(self.default_changes(table_name, column_name, server_default, **existing))
            if _is_plain(server_default) and _is_plain(existing_server_default):
                if server_default is None:
                    defaults = []
                if server_default is None or existing_server_default is not False:
                    self._exec(DropColumnConstraint(table_name, column_name, "default", schema))
        if type_ is not None:
            known = nullable if nullable is not None else existing_nullable
            if known is None:
                warnings.warn(
                    "SQL Server makes a column nullable when its type is altered without saying otherwise: "
                    "pass nullable= or existing_nullable= along with type_=",
                    stacklevel=3,
                )
            self._exec(
                base.ColumnType(table_name, column_name, type_, **{**existing, "existing_nullable": known})
            )
        elif nullable is not None:
            self._exec(base.ColumnNullable(table_name, column_name, nullable, **existing))
        super().alter_column(table_name, column_name, **existing, **kw)
        for change in defaults:
            self._exec(change)
        if name is not None:
            self._exec(base.ColumnName(table_name, column_name, name, **existing))

    def drop_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column, before it the constraints that would forbid that, if asked for (OPS-53)."""
        for kind, option in (
            ("default", "mssql_drop_default"),
            ("check", "mssql_drop_check"),
            ("foreign key", "mssql_drop_foreign_key"),
        ):
            if kw.pop(option, False):
                self._exec(DropColumnConstraint(table_name, column, kind, schema))
        super().drop_column(table_name, column, schema=schema, **kw)

    def widen_version_table(self, table: Table) -> None:
        """Widen the column; the primary key does not let it, so it goes before and comes back after (VER-1)."""
        key = self._find_key(table)
        if key is not None:
            self.drop_constraint(key)
        super().widen_version_table(table)
        if key is not None:
            self.add_constraint(key)

    def _find_key(self, table: Table) -> PrimaryKeyConstraint | None:
        """The primary key the database has; in a script, the one that limbeck makes."""
        if self.as_sql or self.connection is None:
            return table.primary_key if table.primary_key.columns else None
        found = inspect(self.connection).get_pk_constraint(table.name, schema=table.schema)
        columns = found["constrained_columns"]
        if table.c.version_num.name not in columns:
            return None
        key = PrimaryKeyConstraint(*columns, name=found["name"])
        Table(table.name, MetaData(), *(Column(name) for name in columns), key, schema=table.schema)
        return key

    def create_index(self, index: Index, **kw: Any) -> None:
        """Create an index; SQL Server has no IF NOT EXISTS to say with it (OPS-72)."""
        self._exec(CreateIndex(index))

    def effect_of(self, operation: Any) -> Effect | None:
        """What an operation blocks, scans and rewrites, or None if that is not known."""
        return facts.effect_of(operation)

    def bulk_insert(
        self, table: TableClause | Table, rows: Iterable[Row], multiinsert: bool = True, **kw: Any
    ) -> None:
        """Insert rows; in a script, allow values for an identity column around them (OPS-94, OFF-9).

        Further options, which dialects made from this one may have, are ignored.
        """
        super().bulk_insert(table, rows, multiinsert)
        self._allow_identity(table, False)

    def insert_page(self, table: TableClause | Table, page: Page) -> None:
        """Insert rows that have the same columns, the identity perhaps among them (OPS-94)."""
        self._allow_identity(table, _gives_identity(table, page))
        super().insert_page(table, page)

    def _allow_identity(self, table: TableClause | Table, allowed: bool) -> None:
        if self.as_sql and allowed != self._identity_is_allowed:
            name = self.dialect.identifier_preparer.format_table(table)
            # A colon in the name is no parameter.
            self._exec(sqla.literal_text(f"SET IDENTITY_INSERT {name} {'ON' if allowed else 'OFF'}"))
            self._identity_is_allowed = allowed


def _is_plain(default: Any) -> bool:
    return not base.is_identity(default) and not base.is_computed(default)


def _gives_identity(table: TableClause | Table, page: Page) -> bool:
    """Whether rows bring values for an identity; a `sa.table()` does not say, so it is taken to have one."""
    if not isinstance(table, Table):
        return True
    identity = table.autoincrement_column
    return identity is not None and (identity.key in page.values[0] or identity.key in page.expressions)
