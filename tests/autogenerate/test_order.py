"""In which order changes can run (AUT-6)."""

from __future__ import annotations

import sqlalchemy as sa

from limbeck.autogenerate.order import fill_downgrade, in_dependency_order
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations import ops
from tests.autogenerate.render.rendering import dialect_named


def test_parents_come_first_and_the_rest_keeps_its_order() -> None:
    keys = ["a", "b", "c", "d"]
    assert in_dependency_order(keys, {"a": {"d"}, "b": {"a"}}) == (["c", "d", "a", "b"], set())


def test_a_key_that_depends_on_itself_or_on_something_else_is_free() -> None:
    assert in_dependency_order(["a", "b"], {"a": {"a", "elsewhere"}}) == (["a", "b"], set())


def test_a_circle_is_cut_at_one_place() -> None:
    ordered, cut = in_dependency_order(["a", "b", "c"], {"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert ordered == ["a", "c", "b"]
    assert cut == {("a", "b")}


def test_only_what_is_in_the_circle_is_cut() -> None:
    ordered, cut = in_dependency_order(["a", "b", "x"], {"a": {"b", "x"}, "b": {"a"}})
    assert ordered == ["x", "a", "b"]
    assert cut == {("a", "b")}


def test_what_hangs_on_a_circle_waits_for_it() -> None:
    ordered, cut = in_dependency_order(["a", "b", "c"], {"a": {"b"}, "b": {"c"}, "c": {"b"}})
    assert ordered == ["b", "a", "c"]
    assert cut == {("b", "c")}


def impl_of(dialect: str) -> DefaultImpl:
    named = dialect_named(dialect)
    return DefaultImpl.get_by_dialect(named)(named, None, False, None, None, {})


def new_table() -> ops.UpgradeOps:
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, primary_key=True))
    table = sa.Table(
        "t",
        metadata,
        sa.Column("u_id", sa.ForeignKey("u.id"), index=True),
        sa.Column("x", sa.Integer, index=True),
    )
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return ops.UpgradeOps(
        [
            ops.CreateTableOp.from_table(table),
            ops.ModifyTableOps("t", [ops.CreateIndexOp.from_index(index) for index in indexes]),
        ]
    )


def names(container: ops.OpContainer) -> list[str]:
    found = []
    for operation in container.ops:
        if isinstance(operation, ops.OpContainer):
            found += names(operation)
        else:
            found.append(str(getattr(operation, "index_name", None) or getattr(operation, "table_name", "")))
    return found


def test_the_way_back_is_the_mirror() -> None:
    """AUT-7."""
    upgrade = new_table()
    downgrade = fill_downgrade(impl_of("sqlite"), upgrade, ops.DowngradeOps([]))
    assert names(upgrade) == ["t", "ix_t_u_id", "ix_t_x"]
    assert names(downgrade) == ["ix_t_x", "ix_t_u_id", "t"]


def test_an_index_that_a_foreign_key_holds_goes_with_its_table() -> None:
    """AUT-44."""
    downgrade = fill_downgrade(impl_of("mysql"), new_table(), ops.DowngradeOps([]))
    assert names(downgrade) == ["ix_t_x", "t"]
