"""What PostgreSQL's statements block, scan and rewrite."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.facts import Cost, Lock
from limbeck.ddl.postgresql.facts import effect_of
from limbeck.operations import ops


def column(*args: Any, **kw: Any) -> ops.AddColumnOp:
    return ops.AddColumnOp("t", sa.Column("c", *args, **kw))


def altered(**kw: Any) -> ops.AlterColumnOp:
    return ops.AlterColumnOp("t", "c", **kw)


@pytest.mark.parametrize(
    ("operation", "lock", "cost"),
    [
        (column(sa.Integer), Lock.EVERYTHING, Cost.METADATA),
        (column(sa.Integer, server_default="5", nullable=False), Lock.EVERYTHING, Cost.METADATA),
        (column(sa.Integer, sa.Identity()), Lock.EVERYTHING, Cost.REWRITE),
        (column(sa.Integer, primary_key=True), Lock.EVERYTHING, Cost.REWRITE),
        (column(sa.Integer, sa.Computed("a + 1", persisted=True)), Lock.EVERYTHING, Cost.REWRITE),
        (altered(modify_nullable=False), Lock.EVERYTHING, Cost.SCAN),
        (altered(modify_nullable=True), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.BigInteger(), existing_type=sa.Integer()), Lock.EVERYTHING, Cost.REWRITE),
        (altered(modify_type=sa.String(9), existing_type=sa.String(5)), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.Text(), existing_type=sa.String(5)), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.String(5), existing_type=sa.String(9)), Lock.EVERYTHING, Cost.REWRITE),
        (altered(modify_type=sa.Numeric(12, 2), existing_type=sa.Numeric(10, 2)), Lock.EVERYTHING, Cost.METADATA),
        (altered(modify_type=sa.Numeric(12, 3), existing_type=sa.Numeric(10, 2)), Lock.EVERYTHING, Cost.REWRITE),
        (ops.CreateIndexOp("i", "t", ["c"]), Lock.WRITES, Cost.SCAN),
        (ops.CreateIndexOp("i", "t", ["c"], postgresql_concurrently=True), Lock.SCHEMA, Cost.SCAN),
        (ops.DropIndexOp("i", "t"), Lock.EVERYTHING, Cost.METADATA),
        (ops.CreateForeignKeyOp("f", "t", "u", ["c"], ["id"]), Lock.WRITES, Cost.SCAN),
        (ops.CreateForeignKeyOp("f", "t", "u", ["c"], ["id"], postgresql_not_valid=True), Lock.WRITES, Cost.METADATA),
        (ops.CreateCheckConstraintOp("k", "t", "c > 5"), Lock.EVERYTHING, Cost.SCAN),
        (ops.CreateCheckConstraintOp("k", "t", "c > 5", postgresql_not_valid=True), Lock.EVERYTHING, Cost.METADATA),
        (ops.CreateTableCommentOp("t", "x"), Lock.SCHEMA, Cost.METADATA),
        (ops.CreateTableOp("t", []), Lock.NONE, Cost.METADATA),
    ],
)  # fmt: skip
def test_effects_are_those_measured(operation: Any, lock: Lock, cost: Cost) -> None:
    effect = effect_of(operation)
    assert effect is not None
    assert (effect.lock, effect.cost) == (lock, cost)


def test_an_older_server_writes_a_default_into_each_row() -> None:
    effect = effect_of(column(sa.Integer, server_default="5"), (10, 23))
    assert effect is not None
    assert effect.cost == Cost.REWRITE


@pytest.mark.parametrize(
    "operation", [column(sa.Uuid, server_default=sa.func.gen_random_uuid()), ops.ExecuteSQLOp("SELECT 1")]
)
def test_what_only_the_server_can_tell_is_left_open(operation: Any) -> None:
    assert effect_of(operation) is None
