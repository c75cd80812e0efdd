from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate.rewriter import Rewriter
from limbeck.operations import ops
from tests.autogenerate.render.rendering import text

CONTEXT, REVISION = object(), ("a1",)


def script(*operations: ops.MigrateOperation) -> ops.MigrationScript:
    upgrade = ops.UpgradeOps(list(operations))
    return ops.MigrationScript(None, upgrade, upgrade.reverse())


def rewritten(writer: Any, *operations: ops.MigrateOperation) -> tuple[list[str], list[str]]:
    """The text of both directions after a hook."""
    directives = [script(*operations)]
    writer(CONTEXT, REVISION, directives)
    (made,) = directives
    assert made.upgrade_ops is not None
    assert made.downgrade_ops is not None
    return [text(op) for op in made.upgrade_ops.ops], [text(op) for op in made.downgrade_ops.ops]


def test_a_handler_is_called_with_context_revision_and_operation() -> None:
    """AUT-101."""
    writer = Rewriter()
    seen = []

    @writer.rewrites(ops.DropTableOp)
    def drop(context: object, revision: object, op: ops.DropTableOp) -> ops.DropTableOp:
        seen.append((context, revision, op.table_name))
        return op

    directives = [ops.MigrationScript(None, ops.UpgradeOps([ops.DropTableOp("t")]), ops.DowngradeOps([]))]
    writer.process_revision_directives(CONTEXT, REVISION, directives)
    assert seen == [(CONTEXT, REVISION, "t")]


def test_an_operation_is_replaced_by_one_by_several_or_by_none() -> None:
    """AUT-101."""
    writer = Rewriter()

    @writer.rewrites(ops.RenameTableOp)
    def handle(context: object, revision: object, op: ops.RenameTableOp) -> Any:
        if op.new_table_name == "one":
            return ops.ExecuteSQLOp("one")
        return [ops.ExecuteSQLOp("a"), op] if op.new_table_name == "two" else []

    upgrade, _ = rewritten(
        writer,
        *(ops.RenameTableOp("t", name) for name in ("one", "two", "none")),
    )
    assert upgrade == ["op.execute('one')", "op.execute('a')", "op.rename_table('t', 'two')"]


def test_operations_inside_a_table_and_in_both_directions_are_rewritten() -> None:
    """AUT-101."""
    writer = Rewriter()

    @writer.rewrites([ops.CreateIndexOp, ops.DropIndexOp])
    def quietly(context: object, revision: object, op: Any) -> Any:
        op.kw["postgresql_concurrently"] = True
        return op

    index = ops.CreateIndexOp("ix", "t", ["a"])
    assert rewritten(writer, ops.ModifyTableOps("t", [index])) == (
        ["op.create_index('ix', 't', ['a'], unique=False, postgresql_concurrently=True)"],
        ["op.drop_index('ix', table_name='t', postgresql_concurrently=True)"],
    )


def test_a_handler_for_a_base_class_handles_its_subclasses() -> None:
    """AUT-101."""
    writer = Rewriter()
    writer.rewrites(ops.AlterTableOp)(lambda context, revision, op: [])
    directives = [
        ops.MigrationScript(
            None, ops.UpgradeOps([ops.RenameTableOp("t", "u"), ops.ExecuteSQLOp("x")]), ops.DowngradeOps([])
        )
    ]
    writer(CONTEXT, REVISION, directives)
    assert directives[0].upgrade_ops is not None
    assert [text(op) for op in directives[0].upgrade_ops.ops] == ["op.execute('x')"]


def test_what_a_handler_returns_is_not_given_to_the_same_rewriter_again() -> None:
    """AUT-101: also if the hook runs once more, for the next database."""
    writer = Rewriter()

    @writer.rewrites(ops.RenameTableOp)
    def twice(context: object, revision: object, op: ops.RenameTableOp) -> list[ops.RenameTableOp]:
        return [op, ops.RenameTableOp("x", "y")]

    directives = [script(ops.RenameTableOp("t", "u"))]
    writer(CONTEXT, REVISION, directives)
    writer(CONTEXT, REVISION, directives)
    assert directives[0].upgrade_ops is not None
    assert [text(op) for op in directives[0].upgrade_ops.ops] == [
        "op.rename_table('t', 'u')",
        "op.rename_table('x', 'y')",
    ]


def test_a_chain_runs_one_rewriter_after_the_other() -> None:
    """AUT-101."""
    first, second = Rewriter(), Rewriter()
    first.rewrites(ops.RenameTableOp)(lambda context, revision, op: ops.RenameTableOp("b", "c"))
    second.rewrites(ops.RenameTableOp)(
        lambda context, revision, op: ops.RenameTableOp(op.new_table_name, op.table_name)
    )
    both = first.chain(second)
    assert rewritten(both, ops.RenameTableOp("a", "b"))[0] == ["op.rename_table('c', 'b')"]
    assert rewritten(first, ops.RenameTableOp("a", "b"))[0] == ["op.rename_table('b', 'c')"]


