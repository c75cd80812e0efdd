"""From one set of models to another and back, on every database: what is written runs and leaves nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.autogenerate.both_ways import Models, check, nothing, table
from tests.backends.engines import connected


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    with connected(database_url) as connection:
        yield connection


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


@pytest.mark.parametrize("name", ["fk_u", None])
def test_another_index_serves_for_a_foreign_key(connection: sa.Connection, name: str | None) -> None:
    """AUT-44: MariaDB drops its own, called like the key or, if that has no name, like the column."""

    def declared(*columns: str) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("u", metadata)
            key = sa.ForeignKey("u.id", name=name)
            changed = table("t", metadata, sa.Column("u_id", key), sa.Column("x", sa.Integer))
            if columns:
                sa.Index("ix", *(changed.c[column] for column in columns))

        return declare

    check(connection, declared(), declared("u_id", "x"))


@pytest.mark.parametrize("stays", [False, True], ids=["the key goes", "the key stays"])
@pytest.mark.parametrize("is_unique", [False, True], ids=["index", "unique constraint"])
def test_an_index_goes_with_a_foreign_key_before_a_column_gets_a_type_without_indexes(
    connection: sa.Connection, stays: bool, is_unique: bool
) -> None:
    """AUT-44: on MariaDB the key holds on to the index, and the index to the type of its other column."""

    def declared(type_: Any, *, has_index: bool, has_key: bool) -> Models:
        def declare(metadata: sa.MetaData) -> None:
            table("u", metadata)
            key = [sa.ForeignKey("u.id", name="fk_u")] if has_key else []
            changed = table("t", metadata, sa.Column("u_id", sa.Integer, *key), sa.Column("x", type_))
            if has_index and is_unique:
                changed.append_constraint(sa.UniqueConstraint("u_id", "x", name="ux"))
            elif has_index:
                sa.Index("ux", changed.c.u_id, changed.c.x)

        return declare

    check(
        connection,
        declared(sa.String(20), has_index=True, has_key=True),
        declared(sa.Text(), has_index=False, has_key=stays),
    )


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
