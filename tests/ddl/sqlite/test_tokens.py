"""Pieces of SQL text."""

from __future__ import annotations

import pytest

from limbeck.ddl.sqlite.tokens import (
    columns_in,
    ends_in_line_comment,
    in_schema,
    mentions,
    renamed,
    same_name,
    tokens,
    with_name,
    without_doubt,
)


def quote(name: str) -> str:
    return f"<{name}>"


def test_blanks_and_comments_are_no_pieces() -> None:
    sql = "a -- it's ) ,\n/* \"b */ , x'0F' 'it''s' [a b] `c``d` \"e\"\"f\" 1.5e3 <> /* open"
    assert [(piece.kind, piece.text) for piece in tokens(sql)] == [
        ("word", "a"),
        ("sign", ","),
        ("blob", "x'0F'"),
        ("string", "'it''s'"),
        ("quoted", "[a b]"),
        ("quoted", "`c``d`"),
        ("quoted", '"e""f"'),
        ("number", "1.5e3"),
        ("sign", "<>"),
    ]
    assert [piece.name for piece in tokens(sql)[3:7]] == ["it's", "a b", "c`d", 'e"f']


def test_names_are_the_same_whatever_the_case_of_their_ascii_letters() -> None:
    assert same_name("Größe", "gRößE")
    assert not same_name("GRÖSSE", "größe")
    assert not same_name("Ä", "ä")


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("a + [b c] > 'd'", ["a", "b c"]),
        ("lower(a) COLLATE nocase", ["a"]),
        ("CAST(a AS integer) IN (1, 2) AND b IS NOT NULL", ["a", "b"]),
        ('"and" AND `x`', ["and", "x"]),
        ("CASE WHEN a THEN b ELSE 'c' END", ["a", "b", "END"]),
    ],
)
def test_columns_are_names_that_are_nothing_else(expression: str, columns: list[str]) -> None:
    assert list(columns_in(expression)) == columns


def test_a_column_is_renamed_and_nothing_else() -> None:
    assert renamed("b > 'b' AND [B] < b(1) -- b\n", "b", "n", quote) == "<n> > 'b' AND <n> < b(1) -- b\n"
    assert mentions("x.b", "B")
    assert not mentions("'b'", "b")


def test_a_statement_gets_another_name_or_a_schema() -> None:
    sql = 'CREATE UNIQUE INDEX IF NOT EXISTS "ix" ON t (a)'
    assert with_name(sql, "n", quote) == "CREATE UNIQUE INDEX IF NOT EXISTS <n> ON t (a)"
    assert in_schema(sql, "s", quote) == 'CREATE UNIQUE INDEX IF NOT EXISTS <s>."ix" ON t (a)'
    assert in_schema(sql, None, quote) == sql
    assert with_name("CREATE TABLE main.t(a)", "n", quote) == "CREATE TABLE main.<n>(a)"


def test_a_line_comment_at_the_end_hides_what_follows() -> None:
    assert ends_in_line_comment("a -- b")
    assert not ends_in_line_comment("a -- b\n")
    assert not ends_in_line_comment("'-- b'")


def test_names_in_double_quotes_are_put_beyond_doubt() -> None:
    """SQLite takes them for strings where nothing has the name."""
    assert without_doubt("SELECT \"a`b\", 'c', [d]") == "SELECT `a``b`, 'c', [d]"
