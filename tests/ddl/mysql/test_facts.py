"""What MySQL and MariaDB do by version; tests/ddl/live/test_facts.py asks a MariaDB."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.facts import Cost, Effect, Lock
from limbeck.operations import ops
from tests.ddl.recorded import Context


def said(operation: Any, dialect: str, version: tuple[int, ...]) -> Effect | None:
    context = Context(dialect)
    context.dialect.server_version_info = version  # type: ignore[attr-defined]  # as if connected
    effect: Effect | None = context.impl.effect_of(operation)
    return effect


def altered(new: Any, old: Any) -> ops.AlterColumnOp:
    return ops.AlterColumnOp("t", "c", modify_type=new, existing_type=old)


@pytest.mark.parametrize(
    ("dialect", "version", "cost"),
    [
        ("mysql", (8, 0, 28), Cost.REWRITE),
        ("mysql", (8, 0, 29), Cost.METADATA),
        ("mariadb", (10, 3, 39), Cost.REWRITE),
        ("mariadb", (10, 4, 0), Cost.METADATA),
        ("mysql", (), Cost.METADATA),
    ],
)
def test_columns_come_and_go_at_once_on_newer_servers(dialect: str, version: Any, cost: Cost) -> None:
    for operation in (ops.AddColumnOp("t", sa.Column("c", sa.Integer)), ops.DropColumnOp("t", "c")):
        effect = said(operation, dialect, version)
        assert effect is not None
        assert (effect.lock, effect.cost, effect.transactional) == (Lock.NONE, cost, False)


@pytest.mark.parametrize(
    ("operation", "mysql", "mariadb"),
    [
        (altered(sa.String(30), sa.String(20)), None, Cost.METADATA),
        (altered(sa.String(10), sa.String(20)), Cost.REWRITE, Cost.REWRITE),
        (altered(sa.BigInteger(), sa.Integer()), Cost.REWRITE, Cost.REWRITE),
        (altered(sa.Enum("a", "b"), sa.Enum("a")), Cost.METADATA, Cost.METADATA),
        (altered(sa.Enum("b", "a"), sa.Enum("a")), Cost.REWRITE, Cost.REWRITE),
        (altered(sa.Integer(), None), Cost.REWRITE, Cost.REWRITE),
        (ops.CreateCheckConstraintOp("k", "t", "c > 5"), Cost.SCAN, Cost.REWRITE),
        (ops.DropConstraintOp("k", "t", type_="primary"), Cost.REWRITE, Cost.REWRITE),
        (ops.DropConstraintOp("k", "t", type_="check"), None, None),
    ],
)
def test_what_a_change_costs(operation: Any, mysql: Cost | None, mariadb: Cost | None) -> None:
    for dialect, version, cost in (("mysql", (8, 4, 0), mysql), ("mariadb", (10, 11, 0), mariadb)):
        effect = said(operation, dialect, version)
        assert (effect and effect.cost) == cost
