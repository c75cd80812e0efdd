"""What Oracle Database writes differently from standard SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler

from limbeck.ddl.base import (
    AddColumn,
    AlterColumn,
    ColumnComment,
    ColumnDefault,
    ColumnName,
    ColumnNullable,
    ColumnType,
    IdentityColumnDefault,
    RenameTable,
    alter_table,
    column_clause,
    format_column_name,
    format_identity,
    format_server_default,
    format_table_name,
    format_type,
    string_literal,
)


@compiles(AddColumn, "oracle")
def visit_add_column(element: AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t ADD …` (OPS-21)."""
    clause = column_clause(compiler, element.column, inline_references=element.inline_references, **kw)
    return f"{alter_table(compiler, element.table_name, element.schema)} ADD {clause}"


@compiles(ColumnNullable, "oracle")
def visit_column_nullable(element: ColumnNullable, compiler: DDLCompiler, **kw: Any) -> str:
    """`… MODIFY c NULL`, or `NOT NULL` (OPS-45)."""
    return f"{_modified(element, compiler)} {'NULL' if element.nullable else 'NOT NULL'}"


@compiles(ColumnType, "oracle")
def visit_column_type(element: ColumnType, compiler: DDLCompiler, **kw: Any) -> str:
    """`… MODIFY c <type>` (OPS-45)."""
    return f"{_modified(element, compiler)} {format_type(compiler, element.type_)}"


@compiles(ColumnName, "oracle")
def visit_column_name(element: ColumnName, compiler: DDLCompiler, **kw: Any) -> str:
    """`… RENAME COLUMN c TO d` (OPS-45)."""
    table = alter_table(compiler, element.table_name, element.schema)
    old = format_column_name(compiler, element.column_name)
    return f"{table} RENAME COLUMN {old} TO {format_column_name(compiler, element.newname)}"


@compiles(ColumnDefault, "oracle")
def visit_column_default(element: ColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`… MODIFY c DEFAULT …`; a default cannot be dropped, only be NULL (OPS-45)."""
    default = "NULL" if element.default is None else format_server_default(compiler, element.default)
    return f"{_modified(element, compiler)} DEFAULT {default}"


@compiles(ColumnComment, "oracle")
def visit_column_comment(element: ColumnComment, compiler: DDLCompiler, **kw: Any) -> str:
    """`COMMENT ON COLUMN s.t.c IS …`, an empty string to remove it (OPS-45)."""
    table = format_table_name(compiler, element.table_name, element.schema)
    comment = string_literal(compiler, element.comment or "")
    return f"COMMENT ON COLUMN {table}.{format_column_name(compiler, element.column_name)} IS {comment}"


@compiles(RenameTable, "oracle")
def visit_rename_table(element: RenameTable, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE s.t RENAME TO u`: the new name without a schema (OPS-66)."""
    new = format_table_name(compiler, element.new_table_name, None)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


@compiles(IdentityColumnDefault, "oracle")
def visit_identity_column(element: IdentityColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`… MODIFY c GENERATED … AS IDENTITY`, or `DROP IDENTITY` (OPS-55)."""
    if element.default is None:
        return f"{_modified(element, compiler)} DROP IDENTITY"
    return f"{_modified(element, compiler)} {format_identity(compiler, element.default)}"


def _modified(element: AlterColumn, compiler: DDLCompiler) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} MODIFY {format_column_name(compiler, element.column_name)}"
