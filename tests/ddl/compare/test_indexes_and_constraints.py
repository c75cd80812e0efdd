"""When two indexes or constraints of one name mean the same (AUT-41 to AUT-44, AUT-50)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.compare.constraints import free_name, name_for, shortened
from limbeck.ddl.compare.result import ComparisonResult
from limbeck.ddl.impl import DefaultImpl
from tests.autogenerate.render.rendering import dialect_named
from tests.backends.engines import connected


def impl_of(dialect: str) -> DefaultImpl:
    named = dialect_named(dialect)
    return DefaultImpl.get_by_dialect(named)(named, None, False, None, None, {})


def table(*items: Any) -> sa.Table:
    columns = [sa.Column(name, sa.Integer) for name in ("a", "b", "c")]
    return sa.Table("t", sa.MetaData(), *columns, *items)


def index(*elements: Any, **kw: Any) -> sa.Index:
    of = table()
    return sa.Index(
        "ix", *[of.c[item] if item in of.c else sa.text(item) for item in elements], _table=of, **kw
    )


def test_a_result_says_what_and_why() -> None:
    assert ComparisonResult.Equal().is_equal
    assert ComparisonResult.Different(["x", "y"]) == ComparisonResult("different", "x, y")
    assert ComparisonResult.Skip("why").is_skip
    assert ComparisonResult.of([]) == ComparisonResult.Equal()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql"])
def test_indexes_are_compared_by_columns_in_order_and_uniqueness(dialect: str) -> None:
    """AUT-41."""
    impl = impl_of(dialect)
    assert impl.compare_indexes(index("a", "b"), index("a", "b")).is_equal
    assert impl.compare_indexes(index("a", "b"), index("b", "a")).is_different
    assert impl.compare_indexes(index("a"), index("a", "b")).is_different
    assert impl.compare_indexes(index("a", unique=True), index("a")).message == "unique=False to unique=True"


def test_expressions_are_not_compared_where_they_cannot_be_read() -> None:
    """AUT-42."""
    assert impl_of("mysql").compare_indexes(index("lower(a)"), index("upper(a)")).is_skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("lower(a)", "lower((a)::text)"),
        ("LOWER( t.a )", "lower(a)"),
        ("a ASC", "a"),
        ("a DESC NULLS FIRST", "a DESC"),
        ("a ASC NULLS LAST", "a"),
        ("(coalesce(a, b))", "COALESCE(a, b)"),
    ],
)
def test_postgresql_expressions_are_compared_by_meaning(wanted: str, found: str) -> None:
    """AUT-42."""
    assert impl_of("postgresql").compare_indexes(index(wanted), index(found)).is_equal


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("lower(a)", "upper(a)"), ("a DESC", "a"), ("a NULLS FIRST", "a"), ("a DESC NULLS LAST", "a DESC")],
)
def test_postgresql_expressions_that_differ(wanted: str, found: str) -> None:
    """AUT-42."""
    assert impl_of("postgresql").compare_indexes(index(wanted), index(found)).is_different


def test_an_operator_class_is_not_compared() -> None:
    """AUT-42."""
    assert impl_of("postgresql").compare_indexes(index("a text_pattern_ops"), index("a")).is_skip


def test_nulls_not_distinct_makes_a_difference() -> None:
    """AUT-41."""
    impl = impl_of("postgresql")
    distinct = {"postgresql_nulls_not_distinct": True}
    assert impl.compare_indexes(index("a", unique=True, **distinct), index("a", unique=True)).is_different
    one, other = sa.UniqueConstraint("a", **distinct), sa.UniqueConstraint("a")
    table(one), table(other)
    assert impl.compare_unique_constraint(one, other).is_different
    assert impl.compare_unique_constraint(other, other).is_equal


def test_unique_constraints_are_compared_without_order() -> None:
    """AUT-41."""
    impl = impl_of("sqlite")
    one, other, third = sa.UniqueConstraint("a", "b"), sa.UniqueConstraint("b", "a"), sa.UniqueConstraint("a")
    for item in (one, other, third):
        table(item)
    assert impl.compare_unique_constraint(one, other).is_equal
    assert impl.compare_unique_constraint(one, third).is_different


def key(**kw: Any) -> sa.ForeignKeyConstraint:
    item = sa.ForeignKeyConstraint(["a"], ["u.id"], **kw)
    table(item)
    return item


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("sqlite", {"ondelete": "NO ACTION"}, {}),
        ("sqlite", {"ondelete": "cascade"}, {"ondelete": "CASCADE"}),
        ("sqlite", {"deferrable": True}, {}),
        ("mysql", {"ondelete": "RESTRICT"}, {"ondelete": "no action"}),
        ("postgresql", {"initially": "IMMEDIATE"}, {}),
        ("postgresql", {"initially": "deferred"}, {"deferrable": True, "initially": "DEFERRED"}),
    ],
)
def test_options_of_a_foreign_key_that_mean_the_same(dialect: str, one: Any, other: Any) -> None:
    """AUT-50."""
    impl = impl_of(dialect)
    assert impl.foreign_key_options(key(**one)) == impl.foreign_key_options(key(**other))


@pytest.mark.parametrize(
    ("dialect", "one", "other"),
    [
        ("sqlite", {"ondelete": "RESTRICT"}, {}),
        ("postgresql", {"ondelete": "RESTRICT"}, {}),
        ("postgresql", {"deferrable": True}, {}),
        ("mysql", {"onupdate": "CASCADE"}, {}),
    ],
)
def test_options_of_a_foreign_key_that_differ(dialect: str, one: Any, other: Any) -> None:
    """AUT-50."""
    impl = impl_of(dialect)
    assert impl.foreign_key_options(key(**one)) != impl.foreign_key_options(key(**other))


def test_a_name_of_the_recommended_convention() -> None:
    """AUT-40."""
    unique = sa.UniqueConstraint("a", "b")
    table(unique)
    assert name_for(unique, longest=64) == "uq_t_a_b"
    assert name_for(key(), longest=64) == "fk_t_a_u"
    assert name_for(key(), longest=64, taken={"fk_t_a_u", "fk_t_a_u1"}) == "fk_t_a_u2"


def test_names_that_are_too_long_stay_different() -> None:
    one, other = shortened("x" * 100 + "a", 30), shortened("x" * 100 + "b", 30)
    assert len(one) == len(other) == 30
    assert one != other
    assert len(free_name("y" * 30, {"y" * 30}, 30)) == 30


LONG = "a_table_with_quite_a_long_name_indeed_it_is"


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("t", ["a"]),
        ("t", ["a", "b"]),
        (LONG, ["and_a_column_with_a_long_name_as_well"]),
        ("t", [LONG, LONG[::-1]]),
    ],
)
def test_postgresql_would_give_that_name_itself(postgresql_url: str, name: str, columns: list[str]) -> None:
    """AUT-40."""
    with connected(postgresql_url) as connection:
        impl = DefaultImpl.get_by_dialect(connection.dialect)(
            connection.dialect, connection, False, None, None, {}
        )
        metadata = sa.MetaData()
        sa.Table("u", metadata, *[sa.Column(column, sa.Integer, primary_key=True) for column in columns])
        of = sa.Table(name, metadata, *[sa.Column(column, sa.Integer) for column in columns])
        unique = sa.UniqueConstraint(*columns)
        reference = sa.ForeignKeyConstraint(columns, [f"u.{column}" for column in columns])
        of.append_constraint(unique)
        of.append_constraint(reference)
        metadata.create_all(connection)
        inspector = sa.inspect(connection)
        assert [item["name"] for item in inspector.get_unique_constraints(name)] == [
            impl.name_constraint(unique, ())
        ]
        assert [item["name"] for item in inspector.get_foreign_keys(name)] == [
            impl.name_constraint(reference, ())
        ]
