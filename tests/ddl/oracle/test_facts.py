"""What Oracle Database's statements block, scan and rewrite, as its reference says."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.facts import Cost, Lock
from limbeck.ddl.oracle.facts import effect_of
from limbeck.operations import ops
from tests.ddl.recorded import Context


def column(*args: Any, **kw: Any) -> ops.AddColumnOp:
    return ops.AddColumnOp("t", sa.Column("c", *args, **kw))


def altered(**kw: Any) -> ops.AlterColumnOp:
    return ops.AlterColumnOp("t", "c", **kw)


@pytest.mark.parametrize(
    ("operation", "lock", "cost"),
    [
        (column(sa.Integer), Lock.WRITES, Cost.METADATA),
        (column(sa.Integer, server_default="5"), Lock.WRITES, Cost.METADATA),
        (column(sa.Integer, sa.Identity()), Lock.WRITES, Cost.REWRITE),
        (column(sa.Integer, sa.Computed("a + 1")), Lock.WRITES, Cost.METADATA),
        (altered(modify_nullable=False), Lock.WRITES, Cost.SCAN),
        (altered(modify_nullable=True), Lock.WRITES, Cost.METADATA),
        (altered(modify_type=sa.String(9), existing_type=sa.String(5)), Lock.WRITES, Cost.METADATA),
        (altered(modify_type=sa.Numeric(12, 2), existing_type=sa.Numeric(10, 2)), Lock.WRITES, Cost.METADATA),
        (ops.CreateIndexOp("i", "t", ["c"]), Lock.WRITES, Cost.SCAN),
        (ops.CreateForeignKeyOp("f", "t", "u", ["c"], ["id"]), Lock.WRITES, Cost.SCAN),
        (ops.DropColumnOp("t", "c"), Lock.WRITES, Cost.REWRITE),
        (ops.DropIndexOp("i", "t"), Lock.WRITES, Cost.METADATA),
        (ops.CreateTableCommentOp("t", "x"), Lock.NONE, Cost.METADATA),
        (ops.RenameTableOp("t", "u"), Lock.EVERYTHING, Cost.METADATA),
        (ops.CreateTableOp("t", []), Lock.NONE, Cost.METADATA),
    ],
)  # fmt: skip
def test_effects_are_those_of_the_reference(operation: Any, lock: Lock, cost: Cost) -> None:
    effect = Context("oracle").impl.effect_of(operation)
    assert effect is not None
    assert (effect.lock, effect.cost, effect.transactional) == (lock, cost, False)


@pytest.mark.parametrize(
    ("version", "nullable", "cost"),
    [
        ((11, 1), False, Cost.REWRITE),
        ((11, 2), False, Cost.METADATA),
        ((11, 2), True, Cost.REWRITE),
        ((12, 1), True, Cost.METADATA),
    ],
)
def test_a_default_is_kept_once_by_newer_servers(version: Any, nullable: bool, cost: Cost) -> None:
    effect = effect_of(column(sa.Integer, server_default="5", nullable=nullable), version)
    assert effect is not None
    assert effect.cost == cost


def test_what_depends_on_the_rows_is_left_open() -> None:
    assert effect_of(altered(modify_type=sa.Integer(), existing_type=sa.String(5))) is None
    assert effect_of(ops.ExecuteSQLOp("SELECT 1")) is None
