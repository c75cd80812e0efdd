"""When two server defaults mean the same (AUT-30 to AUT-35)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.compare.defaults import (
    NULL,
    Value,
    identity_differences,
    is_same_expression,
    normalized,
    read_value,
    without_parentheses,
)
from limbeck.ddl.impl import DefaultImpl
from tests.autogenerate.render.rendering import dialect_named
from tests.backends.engines import connected


def impl_of(dialect: str) -> DefaultImpl:
    named = dialect_named(dialect)
    return DefaultImpl.get_by_dialect(named)(named, None, False, None, None, {})


def differs(dialect: str, found: str | None, wanted: Any, type_: Any = sa.String) -> bool:
    """What an impl says about a default in the database, as text, and one of the models."""
    impl = impl_of(dialect)
    column = sa.Column("c", type_, server_default=wanted)
    if wanted is None or isinstance(wanted, str):
        rendered = wanted
    else:
        rendered = wanted.text if isinstance(wanted, sa.TextClause) else impl.render_ddl_sql_expr(wanted)
    return impl.compare_server_default(sa.Column("c", type_), column, rendered, found)


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        (None, NULL),
        ("NULL", NULL),
        ("((5))", Value("number", Decimal(5))),
        ("2.50", Value("number", Decimal("2.5"))),
        ("('it''s')", Value("string", "it's")),
        ("''", Value("string", "")),
        ("LOWER( 'X' )", Value("sql", "lower('X')")),
        ("(a) + (b)", Value("sql", "(a)+(b)")),
        ("'a' || 'b'", Value("sql", "'a'||'b'")),
    ],
)
def test_a_default_is_read_as_what_it_stands_for(sql: str | None, value: Value) -> None:
    assert read_value(sql) == value


def test_parentheses_inside_a_string_close_nothing() -> None:
    assert without_parentheses("(')' || x)") == "')' || x"


def test_text_in_quotes_keeps_its_case_and_spaces() -> None:
    assert normalized("Concat( 'A  B' ,\n \"C\" )") == "concat('A  B',\"C\")"


@pytest.mark.parametrize("dialect", ["sqlite", "mysql", "mssql", "oracle"])
@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("5", "5"), ("'5'", "5"), ("((5))", "5"), ("'x'", "x"), ("('x')", "x"), ("''", ""), ("'it''s'", "it's"),
        ("'a b'", "a b"), ("(getdate())", sa.text("GETDATE()")), ("1", sa.true()), ("0", sa.false()),
        ("2.50", sa.text("2.5")), (None, sa.text("NULL")), ("NULL", sa.text("null")),
        ("lower('X')", sa.text("(lower('X'))")),
    ],
)  # fmt: skip
def test_two_spellings_of_one_default(dialect: str, found: str | None, wanted: Any) -> None:
    """AUT-32, AUT-33."""
    assert not differs(dialect, found, wanted)


@pytest.mark.parametrize("dialect", ["sqlite", "mysql", "mssql"])
@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("5", "6"), (None, "5"), ("'x'", "X"), ("('a b')", "ab"), ("lower('X')", sa.text("lower('x')")),
        ("'CURRENT_TIMESTAMP'", sa.text("CURRENT_TIMESTAMP")), (None, ""), ("'1'", sa.text("f(1)")),
    ],
)  # fmt: skip
def test_two_defaults(dialect: str, found: str | None, wanted: Any) -> None:
    """AUT-32, AUT-33."""
    assert differs(dialect, found, wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("current_timestamp()", sa.func.now()),
        ("CURRENT_TIMESTAMP", sa.text("now()")),
        (
            "current_timestamp() ON UPDATE current_timestamp()",
            sa.text("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
        ),
        ("current_timestamp(6)", sa.text("now(6)")),
        ("curdate()", sa.text("CURRENT_DATE")),
        ("_utf8mb4'x'", "x"),
    ],
)
def test_mysql_stores_now_in_its_own_words(found: str, wanted: Any) -> None:
    """AUT-32."""
    assert not differs("mysql", found, wanted, sa.DateTime)
    assert differs("mysql", "current_timestamp(6)", sa.func.now(), sa.DateTime)


def test_a_string_that_only_looks_like_a_function_stays_one() -> None:
    """AUT-32."""
    assert differs("mysql", "'now()'", sa.text("now()"))
    assert not differs("mysql", "'now()'", "now()")


@pytest.mark.parametrize(
    ("found", "wanted", "type_"),
    [
        ("5", "5", sa.Integer), ("'5'::bigint", "5", sa.BigInteger), ("now()", sa.func.now(), sa.DateTime),
        ("'{}'::jsonb", "{}", sa.JSON), ("1.50", "1.5", sa.Numeric), ("(1 + 1)", sa.text("2"), sa.Integer),
        ("'it''s'::text", "it's", sa.Text), ("'100%'::text", "100%", sa.Text), ("true", sa.true(), sa.Boolean),
        ("'x'::character varying", "x", sa.String(9)),
        ("nextval('sq'::regclass)", sa.text("nextval('sq')"), sa.Integer),
        (None, sa.text("NULL"), sa.Integer),
    ],
)  # fmt: skip
def test_postgresql_is_asked_what_a_default_is_worth(
    postgresql_url: str, found: str | None, wanted: Any, type_: Any
) -> None:
    """AUT-31."""
    with connected(postgresql_url) as connection:
        impl = DefaultImpl.get_by_dialect(connection.dialect)(
            connection.dialect, connection, False, None, None, {}
        )
        column = sa.Column("c", type_, server_default=wanted)
        rendered = wanted if isinstance(wanted, str) else impl.render_ddl_sql_expr(wanted)
        assert not impl.compare_server_default(sa.Column("c", type_), column, rendered, found)


def test_what_postgresql_cannot_compare_differs_and_breaks_nothing(postgresql_url: str) -> None:
    """AUT-31: the probe is in a savepoint, and a sequence is not asked for a value."""
    with connected(postgresql_url) as connection:
        connection.exec_driver_sql("CREATE SEQUENCE sq")
        impl = DefaultImpl.get_by_dialect(connection.dialect)(
            connection.dialect, connection, False, None, None, {}
        )
        column = sa.Column("c", sa.Integer, server_default="abc")
        assert impl.compare_server_default(sa.Column("c", sa.Integer), column, "abc", "5")
        other = sa.Column("c", sa.Integer, server_default=sa.text("nextval('other')"))
        assert impl.compare_server_default(
            sa.Column("c", sa.Integer), other, "nextval('other')", "nextval('sq')"
        )
        assert connection.exec_driver_sql("SELECT nextval('sq')").scalar() == 1


def test_an_identity_is_compared_as_far_as_the_models_say() -> None:
    """AUT-34."""
    found = sa.Identity(always=True, start=5, increment=1, minvalue=1, cycle=False, cache=1)
    impl = impl_of("postgresql")
    assert identity_differences(impl, found, sa.Identity(always=True)) == frozenset()
    assert identity_differences(impl, found, sa.Identity(start=5)) == {"always"}
    assert identity_differences(impl, found, sa.Identity(always=True, increment=3, cycle=True)) == {
        "increment",
        "cycle",
    }
    assert identity_differences(impl, found, None) == {"identity"}
    assert identity_differences(impl, sa.Identity(), sa.Identity(always=False)) == frozenset()


def test_computed_columns_are_compared_without_casts_and_spaces() -> None:
    """AUT-35."""
    assert is_same_expression("((id * 2))::integer", "ID*2")
    assert is_same_expression("(lower((name)::text) || 'x'::text)", "lower(name) || 'x'")
    assert not is_same_expression("id * 2", "id * 3")
