"""What MySQL and MariaDB write differently from standard SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Constraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from limbeck import errors, sqla
from limbeck.ddl.base import (
    AddColumn,
    AlterColumn,
    AnyType,
    ColumnDefault,
    ColumnName,
    ColumnNullable,
    ColumnType,
    Default,
    add_column,
    alter_table,
    altered_column,
    format_column_name,
    format_server_default,
    format_type,
    string_literal,
    type_instance,
)
from limbeck.ddl.mysql.server import is_mariadb


class MySQLChangeColumn(AlterColumn):
    """Give a column a new definition, and perhaps a new name: what is left out is lost (OPS-46)."""

    def __init__(
        self,
        name: str,
        column_name: str,
        schema: str | quoted_name | None = None,
        newname: str | None = None,
        type_: AnyType | None = None,
        nullable: bool | None = None,
        default: Default | bool = False,
        autoincrement: bool | None = None,
        comment: str | bool | None = False,
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        if type_ is None:
            raise errors.ExistingTypeRequired(table=name, column=column_name, dialect="MySQL and MariaDB")
        self.newname = newname
        self.type_ = type_instance(type_)
        self.nullable = nullable
        self.default = default
        self.autoincrement = autoincrement
        self.comment = comment


class MySQLModifyColumn(MySQLChangeColumn):
    """Give a column a new definition under its old name (OPS-46)."""


class MySQLAlterDefault(AlterColumn):
    """Set or drop the default of a column, leaving the rest of its definition alone (OPS-48)."""

    def __init__(
        self, name: str, column_name: str, default: Default, schema: str | quoted_name | None = None
    ) -> None:
        super().__init__(name, column_name, schema=schema)
        self.default = default


class MariaDBDropConstraintIfExists(ExecutableDDLElement):
    """Drop a constraint if it is there; MySQL has no way to say so (OPS-83)."""

    def __init__(self, element: Constraint) -> None:
        self.element = element


@compiles(AddColumn, "mysql", "mariadb")
def visit_add_column(element: AddColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t ADD COLUMN …`; on MariaDB a CHECK has a name only beside its column (OPS-26)."""
    column = element.column
    checks = sqla.in_creation_order(column.constraints) if is_mariadb(compiler.dialect) else []
    named = [check for check in checks if sqla.given_name(check) is not None]
    clause = add_column(
        compiler,
        column,
        if_not_exists=element.if_not_exists,
        inline_references=element.inline_references,
        inline_primary_key=element.inline_primary_key,
        without=named,
        **kw,
    )
    beside = [_added_check(check, compiler, if_not_exists=element.if_not_exists) for check in named]
    return f"{alter_table(compiler, element.table_name, element.schema)} {', '.join([clause, *beside])}"


@compiles(MySQLChangeColumn)
def visit_change_column(element: MySQLChangeColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t CHANGE c d …` (OPS-46, OPS-47)."""
    table = alter_table(compiler, element.table_name, element.schema)
    old = format_column_name(compiler, element.column_name)
    new = format_column_name(compiler, element.newname or element.column_name)
    return f"{table} CHANGE {old} {new} {_definition(element, compiler)}"


@compiles(MySQLModifyColumn)
def visit_modify_column(element: MySQLModifyColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t MODIFY c …` (OPS-46)."""
    table = alter_table(compiler, element.table_name, element.schema)
    column = format_column_name(compiler, element.column_name)
    return f"{table} MODIFY {column} {_definition(element, compiler)}"


@compiles(MySQLAlterDefault)
def visit_alter_default(element: MySQLAlterDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE t ALTER COLUMN c SET DEFAULT …`, or `DROP DEFAULT` (OPS-48)."""
    column = altered_column(element, compiler)
    if element.default is None:
        return f"{column} DROP DEFAULT"
    return f"{column} SET DEFAULT {format_server_default(compiler, element.default)}"


@compiles(ColumnNullable, "mysql", "mariadb")
@compiles(ColumnName, "mysql", "mariadb")
@compiles(ColumnDefault, "mysql", "mariadb")
@compiles(ColumnType, "mysql", "mariadb")
def visit_partial_change(element: AlterColumn, compiler: DDLCompiler, **kw: Any) -> str:
    """Refuse to change a column in parts (OPS-50).

    Raises GeneratedNotAlterable always: only the columns that cannot be redefined come here.
    """
    raise errors.GeneratedNotAlterable(
        table=element.table_name, column=element.column_name, dialect="MySQL and MariaDB"
    )


@compiles(MariaDBDropConstraintIfExists)
def visit_drop_constraint_if_exists(
    element: MariaDBDropConstraintIfExists, compiler: DDLCompiler, **kw: Any
) -> str:
    """`ALTER TABLE t DROP FOREIGN KEY|INDEX|CONSTRAINT IF EXISTS n`; a primary key cannot be asked for (OPS-83)."""
    constraint = element.element
    table = f"ALTER TABLE {compiler.preparer.format_table(constraint.table)}"
    if isinstance(constraint, PrimaryKeyConstraint):
        return f"{table} DROP PRIMARY KEY"
    name = compiler.preparer.format_constraint(constraint)
    if name is None:
        raise CompileError(f"A constraint of table {constraint.table.name!r} has no name to drop it by")
    kinds = {ForeignKeyConstraint: "FOREIGN KEY", UniqueConstraint: "INDEX"}
    kind = next((text for class_, text in kinds.items() if isinstance(constraint, class_)), "CONSTRAINT")
    return f"{table} DROP {kind} IF EXISTS {name}"


def _added_check(check: Constraint, compiler: DDLCompiler, *, if_not_exists: bool | None) -> str:
    name = compiler.preparer.format_constraint(check)
    definition = compiler.process(check).removeprefix(f"CONSTRAINT {name} ")
    return f"ADD CONSTRAINT {'IF NOT EXISTS ' if if_not_exists else ''}{name} {definition}"


def _definition(element: MySQLChangeColumn, compiler: DDLCompiler) -> str:
    type_: TypeEngine[Any] = element.type_
    parts = [format_type(compiler, type_), "NULL" if element.nullable else "NOT NULL"]
    if element.autoincrement:
        parts.append("AUTO_INCREMENT")
    if element.default is not False and element.default is not None:
        parts.append(f"DEFAULT {format_server_default(compiler, element.default)}")  # type: ignore[arg-type]  # not True
    if element.comment is not False and element.comment is not None:
        parts.append(f"COMMENT {string_literal(compiler, str(element.comment))}")
    return " ".join(parts)
