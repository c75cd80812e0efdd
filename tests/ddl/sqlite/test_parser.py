"""A CREATE TABLE statement is taken apart, and put together again without a change."""

from __future__ import annotations

import sqlite3

import pytest

from limbeck.ddl.sqlite.definition import render
from limbeck.ddl.sqlite.parser import NotUnderstood, parse

EVERYTHING = """CREATE TABLE "t" ( -- head
 id INTEGER CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT ABORT, -- the id
 /* a ( */ [a b] "my type" (5, 2) DEFAULT -1.5 NOT NULL ON CONFLICT IGNORE COLLATE nocase
   REFERENCES u(x) ON DELETE SET NULL MATCH FULL DEFERRABLE INITIALLY DEFERRED, `c`,
 d TEXT DEFAULT ('a)' || 'x') CHECK (d <> ')' -- hu )
 ),
 g INT GENERATED ALWAYS AS (id*2) STORED UNIQUE, v AS (id+1), x DEFAULT NULL NULL, generated TEXT,
 n CONSTRAINT one CONSTRAINT two NOT NULL DEFAULT CURRENT_TIMESTAMP,
 r REFERENCES u NOT DEFERRABLE CHECK (r > 0) DEFERRABLE,
 UNIQUE (c COLLATE NOCASE DESC, d) ON CONFLICT REPLACE CHECK (id>0) ON CONFLICT FAIL,
 CONSTRAINT "f k" FOREIGN KEY(c,d) REFERENCES v ON UPDATE NO ACTION ON DELETE RESTRICT, PRIMARY KEY (id)
) STRICT, WITHOUT ROWID"""


def test_columns_and_clauses_keep_their_text() -> None:
    table = parse(EVERYTHING)
    assert [(column.name, column.type) for column in table.columns] == [
        ("id", "INTEGER"),
        ("a b", '"my type" (5, 2)'),
        ("c", ""),
        ("d", "TEXT"),
        ("g", "INT"),
        ("v", ""),
        ("x", ""),
        ("generated", "TEXT"),
        ("n", ""),
        ("r", ""),
    ]
    assert [[clause.text for clause in column.clauses] for column in table.columns] == [
        ["CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT ABORT"],
        [
            "DEFAULT -1.5",
            "NOT NULL ON CONFLICT IGNORE",
            "COLLATE nocase",
            "REFERENCES u(x) ON DELETE SET NULL MATCH FULL DEFERRABLE INITIALLY DEFERRED",
        ],
        [],
        ["DEFAULT ('a)' || 'x')", "CHECK (d <> ')' -- hu )\n )"],
        ["GENERATED ALWAYS AS (id*2) STORED", "UNIQUE"],
        ["AS (id+1)"],
        ["DEFAULT NULL", "NULL"],
        [],
        ["CONSTRAINT one CONSTRAINT two NOT NULL", "DEFAULT CURRENT_TIMESTAMP"],
        ["REFERENCES u NOT DEFERRABLE", "CHECK (r > 0)", "DEFERRABLE"],
    ]
    assert [(clause.kind, clause.name, clause.columns, clause.target) for clause in table.constraints] == [
        ("UNIQUE", None, ("c", "d"), None),
        ("CHECK", None, (), None),
        ("FOREIGN", "f k", ("c", "d"), "v"),
        ("PRIMARY", None, ("id",), None),
    ]
    assert (table.has_option("STRICT"), table.has_option("WITHOUT", "ROWID")) == (True, True)


def test_comments_stay_with_the_column_they_are_about() -> None:
    texts = [column.text for column in parse(EVERYTHING).columns[:2]]
    assert texts[0].startswith("-- head\n id INTEGER")
    assert texts[0].endswith("ABORT -- the id")
    assert texts[1].startswith("/* a ( */ [a b]")


def test_what_is_put_together_again_means_the_same() -> None:
    sql = EVERYTHING.replace(" CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT ABORT", "").replace(
        ") STRICT, ", ") "
    )
    meanings = []
    for statement in (sql, render(parse(sql), '"t"')):
        with sqlite3.connect(":memory:") as connection:
            connection.execute(statement)
            pragmas = ("table_xinfo", "index_list", "foreign_key_list")
            meanings.append([connection.execute(f"PRAGMA {pragma}(t)").fetchall() for pragma in pragmas])
        connection.close()
    assert meanings[0] == meanings[1]
    assert parse(render(parse(sql), "t")) == parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIRTUAL TABLE t USING fts5 (a)",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a",
        "CREATE TABLE t (UNIQUE (a), b)",
        "CREATE TABLE t (a, UNIQUE (a), b)",
        "CREATE TABLE t (a ; b)",
        "",
    ],
)
def test_what_is_no_list_of_columns_is_not_guessed_at(sql: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(sql)
