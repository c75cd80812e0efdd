"""What a database says, as plain records: of the tables and kinds of things that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.compare.records import COMPARED, READERS, TableRecord, read_records
from tests.backends.engines import connected


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    metadata = sa.MetaData()
    sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey("parent.id", name="fk_child"), index=True),
        sa.Column("code", sa.String(9)),
        sa.UniqueConstraint("code", name="uq_child"),
        sa.CheckConstraint("code <> 'x'", name="ck_child"),
    )
    with connected(database_url) as connection:
        metadata.create_all(connection)
        connection.commit()
        yield connection


def read(connection: sa.Connection, *names: str, **kinds: Any) -> list[TableRecord]:
    return list(read_records(sa.inspect(connection), None, names, **kinds))


def test_the_records_are_those_of_the_inspector(connection: sa.Connection) -> None:
    inspector = sa.inspect(connection)
    parent, child = read(connection, "parent", "child")
    assert (parent.key, parent.schema, parent.name) == ((None, "parent"), None, "parent")
    assert [column["name"] for column in child.columns] == ["id", "parent_id", "code"]
    assert child.primary_key == inspector.get_pk_constraint("child")
    assert child.foreign_keys == inspector.get_foreign_keys("child")
    assert child.indexes == inspector.get_indexes("child")
    assert child.unique_constraints == inspector.get_unique_constraints("child")
    assert child.check_constraints == inspector.get_check_constraints("child")
    assert parent.foreign_keys == parent.indexes == parent.unique_constraints == []


def test_only_the_kinds_that_are_compared_are_read(connection: sa.Connection) -> None:
    (child,) = read(connection, "child", kinds=COMPARED)
    assert child.primary_key is None
    assert child.check_constraints == []
    assert child.foreign_keys != []
    assert READERS.keys() > COMPARED


def test_a_table_that_is_gone_is_left_out(connection: sa.Connection) -> None:
    assert [record.name for record in read(connection, "child", "gone")] == ["child"]


def test_a_database_that_has_no_comments_says_none(sqlite_url: str) -> None:
    with connected(sqlite_url) as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
        with pytest.raises(NotImplementedError):
            sa.inspect(connection).get_multi_table_comment()
        (record,) = read(connection, "t")
        assert record.comment is None


@pytest.mark.parametrize(
    ("columns", "is_unique"),
    [
        (["id"], True),
        (["code"], True),
        (["b", "a"], True),
        (["a"], False),
        (["c"], False),
        (["id", "c"], False),
    ],
)
def test_columns_are_unique_by_key_by_constraint_or_by_index(columns: list[str], is_unique: bool) -> None:
    record = TableRecord(
        key=(None, "t"),
        primary_key={"constrained_columns": ["id"]},
        unique_constraints=[{"column_names": ["code"]}],
        indexes=[
            {"column_names": ["a", "b"], "unique": True},
            {"column_names": ["c"], "unique": False},
        ],
    )
    assert record.is_unique(columns) is is_unique
    assert TableRecord(key=(None, "t")).is_unique(columns) is False
