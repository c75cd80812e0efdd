"""The chain of comparators, and what users add to it (AUT-102, AUT-105, AUT-106)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import autogenerate
from limbeck.autogenerate.api import compare_metadata, produce_migrations
from limbeck.base.dispatch import DispatchPriority, PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.operations import ops
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with connected() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER)")
        connection.exec_driver_sql("CREATE TABLE gone (id INTEGER NOT NULL PRIMARY KEY)")
        yield connection


def models() -> sa.MetaData:
    metadata = sa.MetaData()
    key = sa.Column("id", sa.Integer, primary_key=True)
    sa.Table(
        "t",
        metadata,
        key,
        sa.Column("a", sa.String(9), nullable=False, index=True),
        sa.Column("b", sa.Integer),
    )
    sa.Table("fresh", metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def configured(connection: sa.Connection, **options: Any) -> MigrationContext:
    return MigrationContext.configure(connection, opts=options)


def tags(diffs: list[Any]) -> list[str]:
    return [diff[0] if isinstance(diff, tuple) else "+".join(part[0] for part in diff) for diff in diffs]


ALL = ["add_table", "remove_table", "add_column", "modify_type+modify_nullable", "add_index"]


@pytest.mark.parametrize(
    ("plugins", "found"),
    [
        (["alembic.autogenerate.*"], ALL),
        (["*"], ALL),
        (
            ["alembic.autogenerate.*", "~alembic.autogenerate.types"],
            [*ALL[:3], "modify_nullable", "add_index"],
        ),
        (["alembic.autogenerate.*", "~alembic.autogenerate.constraints"], [*ALL[:3], "modify_type"]),
        (["alembic.autogenerate.schemas", "alembic.autogenerate.tables"], ALL[:3]),
        (["alembic.autogenerate.tables"], []),
        ([], []),
    ],
)
def test_each_plugin_compares_its_own(
    connection: sa.Connection, plugins: list[str], found: list[str]
) -> None:
    """AUT-106, PLG-6, PLG-7."""
    assert tags(compare_metadata(configured(connection, autogenerate_plugins=plugins), models())) == found


@pytest.fixture
def plugin() -> Iterator[Plugin]:
    made = Plugin("tests.comparators")
    yield made
    made.remove()


def test_a_plugin_is_called_with_what_is_documented(connection: sa.Connection, plugin: Plugin) -> None:
    """PLG-4, AUT-102."""
    calls: list[tuple[Any, ...]] = []

    def note(target: str) -> Any:
        def called(autogen_context: Any, *args: Any) -> PriorityDispatchResult:
            calls.append((target, *args))
            return PriorityDispatchResult.CONTINUE

        return called

    for target in ("autogenerate", "schema", "table", "column"):
        plugin.add_autogenerate_comparator(note(target), target, "mine", priority=DispatchPriority.FIRST)
    plugin.add_autogenerate_comparator(note("elsewhere"), "table", "mine", qualifier="oracle")
    chosen = ["alembic.autogenerate.*", "tests.comparators"]
    metadata = models()
    compare_metadata(configured(connection, autogenerate_plugins=chosen), metadata)

    def kinds(call: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(part if part is None or isinstance(part, (str, set)) else type(part) for part in call)

    modify = ops.ModifyTableOps
    alter = ops.AlterColumnOp
    assert [kinds(call) for call in calls] == [
        ("autogenerate", ops.UpgradeOps),
        ("schema", ops.UpgradeOps, {None}),
        ("table", modify, None, "fresh", None, sa.Table),
        ("table", modify, None, "gone", sa.Table, None),
        ("column", alter, None, "t", "id", sa.Column, sa.Column),
        ("column", alter, None, "t", "a", sa.Column, sa.Column),
        ("table", modify, None, "t", sa.Table, sa.Table),
    ]
    assert calls[-1][-1] is metadata.tables["t"]


def test_stop_ends_the_chain_of_its_element_only(connection: sa.Connection, plugin: Plugin) -> None:
    """PLG-5."""

    def stop(*args: Any) -> PriorityDispatchResult:
        return PriorityDispatchResult.STOP

    plugin.add_autogenerate_comparator(stop, "column", "types", priority=DispatchPriority.FIRST)
    chosen = ["alembic.autogenerate.*", "tests.comparators"]
    found = tags(compare_metadata(configured(connection, autogenerate_plugins=chosen), models()))
    assert found == [*ALL[:3], "modify_nullable", "add_index"]


def test_a_comparator_can_be_registered_for_every_run(
    connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLG-12, AUT-102: any `modify_*` makes a column changed."""
    from limbeck.autogenerate import chain

    branch = autogenerate.comparators.branch()
    monkeypatch.setattr(chain, "comparators", branch)

    @branch.dispatch_for("column")
    def colour(context: Any, operation: ops.AlterColumnOp, *args: Any) -> None:
        operation.kw["modify_colour"], operation.kw["existing_colour"] = "red", "blue"

    script = produce_migrations(
        configured(connection, autogenerate_plugins=["alembic.autogenerate.*"]), models()
    )
    upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
    assert upgrade is not None
    assert downgrade is not None
    changed = [op for group in upgrade.ops if isinstance(group, ops.ModifyTableOps) for op in group.ops]
    assert [op.column_name for op in changed if isinstance(op, ops.AlterColumnOp)] == ["id", "a"]
    back = [op for group in downgrade.ops if isinstance(group, ops.ModifyTableOps) for op in group.ops]
    assert [op.kw["modify_colour"] for op in back if isinstance(op, ops.AlterColumnOp)] == ["blue", "blue"]


