"""Names of columns in SQL text."""

from __future__ import annotations

import pytest

from limbeck.ddl.batch.sqltext import balanced, mentions, renamed


@pytest.mark.parametrize(
    "sql", ["b > 1", "a+B", '"b" = 1', "`b` = 1", "[b] = 1", "lower(b)", "x = 'b' AND b", "b/*c*/"]
)
def test_a_column_is_found_however_it_is_written(sql: str) -> None:
    assert mentions(sql, "b")


@pytest.mark.parametrize("sql", ["a = 'b'", "a = 'it''s b'", "bb > 1", "b(a)", "x_b", "1b1"])
def test_strings_functions_and_longer_names_are_no_column(sql: str) -> None:
    assert not mentions(sql, "b")


def test_a_new_name_takes_the_place_of_the_old_one_and_of_nothing_else() -> None:
    sql = """b > 1 AND "B" <> 'b' AND b(`b`) AND bb"""
    assert renamed(sql, "b", "c d", '"{}"'.format) == """"c d" > 1 AND "c d" <> 'b' AND b("c d") AND bb"""


def test_a_quote_in_a_quoted_name_is_understood() -> None:
    assert mentions('"a""b" > 1', 'a"b')


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("id * 2", "id * 2"),
        ("(id) * 2) STORED, v INTEGER AS (1", "(id) * 2"),
        ("a || ')') VIRTUAL", "a || ')'"),
    ],
)
def test_text_ends_where_its_parenthesis_is_closed(sql: str, expected: str) -> None:
    assert balanced(sql) == expected
