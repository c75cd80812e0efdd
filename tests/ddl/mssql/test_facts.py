"""What SQL Server's statements block, scan and rewrite, as its reference says."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.facts import Cost, Lock
from limbeck.operations import ops
from tests.ddl.recorded import Context


def column(*args: Any, **kw: Any) -> ops.AddColumnOp:
    return ops.AddColumnOp("t", sa.Column("c", *args, **kw))


def altered(**kw: Any) -> ops.AlterColumnOp:
    return ops.AlterColumnOp("t", "c", **kw)


@pytest.mark.parametrize(
    ("operation", "lock", "cost"),
    [
        (column(sa.Integer), Lock.EVERYTHING, Cost.METADATA),
        (column(sa.Integer, server_default="5"), Lock.EVERYTHING, Cost.METADATA),
        (column(sa.Integer, server_default="5", nullable=False), Lock.EVERYTHING, Cost.REWRITE),
        (column(sa.Integer, sa.Identity()), Lock.EVERYTHING, Cost.REWRITE),
        (column(sa.Integer, sa.Computed("a + 1", persisted=True)), Lock.EVERYTHING, Cost.REWRITE),
        (column(sa.Integer, sa.Computed("a + 1")), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_nullable=False), Lock.EVERYTHING, Cost.SCAN),
        (altered(modify_nullable=True), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.String(9), existing_type=sa.String(5)), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.String(5), existing_type=sa.String(9)), Lock.EVERYTHING, Cost.REWRITE),
        (ops.CreateIndexOp("i", "t", ["c"]), Lock.WRITES, Cost.SCAN),
        (ops.CreateIndexOp("i", "t", ["c"], mssql_clustered=True), Lock.EVERYTHING, Cost.REWRITE),
        (ops.CreatePrimaryKeyOp("p", "t", ["c"]), Lock.EVERYTHING, Cost.REWRITE),
        (ops.CreateForeignKeyOp("f", "t", "u", ["c"], ["id"]), Lock.EVERYTHING, Cost.SCAN),
        (ops.DropColumnOp("t", "c"), Lock.EVERYTHING, Cost.METADATA),
        (ops.CreateTableOp("t", []), Lock.NONE, Cost.METADATA),
    ],
)  # fmt: skip
def test_effects_are_those_of_the_reference(operation: Any, lock: Lock, cost: Cost) -> None:
    effect = Context("mssql").impl.effect_of(operation)
    assert effect is not None
    assert (effect.lock, effect.cost, effect.transactional) == (lock, cost, True)


def test_what_is_not_documented_is_left_open() -> None:
    assert Context("mssql").impl.effect_of(ops.ExecuteSQLOp("SELECT 1")) is None
    assert Context("mssql").impl.effect_of(altered(modify_comment="x")) is None
