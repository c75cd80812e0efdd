"""Operations on constraints, indexes and foreign keys."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex

from limbeck.operations import ops


def table() -> sa.Table:
    metadata = sa.MetaData()
    sa.Table("u", metadata, sa.Column("id", sa.Integer, key="ident", primary_key=True), schema="s2")
    return sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer),
        sa.Column("a", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk"),
        sa.UniqueConstraint("a", "id", name="uq", deferrable=True, initially="DEFERRED"),
        sa.CheckConstraint("a > 1", name="ck"),
        sa.ForeignKeyConstraint(["a"], ["s2.u.ident"], name="fk", ondelete="CASCADE"),
        sa.Index("ix", sa.text("lower(a)"), "id", unique=True, sqlite_where=sa.text("a > 2")),
        schema="s1",
    )


SQL = {
    "pk": "ALTER TABLE s1.t ADD CONSTRAINT pk PRIMARY KEY (id)",
    "uq": "ALTER TABLE s1.t ADD CONSTRAINT uq UNIQUE (a, id) DEFERRABLE INITIALLY DEFERRED",
    "ck": "ALTER TABLE s1.t ADD CONSTRAINT ck CHECK (a > 1)",
    "fk": "ALTER TABLE s1.t ADD CONSTRAINT fk FOREIGN KEY(a) REFERENCES s2.u (id) ON DELETE CASCADE",
}
KINDS = {"pk": "primary", "uq": "unique", "ck": "check", "fk": "foreignkey"}


def named(name: str) -> sa.Constraint:
    return next(constraint for constraint in table().constraints if constraint.name == name)


@pytest.mark.parametrize("name", SQL)
def test_a_constraint_goes_through_its_operation_unchanged(name: str) -> None:
    operation = ops.AddConstraintOp.from_constraint(named(name))
    assert operation.constraint_type == KINDS[name]
    assert str(AddConstraint(operation.to_constraint())) == SQL[name]


@pytest.mark.parametrize("name", SQL)
def test_creating_and_dropping_a_constraint_undo_each_other(name: str) -> None:
    drop = ops.AddConstraintOp.from_constraint(named(name)).reverse()
    facts = (drop.constraint_name, drop.table_name, drop.constraint_type, drop.schema)
    assert facts == (name, "t", KINDS[name], "s1")
    assert str(AddConstraint(drop.reverse().to_constraint())) == SQL[name]
    assert str(AddConstraint(ops.DropConstraintOp.from_constraint(named(name)).to_constraint())) == SQL[name]


def test_the_diff_of_a_foreign_key_has_a_tag_of_its_own() -> None:
    """AUT-3."""
    tags = {}
    for name in SQL:
        create = ops.AddConstraintOp.from_constraint(named(name))
        tags[name] = (create.to_diff_tuple()[0], create.reverse().to_diff_tuple()[0])
    assert tags == {
        "pk": ("add_constraint", "remove_constraint"),
        "uq": ("add_constraint", "remove_constraint"),
        "ck": ("add_constraint", "remove_constraint"),
        "fk": ("add_fk", "remove_fk"),
    }


def test_a_foreign_key_names_columns_as_the_database_does() -> None:
    operation = ops.AddConstraintOp.from_constraint(named("fk"))
    assert isinstance(operation, ops.CreateForeignKeyOp)
    assert (operation.referent_table, operation.remote_cols, operation.kw) == (
        "u", ["id"], {"source_schema": "s1", "referent_schema": "s2", "ondelete": "CASCADE"}
    )  # fmt: skip


def test_a_dropped_constraint_that_nobody_knew_does_not_come_back() -> None:
    for call in ("reverse", "to_constraint", "to_diff_tuple"):
        with pytest.raises(ValueError, match="'x' of 't' cannot be reversed"):
            getattr(ops.DropConstraintOp("x", "t", "unique"), call)()


def test_an_unknown_kind_of_constraint_has_no_operation() -> None:
    class Strange(sa.Constraint):
        __visit_name__ = "strange"

    with pytest.raises(ValueError, match="strange"):
        ops.AddConstraintOp.from_constraint(Strange())


def test_an_index_goes_through_its_operation_unchanged() -> None:
    index = next(iter(table().indexes))
    operation = ops.CreateIndexOp.from_index(index)
    sql = "CREATE UNIQUE INDEX ix ON s1.t (lower(a), id)"
    assert str(CreateIndex(operation.to_index())) == sql
    drop = operation.reverse()
    assert (drop.index_name, drop.table_name, drop.schema) == ("ix", "t", "s1")
    assert str(CreateIndex(drop.reverse().to_index())) == sql
    assert [operation.to_diff_tuple()[0], drop.to_diff_tuple()[0]] == ["add_index", "remove_index"]
    assert drop.to_diff_tuple()[1].table.fullname == "s1.t"
    assert index.table is not operation.to_index().table


def test_a_dropped_index_that_nobody_knew_does_not_come_back() -> None:
    """§11: the recorded system makes up an index on a column `x` instead."""
    with pytest.raises(ValueError, match="index 'ix' cannot be reversed"):
        ops.DropIndexOp("ix", "t").reverse()


def test_comments_undo_each_other() -> None:
    create = ops.CreateTableCommentOp("t", "new", schema="s1", existing_comment="old")
    back = create.reverse()
    assert isinstance(back, ops.CreateTableCommentOp)
    assert (back.comment, back.existing_comment, back.schema) == ("old", "new", "s1")
    drop = ops.CreateTableCommentOp("t", "new").reverse()
    assert isinstance(drop, ops.DropTableCommentOp)
    assert drop.existing_comment == "new"
    assert drop.reverse().comment == "new"
    tag, of, old = create.to_diff_tuple()
    assert (tag, of.fullname, old) == ("add_table_comment", "s1.t", "old")
    assert drop.to_diff_tuple()[0] == "remove_table_comment"


@pytest.mark.parametrize(
    "operation",
    [ops.ExecuteSQLOp("SELECT 1"), ops.BulkInsertOp(sa.table("t"), [])],
    ids=["execute", "insert"],
)
def test_data_cannot_be_brought_back(operation: ops.MigrateOperation) -> None:
    with pytest.raises(NotImplementedError, match="cannot be reversed"):
        operation.reverse()


def test_executed_sql_is_a_diff_of_its_own() -> None:
    assert ops.ExecuteSQLOp("SELECT 1").to_diff_tuple() == ("execute", "SELECT 1")
