"""Operations on columns."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.operations import ops

INTEGER, TEXT = sa.Integer(), sa.Text()


def model_column() -> sa.Column[int]:
    table = sa.Table(
        "t", sa.MetaData(), sa.Column("x", sa.Integer, sa.ForeignKey("u.id"), index=True, unique=True)
    )
    return table.c.x


def test_a_column_is_copied_each_time_it_is_asked_for() -> None:
    """OPS-12."""
    column = sa.Column("x", sa.Integer, sa.ForeignKey("u.id", name="fk"), index=True)
    operation = ops.AddColumnOp("t", column)
    first, second = operation.to_column(), operation.to_column()
    assert len({id(column), id(first), id(second)}) == 3
    assert [key.name for key in first.foreign_keys] == ["fk"]
    assert first.index
    sa.Table("t", sa.MetaData(), first)
    assert column.table is None


def test_a_column_of_a_model_leaves_its_index_and_keys_to_operations_of_their_own() -> None:
    for operation in (
        ops.AddColumnOp.from_column(model_column()),
        ops.AddColumnOp.from_column_and_tablename(None, "t", model_column()),
        ops.DropColumnOp.from_column_and_tablename(None, "t", model_column()).reverse(),
    ):
        column = operation.to_column()
        assert (column.index, column.unique, column.foreign_keys) == (None, None, set())


def test_a_column_of_a_model_given_to_add_column_keeps_its_index() -> None:
    column = ops.AddColumnOp("t", model_column()).to_column()
    assert (column.index, column.unique) == (True, True)


def test_adding_and_dropping_undo_each_other() -> None:
    column = sa.Column("x", sa.Integer)
    drop = ops.AddColumnOp("t", column, schema="s1").reverse()
    assert (drop.table_name, drop.column_name, drop.schema) == ("t", "x", "s1")
    add = drop.reverse()
    assert (add.table_name, add.column, add.schema) == ("t", column, "s1")


def test_a_dropped_column_that_nobody_knew_does_not_come_back() -> None:
    with pytest.raises(ValueError, match="'c' of 't' cannot be reversed"):
        ops.DropColumnOp("t", "c").reverse()


def test_the_diffs_of_columns_hold_the_columns_themselves() -> None:
    """AUT-3."""
    column = model_column()
    add = ops.AddColumnOp.from_column_and_tablename("s1", "t", column)
    assert add.to_diff_tuple() == ("add_column", "s1", "t", column)
    assert add.reverse().to_diff_tuple() == ("remove_column", "s1", "t", column)
    tag, schema, table, unknown = ops.DropColumnOp("t", "c").to_diff_tuple()
    assert (tag, schema, table, unknown.name) == ("remove_column", None, "t", "c")


def test_reverse_swaps_what_was_and_what_becomes_and_the_names_too() -> None:
    operation = ops.AlterColumnOp(
        "t",
        "old",
        schema="s1",
        existing_type=INTEGER,
        modify_type=TEXT,
        existing_nullable=False,
        modify_nullable=True,
        existing_server_default="1",
        modify_server_default=None,
        existing_comment=None,
        modify_comment="new",
        modify_name="new",
        existing_autoincrement=True,
        modify_autoincrement=False,
        postgresql_using="x",
    )
    opposite = operation.reverse()
    assert vars(opposite) == {
        "table_name": "t",
        "schema": "s1",
        "column_name": "new",
        "modify_name": "old",
        "existing_type": TEXT,
        "modify_type": INTEGER,
        "existing_nullable": True,
        "modify_nullable": False,
        "existing_server_default": None,
        "modify_server_default": "1",
        "existing_comment": "new",
        "modify_comment": None,
        "kw": {"existing_autoincrement": False, "modify_autoincrement": True, "postgresql_using": "x"},
    }
    assert vars(opposite.reverse()) == vars(operation)


def test_what_only_exists_is_no_change() -> None:
    """OPS-40."""
    assert not ops.AlterColumnOp("t", "c", existing_type=INTEGER, existing_nullable=True).has_changes()
    for change in (
        {"modify_type": TEXT},
        {"modify_nullable": False},
        {"modify_server_default": None},
        {"modify_comment": None},
        {"modify_name": "d"},
        {"modify_autoincrement": True},
    ):
        assert ops.AlterColumnOp("t", "c", **change).has_changes()  # type: ignore[arg-type]  # one kind each


def test_an_altered_column_is_a_list_of_tuples_in_fixed_order() -> None:
    """AUT-3: type, nullable, default, comment."""
    operation = ops.AlterColumnOp(
        "t",
        "c",
        existing_type=INTEGER,
        existing_nullable=False,
        modify_comment="m",
        modify_server_default="d",
        modify_nullable=True,
        modify_type=TEXT,
    )
    default = {"existing_server_default": False}
    comment = {"existing_comment": None}
    assert operation.to_diff_tuple() == [
        ("modify_type", None, "t", "c", {"existing_nullable": False, **default, **comment}, INTEGER, TEXT),
        ("modify_nullable", None, "t", "c", {"existing_type": INTEGER, **default, **comment}, False, True),
        (
            "modify_default", None, "t", "c",
            {"existing_type": INTEGER, "existing_nullable": False, **comment}, False, "d",
        ),
        (
            "modify_comment", None, "t", "c",
            {"existing_type": INTEGER, "existing_nullable": False, **default}, None, "m",
        ),
    ]  # fmt: skip
