"""Comparing from Python, and rules of the comparison as whole as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.api import compare_metadata, produce_migrations
from limbeck.operations.ops import CreateTableOp, DropTableOp, ModifyTableOps
from limbeck.runtime.migration import MigrationContext


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def table(name: str, metadata: sa.MetaData, *items: Any, **options: Any) -> sa.Table:
    return sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *items, **options)


def differences(connection: sa.Connection, metadata: sa.MetaData, **options: Any) -> list[Any]:
    found: list[Any] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return found


def test_migrations_are_a_script_without_an_identifier_that_leads_both_ways(
    connection: sa.Connection,
) -> None:
    """AUT-4, AUT-46: the index of a new table comes after it, and goes before it."""
    metadata = sa.MetaData()
    table("t", metadata, sa.Column("a", sa.Integer, index=True))
    script = produce_migrations(MigrationContext.configure(connection), metadata)
    assert script.rev_id is None
    assert script.upgrade_ops is not None
    assert script.downgrade_ops is not None
    assert [type(one) for one in script.upgrade_ops.ops] == [CreateTableOp, ModifyTableOps]
    assert isinstance(script.downgrade_ops.ops[-1], DropTableOp)


def test_a_new_name_is_something_new_and_the_old_one_goes(connection: sa.Connection) -> None:
    """AUT-9: nobody can tell a renamed column from another one."""
    before, after = sa.MetaData(), sa.MetaData()
    table("t", before, sa.Column("a", sa.Integer))
    table("t", after, sa.Column("b", sa.Integer))
    before.create_all(connection)
    assert [(kind, column.name) for kind, _, _, column in differences(connection, after)] == [
        ("add_column", "b"),
        ("remove_column", "a"),
    ]


def test_defaults_are_compared_of_columns_that_both_sides_have(connection: sa.Connection) -> None:
    """AUT-36: the change says what else the column is."""
    before, after = sa.MetaData(), sa.MetaData()
    table("t", before, sa.Column("a", sa.Integer, server_default="1"))
    table(
        "t",
        after,
        sa.Column("a", sa.Integer, server_default="2"),
        sa.Column("b", sa.Integer, server_default="3"),
    )
    before.create_all(connection)
    added, [changed] = differences(connection, after, compare_server_default=True)
    assert added[0] == "add_column"
    kind, schema, name, column, existing, _, wanted = changed
    assert (kind, schema, name, column) == ("modify_default", None, "t", "a")
    assert existing["existing_nullable"] is True
    assert isinstance(existing["existing_type"], sa.Integer)
    assert existing["existing_comment"] is None
    assert wanted.arg == "2"


def test_foreign_keys_go_before_others_come_in_the_order_of_their_names(connection: sa.Connection) -> None:
    """AUT-51."""

    def declared(ondelete: str | None) -> sa.MetaData:
        metadata = sa.MetaData()
        table("u", metadata)
        keys = [sa.ForeignKey("u.id", name=f"fk_{name}", ondelete=ondelete) for name in "cab"]
        table("t", metadata, *(sa.Column(key.name, sa.Integer, key) for key in keys))  # type: ignore[arg-type]  # they have names
        return metadata

    declared(None).create_all(connection)
    assert [(kind, key.name) for kind, key in differences(connection, declared("CASCADE"))] == [
        ("remove_fk", "fk_a"),
        ("remove_fk", "fk_b"),
        ("remove_fk", "fk_c"),
        ("add_fk", "fk_a"),
        ("add_fk", "fk_b"),
        ("add_fk", "fk_c"),
    ]


def test_the_default_schema_is_the_same_as_none(connection: sa.Connection) -> None:
    """AUT-52, AUT-62: for tables and for what foreign keys point to."""
    schema = sa.inspect(connection).default_schema_name
    before, after = sa.MetaData(), sa.MetaData()
    table("u", before)
    table("t", before, sa.Column("u_id", sa.ForeignKey("u.id", name="fk_u")))
    table("u", after, schema=schema)
    table("t", after, sa.Column("u_id", sa.ForeignKey(f"{schema}.u.id", name="fk_u")), schema=schema)
    before.create_all(connection)
    assert differences(connection, after) == []


def test_the_values_of_an_enumeration_are_a_set_where_they_are_part_of_the_type(mariadb_url: str) -> None:
    """AUT-23: another order is no change, another value is."""
    assert changes_of_type(mariadb_url, sa.Enum("a", "b"), sa.Enum("b", "a")) == []
    assert changes_of_type(mariadb_url, sa.Enum("a", "b"), sa.Enum("a", "b", "c")) == ["modify_type"]


def test_an_enumeration_with_a_name_is_compared_by_that(postgresql_url: str) -> None:
    """AUT-23."""
    mood, same, other = sa.Enum("a", name="m"), sa.Enum("a", "b", name="m"), sa.Enum("a", name="n")
    assert changes_of_type(postgresql_url, mood, same) == []
    assert changes_of_type(postgresql_url, mood, other) == ["modify_type"]


def test_an_enumeration_without_a_type_of_its_own_is_compared_by_length(sqlite_url: str) -> None:
    """AUT-23."""
    assert changes_of_type(sqlite_url, sa.Enum("a", "b"), sa.Enum("c", "d")) == []
    assert changes_of_type(sqlite_url, sa.Enum("a", "b"), sa.Enum("long", "er")) == ["modify_type"]


def changes_of_type(url: str, found: sa.types.TypeEngine[Any], wanted: sa.types.TypeEngine[Any]) -> list[str]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        before, after = sa.MetaData(), sa.MetaData()
        table("t", before, sa.Column("a", found))
        table("t", after, sa.Column("a", wanted))
        before.create_all(connection)
        kinds = [change[0] for group in differences(connection, after) for change in group]
        before.drop_all(connection)
        connection.commit()
    engine.dispose()
    return kinds


def test_a_unique_index_is_a_unique_constraint_only_where_the_database_says_so(
    connection: sa.Connection,
) -> None:
    """AUT-43."""
    before, after = sa.MetaData(), sa.MetaData()
    column = sa.Column("a", sa.Integer)
    table("t", before, column, sa.Index("uq_a", column, unique=True))
    table("t", after, sa.Column("a", sa.Integer), sa.UniqueConstraint("a", name="uq_a"))
    before.create_all(connection)
    kinds = [kind for kind, _ in differences(connection, after)]
    is_shared = connection.dialect.name in ("mysql", "mariadb")
    assert kinds == ([] if is_shared else ["remove_index", "add_constraint"])
