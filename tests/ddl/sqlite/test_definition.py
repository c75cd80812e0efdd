"""Changes to the parts of a CREATE TABLE statement."""

from __future__ import annotations

import pytest

from limbeck.ddl.sqlite.definition import has_autoincrement, render, with_autoincrement
from limbeck.ddl.sqlite.parser import parse


def quote(name: str) -> str:
    return f"[{name}]"


def test_a_clause_without_a_name_gets_one() -> None:
    [column] = parse("CREATE TABLE t (a UNIQUE)").columns
    assert column.clauses[0].named("uq", quote).text == "CONSTRAINT [uq] UNIQUE"


def test_an_untouched_column_is_written_as_it_was() -> None:
    [column] = parse("CREATE TABLE t (a  INT /* x */ NOT NULL)").columns
    assert column.text == "a  INT /* x */ NOT NULL"
    assert column.without("CHECK").text == "a  INT /* x */ NOT NULL"
    assert column.without("NOT NULL").text == "a INT"
    assert column.changed(type_="TEXT").text == "a TEXT NOT NULL"


def test_what_follows_a_line_comment_is_no_part_of_it() -> None:
    [column] = parse("CREATE TABLE t (-- about a\n a INT NOT NULL)").columns
    assert column.changed(type_="TEXT").text == "-- about a\n a TEXT NOT NULL"
    assert render(parse("CREATE TABLE t (a, -- x\n b)"), "n") == "CREATE TABLE n (\n\ta -- x\n, \n\tb\n)"


def test_a_column_is_renamed_in_everything_that_speaks_of_it() -> None:
    table = parse(
        "CREATE TABLE t (a REFERENCES u (a) CHECK (a > b), b REFERENCES T (a) DEFAULT 'a', g AS (a + 1), "
        "UNIQUE (b, a), FOREIGN KEY (a) REFERENCES u (a), FOREIGN KEY (b) REFERENCES t (a))"
    )
    parts = [part.renamed("t", "A", "n", quote) for part in (*table.columns, *table.constraints)]
    assert [part.text for part in parts] == [
        "[n] REFERENCES u (a) CHECK ([n] > b)",
        "b REFERENCES T ([n]) DEFAULT 'a'",
        "g AS ([n] + 1)",
        "UNIQUE (b, [n])",
        "FOREIGN KEY ([n]) REFERENCES u (a)",
        "FOREIGN KEY (b) REFERENCES t ([n])",
    ]


@pytest.mark.parametrize(
    ("columns", "with_it"),
    [
        ("id INTEGER PRIMARY KEY, a", "id INTEGER PRIMARY KEY AUTOINCREMENT, a"),
        ("id INTEGER, CONSTRAINT pk PRIMARY KEY (id)", "id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT"),
    ],
)
def test_autoincrement_is_written_at_the_column(columns: str, with_it: str) -> None:
    """BAT-42."""
    table = with_autoincrement(parse(f"CREATE TABLE t ({columns})"), True)
    assert (table, has_autoincrement(table)) == (parse(f"CREATE TABLE t ({with_it})"), True)
    assert not has_autoincrement(with_autoincrement(table, False))
