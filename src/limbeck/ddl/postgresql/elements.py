"""What PostgreSQL writes differently from standard SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Identity, TextClause
from sqlalchemy.dialects.postgresql import (
    ENUM,
    CreateDomainType,
    CreateEnumType,
    DropDomainType,
    DropEnumType,
    NamedType,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler

from limbeck.ddl.base import (
    AlterColumn,
    AnyType,
    ColumnComment,
    IdentityColumnDefault,
    RenameTable,
    alter_table,
    altered_column,
    changed_identity_attributes,
    format_column_name,
    format_identity,
    format_table_name,
    format_type,
    is_identity,
    string_literal,
    type_instance,
)

DROP_TYPE = re.compile(
    r"\bDROP\s+(?:TYPE|DOMAIN)\s+(?:IF\s+EXISTS\s+)?(?P<names>[^;]+?)(?:\s+(?:CASCADE|RESTRICT))?\s*(?:;|\Z)",
    re.IGNORECASE,
)
CREATE_ENUM = re.compile(
    r"\bCREATE\s+TYPE\s+(?P<name>(?:\"(?:[^\"]|\"\")+\"|[^\s\"])+)\s+AS\s+ENUM\b", re.IGNORECASE
)
NAME_PART = re.compile(r'"((?:[^"]|"")*)"|([^".\s]+)')


class PostgresqlColumnType(AlterColumn):
    """Give a column another type, converting its values with the expression `using` (OPS-43)."""

    def __init__(self, name: str, column_name: str, type_: AnyType, **kw: Any) -> None:
        self.using: str | None = kw.pop("using", None)
        super().__init__(name, column_name, **kw)
        self.type_ = type_instance(type_)


@compiles(RenameTable, "postgresql")
def visit_rename_table(element: RenameTable, compiler: DDLCompiler, **kw: Any) -> str:
    """`ALTER TABLE s.t RENAME TO u`: the new name without a schema (OPS-66)."""
    new = format_table_name(compiler, element.new_table_name, None)
    return f"{alter_table(compiler, element.table_name, element.schema)} RENAME TO {new}"


@compiles(PostgresqlColumnType)
def visit_column_type(element: PostgresqlColumnType, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ALTER COLUMN c TYPE … [USING …]` (OPS-43)."""
    using = f" USING {element.using}" if element.using else ""
    return f"{altered_column(element, compiler)} TYPE {format_type(compiler, element.type_)}{using}"


@compiles(ColumnComment, "postgresql")
def visit_column_comment(element: ColumnComment, compiler: DDLCompiler, **kw: Any) -> str:
    """`COMMENT ON COLUMN t.c IS …`, NULL to remove it (OPS-43)."""
    table = format_table_name(compiler, element.table_name, element.schema)
    comment = "NULL" if element.comment is None else string_literal(compiler, element.comment)
    return f"COMMENT ON COLUMN {table}.{format_column_name(compiler, element.column_name)} IS {comment}"


@compiles(IdentityColumnDefault, "postgresql")
def visit_identity_column(element: IdentityColumnDefault, compiler: DDLCompiler, **kw: Any) -> str:
    """`… ADD GENERATED`, `DROP IDENTITY`, or `SET` what differs (OPS-55)."""
    column = altered_column(element, compiler)
    existing = element.existing_server_default
    if element.default is None:
        return f"{column} DROP IDENTITY"
    if not is_identity(existing):
        return f"{column} ADD {format_identity(compiler, element.default)}"
    assert isinstance(existing, Identity)
    changed = changed_identity_attributes(
        element.default, existing, ignore=element.impl.identity_attrs_ignore
    )
    parts = [f"SET {_identity_option(compiler, name, value)}" for name, value in changed.items()]
    return f"{column} {' '.join(parts)}"


def _identity_option(compiler: DDLCompiler, name: str, value: Any) -> str:
    if name == "always":
        return f"GENERATED {'ALWAYS' if value else 'BY DEFAULT'}"
    return compiler.get_identity_options(Identity(**{name: value}))


def created_types(construct: object) -> Iterator[NamedType]:
    """The types that a statement creates."""
    if isinstance(construct, (CreateEnumType, CreateDomainType)):
        yield construct.element
    elif isinstance(construct, TextClause):
        for statement in CREATE_ENUM.finditer(construct.text):
            name, schema = _name_and_schema(statement["name"])
            yield ENUM(name=name, schema=schema)


def dropped_types(construct: object) -> Iterator[tuple[str, str | None]]:
    """The name and schema of each type that a statement drops."""
    if isinstance(construct, (DropEnumType, DropDomainType)):
        yield construct.element.name, construct.element.schema
    elif isinstance(construct, TextClause):
        for statement in DROP_TYPE.finditer(construct.text):
            yield from map(_name_and_schema, statement["names"].split(","))


def _name_and_schema(text: str) -> tuple[str, str | None]:
    parts = [quoted.replace('""', '"') or plain.lower() for quoted, plain in NAME_PART.findall(text)]
    return parts[-1], parts[-2] if len(parts) > 1 else None
