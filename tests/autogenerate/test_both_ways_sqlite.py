"""From one set of models to another and back on SQLite: constraints without names, and what is misread there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.autogenerate.both_ways import Models, check, models, nothing, table
from tests.autogenerate.recorded import World, bodies
from tests.backends.engines import connected


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[sa.Connection]:
    with connected(sqlite_url) as connection:
        yield connection


def pair(*items: Any) -> Models:
    def declare(metadata: sa.MetaData) -> None:
        table("u", metadata)
        table("t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), *items)

    return declare


def uniques(connection: sa.Connection) -> dict[str, str | None]:
    return {
        "".join(unique["column_names"]): unique["name"]
        for unique in sa.inspect(connection).get_unique_constraints("t")
    }


def test_a_foreign_key_without_a_name_goes_and_unique_constraints_stay_nameless(
    sqlite: sa.Connection,
) -> None:
    """AUT-40, BAT-43: a block that named them all would leave something to do."""
    key = sa.ForeignKeyConstraint(["b"], ["u.id"])
    check(sqlite, pair(key, sa.UniqueConstraint("a")), pair())
    assert uniques(sqlite) == {"a": None}


def test_a_unique_constraint_without_a_name_goes_with_its_column(sqlite: sa.Connection) -> None:
    """AUT-40, BAT-43: the block names the other two, so one of them goes, too, and one gets the name it should have."""
    check(
        sqlite,
        pair(
            sa.Column("c", sa.Integer),
            sa.UniqueConstraint("c"),
            sa.UniqueConstraint("a"),
            sa.UniqueConstraint("b"),
        ),
        pair(sa.UniqueConstraint("b", name="uq_b")),
    )


def test_a_word_in_a_check_is_no_column(sqlite: sa.Connection) -> None:
    """AUT-53: the CHECK that goes with a column is one that names it, not one with a string that reads like it."""

    def declared(*items: Any) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table(
                "t",
                metadata,
                sa.Column("size", sa.String(5)),
                sa.CheckConstraint("size IN ('s', 'm')", name="ck_size"),
                *items,
            )

        return declare

    upgrade, downgrade = check(sqlite, declared(sa.Column("s", sa.Integer, unique=True)), declared())
    assert "ck_size" not in upgrade + downgrade


# --- what SQLAlchemy misreads on SQLite ---------------------------------------------------------------------


def test_an_expression_ends_where_its_parenthesis_does(
    sqlite: sa.Connection, recwarn: pytest.WarningsRecorder
) -> None:
    """AUT-35, BAT-27: ADD COLUMN writes behind a computed column, on its line, where reflection reads on."""

    def computed(metadata: sa.MetaData) -> sa.Table:
        return table(
            "t",
            metadata,
            sa.Column("base", sa.Integer),
            sa.Column("doubled", sa.Integer, sa.Computed("base * 2", persisted=True)),
        )

    def with_money(metadata: sa.MetaData) -> None:
        computed(metadata).append_column(sa.Column("price", sa.Numeric(10, 2)))

    models(computed).create_all(sqlite)
    sqlite.commit()
    for declare in (with_money, nothing):
        world = World({"setup_sql": []}, sqlite, models(declare), {"compare_server_default": True})
        upgrade, downgrade, imports = bodies(world)
        world.run(upgrade, imports)
        assert world.differences() == []
    assert [str(warning.message) for warning in recwarn if "computed" in str(warning.message)] == []
    assert "sa.Computed('base * 2', persisted=True)" in downgrade


def test_constraints_that_somebody_has_written_in_other_ways(sqlite: sa.Connection) -> None:
    """AUT-40, AUT-50, AUT-53: their names, columns and actions are what SQLite says, not what SQLAlchemy makes out."""
    sqlite.exec_driver_sql("CREATE TABLE u (id INTEGER NOT NULL PRIMARY KEY)")
    sqlite.exec_driver_sql(
        """CREATE TABLE t (
        id INTEGER NOT NULL PRIMARY KEY, "a b" INTEGER CONSTRAINT "uq ab" UNIQUE, x INTEGER,
        k INTEGER REFERENCES u (id) ON
            DELETE SET NULL ON UPDATE CASCADE,
        l INTEGER,
        CONSTRAINT "say ""hi"" now" UNIQUE (x), CONSTRAINT
            "fk_l" FOREIGN KEY (l) REFERENCES u (id)
            ON DELETE CASCADE,
        CONSTRAINT "ck ""x"" now" CHECK (x > 0))"""
    )
    sqlite.commit()
    metadata = sa.MetaData()
    table("u", metadata)
    table(
        "t",
        metadata,
        sa.Column("a b", sa.Integer),
        sa.Column("x", sa.Integer),
        sa.Column("k", sa.ForeignKey("u.id", ondelete="SET NULL", onupdate="CASCADE")),
        sa.Column("l", sa.ForeignKey("u.id", name="fk_l", ondelete="CASCADE")),
        sa.UniqueConstraint("a b", name="uq ab"),
        sa.UniqueConstraint("x", name='say "hi" now'),
        sa.CheckConstraint("x > 0", name='ck "x" now'),
    )
    options = {"autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]}
    world = World({"setup_sql": []}, sqlite, metadata, options)
    assert world.differences() == []
    world.metadata = models(nothing)
    upgrade, downgrade, imports = bodies(world)
    for body in (upgrade, downgrade):
        world.run(body, imports)
    world.metadata = metadata
    assert world.differences() == []
