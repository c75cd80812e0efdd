"""Parts of standard SQL for changes to tables: names, defaults, types, and the clauses of columns.

They are for dialects that write a change differently; `limbeck.ddl.base` is their documented path.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Column, Constraint, Identity, Integer
from sqlalchemy.exc import CompileError
from sqlalchemy.schema import DefaultClause, FetchedValue, ForeignKey
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import ClauseElement, quoted_name
from sqlalchemy.types import String, TypeEngine

from limbeck import sqla

Default = FetchedValue | ClauseElement | str | None
"""What a column may be given as its server default; None removes it."""

AnyType = TypeEngine[Any] | type[TypeEngine[Any]]


def quote_dotted(name: str | quoted_name, quote: Callable[[str], str]) -> str:
    """Quote each part of a dotted name, or the whole of a name that insists on being quoted."""
    if isinstance(name, quoted_name) and name.quote:
        return quote(name)
    return ".".join(quote(part) for part in name.split("."))


def format_table_name(
    compiler: DDLCompiler, name: str | quoted_name, schema: str | quoted_name | None
) -> str:
    """The quoted name of a table, with its schema if it has one (OPS-6, OPS-7)."""
    quote = compiler.preparer.quote
    return f"{quote_dotted(schema, quote)}.{quote(name)}" if schema else quote(name)


def format_column_name(compiler: DDLCompiler, name: str | quoted_name | None) -> str:
    """The quoted name of a column."""
    return compiler.preparer.quote(name)  # type: ignore[arg-type]  # None is a caller's mistake, as anywhere


def format_server_default(compiler: DDLCompiler, default: Default) -> str:
    """The SQL of a server default: a string as literal, an expression as it is (OPS-57)."""
    holder = Column("x", Integer, server_default=default)  # type: ignore[arg-type]  # any default, as in Column
    text = compiler.get_column_default_string(holder)
    if text is None:
        raise CompileError(f"{default!r} has no text, so it cannot become a server default")
    return text


def format_identity(compiler: DDLCompiler, identity: Identity) -> str:
    """`GENERATED … AS IDENTITY (…)` (OPS-30)."""
    text: str = compiler.visit_identity_column(identity)  # type: ignore[no-untyped-call]  # SQLAlchemy's
    return text


def format_type(compiler: DDLCompiler, type_: TypeEngine[Any]) -> str:
    """The SQL of a type."""
    return compiler.dialect.type_compiler_instance.process(type_)


def alter_table(compiler: DDLCompiler, name: str, schema: str | quoted_name | None) -> str:
    """`ALTER TABLE t`."""
    return f"ALTER TABLE {format_table_name(compiler, name, schema)}"


def drop_column(compiler: DDLCompiler, name: str, if_exists: bool | None = None, **kw: Any) -> str:
    """`DROP COLUMN [IF EXISTS] c`."""
    return f"DROP COLUMN {'IF EXISTS ' if if_exists else ''}{format_column_name(compiler, name)}"


def alter_column(compiler: DDLCompiler, name: str) -> str:
    """`ALTER COLUMN c`."""
    return f"ALTER COLUMN {format_column_name(compiler, name)}"


def add_column(
    compiler: DDLCompiler,
    column: Column[Any],
    if_not_exists: bool | None = None,
    inline_references: bool | None = None,
    inline_primary_key: bool | None = None,
    **kw: Any,
) -> str:
    """`ADD COLUMN [IF NOT EXISTS] c …` (OPS-21, OPS-23 to OPS-26)."""
    clause = column_clause(compiler, column, inline_references=inline_references, **kw)
    key = " PRIMARY KEY" if inline_primary_key and column.primary_key else ""
    return f"ADD COLUMN {'IF NOT EXISTS ' if if_not_exists else ''}{clause}{key}"


def column_clause(
    compiler: DDLCompiler,
    column: Column[Any],
    *,
    inline_references: bool | None = None,
    without: Collection[Constraint] = (),
    **kw: Any,
) -> str:
    """The definition of a column, if asked for with its REFERENCES, and with its own CHECKs (OPS-23, OPS-26).

    `without` are CHECKs of the column that the statement says elsewhere.
    """
    parts = [compiler.get_column_specification(column, **kw)]
    if inline_references:
        keys = sorted(column.foreign_keys, key=lambda key: key.target_fullname)
        parts += [references_clause(compiler, key) for key in keys]
    checks = [check for check in sqla.in_creation_order(column.constraints) if check not in without]
    parts += [compiler.process(check) for check in checks]
    return " ".join(part for part in parts if part)


def references_clause(compiler: DDLCompiler, key: ForeignKey) -> str:
    """`REFERENCES u (id) [MATCH …] [ON DELETE …] [ON UPDATE …] [DEFERRABLE] [INITIALLY …]` (OPS-23)."""
    *schema, table, column = key.target_fullname.split(".")
    if key.constraint is not None:
        target = key.column
        table, column, schema = target.table.name, target.name, [target.table.schema or ""]
    name = format_table_name(compiler, table, ".".join(schema) or None)
    options: Any = key  # the clauses below ask for attributes that a ForeignKey shares with its constraint
    return (
        f"REFERENCES {name} ({format_column_name(compiler, column)})"
        f"{compiler.define_constraint_match(options)}"
        f"{compiler.define_constraint_cascades(options)}"
        f"{compiler.define_constraint_deferrability(options)}"
    )


def string_literal(compiler: DDLCompiler, value: str) -> str:
    """A string as SQL writes it, quotes and backslashes escaped the way of the dialect."""
    return compiler.sql_compiler.render_literal_value(value, String())


def type_instance(type_: AnyType) -> TypeEngine[Any]:
    """The type itself, whether it was given as class or as instance (OPS-12)."""
    return type_() if isinstance(type_, type) else type_


def unwrapped_default(default: Any) -> Any:
    """A server default without the clause that a `Column` wraps around it (OPS-57)."""
    return default.arg if isinstance(default, DefaultClause) else default
