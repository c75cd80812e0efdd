from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.render import MAX_PYTHON_ARGS
from limbeck.operations import ops
from tests.autogenerate.render.rendering import check_runs, text


def test_a_table_has_one_element_to_a_line_and_options_last() -> None:
    """AUT-76."""
    made = sa.Table(
        "t", sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("b", sa.Integer, sa.ForeignKey("s.u.id")),
        sa.UniqueConstraint("b"),
        sa.CheckConstraint("b > 5"),
        schema="s", comment="why", info={"k": "v"}, prefixes=["UNLOGGED"], postgresql_tablespace="x",
        mysql_engine="InnoDB",
    )  # fmt: skip
    sa.Table("u", made.metadata, sa.Column("id", sa.Integer), schema="s")
    op = ops.CreateTableOp.from_table(made)
    op.if_not_exists = True
    assert text(op, "postgresql") == (
        "op.create_table('t',\n"
        "sa.Column('id', sa.Integer(), nullable=False),\n"
        "sa.Column('b', sa.Integer(), nullable=True),\n"
        "sa.CheckConstraint('b > 5'),\n"
        "sa.ForeignKeyConstraint(['b'], ['s.u.id']),\n"
        "sa.PrimaryKeyConstraint('id'),\n"
        "sa.UniqueConstraint('b'),\n"
        "schema='s',\n"
        "comment='why',\n"
        "info={'k': 'v'},\n"
        "prefixes=['UNLOGGED'],\n"
        "mysql_engine='InnoDB',\n"
        "postgresql_tablespace='x',\n"
        "if_not_exists=True\n"
        ")"
    )


def test_what_columns_ask_for_becomes_constraints_of_the_table() -> None:
    """AUT-74, AUT-76: an operation made by a hook, from columns."""
    key = sa.Column("a", sa.Integer, sa.ForeignKey("u.id"), primary_key=True)
    op = ops.CreateTableOp("t", [key, sa.Column("b", sa.Integer, unique=True)])
    assert check_runs(op, "postgresql") == (
        "op.create_table('t',\n"
        "sa.Column('a', sa.Integer(), nullable=False),\n"
        "sa.Column('b', sa.Integer(), nullable=True),\n"
        "sa.ForeignKeyConstraint(['a'], ['u.id']),\n"
        "sa.PrimaryKeyConstraint('a'),\n"
        "sa.UniqueConstraint('b')\n"
        ")"
    )


def test_a_hook_may_put_the_parts_of_a_table_into_a_new_operation() -> None:
    """No constraint appears twice, although the columns ask for it, too."""
    made = sa.Table(
        "t", sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, sa.ForeignKey("t.id"), unique=True),
    )  # fmt: skip
    found = ops.CreateTableOp.from_table(made)
    parts = [*reversed(found.columns[:2]), *found.columns[2:]]
    assert text(ops.CreateTableOp("t", parts)) == (
        "op.create_table('t',\n"
        "sa.Column('a', sa.Integer(), nullable=True),\n"
        "sa.Column('id', sa.Integer(), nullable=False),\n"
        "sa.ForeignKeyConstraint(['a'], ['t.id']),\n"
        "sa.PrimaryKeyConstraint('id'),\n"
        "sa.UniqueConstraint('a')\n"
        ")"
    )


def test_the_check_of_a_column_stays_with_its_column() -> None:
    op = ops.CreateTableOp.from_table(
        sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer, sa.CheckConstraint("a > 5")))
    )
    assert text(op) == (
        "op.create_table('t',\nsa.Column('a', sa.Integer(), sa.CheckConstraint('a > 5'), nullable=True)\n)"
    )


def test_an_index_among_the_elements_is_left_out() -> None:
    """AUT-76."""
    op = ops.CreateTableOp("t", [sa.Column("a", sa.Integer), sa.Index("ix", "a")])
    assert text(op) == "op.create_table('t',\nsa.Column('a', sa.Integer(), nullable=True)\n)"


def test_more_elements_than_a_call_can_have_are_unpacked_from_a_list() -> None:
    """AUT-77."""
    columns = [sa.Column(f"c{number}", sa.Integer) for number in range(MAX_PYTHON_ARGS + 1)]
    source = check_runs(ops.CreateTableOp("t", columns), "postgresql")
    assert source.splitlines()[1].startswith("*[sa.Column('c0'")
    assert source.splitlines()[-2].endswith("nullable=True)]")


def test_information_that_is_no_python_is_left_out() -> None:
    """It is of no use to a database, and would break the file."""
    op = ops.CreateTableOp("t", [sa.Column("a", sa.Integer)], info={"x": object()})
    assert text(op) == "op.create_table('t',\nsa.Column('a', sa.Integer(), nullable=True)\n)"


@pytest.mark.parametrize(
    ("op", "written"),
    [
        (ops.DropTableOp("t"), "op.drop_table('t')"),
        (ops.DropTableOp("t", schema="s", if_exists=True), "op.drop_table('t', schema='s', if_exists=True)"),
        (ops.RenameTableOp("t", "u", schema="s"), "op.rename_table('t', 'u', schema='s')"),
    ],
)
def test_a_table_is_dropped_and_renamed(op: ops.MigrateOperation, written: str) -> None:
    """AUT-82; RenameTableOp [PD]."""
    assert check_runs(op, "postgresql") == written
