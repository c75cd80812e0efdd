"""What is read of many PostgreSQL tables at once: what SQLAlchemy's inspector says of each, and what it overlooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.compare.records import COMPARED
from limbeck.ddl.postgresql.records import is_known, read_records
from tests.backends.engines import connected

TABLES = """
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN code AS varchar(9) NOT NULL;
CREATE TABLE other.target (id integer PRIMARY KEY);
CREATE TABLE parent (id serial PRIMARY KEY, "Odd name" text UNIQUE, a integer, b integer, UNIQUE (a, b));
CREATE TABLE child (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gone integer,
    amount numeric(10, 2) NOT NULL DEFAULT 0,
    plain_amount numeric,
    name varchar(20) COLLATE "C",
    other_name varchar(20),
    tags text[],
    at timestamp(3) with time zone,
    a integer,
    b integer,
    p integer REFERENCES parent (id) ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED,
    q integer REFERENCES other.target (id) MATCH FULL DEFERRABLE,
    CONSTRAINT "fk, odd" FOREIGN KEY (b, a) REFERENCES parent (b, a) ON UPDATE SET NULL
);
ALTER TABLE child DROP COLUMN gone;
COMMENT ON COLUMN child.amount IS 'in "€"';
CREATE INDEX ix_child ON child (a);
CREATE TABLE alike (name varchar(20), amount numeric(10, 2) NOT NULL, at timestamp(3) with time zone);
CREATE TABLE special (feeling mood NOT NULL, code code, name varchar(20));
CREATE TABLE other.inner_child (t integer REFERENCES other.target (id), p integer REFERENCES parent (id));
CREATE TABLE divided (day date, p integer REFERENCES parent (id)) PARTITION BY RANGE (day);
"""


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[sa.Connection]:
    with connected(postgresql_url) as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        yield connection


def read(connection: sa.Connection, *names: str, schema: str | None = None, **kw: Any) -> Any:
    found = read_records(sa.inspect(connection), schema, names, COMPARED, **({"with_defaults": False} | kw))
    return {record.name: record for record in found}


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (None, ["alike", "child", "divided", "parent", "special"]),
        (None, ["alike"]),
        ("public", ["child", "parent"]),
        ("other", ["inner_child", "target"]),
    ],
)
@pytest.mark.parametrize("with_defaults", [False, True])
def test_the_facts_are_those_of_the_inspector(
    connection: sa.Connection, schema: str | None, names: list[str], with_defaults: bool
) -> None:
    inspector = sa.inspect(connection)
    found = read(connection, *names, schema=schema, with_defaults=with_defaults)
    assert sorted(found) == names
    for name, record in found.items():
        assert record.key == (schema, name)
        assert plain_columns(record.columns, with_defaults) == plain_columns(
            inspector.get_columns(name, schema=schema), with_defaults
        )
        assert plain_keys(record.foreign_keys) == plain_keys(inspector.get_foreign_keys(name, schema=schema))
        assert record.indexes == inspector.get_indexes(name, schema=schema)
        assert record.unique_constraints == inspector.get_unique_constraints(name, schema=schema)


def plain_columns(columns: Any, with_defaults: bool) -> Any:
    said = ["name", "nullable", "comment", *(["default", "identity"] if with_defaults else [])]
    return [{"type": repr(column["type"]), **{key: column.get(key) for key in said}} for column in columns]


def plain_keys(keys: Any) -> Any:
    said = ("name", "constrained_columns", "referred_schema", "referred_table", "referred_columns")
    return [
        {
            **{key: found[key] for key in said},
            "options": {name: value for name, value in found["options"].items() if name != "match"},
        }
        for found in keys
    ]


def test_a_table_whose_key_sets_only_some_columns_null_is_left_out(connection: sa.Connection) -> None:
    if connection.dialect.server_version_info < (15,):  # type: ignore[operator]
        pytest.skip("this server has no such keys")
    connection.exec_driver_sql(
        "CREATE TABLE partly (a integer, b integer, FOREIGN KEY (a, b) REFERENCES parent (a, b) "
        "ON DELETE SET NULL (a))"
    )
    assert sorted(read(connection, "alike", "partly")) == ["alike"]


def test_a_table_of_a_session_is_not_taken_for_the_one_it_hides(connection: sa.Connection) -> None:
    connection.exec_driver_sql("CREATE TEMPORARY TABLE alike (id integer)")
    assert read(connection, "alike") == {}


def test_a_key_into_a_schema_of_the_search_path_names_none(connection: sa.Connection) -> None:
    connection.exec_driver_sql("SET search_path TO public, other")
    inspector = sa.inspect(connection)
    record = read(connection, "child")["child"]
    assert plain_keys(record.foreign_keys) == plain_keys(inspector.get_foreign_keys("child"))


def test_relatives_of_postgresql_are_asked_by_sqlalchemy(connection: sa.Connection) -> None:
    class Relative(type(connection.dialect)):  # type: ignore[misc]
        __module__ = "cockroach.dialect"

    assert is_known(connection.dialect)
    assert not is_known(Relative())
