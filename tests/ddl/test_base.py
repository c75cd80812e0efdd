"""Standard SQL for changes that SQLAlchemy has no constructs for."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.elements import quoted_name

from limbeck.ddl import base
from limbeck.ddl.impl import DefaultImpl


class Other(DefaultDialect):
    """A dialect that nobody has written anything for."""

    name = "other"


def sql(construct: Any) -> str:
    return str(construct.compile(dialect=Other()))


@pytest.mark.parametrize(
    ("construct", "wanted"),
    [
        (base.RenameTable("t", "u"), "ALTER TABLE t RENAME TO u"),
        (base.RenameTable("t", "u", schema="s"), "ALTER TABLE s.t RENAME TO s.u"),
        (base.AddColumn("t", sa.Column("c", sa.Integer)), "ALTER TABLE t ADD COLUMN c INTEGER"),
        (base.DropColumn("t", sa.Column("c"), schema="s"), "ALTER TABLE s.t DROP COLUMN c"),
        (base.DropColumn("t", sa.Column("c"), if_exists=True), "ALTER TABLE t DROP COLUMN IF EXISTS c"),
        (base.ColumnNullable("t", "c", False), "ALTER TABLE t ALTER COLUMN c SET NOT NULL"),
        (base.ColumnNullable("t", "c", True), "ALTER TABLE t ALTER COLUMN c DROP NOT NULL"),
        (base.ColumnType("t", "c", sa.String(5)), "ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(5)"),
        (base.ColumnType("t", "c", sa.Integer), "ALTER TABLE t ALTER COLUMN c TYPE INTEGER"),
        (base.ColumnName("t", "c", "d e"), 'ALTER TABLE t RENAME c TO "d e"'),
        (base.ColumnDefault("t", "c", None), "ALTER TABLE t ALTER COLUMN c DROP DEFAULT"),
    ],
)
def test_constructs_have_standard_sql(construct: Any, wanted: str) -> None:
    """OPS-21, OPS-42, OPS-66: a dialect without an implementation of its own gets this."""
    assert sql(construct) == wanted


@pytest.mark.parametrize(
    ("default", "wanted"),
    [
        ("5", "'5'"),
        ("it's", "'it''s'"),
        (sa.text("5"), "5"),
        (sa.func.lower("X"), "lower('X')"),
        (sa.null(), "NULL"),
        (sa.DefaultClause("5"), "'5'"),
    ],
)
def test_a_default_is_a_literal_or_an_expression(default: Any, wanted: str) -> None:
    """OPS-57"""
    assert sql(base.ColumnDefault("t", "c", default)) == f"ALTER TABLE t ALTER COLUMN c SET DEFAULT {wanted}"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("dbo", "dbo"),
        ("db.dbo", "db.dbo"),
        ("My Db.dbo", '"My Db".dbo'),
        (quoted_name("db.dbo", True), '"db.dbo"'),
    ],
)
def test_a_dotted_schema_is_quoted_in_parts_unless_it_insists(name: str, wanted: str) -> None:
    """OPS-6"""
    assert base.quote_dotted(name, Other().identifier_preparer.quote) == wanted


def test_a_reference_may_name_a_table_that_is_not_at_hand() -> None:
    """OPS-23"""
    column = sa.Column("c", sa.Integer, sa.ForeignKey("s.u.id", ondelete="CASCADE"))
    assert sql(base.AddColumn("t", column, inline_references=True)) == (
        "ALTER TABLE t ADD COLUMN c INTEGER REFERENCES s.u (id) ON DELETE CASCADE"
    )


def test_a_reference_comes_before_the_checks_of_its_column() -> None:
    """OPS-23, OPS-26: whichever was written first."""
    for written in ("ck", "u"), ("u", "ck"):
        parts = {"ck": sa.CheckConstraint("c > 1", name="ck"), "u": sa.ForeignKey("u.id")}
        column = sa.Column("c", sa.Integer, *(parts[name] for name in written))
        assert sql(base.AddColumn("t", column, inline_references=True)) == (
            "ALTER TABLE t ADD COLUMN c INTEGER REFERENCES u (id) CONSTRAINT ck CHECK (c > 1)"
        )


def test_a_generated_column_cannot_be_altered() -> None:
    """OPS-56"""
    construct = base.ComputedColumnDefault("t", "c", sa.Computed("a + 1"), schema="s")
    with pytest.raises(sa.exc.CompileError, match=r"`s\.t\.c`.*computed"):
        sql(construct)


def test_an_identity_cannot_be_altered_in_general() -> None:
    """OPS-55"""
    implementation = DefaultImpl(Other(), None, True, None, None, {})
    with pytest.raises(sa.exc.CompileError, match=r"`t\.c`.*'other' cannot"):
        sql(base.IdentityColumnDefault("t", "c", sa.Identity(), implementation))


@pytest.mark.parametrize(
    ("new", "existing", "wanted"),
    [
        (sa.Identity(), sa.Identity(), {}),
        (sa.Identity(always=True), sa.Identity(), {"always": True}),
        (sa.Identity(), sa.Identity(always=True), {"always": False}),
        (sa.Identity(start=3, cycle=True), sa.Identity(start=1), {"cycle": True, "start": 3}),
        (sa.Identity(), sa.Identity(start=5, cache=3), {}),
    ],
)
def test_what_an_identity_leaves_open_is_no_change(
    new: sa.Identity, existing: sa.Identity, wanted: dict[str, Any]
) -> None:
    """OPS-55, AUT-34"""
    assert base.changed_identity_attributes(new, existing) == wanted


def test_attributes_the_database_lacks_are_no_change() -> None:
    """AUT-34"""
    changed = base.changed_identity_attributes(
        sa.Identity(start=2, cycle=True), sa.Identity(start=1), ignore=("cycle",)
    )
    assert changed == {"start": 2}


def test_a_foreign_key_is_taken_apart() -> None:
    """The dialect test kit compares these values."""
    key = sa.ForeignKeyConstraint(
        ["a", "b"],
        ["s2.u.x", "s2.u.y"],
        ondelete="CASCADE",
        onupdate="SET NULL",
        deferrable=True,
        initially="DEFERRED",
    )
    sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.Integer), key, schema="s1")
    assert base._fk_spec(key) == (
        "s1", "t", ["a", "b"], "s2", "u", ["x", "y"], "SET NULL", "CASCADE", True, "DEFERRED",
    )  # fmt: skip
