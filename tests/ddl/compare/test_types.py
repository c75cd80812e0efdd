"""When two types mean the same column (AUT-20 to AUT-25)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

from limbeck.ddl.compare.types import parse_type
from limbeck.ddl.impl import DefaultImpl
from tests.autogenerate.render.rendering import dialect_named


def differs(dialect: str, found: Any, wanted: Any) -> bool:
    """What the impl of a dialect says about a type of the database and one of the models."""
    named = dialect_named(dialect)
    impl = DefaultImpl.get_by_dialect(named)(named, None, False, None, None, {})
    return impl.compare_type(sa.Column("c", found), sa.Column("c", wanted))


@pytest.mark.parametrize(
    ("written", "token0", "base", "args"),
    [
        ("NUMERIC(10, 2)", "NUMERIC", "NUMERIC", ["10", "2"]),
        ("TIMESTAMP(3) WITH TIME ZONE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", ["3"]),
        ("integer(11) unsigned", "INTEGER", "INTEGER UNSIGNED", ["11"]),
        ("ENUM('a','b,)','it''s')", "ENUM", "ENUM", ["'a'", "'b,)'", "'it''s'"]),
        ("VARCHAR(10)[]", "VARCHAR[]", "VARCHAR[]", ["10"]),
        ('s1."Mixed Case"', 's1."Mixed Case"', 's1."Mixed Case"', []),
        ("DOUBLE PRECISION", "DOUBLE", "DOUBLE PRECISION", []),
    ],
)
def test_a_type_is_read_from_its_text(written: str, token0: str, base: str, args: list[str]) -> None:
    """AUT-20."""
    params = parse_type(written)
    assert (params.token0, params.base, params.args) == (token0, base, args)


def test_options_are_no_part_of_the_kind() -> None:
    """AUT-20."""
    params = parse_type(
        "VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin",
        [r"character set ([\w\-_]+)", r"collate ([\w\-_]+)"],
    )
    assert params.tokens == ["VARCHAR"]
    assert sorted(params.kwargs.values()) == ["latin1", "latin1_bin"]


EVERYWHERE_SAME = [
    (sa.NUMERIC(10, 2), sa.DECIMAL(10, 2)),
    (sa.VARCHAR(10), sa.VARCHAR()),
    (sa.NUMERIC(10), sa.Numeric(10, 2)),
    (sa.DOUBLE(), sa.DOUBLE_PRECISION()),
    (sa.VARCHAR(10), sa.VARCHAR(10, collation="C")),
]
EVERYWHERE_DIFFERENT = [
    (sa.INTEGER(), sa.BigInteger()),
    (sa.VARCHAR(10), sa.String(20)),
    (sa.VARCHAR(10), sa.Text()),
    (sa.NUMERIC(10, 2), sa.Numeric(12, 2)),
    (sa.VARCHAR(10, collation="C"), sa.String(10, collation="D")),
]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "mariadb"])
def test_what_is_left_open_is_no_difference(dialect: str) -> None:
    """AUT-20, AUT-21, AUT-22."""
    assert [pair for pair in EVERYWHERE_SAME if differs(dialect, *pair)] == []
    assert [pair for pair in EVERYWHERE_DIFFERENT if not differs(dialect, *pair)] == []


@pytest.mark.parametrize(
    ("dialect", "found", "wanted"),
    [
        ("postgresql", sa.DOUBLE_PRECISION(), sa.Float()),
        ("postgresql", sa.REAL(), sa.Float(10)),
        ("postgresql", sa.DOUBLE_PRECISION(), sa.Float(53)),
        ("postgresql", postgresql.TIMESTAMP(precision=3), sa.DateTime()),
        ("postgresql", postgresql.ENUM("a", "b", name="e"), sa.Enum("a", "b", "c", name="e")),
        ("postgresql", postgresql.ARRAY(sa.INTEGER()), sa.ARRAY(sa.Integer())),
        ("postgresql", sa.INTEGER(), sa.Integer().with_variant(sa.Text(), "sqlite")),
        ("mysql", mysql.TINYINT(display_width=1), sa.Boolean()),
        ("mysql", mysql.INTEGER(display_width=11), sa.Integer()),
        ("mysql", mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), sa.JSON()),
        ("mysql", mysql.ENUM("a", "b"), sa.Enum("b", "a")),
        ("mysql", mysql.DOUBLE(), sa.REAL()),
        ("mysql", mysql.DOUBLE(), sa.Float(53)),
        ("mysql", mysql.DATETIME(), mysql.DATETIME(fsp=6)),
        ("mysql", mysql.INTEGER(unsigned=True, zerofill=True), mysql.INTEGER(unsigned=True)),
        ("mysql", mysql.VARCHAR(50), sa.String()),
        ("sqlite", sa.REAL(), sa.Double()),
        ("mssql", sa.NVARCHAR(10), sa.String(10)),
        ("oracle", sa.NUMERIC(), sa.Integer()),
    ],
)
def test_two_names_of_one_type(dialect: str, found: Any, wanted: Any) -> None:
    """AUT-21 to AUT-25."""
    assert not differs(dialect, found, wanted)


@pytest.mark.parametrize(
    ("dialect", "found", "wanted"),
    [
        ("postgresql", postgresql.ARRAY(sa.INTEGER()), sa.Integer()),
        ("postgresql", sa.TIMESTAMP(), sa.DateTime(timezone=True)),
        ("postgresql", sa.TEXT(), sa.String()),
        ("postgresql", sa.DOUBLE_PRECISION(), sa.Float(10)),
        ("postgresql", postgresql.ENUM("a", name="e"), sa.Enum("a", name="f")),
        ("postgresql", postgresql.ENUM("a", name="e"), sa.Enum("a", name="e", native_enum=False)),
        ("mysql", mysql.INTEGER(unsigned=True), sa.Integer()),
        ("mysql", mysql.ENUM("a", "b"), sa.Enum("a", "b", "c")),
        ("mysql", mysql.VARCHAR(9, charset="latin1"), mysql.VARCHAR(9, charset="utf8mb4")),
        ("sqlite", sa.FLOAT(), sa.REAL()),
        ("sqlite", sa.INTEGER(), sa.Boolean()),
    ],
)
def test_two_types(dialect: str, found: Any, wanted: Any) -> None:
    """AUT-21 to AUT-24."""
    assert differs(dialect, found, wanted)


def test_a_type_decorator_is_what_it_wraps() -> None:
    """AUT-25."""

    class Name(sa.types.TypeDecorator[str]):
        impl = sa.String
        cache_ok = True

    assert not differs("postgresql", sa.VARCHAR(30), Name(30))
    assert differs("postgresql", sa.VARCHAR(30), Name(31))
