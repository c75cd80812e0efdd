"""What is read of many SQLite tables at once: what SQLAlchemy's inspector says of each, and what it overlooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.sqlite.records import read_records, unique_names
from tests.backends.engines import connected

TABLES = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, "Odd name" TEXT UNIQUE, a INTEGER, b INTEGER, UNIQUE (a, b));
CREATE TABLE child (
    id INTEGER NOT NULL PRIMARY KEY, -- UNIQUE (id)
    code VARCHAR(9) DEFAULT 'UNIQUE (id)' CONSTRAINT uq_code UNIQUE,
    a INTEGER,
    b INTEGER CHECK (b IN (1, 2)),
    p INTEGER REFERENCES parent (id),
    CONSTRAINT "uq, odd" UNIQUE (B COLLATE NOCASE, p),
    CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES parent (a, b) ON UPDATE SET NULL
);
CREATE INDEX ix_plain ON child (code, a);
CREATE UNIQUE INDEX ix_unique ON child (a) WHERE a > 0;
CREATE TABLE with_action (p INTEGER REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE to_any_key (p INTEGER REFERENCES parent);
CREATE TABLE over_expression (a TEXT);
CREATE INDEX ix_lower ON over_expression (lower(a));
CREATE TABLE twice (a TEXT UNIQUE, CONSTRAINT uq_twice UNIQUE (a));
"""


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    with connected(sqlite_url) as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        yield connection


def read(connection: sa.Connection, *names: str) -> Any:
    return {record.name: record for record in read_records(sa.inspect(connection), None, names)}


def test_the_facts_are_those_of_the_inspector(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    records = read(connection, "parent", "child")
    assert sorted(records) == ["child", "parent"]
    for name, record in records.items():
        assert record.key == (None, name)
        assert plain_columns(record.columns) == plain_columns(inspector.get_columns(name))
        assert plain_keys(record.foreign_keys) == plain_keys(inspector.get_foreign_keys(name))
        assert plain_indexes(record.indexes) == plain_indexes(inspector.get_indexes(name))


def plain_columns(columns: Any) -> Any:
    return [{**column, "type": str(column["type"])} for column in columns]


def plain_keys(keys: Any) -> Any:
    return sorted(
        (
            key["constrained_columns"],
            key["referred_schema"],
            key["referred_table"],
            key["referred_columns"],
            {name: said for name, said in key["options"].items() if said != "NO ACTION"},
        )
        for key in keys
    )


def plain_indexes(indexes: Any) -> Any:
    return sorted((index["name"], index["column_names"], bool(index["unique"])) for index in indexes)


def test_unique_constraints_have_the_names_that_stand_in_the_text(connection: sa.Connection) -> None:
    """Also where SQLAlchemy's inspector, which looks for a certain spelling, finds none."""
    records = read(connection, "parent", "child")
    names = {
        name: {tuple(unique["column_names"]): unique["name"] for unique in record.unique_constraints}
        for name, record in records.items()
    }
    assert names == {
        "parent": {("Odd name",): None, ("a", "b"): None},
        "child": {("code",): "uq_code", ("b", "p"): "uq, odd"},
    }


def test_the_action_of_a_key_that_is_written_with_its_column_is_seen(connection: sa.Connection) -> None:
    """SQLAlchemy's inspector reads actions from the text, where it finds only those of a FOREIGN KEY clause."""
    (key,) = read(connection, "with_action")["with_action"].foreign_keys
    assert key["options"]["ondelete"] == "CASCADE"


def test_only_what_was_asked_for_is_read(connection: sa.Connection) -> None:
    assert list(read(connection, "child", "gone")) == ["child"]


@pytest.mark.parametrize("name", ["to_any_key", "twice"])
def test_what_cannot_be_told_is_left_out(connection: sa.Connection, name: str) -> None:
    assert read(connection, name) == {}


def test_an_index_over_an_expression_says_so(connection: sa.Connection) -> None:
    (index,) = read(connection, "over_expression")["over_expression"].indexes
    assert index == {"name": "ix_lower", "column_names": [None], "unique": False, "expressions": True}


def test_an_attached_database_is_read_by_its_name(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ATTACH ':memory:' AS other")
    connection.exec_driver_sql("CREATE TABLE other.u (id INTEGER PRIMARY KEY)")
    connection.exec_driver_sql(
        "CREATE TABLE other.child (u INTEGER REFERENCES u (id), CONSTRAINT uq UNIQUE (u))"
    )
    (record,) = read_records(sa.inspect(connection), "other", ["child"])
    assert record.key == ("other", "child")
    assert [key["referred_schema"] for key in record.foreign_keys] == ["other"]
    assert record.unique_constraints == [{"name": "uq", "column_names": ["u"]}]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("CREATE TABLE t (a)", {}),
        ("CREATE TABLE t (a UNIQUE ON CONFLICT IGNORE, b)", {frozenset("a"): [None]}),
        ("CREATE TABLE t (a DEFAULT (1) CONSTRAINT x UNIQUE)", {frozenset("a"): ["x"]}),
        ("CREATE TABLE [t] ([A] TEXT, UNIQUE ([A]))", {frozenset("a"): [None]}),
        ("CREATE TABLE t (a, b, UNIQUE (a, b DESC))", {frozenset("ab"): [None]}),
        ("CREATE TABLE t (a UNIQUE, UNIQUE (a))", {frozenset("a"): [None, None]}),
    ],
)
def test_names_are_read_from_the_text(sql: str, names: Any) -> None:
    assert unique_names(sql) == names
