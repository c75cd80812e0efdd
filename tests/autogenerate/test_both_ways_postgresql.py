"""From one set of models to another and back on PostgreSQL: enumerations, and defaults that follow their type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from tests.autogenerate.both_ways import Models, check, models, nothing, table
from tests.autogenerate.recorded import World, bodies
from tests.backends.engines import connected


@pytest.fixture
def postgres(postgresql_url: str) -> Iterator[sa.Connection]:
    with connected(postgresql_url) as connection:
        yield connection


def enumerations(connection: sa.Connection) -> list[str]:
    return [enum["name"] for enum in sa.inspect(connection).get_enums()]


def mood() -> sa.Enum:
    return sa.Enum("happy", "it's: so-so", name="mood")


def with_two_tables(metadata: sa.MetaData) -> None:
    table("a", metadata, sa.Column("m", mood()))
    table("b", metadata, sa.Column("m", postgresql.ARRAY(mood())))


def with_a_column(metadata: sa.MetaData) -> None:
    table("a", metadata, sa.Column("m", mood()))


def without_the_column(metadata: sa.MetaData) -> None:
    table("a", metadata)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (nothing, with_two_tables),
        (with_two_tables, nothing),
        (with_two_tables, with_a_column),
        (without_the_column, with_a_column),
        (with_a_column, without_the_column),
        (without_the_column, with_two_tables),
        (with_a_column, with_two_tables),
        (with_two_tables, without_the_column),
    ],
)
def test_an_enumeration_comes_with_its_first_column_and_goes_with_the_last(
    postgres: sa.Connection, before: Models, after: Models
) -> None:
    """OPS-65: also twice in a row, for nothing is left behind."""
    had = before in (with_two_tables, with_a_column)
    for _ in range(2):
        check(postgres, before, after)
        assert enumerations(postgres) == (["mood"] if had else [])


def test_an_enumeration_that_others_use_stays(postgres: sa.Connection) -> None:
    """OPS-65: also if those are out of sight of this comparison."""
    models(with_two_tables).create_all(postgres)
    postgres.commit()
    metadata = models(nothing)
    world = World(
        {"setup_sql": []}, postgres, metadata, {"include_name": lambda name, type_, parents: name != "b"}
    )
    upgrade, _, imports = bodies(world)
    world.run(upgrade, imports)
    assert enumerations(postgres) == ["mood"]
    assert "TYPE" not in upgrade


def test_a_string_becomes_an_enumeration(postgres: sa.Connection) -> None:
    """OPS-43, OPS-65."""

    def before(metadata: sa.MetaData) -> None:
        table("a", metadata, sa.Column("m", sa.String(20)))

    upgrade, downgrade = check(postgres, before, with_a_column)
    assert "postgresql_using='m::mood'" in upgrade
    assert "DROP TYPE IF EXISTS mood" in downgrade


def test_a_default_that_means_the_same_in_another_type_follows_the_type(postgres: sa.Connection) -> None:
    """AUT-31: 0 is false, but no default of a boolean."""

    def declared(type_: sa.types.TypeEngine[Any], default: Any) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("t", metadata, sa.Column("x", type_, server_default=default))

        return declare

    old, new = models(declared(sa.Integer(), sa.text("0"))), models(declared(sa.Boolean(), sa.false()))
    old.create_all(postgres)
    postgres.commit()
    world = World({"setup_sql": []}, postgres, new, {"compare_server_default": True})
    upgrade, downgrade, imports = bodies(world)
    for body, left in ((upgrade, []), (downgrade, world.differences())):
        world.run(body, imports)
        assert world.differences() == left
