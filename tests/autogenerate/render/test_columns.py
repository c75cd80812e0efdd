from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.render import _render_server_default, render_column
from limbeck.operations import ops
from tests.autogenerate.render.rendering import check_runs, rendering, text


def column(column: sa.Column, dialect: str = "sqlite", **options: object) -> str | None:
    return render_column(column, rendering(dialect, **options))


def test_a_column_says_type_default_nullability_and_comment() -> None:
    """AUT-74."""
    given = sa.Column("c", sa.String(5), server_default="x", nullable=False, comment="why", info={"a": 1})
    assert (
        column(given)
        == "sa.Column('c', sa.String(length=5), server_default='x', nullable=False, comment='why')"
    )


def test_keys_indexes_and_python_defaults_of_a_column_are_not_written() -> None:
    """AUT-74: they are operations of their own, or nothing for a database."""
    given = sa.Column(
        "c", sa.Integer, sa.ForeignKey("u.id"), sa.Sequence("s"),
        primary_key=True, unique=True, index=True, onupdate=5, key="other", doc="doc",
    )  # fmt: skip
    assert column(given) == "sa.Column('c', sa.Integer(), nullable=False)"


def test_options_of_dialects_are_kept() -> None:
    given = sa.Column("c", sa.Integer, nullable=False, sqlite_on_conflict_not_null="FAIL")
    assert column(given) == "sa.Column('c', sa.Integer(), nullable=False, sqlite_on_conflict_not_null='FAIL')"


@pytest.mark.parametrize(
    ("default", "written"),
    [
        (sa.text("5"), "sa.text('5')"),
        ("it's", '"it\'s"'),
        (sa.func.now(), "sa.text('now()')"),
        (sa.func.lower("X"), "sa.text(\"lower('X')\")"),
        (sa.literal("a%b"), "sa.text(\"'a%b'\")"),
        (sa.FetchedValue(), "sa.FetchedValue()"),
        (sa.Identity(start=3), "sa.Identity(always=False, start=3)"),
        (sa.Computed("a + 1"), "sa.Computed('a + 1')"),
        (sa.Computed("a + 1", persisted=False), "sa.Computed('a + 1', persisted=False)"),
        (None, "None"),
    ],
)
def test_a_server_default_is_written_as_what_it_is(default: object, written: str) -> None:
    """AUT-75."""
    assert _render_server_default(default, rendering("postgresql")) == written


@pytest.mark.parametrize(
    "sql", ["'a:b'", "'12:30'::time", "'{\"a\":1}'::jsonb", "x::int", "':'", "E'\\:x'", "a[1:2]"]
)
def test_colons_in_a_default_survive_the_way_through_python(sql: str) -> None:
    """AUT-75: `sa.text()` reads `:name` as a parameter, which a reflected default does not mean."""
    context = rendering("postgresql")
    default = sa.DefaultClause(sa.literal_column(sql))
    source = _render_server_default(default, context)
    assert source is not None
    read = eval(source, {"sa": sa})
    assert str(read.compile(dialect=context.dialect)) == sql


def test_a_plain_default_can_be_asked_for_without_python_around_it() -> None:
    assert _render_server_default(sa.DefaultClause("x"), rendering(), False) == "x"
    assert _render_server_default(sa.DefaultClause(sa.text("5")), rendering(), False) == "5"


def test_a_column_is_added() -> None:
    """AUT-82."""
    op = ops.AddColumnOp("t", sa.Column("c", sa.Integer), schema="s", if_not_exists=True)
    assert check_runs(op, "postgresql") == (
        "op.add_column('t', sa.Column('c', sa.Integer(), nullable=True), schema='s', if_not_exists=True)"
    )


def test_a_column_that_brings_its_foreign_key_is_written_with_it() -> None:
    """AUT-82 [PD]: `inline_references` alone would add a column without the reference."""
    given = sa.Column("c", sa.Integer, sa.ForeignKey("u.id", ondelete="CASCADE"))
    op = ops.AddColumnOp("t", given, inline_references=True)
    assert check_runs(op, "postgresql") == (
        "op.add_column('t', sa.Column('c', sa.Integer(), sa.ForeignKey('u.id', ondelete='CASCADE'), "
        "nullable=True), inline_references=True)"
    )


def test_a_column_that_brings_the_primary_key_is_written_with_it() -> None:
    """AUT-82 [PD]."""
    op = ops.AddColumnOp("t", sa.Column("c", sa.Integer, primary_key=True), inline_primary_key=True)
    assert check_runs(op, "postgresql") == (
        "op.add_column('t', sa.Column('c', sa.Integer(), primary_key=True, nullable=False), "
        "inline_primary_key=True)"
    )


