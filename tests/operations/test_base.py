"""`Operations`: directives, extending, running, names and values."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from limbeck import op
from limbeck.operations import BatchOperations, Operations, ops
from limbeck.operations.registry import implementations
from limbeck.operations.schemaobj import SchemaObjects
from tests.backends.engines import connected
from tests.ddl.recorded import Context, statements


class CreateSequenceOp(ops.MigrateOperation):
    def __init__(self, name: str, *, schema: str | None = None) -> None:
        self.name = name
        self.schema = schema

    @classmethod
    def create_sequence(cls, operations: Any, name: str, *, schema: str | None = None) -> Any:
        """Create a sequence."""
        return operations.invoke(cls(name, schema=schema))


@pytest.fixture
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Implementations registered by a test vanish with it, as extensions' tests do it (ECO-2)."""
    monkeypatch.setattr(Operations._to_impl, "_registry", dict(Operations._to_impl._registry))
    yield
    for holder in (Operations, BatchOperations):
        if "create_sequence" in vars(holder):
            delattr(holder, "create_sequence")


def operations(dialect: str = "postgresql", **opts: Any) -> Operations:
    return Operations(Context(dialect, **opts))


def test_a_directive_shows_the_signature_and_the_words_of_its_operation() -> None:
    shown = inspect.signature(Operations.add_column)
    assert list(shown.parameters) == [
        "self", "table_name", "column", "schema", "if_not_exists", "inline_references", "inline_primary_key",
    ]  # fmt: skip
    assert Operations.add_column.__doc__ == ops.AddColumnOp.add_column.__doc__
    assert list(inspect.signature(BatchOperations.drop_column).parameters) == ["self", "column_name", "kw"]


def test_options_are_given_by_name() -> None:
    """OPS-8."""
    with pytest.raises(TypeError):
        operations().add_column("t", sa.Column("c", sa.Integer), "s1")  # type: ignore[misc]  # that is the point


def test_a_batch_block_has_no_directives_for_other_tables() -> None:
    """BAT-3."""
    for name in ("rename_table", "create_table", "drop_table", "bulk_insert"):
        assert hasattr(Operations, name)
        assert not hasattr(BatchOperations, name)


@pytest.mark.usefixtures("own_registry")
def test_a_custom_operation_is_a_directive_of_op_at_once() -> None:
    """OPS-100."""
    Operations.register_operation("create_sequence")(CreateSequenceOp)

    @Operations.implementation_for(CreateSequenceOp)
    def apply(operations: Operations, operation: CreateSequenceOp) -> str:
        operations.execute(f"CREATE SEQUENCE {operation.name}")
        return "done"

    context = Context("postgresql")
    with Operations.context(context):
        assert op.create_sequence("s") == "done"
    assert statements(context) == ["CREATE SEQUENCE s"]


@pytest.mark.usefixtures("own_registry")
def test_a_custom_operation_may_have_another_class_method_and_be_registered_twice() -> None:
    """OPS-100."""
    for _ in range(2):
        BatchOperations.register_operation("create_sequence", "create_sequence")(CreateSequenceOp)
    assert "create_sequence" in dir(BatchOperations)
    assert not hasattr(Operations, "create_sequence")


@pytest.mark.usefixtures("own_registry")
def test_an_implementation_is_replaced_only_on_request() -> None:
    """OPS-101."""
    with pytest.raises(ValueError, match="replace=True"):
        Operations.implementation_for(ops.DropTableOp)(lambda operations, operation: None)
    Operations.implementation_for(ops.DropTableOp, replace=True)(lambda operations, operation: "mine")
    assert operations().invoke(ops.DropTableOp("t")) == "mine"


def test_the_implementations_are_importable_by_name() -> None:
    """OPS-101."""
    from limbeck.operations import toimpl

    context = Context("postgresql")
    toimpl.drop_table(Operations(context), ops.DropTableOp("t"))
    assert statements(context) == ["DROP TABLE t"]


@pytest.mark.usefixtures("own_registry")
def test_the_implementation_of_a_base_class_serves_its_subclasses() -> None:
    """OPS-1."""

    class Special(CreateSequenceOp): ...

    implementations.dispatch_for(CreateSequenceOp)(lambda operations, operation: type(operation).__name__)
    assert operations().invoke(Special("s")) == "Special"


@pytest.mark.parametrize(
    "operation", [CreateSequenceOp("s"), ops.ModifyTableOps("t", []), ops.UpgradeOps([])]
)
def test_what_nobody_implements_cannot_be_invoked(operation: ops.MigrateOperation) -> None:
    """OPS-1."""
    with pytest.raises(ValueError):
        operations().invoke(operation)


