"""Operations of every kind, made at random: what is undone twice is as it was, and models go through them unchanged."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.ddl.postgresql.operations import CreateExcludeConstraintOp
from limbeck.operations import ops
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context, statements

FEW = settings(max_examples=30, deadline=None)
NAMES = st.sampled_from(["a", "b", "Mixed", "select", "it's", "50%", 'q"uote', "é"])
SCHEMAS = st.sampled_from([None, "s", "My.Schema"])
TYPES = st.sampled_from([sa.Integer(), sa.String(5), sa.Numeric(3, 1), sa.DateTime(), sa.Boolean()])
COMMENTS = st.sampled_from([None, "c", "it's 50%"])
DEFAULTS = st.sampled_from([None, "5", sa.text("now()")])
FLAGS = st.sampled_from([None, True])
COLUMNS = st.lists(NAMES, min_size=1, max_size=3, unique=True)


@st.composite
def columns(draw: st.DrawFn) -> sa.Column[Any]:
    options: dict[str, Any] = {
        "nullable": draw(st.booleans()),
        "comment": draw(COMMENTS),
        "server_default": draw(DEFAULTS),
        "index": draw(FLAGS),
        "unique": draw(FLAGS),
    }
    keys = [sa.ForeignKey("u.id", ondelete="CASCADE")] if draw(st.booleans()) else []
    return sa.Column(draw(NAMES), draw(TYPES), *keys, **options)


@st.composite
def tables(draw: st.DrawFn) -> sa.Table:
    made = draw(st.lists(columns(), min_size=1, max_size=4, unique_by=lambda column: column.name))
    names = [column.name for column in made]
    items = [
        sa.UniqueConstraint(*names, name="uq"),
        sa.CheckConstraint(sa.text("1 > 0"), name="ck"),
        sa.PrimaryKeyConstraint(names[0], name="pk"),
        sa.Index("ix", *names),
    ]
    kept = draw(st.lists(st.sampled_from(items), unique=True))
    options: dict[str, Any] = {
        "schema": draw(SCHEMAS),
        "comment": draw(COMMENTS),
        "postgresql_tablespace": "ts",
    }
    return sa.Table(draw(NAMES), sa.MetaData(), *made, *kept, **options)


def create_table() -> st.SearchStrategy[ops.MigrateOperation]:
    return st.builds(
        lambda table, **options: ops.CreateTableOp(table.name, [*table.c], schema=table.schema, **options),
        tables(), if_not_exists=FLAGS, comment=COMMENTS, prefixes=st.sampled_from([[], ["UNLOGGED"]]),
    )  # fmt: skip


ALTERATIONS: dict[str, st.SearchStrategy[Any]] = {
    "type": TYPES,
    "nullable": st.booleans(),
    "server_default": DEFAULTS,
    "comment": COMMENTS,
}


@st.composite
def alter_column(draw: st.DrawFn) -> ops.MigrateOperation:
    """What is modified is known as it was, so that it can be undone."""
    options: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(ALTERATIONS)), unique=True)):
        options |= {f"{kind}_{name}": draw(ALTERATIONS[name]) for kind in ("existing", "modify")}
    name = draw(NAMES)
    return ops.AlterColumnOp(
        draw(NAMES),
        name,
        schema=draw(SCHEMAS),
        modify_name=draw(st.sampled_from([None, f"{name}2"])),
        **options,
    )


CREATIONS: dict[str, st.SearchStrategy[ops.MigrateOperation]] = {
    "AddColumnOp": st.builds(
        ops.AddColumnOp, NAMES, columns(), schema=SCHEMAS, if_not_exists=FLAGS, inline_references=FLAGS,
        inline_primary_key=FLAGS,
    ),
    "AlterColumnOp": alter_column(),
    "CreateTableOp": create_table(),
    "CreateIndexOp": st.builds(
        ops.CreateIndexOp, NAMES, NAMES, COLUMNS, schema=SCHEMAS, unique=st.booleans(), if_not_exists=FLAGS,
        postgresql_concurrently=FLAGS,
    ),
    "CreatePrimaryKeyOp": st.builds(ops.CreatePrimaryKeyOp, NAMES, NAMES, COLUMNS, schema=SCHEMAS),
    "CreateUniqueConstraintOp": st.builds(
        ops.CreateUniqueConstraintOp, NAMES, NAMES, COLUMNS, schema=SCHEMAS, deferrable=FLAGS,
        postgresql_nulls_not_distinct=st.booleans(),
    ),
    "CreateCheckConstraintOp": st.builds(
        ops.CreateCheckConstraintOp, NAMES, NAMES, st.sampled_from(["a > 0", sa.column("b") > 1]), schema=SCHEMAS,
    ),
    "CreateForeignKeyOp": st.builds(
        ops.CreateForeignKeyOp, NAMES, NAMES, st.just("u"), st.just(["a", "b"]), st.just(["x", "y"]),
        source_schema=SCHEMAS, referent_schema=SCHEMAS, ondelete=st.sampled_from([None, "CASCADE"]),
        deferrable=FLAGS, match=st.sampled_from([None, "FULL"]),
    ),
    "CreateExcludeConstraintOp": st.builds(
        lambda name, table, column, schema: CreateExcludeConstraintOp(
            name, table, [(column, "=")], schema=schema, using="gist"
        ),
        NAMES, NAMES, NAMES, SCHEMAS,
    ),
    "CreateTableCommentOp": st.builds(
        ops.CreateTableCommentOp, NAMES, st.just("new"), schema=SCHEMAS, existing_comment=COMMENTS,
    ),
    "DropTableCommentOp": st.builds(
        ops.DropTableCommentOp, NAMES, schema=SCHEMAS, existing_comment=st.just("old"),
    ),
    "RenameTableOp": st.builds(ops.RenameTableOp, NAMES, st.just("other"), schema=SCHEMAS),
}  # fmt: skip


def said(operation: ops.MigrateOperation) -> list[str]:
    """What the operation is, and what it says to a database."""
    context = Context("postgresql", literal_binds=True)
    Operations(context).invoke(operation)  # type: ignore[arg-type]
    return [type(operation).__name__, *statements(context)]


def diff(operation: ops.MigrateOperation) -> Any:
    return None if isinstance(operation, ops.RenameTableOp) else readable(operation.to_diff_tuple())


def readable(value: Any) -> Any:
    """A diff in which schema objects, which are made anew each time, are their text."""
    if isinstance(value, (tuple, list)):
        return [readable(item) for item in value]
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    return value if isinstance(value, str) else re.sub(r" at 0x\w+", "", repr(value))


@pytest.mark.parametrize("kind", sorted(CREATIONS))
@FEW
@given(data=st.data())
def test_what_is_undone_twice_is_as_it_was(kind: str, data: st.DataObject) -> None:
    operation = data.draw(CREATIONS[kind])
    assert type(operation).__name__ == kind
    opposite = operation.reverse()
    again = opposite.reverse()
    assert (said(again), diff(again)) == (said(operation), diff(operation))
    assert (said(again.reverse()), diff(again.reverse())) == (said(opposite), diff(opposite))


@FEW
@given(tables())
def test_a_table_goes_through_its_operations_unchanged(table: sa.Table) -> None:
    created = ops.CreateTableOp.from_table(table)
    again = ops.CreateTableOp.from_table(created.to_table())
    assert said(again) == said(created)
    dropped = ops.DropTableOp.from_table(table)
    assert said(dropped.reverse()) == said(created)


@FEW
@given(tables())
def test_the_parts_of_a_table_go_through_their_operations_unchanged(table: sa.Table) -> None:
    for index in table.indexes:
        made = ops.CreateIndexOp.from_index(index)
        assert said(ops.CreateIndexOp.from_index(made.to_index())) == said(made)
        assert said(ops.DropIndexOp.from_index(index).reverse()) == said(made)
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint) and not constraint.columns:
            continue
        added = ops.AddConstraintOp.from_constraint(constraint)
        assert said(ops.AddConstraintOp.from_constraint(added.to_constraint())) == said(added)
        if added.constraint_name is not None:
            assert said(ops.DropConstraintOp.from_constraint(constraint).reverse()) == said(added)
    for column in table.c:
        put = ops.AddColumnOp.from_column(column)
        named = ops.AddColumnOp.from_column_and_tablename(table.schema, table.name, column)
        assert said(named) == said(put)
        dropped = ops.DropColumnOp.from_column_and_tablename(table.schema, table.name, column)
        assert said(dropped.reverse()) == said(put)


@FEW
@given(st.lists(st.sampled_from(sorted(CREATIONS)), max_size=4), st.data())
def test_a_group_is_undone_in_the_opposite_order(kinds: list[str], data: st.DataObject) -> None:
    members = [data.draw(CREATIONS[kind]) for kind in kinds]
    group = ops.UpgradeOps([ops.ModifyTableOps("t", members)])
    undone = group.reverse()
    assert isinstance(undone, ops.DowngradeOps)
    [table] = undone.ops
    assert isinstance(table, ops.ModifyTableOps)
    assert [said(member) for member in table.ops] == [said(member.reverse()) for member in reversed(members)]
    [again] = undone.reverse().ops
    assert isinstance(again, ops.ModifyTableOps)
    assert [said(member) for member in again.ops] == [said(member) for member in members]
