"""What an implementation is, how it is found, and what it writes around statements."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from limbeck.ddl import impl as impl_module
from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import NotAStatement
from tests.backends.engines import connected
from tests.ddl.recorded import Context, statements

ALL = ["sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"]


@pytest.fixture
def registry() -> Iterator[dict[str, type[DefaultImpl]]]:
    before = dict(impl_module._impls)
    yield impl_module._impls
    impl_module._impls.clear()
    impl_module._impls.update(before)


def dialect_named(name: str) -> Any:
    return type("Dialect", (DefaultDialect,), {"name": name})()


@pytest.mark.parametrize(
    ("dialect", "wanted"),
    [
        ("sqlite", True), ("postgresql", True), ("mysql", False), ("mariadb", False), ("mssql", True),
        ("oracle", False), ("something", False),
    ],
)  # fmt: skip
def test_ddl_is_transactional_where_a_rollback_undoes_it(dialect: str, wanted: bool) -> None:
    """OPS-10"""
    implementation = DefaultImpl.get_by_dialect(dialect_named(dialect))
    assert implementation.transactional_ddl is wanted


def test_an_option_overrides_whether_ddl_is_transactional() -> None:
    """OPS-10"""
    implementation = DefaultImpl(dialect_named("x"), None, True, True, None, {})
    assert implementation.transactional_ddl is True


def test_a_dialect_registers_itself_by_name(registry: dict[str, type[DefaultImpl]]) -> None:
    class Duck(DefaultImpl):
        __dialect__ = "duck"

    class Gosling(Duck): ...

    assert DefaultImpl.get_by_dialect(dialect_named("duck")) is Duck
    assert Gosling not in registry.values()


def test_a_project_may_replace_an_implementation_before_it_is_used() -> None:
    """The one in the dialect's folder is imported late and does not take the name back."""
    code = (
        "from limbeck.ddl.impl import DefaultImpl\n"
        "class Mine(DefaultImpl):\n    __dialect__ = 'postgresql'\n"
        "import limbeck.ddl.postgresql.impl\n"
        "from sqlalchemy.dialects.postgresql import dialect\n"
        "assert DefaultImpl.get_by_dialect(dialect()) is Mine\n"
        "class Better(limbeck.ddl.postgresql.impl.PostgresqlImpl):\n    __dialect__ = 'postgresql'\n"
        "assert DefaultImpl.get_by_dialect(dialect()) is Better\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_the_dialect_in_use_is_imported() -> None:
    code = (
        "import sys, limbeck.ddl.apply\n"
        "from limbeck.ddl.impl import DefaultImpl\n"
        "from sqlalchemy.dialects.sqlite import dialect\n"
        "DefaultImpl.get_by_dialect(dialect())\n"
        "loaded = {name for name in sys.modules if name.startswith('limbeck.ddl.') and name.endswith('.impl')}\n"
        "assert loaded == {'limbeck.ddl.impl', 'limbeck.ddl.sqlite.impl'}, loaded\n"
        "assert 'sqlalchemy.dialects.postgresql' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_dialect_is_an_attribute_of_its_package() -> None:
    code = (
        "import limbeck.ddl\n"
        "assert limbeck.ddl.postgresql.PostgresqlImpl.__dialect__ == 'postgresql'\n"
        "assert limbeck.ddl.DefaultImpl is limbeck.ddl.impl.DefaultImpl\n"
        "assert not hasattr(limbeck.ddl, 'nothing')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("dialect", "pages"),
    [
        ("sqlite", ["BEGIN;\n\n", "COMMIT;\n\n"]),
        ("postgresql", ["BEGIN;\n\n", "COMMIT;\n\n"]),
        ("mssql", ["BEGIN TRANSACTION;\n\n", "COMMIT;\n\n", "GO\n\n"]),
        ("oracle", ["SET TRANSACTION READ WRITE\n\n", "/\n\n", "COMMIT\n\n", "/\n\n"]),
    ],
)
def test_a_script_opens_and_closes_transactions(dialect: str, pages: list[str]) -> None:
    """OFF-6"""
    context = Context(dialect)
    context.impl.emit_begin()
    context.impl.emit_commit()
    assert context.output.pages == pages


@pytest.mark.parametrize(
    ("dialect", "options", "pages"),
    [
        ("mssql", {}, ["SELECT 1;\n\n", "GO\n\n"]),
        ("mssql", {"mssql_batch_separator": "BYE"}, ["SELECT 1;\n\n", "BYE\n\n"]),
        ("mssql", {"mssql_batch_separator": ""}, ["SELECT 1;\n\n"]),
        ("oracle", {}, ["SELECT 1\n\n", "/\n\n"]),
        ("oracle", {"oracle_batch_separator": ""}, ["SELECT 1\n\n"]),
        ("postgresql", {}, ["SELECT 1;\n\n"]),
    ],
)
def test_batch_separators_are_an_option(dialect: str, options: dict[str, Any], pages: list[str]) -> None:
    """OPS-9, OFF-5"""
    context = Context(dialect, **options)
    context.impl.execute("SELECT 1")
    assert context.output.pages == pages


def test_static_output_is_text_and_an_empty_line() -> None:
    """OFF-13"""
    context = Context("sqlite")
    context.impl.static_output("-- hello")
    assert context.output.pages == ["-- hello\n\n"]


@pytest.mark.parametrize(("has_key", "key"), [(True, ["version_num"]), (False, [])])
def test_the_version_table_has_one_column(has_key: bool, key: list[str]) -> None:
    """VER-1"""
    table = Context("sqlite").impl.version_table_impl(
        version_table="versions", version_table_schema="s", version_table_pk=has_key
    )
    assert (table.fullname, table.c.keys()) == ("s.versions", ["version_num"])
    assert (table.c.version_num.nullable, table.c.version_num.type.length) == (False, 32)
    assert [column.name for column in table.primary_key] == key
    assert table.primary_key.name == ("versions_pkc" if has_key else None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"id": 1}, "rows must be a list, or an iterator, of dictionaries, not dict"),
        ("id", "rows must be a list, or an iterator, of dictionaries, not str"),
        (5, "rows must be a list, or an iterator, of dictionaries, not int"),
        ([5], "each row must be a dictionary; row 1 is int"),
        ([{}] * 1001 + [5], "each row must be a dictionary; row 1002 is int"),
        ([{}, 5], "each row must be a dictionary; row 2 is int"),
    ],
)
def test_rows_are_a_list_of_dictionaries(rows: Any, message: str) -> None:
    """OPS-93"""
    with pytest.raises(TypeError, match=message):
        Context("sqlite").impl.bulk_insert(sa.table("t"), rows)