@pytest.mark.usefixtures("own_registry")
def test_the_implementation_knows_the_operation_while_it_is_applied() -> None:
    running = operations()
    seen = []

    def apply(operations: Operations, operation: CreateSequenceOp) -> None:
        seen.append(operations.impl.operation)
        operations.execute("SELECT 1")
        seen.append(operations.impl.operation)

    implementations.dispatch_for(CreateSequenceOp)(apply)
    operation = CreateSequenceOp("s")
    running.invoke(operation)
    assert seen == [operation, operation]
    assert running.impl.operation is None


def test_op_reaches_the_context_only_inside_the_block() -> None:
    """OPS-102."""
    context = Context("postgresql")
    with Operations.context(context) as inside:
        op.drop_table("t")
        assert inside.get_context() is context
    assert statements(context) == ["DROP TABLE t"]
    with pytest.raises(NameError):
        op.drop_table("t")


def test_a_final_name_is_not_changed_by_a_convention() -> None:
    """OPS-4, OPS-5."""
    context = Context(
        "postgresql",
        target_metadata=sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
    )
    running = Operations(context)
    running.create_check_constraint("positive", "t", "a > 0")
    running.create_check_constraint(running.f("positive"), "t", "a > 0")
    assert statements(context) == [
        "ALTER TABLE t ADD CONSTRAINT ck_t_positive CHECK (a > 0)",
        "ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0)",
    ]


def test_an_inline_literal_is_text_even_where_values_are_parameters() -> None:
    """OPS-91."""
    table = sa.table("t", sa.column("n", sa.String))
    running = operations()
    statement = table.update().where(table.c.n == running.inline_literal("it's")).values(n="x")
    assert str(statement) == "UPDATE t SET n=:n WHERE t.n = 'it''s'"
    number = sa.select(running.inline_literal(5), running.inline_literal(True, sa.Boolean))
    assert str(number).startswith("SELECT 5 AS")


def test_get_bind_is_the_connection() -> None:
    """OPS-95."""
    with connected() as connection:
        running = Operations(Context("sqlite", connection=connection, as_sql=False))
        assert running.get_bind() is connection


def test_run_async_needs_an_async_engine() -> None:
    """OPS-95."""

    async def nothing(connection: Any) -> None: ...

    with connected() as connection:
        running = Operations(Context("sqlite", connection=connection, as_sql=False))
        with pytest.raises(ValueError, match="async"):
            running.run_async(nothing)


async def _sum(connection: AsyncConnection, table: sa.Table, *, plus: int) -> Any:
    return (await connection.execute(sa.select(sa.func.sum(table.c.n)))).scalar_one() + plus


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_run_async_gives_the_function_the_async_connection_and_returns_its_result(
    request: pytest.FixtureRequest, backend: str
) -> None:
    """OPS-95: in the transaction of the migration, with further arguments by position and by name."""
    url = sa.make_url(request.getfixturevalue(f"{backend}_url"))
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg_async"}[backend]

    def migrate(connection: sa.Connection) -> Any:
        running = Operations(Context("", connection=connection, as_sql=False))
        table = running.create_table("t", sa.Column("n", sa.Integer))
        running.bulk_insert(table, [{"n": 3}, {"n": 4}])
        return running.run_async(_sum, table, plus=7)

    async def main() -> Any:
        engine = create_async_engine(url.set(drivername=driver), poolclass=sa.NullPool)
        async with engine.connect() as connection:
            result = await connection.run_sync(migrate)
        await engine.dispose()
        return result

    assert asyncio.run(main()) == 14


def test_a_sequence_of_metadata_gives_no_convention() -> None:
    """OPS-3."""
    named = sa.MetaData(naming_convention={"uq": "uq_%(table_name)s"})
    assert (
        SchemaObjects(Context("sqlite", target_metadata=named)).unique_constraint(None, "t", ["a"]).name
        == "uq_t"
    )
    several = SchemaObjects(Context("sqlite", target_metadata=[named]))
    assert several.unique_constraint(None, "t", ["a"]).name is None


def test_an_index_is_made_of_names_and_expressions_only() -> None:
    """OPS-70."""
    objects = SchemaObjects()
    assert [column.name for column in objects.index("ix", "t", "a").columns] == ["a"]
    assert len(objects.index("ix", "t", ["a", sa.text("b"), sa.func.lower(sa.column("c"))]).expressions) == 3
    with pytest.raises(ValueError, match="got 5"):
        objects.index("ix", "t", [5])


def test_included_columns_need_not_be_constrained() -> None:
    """OPS-82."""
    context = Context("postgresql")
    Operations(context).create_unique_constraint("uq", "t", ["a"], postgresql_include=["b"])
    assert statements(context) == ["ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a) INCLUDE (b)"]


def test_a_kind_of_constraint_that_is_none_is_refused() -> None:
    """OPS-83."""
    with pytest.raises(TypeError, match="'bogus' is not a kind of constraint"):
        SchemaObjects().generic_constraint("c", "t", "bogus")
