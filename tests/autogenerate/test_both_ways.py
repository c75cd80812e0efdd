"""From one set of models to another and back, on every database: what is written runs and leaves nothing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from limbeck.autogenerate.api import compare_metadata
from limbeck.ddl.mysql import foreign_keys
from limbeck.ddl.mysql.impl import MySQLImpl
from limbeck.runtime.migration import MigrationContext
from tests.autogenerate.recorded import World, bodies
from tests.backends.engines import connected

Models = Callable[[sa.MetaData], None]


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    with connected(database_url) as connection:
        yield connection


def models(declare: Models, **options: Any) -> sa.MetaData:
    metadata = sa.MetaData(**options)
    declare(metadata)
    return metadata


def differences(connection: sa.Connection, metadata: sa.MetaData) -> Any:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def check(connection: sa.Connection, before: Models, after: Models, **options: Any) -> tuple[str, str]:
    """Go from `before` to `after` and back with what is written, and return that."""
    old, new = models(before, **options), models(after, **options)
    old.create_all(connection)
    connection.commit()
    world = World({"setup_sql": []}, connection, new, {})
    upgrade, downgrade, imports = bodies(world)
    world.run(upgrade, imports)
    assert differences(connection, new) == []
    world.run(downgrade, imports)
    assert differences(connection, old) == []
    return upgrade, downgrade


def table(name: str, metadata: sa.MetaData, *items: Any) -> sa.Table:
    return sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True), *items)


def nothing(metadata: sa.MetaData) -> None:
    """No tables."""


def chain(metadata: sa.MetaData) -> None:
    table("c", metadata)
    table("b", metadata, sa.Column("c_id", sa.ForeignKey("c.id", name="fk_bc")))
    table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id", name="fk_ab"), index=True))


def circle(metadata: sa.MetaData) -> None:
    table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id", name="fk_ab", use_alter=True)))
    table("b", metadata, sa.Column("c_id", sa.ForeignKey("c.id", name="fk_bc", use_alter=True)))
    table("c", metadata, sa.Column("a_id", sa.ForeignKey("a.id", name="fk_ca", use_alter=True)))


def bound_circle(metadata: sa.MetaData) -> None:
    table("a", metadata, sa.Column("b_id", sa.ForeignKey("b.id", name="fk_ab")))
    table("b", metadata, sa.Column("a_id", sa.ForeignKey("a.id", name="fk_ba")), sa.Column("x", sa.Integer))


@pytest.mark.parametrize("declare", [chain, circle])
def test_tables_that_refer_to_each_other_come(connection: sa.Connection, declare: Models) -> None:
    """AUT-6, AUT-53."""
    check(connection, nothing, declare)


@pytest.mark.parametrize("declare", [chain, circle])
def test_tables_that_refer_to_each_other_go(connection: sa.Connection, declare: Models) -> None:
    """AUT-6: the children first, and a circle is opened before."""
    check(connection, declare, nothing)


def test_a_circle_nobody_has_opened_comes(connection: sa.Connection) -> None:
    """AUT-6: one foreign key of the circle is made last."""
    check(connection, nothing, bound_circle)


def test_a_table_goes_that_another_one_referred_to(connection: sa.Connection) -> None:
    """AUT-6: the foreign key of the table that stays goes first."""

    def before(metadata: sa.MetaData) -> None:
        table("account", metadata)
        table("zebra", metadata, sa.Column("account_id", sa.ForeignKey("account.id", name="fk_zebra")))

    def after(metadata: sa.MetaData) -> None:
        table("zebra", metadata)

    check(connection, before, after)


def test_a_foreign_key_to_a_column_that_is_added_to_a_later_table(connection: sa.Connection) -> None:
    """AUT-6: it waits until the column and its key are there, and on the way back goes before them."""

    def before(metadata: sa.MetaData) -> None:
        table("a", metadata)
        table("z", metadata)

    def after(metadata: sa.MetaData) -> None:
        table("a", metadata, sa.Column("code", sa.String(9), sa.ForeignKey("z.code", name="fk_a_code")))
        table("new", metadata, sa.Column("code", sa.String(9), sa.ForeignKey("z.code", name="fk_new_code")))
        table("z", metadata, sa.Column("code", sa.String(9)), sa.UniqueConstraint("code", name="uq_z_code"))

    check(connection, before, after)


def test_a_column_that_a_foreign_key_of_another_table_pointed_to_goes(connection: sa.Connection) -> None:
    """AUT-6."""

    def before(metadata: sa.MetaData) -> None:
        table("a", metadata, sa.Column("code", sa.String(9)), sa.UniqueConstraint("code", name="uq_a_code"))
        table("z", metadata, sa.Column("code", sa.String(9), sa.ForeignKey("a.code", name="fk_z_code")))

    def after(metadata: sa.MetaData) -> None:
        table("a", metadata)
        table("z", metadata, sa.Column("code", sa.String(9)))

    check(connection, before, after)


def test_new_columns_bring_constraints_that_nobody_has_named(connection: sa.Connection) -> None:
    """AUT-40: they get names, so that the downgrade can drop them."""

    def before(metadata: sa.MetaData) -> None:
        table("u", metadata)
        table("t", metadata)

    def after(metadata: sa.MetaData) -> None:
        table("u", metadata)
        table(
            "t",
            metadata,
            sa.Column("u_id", sa.ForeignKey("u.id")),
            sa.Column("other_id", sa.ForeignKey("u.id", ondelete="CASCADE")),
            sa.Column("x", sa.Integer, unique=True),
            sa.Column("y", sa.Integer, index=True, unique=True),
        )

    upgrade, downgrade = check(connection, before, after)
    assert "None" not in upgrade.replace("schema=None", "")
    assert "None" not in downgrade.replace("schema=None", "")


def test_columns_go_with_the_constraints_they_had(connection: sa.Connection) -> None:
    """AUT-6, AUT-44."""

    def before(metadata: sa.MetaData) -> None:
        table("u", metadata)
        table(
            "t",
            metadata,
            sa.Column("u_id", sa.ForeignKey("u.id", name="fk_u"), index=True),
            sa.Column("v_id", sa.ForeignKey("u.id", name="fk_v")),
            sa.Column("x", sa.Integer),
            sa.UniqueConstraint("x", name="uq_x"),
        )

    def after(metadata: sa.MetaData) -> None:
        table("u", metadata)
        table("t", metadata)

    check(connection, before, after)


def test_the_index_of_a_foreign_key_changes_while_the_key_stays(connection: sa.Connection) -> None:
    """AUT-44: MariaDB would not drop an index that a foreign key needs."""

    def key() -> Any:
        return sa.ForeignKey("u.id", name="fk_u")

    def before(metadata: sa.MetaData) -> None:
        table("u", metadata)
        changed = table(
            "t", metadata, sa.Column("a", key()), sa.Column("b", sa.Integer), sa.Column("c", key())
        )
        sa.Index("ix_same_name", changed.c.a)
        other = table(
            "t2", metadata, sa.Column("a", sa.ForeignKey("u.id", name="fk_u2")), sa.Column("b", sa.Integer)
        )
        sa.Index("ix_old_name", other.c.a)

    def after(metadata: sa.MetaData) -> None:
        table("u", metadata)
        changed = table(
            "t", metadata, sa.Column("a", key()), sa.Column("b", sa.Integer), sa.Column("c", key())
        )
        sa.Index("ix_same_name", changed.c.a, changed.c.b)
        other = table(
            "t2", metadata, sa.Column("a", sa.ForeignKey("u.id", name="fk_u2")), sa.Column("b", sa.Integer)
        )
        sa.Index("ix_new_name", other.c.a, other.c.b)

    def named(declare: Models) -> Models:
        # Two keys may not share a name in one table.
        def declared(metadata: sa.MetaData) -> None:
            declare(metadata)
            for number, item in enumerate(
                sorted(metadata.tables["t"].foreign_key_constraints, key=lambda item: item.column_keys[0])
            ):
                item.name = f"fk_u_{number}"

        return declared

    check(connection, named(before), named(after))


def test_a_key_and_its_foreign_keys_get_a_wider_type(connection: sa.Connection) -> None:
    """OPS-43: MariaDB changes no type under a foreign key; the key is dropped meanwhile."""

    def declared(type_: type[sa.types.TypeEngine[Any]]) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            sa.Table("account", metadata, sa.Column("id", type_, primary_key=True))
            table(
                "address",
                metadata,
                sa.Column("account_id", type_, sa.ForeignKey("account.id", name="fk_a", ondelete="CASCADE")),
            )

        return declare

    check(connection, declared(sa.Integer), declared(sa.BigInteger))


def test_types_that_need_a_conversion_on_the_way_back(connection: sa.Connection) -> None:
    """OPS-43."""

    def declared(type_: Any) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("t", metadata, sa.Column("x", type_), sa.Column("y", sa.Text))

        return declare

    check(connection, declared(sa.Integer()), declared(sa.String(20)))


def test_what_a_newcomer_does_first(connection: sa.Connection) -> None:
    """A new table, a new column that may be null, a longer string, a new index."""

    def before(metadata: sa.MetaData) -> None:
        table("account", metadata, sa.Column("name", sa.String(50), nullable=False))

    def after(metadata: sa.MetaData) -> None:
        table(
            "account",
            metadata,
            sa.Column("name", sa.String(100), nullable=False, index=True),
            sa.Column("mail", sa.String(200)),
        )
        table("address", metadata, sa.Column("account_id", sa.ForeignKey("account.id"), nullable=False))

    check(connection, before, after)


def test_a_check_of_a_type_comes_once_with_its_column(connection: sa.Connection) -> None:
    """AUT-53."""

    def before(metadata: sa.MetaData) -> None:
        table("t", metadata)

    def after(metadata: sa.MetaData) -> None:
        kind = sa.Enum("a", "b", name="kind", native_enum=False, create_constraint=True)
        table("t", metadata, sa.Column("kind", kind, nullable=False, server_default="a"))

    check(connection, before, after)


# --- enumerations of PostgreSQL -----------------------------------------------------------------------------


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


# --- constraints without names on SQLite --------------------------------------------------------------------


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


# --- MySQL, as far as MariaDB can stand for it --------------------------------------------------------------


def test_the_index_of_a_foreign_key_gives_way_without_if_exists(
    mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUT-44: MySQL, too, drops the index that it made once another one serves, but knows no DROP INDEX IF EXISTS."""

    def settle_as_mysql(impl: MySQLImpl, operations: Any, found: sa.Table, wanted: sa.Table | None) -> Any:
        return foreign_keys.settle_table_changes(operations, found, wanted, knows_if_exists=False)

    monkeypatch.setattr(MySQLImpl, "settle_table_changes", settle_as_mysql)

    def declared(*columns: str) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("u", metadata)
            changed = table(
                "t",
                metadata,
                sa.Column("a", sa.ForeignKey("u.id", name="fk_a")),
                sa.Column("b", sa.Integer),
            )
            if columns:
                sa.Index("ix_new", *(changed.c[name] for name in columns))

        return declare

    with connected(mariadb_url) as connection:
        upgrade, downgrade = check(connection, declared(), declared("a", "b"))
    assert [line.split("(")[0] for line in lines(upgrade)] == [
        "op.drop_constraint", "op.drop_index", "op.create_index", "op.create_foreign_key"
    ]  # fmt: skip
    assert [line.split("(")[0] for line in lines(downgrade)] == [
        "op.drop_constraint", "op.drop_index", "op.create_index", "op.create_foreign_key"
    ]  # fmt: skip
    assert "if_exists" not in upgrade


def lines(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip().startswith("op.")]
