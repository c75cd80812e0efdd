"""The changes to tables that SQLAlchemy has no constructs for, and their standard SQL.

A dialect that writes one of them differently registers its own text with SQLAlchemy's `@compiles`, made of the
clauses that are importable from here.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from sqlalchemy import Column, Computed, ForeignKeyConstraint, Identity
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import quoted_name

from limbeck import sqla
from limbeck.ddl.clauses import AnyType as AnyType
from limbeck.ddl.clauses import Default as Default
from limbeck.ddl.clauses import add_column as add_column
from limbeck.ddl.clauses import alter_column as alter_column
from limbeck.ddl.clauses import alter_table as alter_table
from limbeck.ddl.clauses import column_clause as column_clause
from limbeck.ddl.clauses import drop_column as drop_column
from limbeck.ddl.clauses import format_column_name as format_column_name
from limbeck.ddl.clauses import format_identity as format_identity
from limbeck.ddl.clauses import format_server_default as format_server_default
from limbeck.ddl.clauses import format_table_name as format_table_name
from limbeck.ddl.clauses import format_type as format_type
from limbeck.ddl.clauses import quote_dotted as quote_dotted
from limbeck.ddl.clauses import references_clause as references_clause
from limbeck.ddl.clauses import string_literal as string_literal
from limbeck.ddl.clauses import type_instance as type_instance
from limbeck.ddl.clauses import unwrapped_default as unwrapped_default


class IdentityRules(Protocol):
    """What an identity construct needs of the dialect's implementation."""

    @property
    def identity_attrs_ignore(self) -> tuple[str, ...]: ...


