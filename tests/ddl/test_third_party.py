"""A dialect from elsewhere: found by its name, with an implementation of its own that has all rights (OPS-101)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles

from limbeck.autogenerate import compare_metadata, produce_migrations, render_python_code
from limbeck.ddl import base
from limbeck.ddl import impl as implementations
from limbeck.ddl.base import AddColumn, ColumnNullable, ColumnType, RenameTable, add_column, alter_table
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.literals import Literals
from limbeck.ddl.sqlite import SQLiteImpl
from limbeck.migration import MigrationContext
from limbeck.operations import BatchOperations, Operations, ops
from tests.ddl.recorded import Context, statements

NAME = "otherlite"


class OtherDialect(SQLiteDialect_pysqlite):
    """What somebody else's package brings for SQLAlchemy."""

    name = NAME
    supports_statement_cache = True


class Shape(sa.types.UserDefinedType[str]):
    """A type that only this database has."""

    cache_ok = True

    def __init__(self, corners: int = 3) -> None:
        self.corners = corners

    def get_col_spec(self, **kw: Any) -> str:
        return f"SHAPE({self.corners})"


class HexLiterals(Literals):
    def binary(self, value: bytes) -> str:
        return f"HEX('{value.hex()}')"


@pytest.fixture
def other_impl(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[DefaultImpl]]:
    """The dialect and its implementation, known as long as the test runs."""
    module = ModuleType("other_package")
    module.OtherDialect = OtherDialect  # type: ignore[attr-defined]  # what the registry looks for
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(implementations, "_impls", dict(implementations._impls))
    registry.register(NAME, module.__name__, "OtherDialect")

    class OtherImpl(SQLiteImpl):
        __dialect__ = NAME
        command_terminator = " GO"
        literals = HexLiterals()

        def _exec(self, construct: Any, *args: Any, **kw: Any) -> Any:
            if isinstance(construct, base.AlterTable) and self.as_sql:
                self.static_output("-- altering")
            return super()._exec(construct, *args, **kw)

        def add_constraint(self, const: Any, **kw: Any) -> None:
            self._exec(f"PLEASE ADD {const.name}")

        def render_type(self, type_obj: Any, autogen_context: Any) -> str | bool:
            if isinstance(type_obj, Shape):
                autogen_context.imports.add("import other")
                return f"other.Shape({type_obj.corners})"
            return False

        def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool:
            return not isinstance(metadata_column.type, Shape) and super().compare_type(
                inspector_column, metadata_column
            )

        def compare_server_default(self, *args: Any) -> bool:
            return False

    yield OtherImpl
    registry.impls.pop(NAME, None)


@compiles(AddColumn, NAME)
def _add(element: AddColumn, compiler: Any, **kw: Any) -> str:
    table = alter_table(compiler, element.table_name, element.schema)
    return f"{table} PLUS {add_column(compiler, element.column, **kw).removeprefix('ADD COLUMN ')}"


@compiles(RenameTable, NAME)
def _rename(element: RenameTable, compiler: Any, **kw: Any) -> str:
    old = base.format_table_name(compiler, element.table_name, element.schema)
    new = base.format_table_name(compiler, element.new_table_name, element.schema)
    return f"RENAME {old} INTO {new}"


@compiles(ColumnNullable, NAME)
def _nullable(element: ColumnNullable, compiler: Any, **kw: Any) -> str:
    column = base.format_column_name(compiler, element.column_name)
    return f"{alter_table(compiler, element.table_name, element.schema)} MAY {column} {element.nullable}"


@compiles(ColumnType, NAME)
def _type(element: ColumnType, compiler: Any, **kw: Any) -> str:
    return f"{base.altered_column(element, compiler)} IS NOW {base.format_type(compiler, element.type_)}"


def test_the_implementation_is_found_by_the_name_of_the_dialect(other_impl: type[DefaultImpl]) -> None:
    engine = sa.create_engine(f"{NAME}://")
    assert DefaultImpl.get_by_dialect(engine.dialect) is other_impl
    with engine.connect() as connection:
        assert type(MigrationContext.configure(connection).impl) is other_impl
    engine.dispose()


def test_a_dialect_without_an_implementation_gets_standard_sql() -> None:
    registry.register("unknownlite", __name__, "UnknownDialect")
    try:
        engine = sa.create_engine("unknownlite://")
        assert DefaultImpl.get_by_dialect(engine.dialect) is DefaultImpl
    finally:
        registry.impls.pop("unknownlite", None)


class UnknownDialect(SQLiteDialect_pysqlite):
    name = "unknownlite"
    supports_statement_cache = True


