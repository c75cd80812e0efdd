"""What an autogenerate context says about the models, the database and the user's wishes (AUT-104)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.autogenerate import compare_metadata
from limbeck.autogenerate.context import AutogenContext
from limbeck.errors import AutogenerateNeedsDatabase, CommandError, DuplicateTables, NoTargetMetadata
from limbeck.operations import ops
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with connected() as connection:
        yield connection


def context(connection: sa.Connection, metadata: Any = None, **options: Any) -> AutogenContext:
    return AutogenContext(
        MigrationContext.configure(connection, opts={"target_metadata": metadata, **options})
    )


def tables(*names: str) -> sa.MetaData:
    metadata = sa.MetaData()
    for name in names:
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    return metadata


def test_without_models_there_is_nothing_to_compare(connection: sa.Connection) -> None:
    """AUT-2."""
    with pytest.raises(NoTargetMetadata, match="target_metadata") as caught:
        context(connection)
    assert isinstance(caught.value, CommandError)


def test_a_script_has_no_database_to_compare_with() -> None:
    """AUT-2."""
    offline = MigrationContext.configure(
        dialect_name="sqlite", opts={"as_sql": True, "target_metadata": tables("a")}
    )
    with pytest.raises(AutogenerateNeedsDatabase, match="without a database"):
        AutogenContext(offline)


def test_rendering_needs_neither_models_nor_database() -> None:
    """AUT-88."""
    autogen_context = AutogenContext(MigrationContext.configure(dialect_name="sqlite"), autogenerate=False)
    assert autogen_context.imports == set()
    assert autogen_context.dialect.name == "sqlite"


def test_several_metadata_are_one_after_the_other(connection: sa.Connection) -> None:
    """AUT-10."""
    autogen_context = context(connection, [tables("b", "a"), tables("c")])
    assert list(autogen_context.table_key_to_table) == ["b", "a", "c"]
    assert [table.name for table in autogen_context.sorted_tables] == ["a", "b", "c"]


def test_two_metadata_may_not_have_the_same_table(connection: sa.Connection) -> None:
    """AUT-10."""
    with pytest.raises(DuplicateTables, match="'a'") as caught:
        _ = context(connection, [tables("a", "b"), tables("a")]).table_key_to_table
    assert isinstance(caught.value, ValueError)
    assert caught.value.keys == ("a",)


def test_a_name_filter_is_told_where_the_name_was_found(connection: sa.Connection) -> None:
    """AUT-60."""
    asked = []

    def include_name(name: Any, type_: str, parents: Any) -> bool:
        asked.append((name, type_, dict(parents)))
        return bool(name != "no")

    autogen_context = context(connection, tables("a"), include_name=include_name)
    assert autogen_context.run_name_filters("t", "table", {"schema_name": "s"})
    assert not autogen_context.run_name_filters("no", "column", {"schema_name": None, "table_name": "t"})
    assert autogen_context.run_name_filters(None, "schema", {})
    assert asked == [
        ("t", "table", {"schema_name": "s", "schema_qualified_table_name": "s.t"}),
        ("no", "column", {"schema_name": None, "table_name": "t", "schema_qualified_table_name": "t"}),
        (None, "schema", {}),
    ]


def test_the_version_table_takes_no_part(connection: sa.Connection) -> None:
    """AUT-8."""
    autogen_context = context(connection, tables("a"), version_table="versions", version_table_schema="s")
    assert not autogen_context.run_name_filters("versions", "table", {"schema_name": "s"})
    assert autogen_context.run_name_filters("versions", "table", {"schema_name": None})
    assert autogen_context.run_name_filters("versions", "index", {"schema_name": "s", "table_name": "t"})


def test_an_object_filter_is_asked_with_its_counterpart(connection: sa.Connection) -> None:
    """AUT-61."""
    column = sa.Column("x", sa.Integer)
    autogen_context = context(
        connection, tables("a"), include_object=lambda *args: args == (column, "x", "column", True, None)
    )
    assert autogen_context.run_object_filters(column, "x", "column", True, None)
    assert not autogen_context.run_filters(column, "x", "column", False, None)


def test_a_change_that_sqlite_cannot_make_needs_a_batch_block(connection: sa.Connection) -> None:
    """AUT-85."""
    autogen_context = context(connection, tables("a"))

    def needs(*operations: ops.MigrateOperation) -> bool:
        return autogen_context.needs_batch(ops.ModifyTableOps("a", operations))

    nullable = sa.Column("x", sa.String(5))
    assert not needs(
        ops.AddColumnOp("a", nullable), ops.CreateIndexOp("ix", "a", ["x"]), ops.DropIndexOp("iy", "a")
    )
    assert not needs(ops.AddColumnOp("a", sa.Column("x", sa.Integer, nullable=False, server_default="5")))
    assert not needs(ops.AlterColumnOp("a", "x", modify_name="y"))
    assert not needs(ops.DropColumnOp("a", "x"))
    assert needs(ops.AddColumnOp("a", nullable), ops.AlterColumnOp("a", "x", modify_type=sa.String(9)))
    assert needs(ops.AlterColumnOp("a", "x", modify_nullable=False))
    assert needs(ops.AlterColumnOp("a", "x", modify_server_default=None))
    assert needs(ops.AddColumnOp("a", sa.Column("x", sa.Integer, nullable=False)))
    assert needs(ops.AddColumnOp("a", sa.Column("x", sa.DateTime, server_default=sa.func.now())))
    assert needs(ops.CreateUniqueConstraintOp("uq", "a", ["x"]))
    assert needs(ops.DropConstraintOp("fk", "a", "foreignkey"))


def test_a_user_can_have_all_changes_in_batch_blocks(connection: sa.Connection) -> None:
    """AUT-85."""
    autogen_context = context(connection, tables("a"), render_as_batch=True)
    assert autogen_context.needs_batch(ops.ModifyTableOps("a", [ops.CreateIndexOp("ix", "a", ["x"])]))


# --- the version table --------------------------------------------------------------------------------------------


def dropped(connection: sa.Connection, **options: Any) -> list[str]:
    """The tables that a comparison with empty models would drop."""
    diffs = compare_metadata(MigrationContext.configure(connection, opts=options), sa.MetaData())
    return sorted(diff[1].fullname for diff in diffs if diff[0] == "remove_table")


@pytest.mark.parametrize("name", ["alembic_version", "The versions"])
def test_the_version_table_is_passed_over_and_others_are_not(database_url: str, name: str) -> None:
    """VER-4: by its configured name."""
    with connected(database_url) as connection:
        for table in (name, "another"):
            MigrationContext.configure(connection, opts={"version_table": table})._ensure_version_table()
        assert dropped(connection, version_table=name) == ["another"]


def test_a_table_of_that_name_in_another_schema_is_not_the_version_table(postgresql_url: str) -> None:
    """VER-4: name and schema have to match."""
    with connected(postgresql_url) as connection:
        connection.execute(sa.text("CREATE SCHEMA other"))
        connection.commit()
        for schema in (None, "other"):
            MigrationContext.configure(
                connection, opts={"version_table_schema": schema}
            )._ensure_version_table()
        assert dropped(connection, include_schemas=True) == ["other.alembic_version"]
        assert dropped(connection, include_schemas=True, version_table_schema="other") == ["alembic_version"]
