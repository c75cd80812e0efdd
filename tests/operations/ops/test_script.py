"""Operations in groups."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.operations import ops

ADD = ops.AddColumnOp("t", sa.Column("a", sa.Integer))
RUN = ops.ExecuteSQLOp("SELECT 1")


def test_the_diffs_of_a_tree_are_a_flat_list() -> None:
    """AUT-3."""
    alter = ops.AlterColumnOp("t", "c", modify_nullable=True)
    tree = ops.UpgradeOps([ops.ModifyTableOps("t", [ADD, alter]), RUN])
    assert tree.as_diffs() == [ADD.to_diff_tuple(), alter.to_diff_tuple(), ("execute", "SELECT 1")]
    assert tree.as_diffs()[1] == [
        ("modify_nullable", None, "t", "c", {
            "existing_type": None, "existing_server_default": False, "existing_comment": None,
        }, None, True),
    ]  # fmt: skip


def test_a_downgrade_mirrors_its_upgrade() -> None:
    """AUT-1, AUT-7."""
    add = ops.AddColumnOp("t", sa.Column("b", sa.Integer))
    upgrade = ops.UpgradeOps([ops.ModifyTableOps("t", [ADD, add], schema="s1"), ops.RenameTableOp("a", "b")])
    downgrade = upgrade.reverse()
    rename, modify = downgrade.ops
    assert isinstance(rename, ops.RenameTableOp)
    assert rename.new_table_name == "a"
    assert isinstance(modify, ops.ModifyTableOps)
    assert (modify.table_name, modify.schema) == ("t", "s1")
    assert [operation.to_diff_tuple()[3].name for operation in modify.ops] == ["b", "a"]  # type: ignore[misc]
    assert (upgrade.upgrade_token, downgrade.downgrade_token) == ("upgrades", "downgrades")


def test_reverse_into_fills_the_group_it_is_given() -> None:
    mine = ops.DowngradeOps([RUN], "my_token")
    assert ops.UpgradeOps([ADD]).reverse_into(mine) is mine
    assert [type(operation) for operation in mine.ops] == [ops.DropColumnOp]
    assert mine.downgrade_token == "my_token"


def test_a_group_is_empty_until_something_is_in_it() -> None:
    assert ops.UpgradeOps([]).is_empty()
    assert not ops.UpgradeOps([ADD]).is_empty()


def test_a_script_has_one_group_or_several_for_each_direction() -> None:
    up, down = ops.UpgradeOps([ADD]), ops.DowngradeOps([])
    script = ops.MigrationScript("r", up, down, message="m")
    assert (script.upgrade_ops, script.downgrade_ops) == (up, down)
    assert (script.upgrade_ops_list, script.downgrade_ops_list) == ([up], [down])
    script.upgrade_ops = [up, ops.UpgradeOps([])]  # type: ignore[assignment]  # the setter takes several
    with pytest.raises(ValueError, match="upgrade_ops_list"):
        _ = script.upgrade_ops
    assert ops.MigrationScript("r", [], []).upgrade_ops is None


def test_a_script_refuses_the_wrong_direction() -> None:
    with pytest.raises(TypeError, match="expected UpgradeOps"):
        ops.MigrationScript("r", ops.DowngradeOps([]), ops.DowngradeOps([]))  # type: ignore[arg-type]
