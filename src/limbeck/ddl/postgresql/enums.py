"""Enumerations are objects of their own: they come with the first column that uses them, and go with the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, text
from sqlalchemy.engine import Dialect, Inspector
from sqlalchemy.types import ARRAY, Enum, TypeDecorator, TypeEngine

from limbeck.ddl.compare.defaults import quoted
from limbeck.ddl.contracts import RenderContext
from limbeck.operations.ops import (
    AddColumnOp,
    AlterColumnOp,
    CreateTableOp,
    DropColumnOp,
    DropTableOp,
    MigrateOperation,
    OpContainer,
)  # fmt: skip
from limbeck.operations.registry import applies, renderers

EXISTING = text(
    """
    SELECT namespace.nspname, enumeration.typname, count(used_by.oid)
    FROM pg_catalog.pg_type AS enumeration
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = enumeration.typnamespace
    LEFT JOIN pg_catalog.pg_attribute AS attribute
      ON attribute.atttypid IN (enumeration.oid, enumeration.typarray)
      AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_catalog.pg_class AS used_by
      ON used_by.oid = attribute.attrelid AND used_by.relkind NOT IN ('i', 'I')
    WHERE enumeration.typtype = 'e'
    GROUP BY namespace.nspname, enumeration.typname
    """
)


@dataclass(frozen=True, slots=True)
class EnumName:
    """Which enumeration; schema None is the default one."""

    schema: str | None
    name: str

    def sql(self) -> str:
        """The name as SQL writes it."""
        return ".".join(_quoted_name(part) for part in (self.schema, self.name) if part)


class _EnumOps(OpContainer):
    """A change to an enumeration. It is no difference between models and database in itself, so it has no diffs."""

    def __init__(self, name: EnumName, values: Sequence[str], *, is_implied: bool = False) -> None:
        super().__init__()
        self.name = name
        self.values = tuple(values)
        self.is_implied = is_implied

    def as_diffs(self) -> list[Any]:
        """None: the column that needs the enumeration is what differs."""
        return []


class CreateEnumOp(_EnumOps):
    """Create an enumeration; an implied one comes with the `create_table()` that follows (OPS-60)."""

    def reverse(self) -> DropEnumOp:
        """Drop it again."""
        return DropEnumOp(self.name, self.values, is_implied=self.is_implied)

    def sql(self) -> str | None:
        """What to execute, if anything."""
        if self.is_implied:
            return None
        values = ", ".join(quoted(value) for value in self.values)
        return f"CREATE TYPE {self.name.sql()} AS ENUM ({values})"


class DropEnumOp(_EnumOps):
    """Drop an enumeration that no column uses any more."""

    def reverse(self) -> CreateEnumOp:
        """Create it again."""
        return CreateEnumOp(self.name, self.values, is_implied=self.is_implied)

    def sql(self) -> str:
        """What to execute."""
        return f"DROP TYPE IF EXISTS {self.name.sql()}"


@applies(_EnumOps)
def apply_enum(operations: Any, operation: CreateEnumOp | DropEnumOp) -> None:
    """Execute the statement."""
    statement = operation.sql()
    if statement is not None:
        operations.execute(_as_text(statement))


@renderers.dispatch_for(_EnumOps)
def render_enum(autogen_context: RenderContext, operation: CreateEnumOp | DropEnumOp) -> list[str]:
    """Write the statement as `op.execute(...)`."""
    statement = operation.sql()
    if statement is None:
        return []
    prefix = autogen_context.opts.get("alembic_module_prefix", "op.")
    return [f"{prefix}execute({_as_text(statement)!r})"]


def _as_text(statement: str) -> str:
    """SQL as `text()` reads it, where a colon begins a parameter."""
    return statement.replace(":", "\\:")


def _quoted_name(name: str) -> str:
    is_plain = name.isidentifier() and name == name.lower() and name.isascii()
    return name if is_plain else '"' + name.replace('"', '""') + '"'


# --- when they come and go ----------------------------------------------------------------------------------


def with_enums(
    inspector: Inspector, dialect: Dialect, operations: list[MigrateOperation]
) -> list[MigrateOperation]:
    """The operations, with those that create and drop the enumerations which they need."""
    gained = [use for operation in operations for use in _uses(operation, dialect, is_gain=True)]
    lost = [use for operation in operations for use in _uses(operation, dialect, is_gain=False)]
    if not gained and not lost:
        return operations
    default = inspector.default_schema_name
    usage = _read_usage(inspector, default)
    result = list(operations)
    for enum, (operation, values) in _first_uses(gained, default).items():
        if enum not in usage:
            is_implied = isinstance(operation, CreateTableOp)
            result.insert(result.index(operation), CreateEnumOp(enum, values, is_implied=is_implied))
    wanted = set(_first_uses(gained, default))
    last = _first_uses(list(reversed(lost)), default)
    for enum, (operation, values) in last.items():
        count = sum(_key(use.enum, default) == enum for use in lost)
        if enum not in wanted and usage.get(enum) == count:
            is_implied = isinstance(operation, DropTableOp)
            result.insert(result.index(operation) + 1, DropEnumOp(enum, values, is_implied=is_implied))
    return result


@dataclass(frozen=True, slots=True)
class _Use:
    """A column that begins or ceases to use an enumeration, and the operation at the top that does it."""

    enum: Enum
    operation: MigrateOperation


def _uses(operation: MigrateOperation, dialect: Dialect, *, is_gain: bool) -> Iterator[_Use]:
    for type_ in _types(operation, is_gain=is_gain):
        for enum in named_enums(type_, dialect):
            yield _Use(enum, operation)


def _types(operation: MigrateOperation, *, is_gain: bool) -> Iterator[TypeEngine[Any]]:
    match operation:
        case OpContainer():
            for part in operation.ops:
                yield from _types(part, is_gain=is_gain)
        case CreateTableOp() if is_gain:
            yield from (item.type for item in operation.columns if isinstance(item, Column))
        case AddColumnOp() if is_gain:
            yield operation.column.type
        case DropTableOp() if not is_gain and operation._reverse is not None:
            yield from (item.type for item in operation._reverse.columns if isinstance(item, Column))
        case DropColumnOp() if not is_gain and operation._reverse is not None:
            yield operation._reverse.column.type
        case AlterColumnOp() if operation.modify_type is not None:
            type_ = operation.modify_type if is_gain else operation.existing_type
            if isinstance(type_, TypeEngine):
                yield type_


def named_enums(type_: TypeEngine[Any], dialect: Dialect) -> Iterator[Enum]:
    """The enumerations in a type that the database has to know by name."""
    actual: Any = type_.dialect_impl(dialect)
    while isinstance(actual, TypeDecorator):
        actual = actual.impl_instance.dialect_impl(dialect)
    if isinstance(actual, ARRAY):
        yield from named_enums(actual.item_type, dialect)
    elif (
        isinstance(actual, Enum)
        and actual.native_enum
        and actual.name
        and getattr(actual, "create_type", True)
    ):
        yield actual


def _first_uses(
    uses: Sequence[_Use], default: str | None
) -> dict[EnumName, tuple[MigrateOperation, list[str]]]:
    first: dict[EnumName, tuple[MigrateOperation, list[str]]] = {}
    for use in uses:
        first.setdefault(_key(use.enum, default), (use.operation, list(use.enum.enums)))
    return first


def _key(enum: Enum, default: str | None) -> EnumName:
    return EnumName(None if enum.schema == default else enum.schema, str(enum.name))


def _read_usage(inspector: Inspector, default: str | None) -> dict[EnumName, int]:
    """How many columns use each enumeration there is."""
    connection = inspector.bind
    assert isinstance(connection, Connection)
    return {
        EnumName(None if schema == default else schema, name): count
        for schema, name, count in connection.execute(EXISTING)
    }