@pytest.mark.usefixtures("other_impl")
def test_its_words_are_used_for_each_construct() -> None:
    """OPS-101: hooks of `@compiles` by dialect, helpers of `ddl.base`, terminator, literals and `_exec`."""
    context = Context(NAME, literal_binds=True)
    running = Operations(context)  # type: ignore[arg-type]
    running.add_column("t", sa.Column("c", sa.Integer, nullable=False))
    running.rename_table("t", "u", schema="s")
    running.alter_column("t", "c", nullable=True, type_=sa.String(3))
    running.create_unique_constraint("uq", "t", ["c"])
    running.bulk_insert(sa.table("t", sa.column("c", sa.LargeBinary)), [{"c": b"\xff"}])
    assert statements(context) == [
        "-- altering",
        "ALTER TABLE t PLUS c INTEGER NOT NULL",
        "-- altering",
        "RENAME s.t INTO s.u",
        "-- altering",
        "ALTER TABLE t MAY c True",
        "-- altering",
        "ALTER TABLE t ALTER COLUMN c IS NOW VARCHAR(3)",
        "PLEASE ADD uq",
        "INSERT INTO t (c) VALUES (HEX('ff'))",
    ]


@pytest.mark.usefixtures("other_impl")
def test_its_types_are_rendered_and_compared_its_way() -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("a", Shape(4)), sa.Column("b", sa.String(5), server_default="x"))
    engine = sa.create_engine(f"{NAME}://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        upgrade = produce_migrations(context, metadata).upgrade_ops
        assert upgrade is not None
        code = render_python_code(upgrade, migration_context=context)
        assert "sa.Column('a', other.Shape(4), nullable=True)" in code.replace('"', "'")
        connection.execute(sa.text("CREATE TABLE t (a INTEGER, b VARCHAR(6) DEFAULT 'y')"))
        [[(tag, _, table, column, *_)]] = compare_metadata(context, metadata)
        assert (tag, table, column) == ("modify_type", "t", "b")
    engine.dispose()


class MarkOp(ops.MigrateOperation):
    """An operation from elsewhere, with a form for batch blocks."""

    def __init__(self, table_name: str, text: str) -> None:
        self.table_name = table_name
        self.text = text

    @classmethod
    def mark(cls, operations: Any, table_name: str, text: str) -> Any:
        """Mark a table."""
        return operations.invoke(cls(table_name, text))

    @classmethod
    def batch_mark(cls, operations: Any, text: str) -> Any:
        """Mark the table of this block."""
        return operations.invoke(cls(operations.impl.table_name, text))

    def reverse(self) -> MarkOp:
        return MarkOp(self.table_name, f"un{self.text}")


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`mark` for both doors; it vanishes with the test (ECO-2)."""
    monkeypatch.setattr(Operations._to_impl, "_registry", dict(Operations._to_impl._registry))
    Operations.register_operation("mark")(MarkOp)
    BatchOperations.register_operation("mark", "batch_mark")(MarkOp)

    @Operations.implementation_for(MarkOp)
    def apply(operations: Any, operation: MarkOp) -> str:
        operations.execute(f"MARK {operation.table_name} {operation.text}")
        return operation.text

    yield
    for holder in (Operations, BatchOperations):
        delattr(holder, "mark")


@pytest.mark.usefixtures("marks")
def test_an_operation_from_elsewhere_works_in_plain_and_in_batch_form() -> None:
    """OPS-100, OPS-101, ECO-2"""
    context = Context("postgresql")
    running: Any = Operations(context)  # type: ignore[arg-type]
    assert running.mark("t", "red") == "red"
    with running.batch_alter_table("t") as batch:
        assert batch.mark("blue") == "blue"
    running.invoke(MarkOp("t", "red").reverse())
    assert statements(context) == ["MARK t red", "MARK t blue", "MARK t unred"]


@pytest.mark.usefixtures("marks")
def test_an_implementation_may_be_replaced_and_may_call_the_one_it_replaces() -> None:
    """OPS-101"""
    from limbeck.operations import toimpl

    @Operations.implementation_for(ops.CreateTableOp, replace=True)
    def create_and_mark(operations: Any, operation: ops.CreateTableOp) -> sa.Table:
        table = toimpl.create_table(operations, operation)
        operations.mark(table.name, "new")
        return table

    context = Context("postgresql")
    table = Operations(context).create_table("t", sa.Column("a", sa.Integer))  # type: ignore[arg-type]
    assert list(table.c.keys()) == ["a"]
    assert statements(context) == ["CREATE TABLE t (\n    a INTEGER\n)", "MARK t new"]