def test_a_column_is_dropped() -> None:
    """AUT-82."""
    assert check_runs(ops.DropColumnOp("t", "c", schema="s", if_exists=True), "postgresql") == (
        "op.drop_column('t', 'c', schema='s', if_exists=True)"
    )


def test_what_a_database_drops_with_a_column_is_written() -> None:
    assert check_runs(ops.DropColumnOp("t", "c", mssql_drop_default=True), "mssql") == (
        "op.drop_column('t', 'c', mssql_drop_default=True)"
    )


def test_a_change_has_one_argument_to_a_line() -> None:
    """AUT-83."""
    op = ops.AlterColumnOp(
        "t", "c", schema="s", existing_type=sa.INTEGER(), existing_nullable=True, existing_comment="old",
        existing_server_default=sa.DefaultClause(sa.text("5")), modify_type=sa.BigInteger(), modify_name="d",
        modify_comment="new", autoincrement=True,
    )  # fmt: skip
    assert text(op, "mysql") == (
        "op.alter_column('t', 'c',\n"
        "           existing_type=sa.INTEGER(),\n"
        "           type_=sa.BigInteger(),\n"
        "           new_column_name='d',\n"
        "           comment='new',\n"
        "           existing_comment='old',\n"
        "           existing_nullable=True,\n"
        "           autoincrement=True,\n"
        "           existing_server_default=sa.text('5'),\n"
        "           schema='s')"
    )
    check_runs(op, "mysql")


def test_what_is_modified_is_not_said_to_exist() -> None:
    """AUT-83."""
    op = ops.AlterColumnOp(
        "t", "c", existing_nullable=True, modify_nullable=False,
        existing_server_default=sa.DefaultClause("a"), modify_server_default="b",
    )  # fmt: skip
    assert check_runs(op, "postgresql") == (
        "op.alter_column('t', 'c',\n           server_default='b',\n           nullable=False)"
    )


def test_a_default_and_a_comment_are_removed() -> None:
    op = ops.AlterColumnOp("t", "c", modify_server_default=None, modify_comment=None)
    assert check_runs(op, "postgresql") == (
        "op.alter_column('t', 'c',\n           server_default=None,\n           comment=None)"
    )


@pytest.mark.parametrize("new", [sa.Identity(always=True), None])
def test_an_identity_that_is_changed_or_dropped_is_said_to_exist(new: sa.Identity | None) -> None:
    """AUT-34 [PD]: without it, ADD GENERATED or DROP DEFAULT would be tried, and fail."""
    op = ops.AlterColumnOp(
        "t", "c", existing_type=sa.Integer(), existing_server_default=sa.Identity(start=5),
        modify_server_default=new,
    )  # fmt: skip
    assert check_runs(op, "postgresql").endswith(
        "\n           existing_server_default=sa.Identity(always=False, start=5))"
    )


def test_options_of_dialects_are_written_and_those_of_comparators_are_not() -> None:
    """AUT-83, AUT-102."""
    op = ops.AlterColumnOp(
        "t",
        "c",
        modify_type=sa.Integer(),
        postgresql_using="c::int",
        modify_color="red",
        existing_color="blue",
    )
    assert check_runs(op, "postgresql") == (
        "op.alter_column('t', 'c',\n           type_=sa.Integer(),\n           postgresql_using='c::int')"
    )


def test_a_type_given_as_a_class_is_written_as_one_made() -> None:
    op = ops.AlterColumnOp("t", "c", modify_type=sa.Integer)
    assert text(op) == "op.alter_column('t', 'c',\n           type_=sa.Integer())"


def test_a_column_that_the_project_leaves_out_is_not_added() -> None:
    """AUT-86."""
    op = ops.AddColumnOp("t", sa.Column("c", sa.Integer))
    assert text(op, render_item=lambda type_, *_: None if type_ == "column" else False) == ""


def test_the_project_writes_columns_and_defaults_its_own_way() -> None:
    """AUT-86."""

    def render_item(type_: str, item: object, context: object) -> str | bool:
        return {"column": "my_column()", "server_default": "my_default()"}.get(type_, False)

    assert column(sa.Column("c", sa.Integer), render_item=render_item) == "my_column()"
    assert _render_server_default("x", rendering(render_item=render_item)) == "my_default()"
