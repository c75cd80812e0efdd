"""What SQL Server writes differently from standard SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import quoted_name

from limbeck import errors
from limbeck.ddl.base import (
    AddColumn,
    ColumnComment,
    ColumnDefault,
    ColumnName,
    ColumnNullable,
    ColumnType,
    RenameTable,
    alter_table,
    altered_column,
    column_clause,
    format_column_name,
    format_server_default,
    format_table_name,
    format_type,
    string_literal,
)

CONSTRAINTS = {
    "default": (
        "sys.default_constraints\nwhere parent_object_id = object_id({table})\n"
        "and col_name(parent_object_id, parent_column_id) = {column}"
    ),
    "check": (
        "sys.check_constraints\nwhere parent_object_id = object_id({table})\n"
        "and col_name(parent_object_id, parent_column_id) = {column}"
    ),
    "foreign key": (
        "\nsys.foreign_keys fk join sys.foreign_key_columns fkc\non fk.object_id=fkc.constraint_object_id\n"
        "where fkc.parent_object_id = object_id({table})\n"
        "and col_name(fkc.parent_object_id, fkc.parent_column_id) = {column}"
    ),
}
"""Where SQL Server keeps each kind of constraint that stands in the way of its column."""


class DropColumnConstraint(ExecutableDDLElement):
    """Drop the constraint of one kind that a column has, whatever its name is (OPS-53)."""

    def __init__(
        self, table_name: str, column: Column[Any] | str, kind: str, schema: str | quoted_name | None = None
    ) -> None:
        self.table_name = table_name
        self.column_name = column if isinstance(column, str) else column.name
        self.kind = kind
        self.schema = schema


@compiles(DropColumnConstraint)
def visit_drop_column_constraint(element: DropColumnConstraint, compiler: DDLCompiler, **kw: Any) -> str:
    """A batch that looks the name up, then drops the constraint (OPS-53)."""
    table = format_table_name(compiler, element.table_name, element.schema)
    source = CONSTRAINTS[element.kind].format(table=_string(table), column=_string(element.column_name))
    separator = "" if source.startswith("\n") else " "
    return (
        "declare @const_name varchar(256)\n"
        f"select @const_name = QUOTENAME([name]) from{separator}{source}\n"
        f"exec({_string(f'alter table {table} drop constraint ')} + @const_name)"
    )


@compiles(AddColumn, "mssql")
def visit_add_column(element: AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t ADD …` (OPS-21)."""
    clause = mssql_add_column(compiler, element.column, inline_references=element.inline_references, **kw)
    return f"{alter_table(compiler, element.table_name, element.schema)} {clause}"


def mssql_add_column(compiler: DDLCompiler, column: Column[Any], **kw: Any) -> str:
    """`ADD c …` (OPS-21)."""
    return f"ADD {column_clause(compiler, column, **kw)}"


@compiles(ColumnNullable, "mssql")
def visit_column_nullable(element: ColumnNullable, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c <type> NULL`, or `NOT NULL` (OPS-51)."""
    if element.existing_type is None:
        raise errors.ExistingTypeRequired(
            table=element.table_name, column=element.column_name, dialect="SQL Server"
        )
    type_ = format_type(compiler, element.existing_type)
    return f"{altered_column(element, compiler)} {type_} {_nullability(element.nullable)}"


@compiles(ColumnType, "mssql")
def visit_column_type(element: ColumnType, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c <type>`, with the nullability if it is known (OPS-51)."""
    known = element.existing_nullable is not None
    nullability = f" {_nullability(bool(element.existing_nullable))}" if known else ""
    return f"{altered_column(element, compiler)} {format_type(compiler, element.type_)}{nullability}"


@compiles(ColumnDefault, "mssql")
def visit_column_default(element: ColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ADD DEFAULT … FOR c` (OPS-51)."""
    table = alter_table(compiler, element.table_name, element.schema)
    default = format_server_default(compiler, element.default)
    return f"{table} ADD DEFAULT {default} FOR {format_column_name(compiler, element.column_name)}"


@compiles(ColumnComment, "mssql")
def visit_column_comment(element: ColumnComment, compiler: DDLCompiler, **kw: Any) -> str:
    """An extended property added, updated or dropped (OPS-54)."""
    schema = element.schema or compiler.dialect.default_schema_name or "dbo"
    place = (
        f"'schema', {compiler.preparer.quote_schema(schema)}, "
        f"'table', {compiler.preparer.quote(element.table_name)}, "
        f"'column', {format_column_name(compiler, element.column_name)}"
    )
    if element.comment is None:
        return f"exec sp_dropextendedproperty 'MS_Description', {place}"
    verb = "add" if element.existing_comment is None else "update"
    # The procedure's value is sql_variant: without N the text would be taken for the server's code page.
    comment = f"N{string_literal(compiler, element.comment)}"
    return f"exec sp_{verb}extendedproperty 'MS_Description', {comment}, {place}"


@compiles(ColumnName, "mssql")
def visit_rename_column(element: ColumnName, compiler: DDLCompiler, **kw: Any) -> str:
    """`EXEC sp_rename 't.c', d, 'COLUMN'` (OPS-51)."""
    table = format_table_name(compiler, element.table_name, element.schema)
    old = _string(f"{table}.{format_column_name(compiler, element.column_name)}")
    return f"EXEC sp_rename {old}, {format_column_name(compiler, element.newname)}, 'COLUMN'"


@compiles(RenameTable, "mssql")
def visit_rename_table(element: RenameTable, compiler: DDLCompiler, **kw: Any) -> str:
    """`EXEC sp_rename 's.t', u` (OPS-66)."""
    old = _string(format_table_name(compiler, element.table_name, element.schema))
    return f"EXEC sp_rename {old}, {format_table_name(compiler, element.new_table_name, None)}"


def _nullability(nullable: bool) -> str:
    return "NULL" if nullable else "NOT NULL"


def _string(value: str) -> str:
    return "'{}'".format(value.replace("'", "''"))