def test_no_rows_are_no_statement() -> None:
    """OPS-93, OPS-94"""
    for dialect in ALL:
        context = Context(dialect)
        context.impl.bulk_insert(sa.table("t", sa.column("id")), [])
        assert statements(context) == []


def test_rows_with_expressions_go_one_by_one() -> None:
    """OPS-93"""
    item = sa.table("item", sa.column("id", sa.Integer), sa.column("name", sa.String))
    with connected() as connection:
        connection.execute(sa.text("CREATE TABLE item (id INTEGER, name VARCHAR)"))
        context = Context("sqlite", connection=connection, as_sql=False)
        context.impl.bulk_insert(
            item, [{"id": 1, "name": sa.func.upper("a")}, {"id": 2, "name": "b"}], multiinsert=False
        )
        context.impl.bulk_insert(item, [{"id": 3, "name": "c"}, {"id": 4, "name": "d"}])
        found = connection.execute(sa.text("SELECT id, name FROM item ORDER BY id")).all()
    assert [tuple(row) for row in found] == [(1, "A"), (2, "b"), (3, "c"), (4, "d")]


def test_what_is_no_statement_cannot_be_executed() -> None:
    """OPS-90"""
    with pytest.raises(NotAStatement, match="5 is not a statement"):
        Context("sqlite").impl.execute(5)  # type: ignore[arg-type]  # the mistake itself


def test_an_offline_bind_writes_what_it_is_given_and_returns_nothing() -> None:
    """OPS-95, OFF-12"""
    context = Context("postgresql", literal_binds=True)
    assert context.bind.execute(sa.text("SELECT :x"), {"x": 5}) is None
    kind = sa.Enum("a", name="kind")
    kind.create(context.bind, checkfirst=False)
    kind.drop(context.bind, checkfirst=True)
    assert statements(context) == ["SELECT 5", "CREATE TYPE kind AS ENUM ('a')", "DROP TYPE kind"]


def test_online_the_bind_is_the_connection() -> None:
    """OPS-95"""
    with connected() as connection:
        assert Context("sqlite", connection=connection, as_sql=False).bind is connection


def test_an_implementation_that_knows_no_options_still_works() -> None:
    """One from elsewhere may lack the newer keywords: they are passed only when they are set."""
    from limbeck.operations.base import Operations

    class Plain(DefaultImpl):
        def create_table(self, table: sa.Table) -> None:  # type: ignore[override]  # an older signature
            self._exec(sa.schema.CreateTable(table))

        def drop_index(self, index: sa.Index) -> None:  # type: ignore[override]  # an older signature
            self._exec(sa.schema.DropIndex(index))

    context = Context("sqlite")
    context.impl = Plain(context.dialect, None, True, None, context.output, {})  # type: ignore[arg-type]
    operations = Operations(context)  # type: ignore[arg-type]
    operations.create_table("t", sa.Column("id", sa.Integer))
    operations.drop_index("ix")
    assert statements(context) == ["CREATE TABLE t (\n    id INTEGER\n)", "DROP INDEX ix"]


def test_a_constraint_that_was_dropped_can_be_added_again_and_its_table_be_created() -> None:
    """OPS-80, OPS-83: also with SQLAlchemy 2.0, which marks such a constraint as no longer part of its table."""
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.UniqueConstraint("a", name="uq"))
    (unique,) = (item for item in table.constraints if isinstance(item, sa.UniqueConstraint))
    context = Context("postgresql")
    context.impl.drop_constraint(unique)
    context.impl.add_constraint(unique)
    context.impl.create_table(table)
    assert statements(context) == [
        "ALTER TABLE t DROP CONSTRAINT uq",
        "ALTER TABLE t ADD CONSTRAINT uq UNIQUE (a)",
        "CREATE TABLE t (\n    a INTEGER, \n    CONSTRAINT uq UNIQUE (a)\n)",
    ]