class AlterTable(ExecutableDDLElement):
    """A change to one table, named by `table_name` and `schema`."""

    def __init__(self, table_name: str, schema: str | quoted_name | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTable(AlterTable):
    """Give a table another name (OPS-66)."""

    def __init__(
        self, old_table_name: str, new_table_name: str, schema: str | quoted_name | None = None
    ) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


class AddColumn(AlterTable):
    """Add `column` to a table (OPS-20 to OPS-30)."""

    def __init__(
        self,
        name: str,
        column: Column[Any],
        schema: str | quoted_name | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key


class DropColumn(AlterTable):
    """Drop `column` from a table."""

    def __init__(
        self,
        name: str,
        column: Column[Any],
        schema: str | quoted_name | None = None,
        if_exists: bool | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column = column
        self.if_exists = if_exists


class AlterColumn(AlterTable):
    """A change to one column; `existing_*` tell what it is now, as far as known."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | quoted_name | None = None,
        existing_type: AnyType | None = None,
        existing_nullable: bool | None = None,
        existing_server_default: Default | bool = None,
        existing_comment: str | None = None,
    ) -> None:
        super().__init__(name, schema=schema)
        self.column_name = column_name
        self.existing_type = None if existing_type is None else type_instance(existing_type)
        self.existing_nullable = existing_nullable
        self.existing_server_default = existing_server_default
        self.existing_comment = existing_comment


class ColumnNullable(AlterColumn):
    """Allow or forbid NULL in a column."""

    def __init__(self, name: str, column_name: str, nullable: bool, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.nullable = nullable


class ColumnType(AlterColumn):
    """Give a column another type."""

    def __init__(self, name: str, column_name: str, type_: AnyType, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.type_ = type_instance(type_)


class ColumnName(AlterColumn):
    """Give a column another name."""

    def __init__(self, name: str, column_name: str, newname: str, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.newname = newname


class ColumnDefault(AlterColumn):
    """Set the server default of a column, or drop it with None (OPS-57)."""

    def __init__(self, name: str, column_name: str, default: Default, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default


class ComputedColumnDefault(AlterColumn):
    """Make a column generated, or a generated column plain: no database can (OPS-56)."""

    def __init__(self, name: str, column_name: str, default: Default, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default


class IdentityColumnDefault(AlterColumn):
    """Add, change, or with None drop the identity of a column (OPS-55)."""

    def __init__(
        self, name: str, column_name: str, default: Identity | None, impl: IdentityRules, **kw: Any
    ) -> None:
        super().__init__(name, column_name, **kw)
        self.default = default
        self.impl = impl


class ColumnComment(AlterColumn):
    """Set the comment of a column, or remove it with None."""

    def __init__(self, name: str, column_name: str, comment: str | None, **kw: Any) -> None:
        super().__init__(name, column_name, **kw)
        self.comment = comment


# --- standard SQL -----------------------------------------------------------------------------------------


@compiles(RenameTable)
def visit_rename_table(element: RenameTable, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t RENAME TO u`, the new name with the schema of the old one."""
    new = format_table_name(compiler, element.new_table_name, element.schema)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


@compiles(AddColumn)
def visit_add_column(element: AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t ADD COLUMN …`."""
    clause = add_column(
        compiler,
        element.column,
        if_not_exists=element.if_not_exists,
        inline_references=element.inline_references,
        inline_primary_key=element.inline_primary_key,
        **kw,
    )
    return f"{alter_table(compiler, element.table_name, element.schema)} {clause}"


@compiles(DropColumn)
def visit_drop_column(element: DropColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t DROP COLUMN c`."""
    clause = drop_column(compiler, element.column.name, if_exists=element.if_exists, **kw)
    return f"{alter_table(compiler, element.table_name, element.schema)} {clause}"


@compiles(ColumnNullable)
def visit_column_nullable(element: ColumnNullable, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c SET NOT NULL`, or `DROP NOT NULL`."""
    return f"{altered_column(element, compiler)} {'DROP' if element.nullable else 'SET'} NOT NULL"


@compiles(ColumnType)
def visit_column_type(element: ColumnType, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c TYPE …`."""
    return f"{altered_column(element, compiler)} TYPE {format_type(compiler, element.type_)}"


@compiles(ColumnName)
def visit_column_name(element: ColumnName, compiler: DDLCompiler, **kw: Any) -> str:
    """`… RENAME c TO d`."""
    table = alter_table(compiler, element.table_name, element.schema)
    old = format_column_name(compiler, element.column_name)
    return f"{table} RENAME {old} TO {format_column_name(compiler, element.newname)}"


@compiles(ColumnDefault)
def visit_column_default(element: ColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c SET DEFAULT …`, or `DROP DEFAULT`."""
    if element.default is None:
        return f"{altered_column(element, compiler)} DROP DEFAULT"
    return (
        f"{altered_column(element, compiler)} SET DEFAULT {format_server_default(compiler, element.default)}"
    )


@compiles(ComputedColumnDefault)
def visit_computed_column(element: ComputedColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """Refuse: what a column computes cannot be altered (OPS-56).

    Raises CompileError always.
    """
    raise CompileError(
        f"Column {_named(element)} cannot be altered from or to a computed column, nor can its expression "
        "change: drop the column and add it again"
    )


@compiles(IdentityColumnDefault)
def visit_identity_column(element: IdentityColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """Refuse: this database has no way to alter an identity (OPS-55).

    Raises CompileError always.
    """
    raise CompileError(
        f"Column {_named(element)}: dialect {compiler.dialect.name!r} cannot add, change or remove the identity "
        "of a column that exists"
    )


# --- what dialects ask of constructs, defaults and keys ----------------------------------------------------


def altered_column(element: AlterColumn, compiler: DDLCompiler) -> str:
    """`ALTER TABLE t ALTER COLUMN c`, for the column that a construct changes."""
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} {alter_column(compiler, element.column_name)}"


def is_computed(default: Any) -> bool:
    """Whether a server default is a generated-column expression."""
    return isinstance(default, Computed)


def is_identity(default: Any) -> bool:
    """Whether a server default is an identity."""
    return isinstance(default, Identity)


IDENTITY_ATTRIBUTES = (
    "always",
    "cache",
    "cycle",
    "increment",
    "maxvalue",
    "minvalue",
    "nomaxvalue",
    "nominvalue",
    "start",
)


def changed_identity_attributes(
    new: Identity, existing: Identity, *, ignore: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `new` asks for and `existing` does not have, by attribute in alphabetical order (OPS-55, AUT-34).

    An attribute that `new` leaves open is no change, except `always`, where open means False.
    """
    changed: dict[str, Any] = {}
    for name in IDENTITY_ATTRIBUTES:
        wanted, present = getattr(new, name), getattr(existing, name)
        if name == "always":
            wanted, present = bool(wanted), bool(present)
        if name not in ignore and wanted is not None and wanted != present:
            changed[name] = wanted
    return changed


def _named(element: AlterColumn) -> str:
    schema = f"{element.schema}." if element.schema else ""
    return f"`{schema}{element.table_name}.{element.column_name}`"


class ForeignKeySpec(NamedTuple):
    """What a foreign key says, as plain values."""

    source_schema: str | None
    source_table: str
    source_columns: list[str]
    target_schema: str | None
    target_table: str
    target_columns: list[str]
    onupdate: str | None
    ondelete: str | None
    deferrable: bool | None
    initially: str | None


def _fk_spec(constraint: ForeignKeyConstraint) -> ForeignKeySpec:
    """Take a foreign key apart; the dialect test kit looks for this under just this name."""
    source = sqla.table_of(constraint)
    targets = [sqla.referred_name(key).split(".") for key in constraint.elements]
    *schema, table, _ = targets[0]
    return ForeignKeySpec(
        source_schema=source.schema,
        source_table=source.name,
        source_columns=[column.name for column in constraint.columns],
        target_schema=".".join(schema) or None,
        target_table=table,
        target_columns=[target[-1] for target in targets],
        onupdate=constraint.onupdate,
        ondelete=constraint.ondelete,
        deferrable=constraint.deferrable,
        initially=constraint.initially,
    )