def test_a_hook_that_changes_an_operation_does_not_change_the_models(connection: sa.Connection) -> None:
    """AUT-101."""
    metadata = models()
    upgrade = produce_migrations(configured(connection), metadata).upgrade_ops
    assert upgrade is not None
    for operation in upgrade.ops:
        if isinstance(operation, ops.CreateTableOp):
            for item in operation.columns:
                if isinstance(item, sa.Column):
                    item.nullable, item.comment = True, "changed"
        if isinstance(operation, ops.ModifyTableOps):
            for change in operation.ops:
                if isinstance(change, ops.AddColumnOp):
                    change.column.nullable, change.column.comment = False, "changed"
    assert metadata.tables["fresh"].c.id.comment is None
    assert metadata.tables["t"].c.b.comment is None
    assert metadata.tables["t"].c.b.nullable


def test_an_object_that_is_filtered_out_hides_what_is_in_it(connection: sa.Connection) -> None:
    """AUT-61."""
    asked = []

    def include(item: Any, name: str, type_: str, reflected: bool, compare_to: Any) -> bool:
        asked.append((name, type_, reflected, compare_to is not None))
        return name != "t"

    assert tags(compare_metadata(configured(connection, include_object=include), models())) == ALL[:2]
    assert asked == [
        ("fresh", "table", False, False),
        ("gone", "table", True, False),
        ("t", "table", False, True),
    ]


def test_several_of_one_kind_are_offered_one_by_one(connection: sa.Connection) -> None:
    """AUT-61."""
    asked = []

    def include(item: Any, name: str, type_: str, reflected: bool, compare_to: Any) -> bool:
        asked.append((name, type_, reflected, compare_to is not None))
        return type_ == "table" or name in ("a", "id")

    found = tags(compare_metadata(configured(connection, include_object=include), models()))
    assert found == ["add_table", "remove_table", "modify_type+modify_nullable"]
    assert asked[3:] == [
        ("b", "column", False, False),
        ("id", "column", False, True),
        ("a", "column", False, True),
        ("ix_t_a", "index", False, False),
    ]


def test_types_can_be_compared_by_a_function(connection: sa.Connection) -> None:
    """AUT-26: None leaves it to the usual rule."""
    asked = []

    def compare(
        context: Any, inspected: Any, wanted: Any, inspected_type: Any, wanted_type: Any
    ) -> bool | None:
        asked.append((inspected.name, str(inspected_type), str(wanted_type)))
        return True if wanted.name == "id" else None

    context = configured(connection, compare_type=compare)
    assert tags(compare_metadata(context, models()))[3:5] == ["modify_type", "modify_type+modify_nullable"]
    assert asked == [("id", "INTEGER", "INTEGER"), ("a", "INTEGER", "VARCHAR(9)")]