def test_a_chain_may_have_any_number_of_hooks_of_any_kind() -> None:
    """AUT-101."""

    def empty(context: object, revision: object, directives: list[ops.MigrationScript]) -> None:
        directives[:] = []

    seen: list[int] = []
    writer = Rewriter().chain(lambda c, r, directives: seen.append(len(directives))).chain(empty)
    directives = [script(ops.RenameTableOp("a", "b"))]
    writer(CONTEXT, REVISION, directives)
    assert (seen, directives) == ([1], [])


def test_a_whole_script_is_replaced_by_several() -> None:
    """AUT-100, AUT-101."""
    writer = Rewriter()

    @writer.rewrites(ops.MigrationScript)
    def split(context: object, revision: object, op: ops.MigrationScript) -> list[ops.MigrationScript]:
        return [op, script(ops.RenameTableOp("a", "b"))]

    directives = [script(ops.RenameTableOp("t", "u"))]
    writer(CONTEXT, REVISION, directives)
    assert [[text(op) for op in one.upgrade_ops.ops] for one in directives] == [  # type: ignore[union-attr]
        ["op.rename_table('t', 'u')"],
        ["op.rename_table('a', 'b')"],
    ]


def test_all_groups_of_a_script_are_rewritten() -> None:
    """AUT-100: one for each database."""
    writer = Rewriter()
    writer.rewrites(ops.RenameTableOp)(lambda context, revision, op: [])
    groups = [ops.UpgradeOps([ops.RenameTableOp("a", "b")], token) for token in ("one", "two")]
    directives = [ops.MigrationScript(None, groups, [])]
    writer(CONTEXT, REVISION, directives)
    assert [(group.upgrade_token, group.ops) for group in directives[0].upgrade_ops_list] == [
        ("one", []),
        ("two", []),
    ]


def test_a_group_is_replaced_by_exactly_one() -> None:
    writer = Rewriter()
    writer.rewrites(ops.UpgradeOps)(lambda context, revision, op: [])
    with pytest.raises(ValueError, match="UpgradeOps"):
        writer(CONTEXT, REVISION, [script()])


# --- the models stay as they are --------------------------------------------------------------------------


def models() -> sa.Table:
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return sa.Table(
        "t", metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("a", sa.Integer, sa.ForeignKey("u.id"), nullable=False),
        sa.CheckConstraint("a > 5"),
    )  # fmt: skip


def test_a_column_that_is_added_can_be_changed_without_changing_the_model() -> None:
    """AUT-101 [PD]."""
    writer = Rewriter()

    @writer.rewrites(ops.AddColumnOp)
    def two_steps(context: object, revision: object, op: ops.AddColumnOp) -> list[ops.MigrateOperation]:
        assert op.column.table.name == "t"
        op.column.nullable = True
        return [op, ops.AlterColumnOp(op.table_name, op.column.name, modify_nullable=False)]

    table = models()
    assert rewritten(writer, ops.AddColumnOp.from_column(table.c.a))[0] == [
        "op.add_column('t', sa.Column('a', sa.Integer(), nullable=True))",
        "op.alter_column('t', 'a',\n           nullable=False)",
    ]
    assert table.c.a.nullable is False


def test_the_columns_of_a_new_table_can_be_changed_without_changing_the_model() -> None:
    """AUT-101 [PD]."""
    writer = Rewriter()

    @writer.rewrites(ops.CreateTableOp)
    def loosely(context: object, revision: object, op: ops.CreateTableOp) -> ops.CreateTableOp:
        for item in op.columns:
            if isinstance(item, sa.Column) and item.name == "a":
                assert [key.column.table.name for key in item.foreign_keys] == ["u"]
                item.nullable = True
                item.server_default = sa.DefaultClause("5")
        return op

    table = models()
    before = sorted(map(str, table.constraints))
    (written,), _ = rewritten(writer, ops.CreateTableOp.from_table(table))
    assert "sa.Column('a', sa.Integer(), server_default='5', nullable=True)" in written
    assert "sa.CheckConstraint('a > 5')" in written
    assert (table.c.a.nullable, table.c.a.server_default) == (False, None)
    assert sorted(map(str, table.constraints)) == before


def test_an_operation_that_derives_from_nothing_of_ours_can_be_rewritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Foreign:
        """As extensions make them."""

    writer = Rewriter()
    seen = []

    @writer.rewrites(Foreign)  # type: ignore[type-var]  # what extensions do
    def _see(context: Any, revision: Any, operation: Any) -> Any:
        seen.append(operation)
        return operation

    monkeypatch.setattr(Rewriter._traverse, "_registry", dict(Rewriter._traverse._registry))
    Rewriter._traverse.dispatch_for(Foreign)(lambda *_: None)
    foreign: Any = Foreign()
    script = ops.MigrationScript("a", ops.UpgradeOps(ops=[foreign]), ops.DowngradeOps(ops=[]))
    writer(CONTEXT, REVISION, [script])
    assert seen == [foreign]
    assert script.upgrade_ops is not None
    assert script.upgrade_ops.ops == [foreign]
