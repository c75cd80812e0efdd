"""A glance settles what is as it should be, and nothing else (AUT-6, AUT-20 to AUT-53)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.chain import comparators
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import glancing
from limbeck.runtime.migration import MigrationContext
from tests.autogenerate.settling import settled_tables
from tests.backends.engines import connected

COMPARED = {"compare_server_default": True}


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    with connected(database_url) as connection:
        models().create_all(connection)
        connection.commit()
        yield connection


def models(*, dialect: str = "") -> sa.MetaData:
    """Two tables with some of everything."""
    metadata = sa.MetaData()
    has_comments = dialect != "sqlite"
    sa.Table("parent", metadata, sa.Column("id", sa.Integer, primary_key=True))
    sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.ForeignKey("parent.id", name="fk_child", ondelete="CASCADE")),
        sa.Column("other_id", sa.Integer),
        sa.Column("name", sa.String(20), nullable=False, server_default="x"),
        sa.Column("mood", sa.Enum("happy", "sad", name="mood")),
        sa.Column("note", sa.String(50), comment="a note" if has_comments else None),
        sa.UniqueConstraint("other_id", "name", name="uq_child"),
        sa.UniqueConstraint("name"),
        sa.Index("ix_child", "note", "other_id"),
        comment="a child" if has_comments else None,
    )
    return metadata


def column(name: str, **said: Any) -> Callable[[sa.Table], None]:
    def change(table: sa.Table) -> None:
        for attribute, value in said.items():
            setattr(table.c[name], attribute, value)

    return change


def foreign_key(**said: Any) -> Callable[[sa.Table], None]:
    def change(table: sa.Table) -> None:
        (key,) = table.foreign_key_constraints
        for attribute, value in said.items():
            setattr(key, attribute, value)

    return change


def index(**said: Any) -> Callable[[sa.Table], None]:
    def change(table: sa.Table) -> None:
        (found,) = table.indexes
        for attribute, value in said.items():
            setattr(found, attribute, value)

    return change


def unique(named: str | None, **said: Any) -> Callable[[sa.Table], None]:
    def change(table: sa.Table) -> None:
        (found,) = (
            item for item in table.constraints if isinstance(item, sa.UniqueConstraint) and item.name == named
        )
        if not said:
            table.constraints.discard(found)
        for attribute, value in said.items():
            setattr(found, attribute, value)

    return change


ALL = ("sqlite", "postgresql", "mariadb")
SERVERS = ("postgresql", "mariadb")
DIFFERENT: dict[str, tuple[tuple[str, ...], Callable[[sa.Table], None]]] = {
    "nullable": (ALL, column("name", nullable=True)),
    "type": (ALL, column("other_id", type=sa.Text())),
    "length": (ALL, column("name", type=sa.String(21))),
    "default": (ALL, column("name", server_default=sa.DefaultClause("y"))),
    "no default": (ALL, column("name", server_default=None)),
    "new default": (ALL, column("note", server_default=sa.DefaultClause("y"))),
    "enumeration": (("mariadb",), column("mood", type=sa.Enum("happy", "sad", "new", name="mood"))),
    "name of the enumeration": (("postgresql",), column("mood", type=sa.Enum("happy", "sad", name="temper"))),
    "comment": (SERVERS, column("note", comment="another note")),
    "no comment": (SERVERS, column("note", comment=None)),
    "ondelete": (ALL, foreign_key(ondelete="SET NULL")),
    "no ondelete": (ALL, foreign_key(ondelete=None)),
    "onupdate": (ALL, foreign_key(onupdate="CASCADE")),
    "deferred": (("postgresql",), foreign_key(deferrable=True, initially="DEFERRED")),
    "unique index": (ALL, index(unique=True)),
    "name of the index": (ALL, index(name="ix_renamed")),
    "name of the unique constraint": (ALL, unique("uq_child", name="uq_renamed")),
    "no unique constraint": (ALL, unique("uq_child")),
    "new column": (ALL, lambda table: table.append_column(sa.Column("new", sa.Integer))),
    "new index": (ALL, lambda table: sa.Index("ix_new", table.c.name)),
    "new unique constraint": (ALL, lambda table: table.append_constraint(sa.UniqueConstraint("note"))),
    "new foreign key": (
        ALL,
        lambda table: table.append_constraint(sa.ForeignKeyConstraint(["other_id"], ["parent.id"])),
    ),
    "comment of the table": (SERVERS, lambda table: setattr(table, "comment", "another")),
}
SAME: dict[str, Callable[[sa.Table], None]] = {
    "nothing": lambda table: None,
    "name of the foreign key": foreign_key(name="fk_renamed"),
    "no action": foreign_key(onupdate="NO ACTION"),
    "case of an action": foreign_key(ondelete="cascade"),
    "spelling of a default": column("name", server_default=sa.DefaultClause(sa.text("'x'"))),
    "an empty comment for none": column("name", comment=""),
    "a Python default": column("other_id", default=sa.ColumnDefault(7)),
}


def changed(connection: sa.Connection, change: Callable[[sa.Table], None]) -> sa.MetaData:
    metadata = models(dialect=connection.dialect.name)
    change(metadata.tables["child"])
    return metadata


PARENT, CHILD = (None, "parent"), (None, "child")


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_differs_is_not_settled_where_the_database_knows_it(
    connection: sa.Connection, case: str
) -> None:
    backends, change = DIFFERENT[case]
    is_known = connection.dialect.name.replace("mysql", "mariadb") in backends
    expected = {PARENT} if is_known else {PARENT, CHILD}
    assert settled_tables(connection, changed(connection, change), COMPARED) == expected


@pytest.mark.parametrize("case", SAME)
def test_what_means_the_same_is_settled(connection: sa.Connection, case: str) -> None:
    assert settled_tables(connection, changed(connection, SAME[case]), COMPARED) == {PARENT, CHILD}


def test_what_is_not_compared_settles_nothing_less(connection: sa.Connection) -> None:
    metadata = changed(connection, column("name", type=sa.Text(), server_default=None))
    assert settled_tables(connection, metadata, COMPARED) == {PARENT}
    assert settled_tables(connection, metadata, {"compare_type": False}) == {PARENT, CHILD}


@pytest.mark.parametrize("kind", ["column", "index", "unique_constraint", "foreign_key_constraint"])
def test_what_a_filter_hides_is_left_to_the_comparators(sqlite_url: str, kind: str) -> None:
    """AUT-60."""
    with connected(sqlite_url) as connection:
        models().create_all(connection)
        options = {"include_name": lambda name, type_, parents: type_ != kind}
        assert CHILD not in settled_tables(connection, models(dialect="sqlite"), options)


def context(connection: sa.Connection, **options: Any) -> AutogenContext:
    return AutogenContext(
        MigrationContext.configure(connection, opts={"target_metadata": sa.MetaData(), **options})
    )


@pytest.mark.parametrize(
    "options",
    [
        {"include_object": lambda *arguments: True},
        {"compare_type": lambda *arguments: None},
        {"compare_server_default": lambda *arguments: None},
        {"autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]},
    ],
)
def test_whoever_wants_to_see_objects_sees_all_pairs(sqlite_url: str, options: dict[str, Any]) -> None:
    """AUT-20, AUT-30, AUT-61, AUT-106."""
    with connected(sqlite_url) as connection:
        assert glancing(context(connection)) is not None
        assert glancing(context(connection, **options)) is None


def test_a_comparator_of_ones_own_sees_all_pairs(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """AUT-102."""
    copied = {key: list(chain) for key, chain in comparators._registry.items()}
    monkeypatch.setattr(comparators, "_registry", defaultdict(list, copied))
    comparators.dispatch_for("table")(lambda *arguments: None)
    with connected(sqlite_url) as connection:
        assert glancing(context(connection)) is None
