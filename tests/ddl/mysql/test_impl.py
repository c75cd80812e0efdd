"""MySQL and MariaDB: a column's whole definition, and constraints dropped by kind."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from limbeck.ddl.facts import Cost, Lock
from limbeck.ddl.mysql.facts import effect_of
from limbeck.errors import ConstraintTypeRequired, ExistingTypeRequired, GeneratedNotAlterable
from limbeck.operations import ops
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context, run, statements


def test_the_type_is_needed_where_the_definition_is_repeated() -> None:
    """OPS-46"""
    error = run("op.alter_column('t', 'c', nullable=False)", "mariadb").error
    assert isinstance(error, ExistingTypeRequired)
    assert (error.table, error.column) == ("t", "c")
    assert "existing_type=" in str(error.hint)


def test_a_constraint_is_dropped_by_its_kind() -> None:
    """OPS-83"""
    error = run("op.drop_constraint('uq', 't')", "mysql").error
    assert isinstance(error, ConstraintTypeRequired)
    assert (error.constraint, isinstance(error, NotImplementedError)) == ("uq", True)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("unique", "ALTER TABLE s.t DROP INDEX IF EXISTS k"),
        ("foreignkey", "ALTER TABLE s.t DROP FOREIGN KEY IF EXISTS k"),
        ("check", "ALTER TABLE s.t DROP CONSTRAINT IF EXISTS k"),
        ("primary", "ALTER TABLE s.t DROP PRIMARY KEY"),
    ],
)
def test_mariadb_drops_what_may_not_be_there(kind: str, wanted: str) -> None:
    """OPS-83"""
    call = f"op.drop_constraint('k', 't', type_='{kind}', schema='s', if_exists=True)"
    assert run(call, "mariadb").sql == [wanted]


def test_a_mariadb_server_under_a_mysql_url_is_a_mariadb_server() -> None:
    """OPS-83"""
    context = Context("mysql")
    context.dialect.is_mariadb = True
    Operations(context).drop_constraint("k", "t", type_="check", if_exists=True)  # type: ignore[arg-type]
    assert statements(context) == ["ALTER TABLE t DROP CONSTRAINT IF EXISTS k"]


DROP_CHECK = "ALTER TABLE t DROP CHECK k"


@pytest.mark.parametrize(
    ("version", "dropped"), [((8, 0, 15), []), ((8, 0, 16), [DROP_CHECK]), (None, [DROP_CHECK])]
)
def test_a_server_that_forgot_a_check_is_not_asked_to_drop_it(version: Any, dropped: list[str]) -> None:
    """OPS-41"""
    context = Context("mysql")
    context.dialect.server_version_info = version
    old = sa.Boolean(create_constraint=True, name="k")
    Operations(context).alter_column("t", "c", existing_type=old, type_=sa.Integer())  # type: ignore[arg-type]
    assert statements(context) == [*dropped, "ALTER TABLE t MODIFY c INTEGER NULL"]


def test_a_datetime_behind_a_decorator_is_a_datetime() -> None:
    """OPS-47"""
    call = (
        "class Moment(sa.TypeDecorator):\n    impl = sa.DateTime\n    cache_ok = True\n"
        "op.alter_column('t', 'c', server_default=sa.func.now(), existing_type=Moment())"
    )
    assert run(call, "mysql").sql == ["ALTER TABLE t CHANGE c c DATETIME NULL DEFAULT now()"]


def test_a_generated_column_is_not_redefined() -> None:
    """OPS-50"""
    call = "op.alter_column('t', 'c', type_=sa.Integer(), existing_server_default=sa.Computed('a + 1'))"
    error = run(call, "mysql").error
    assert isinstance(error, GeneratedNotAlterable)
    assert isinstance(error, NotImplementedError)


def test_a_comment_is_escaped_the_way_of_the_server() -> None:
    """OPS-46"""
    call = "op.alter_column('t', 'c', comment=\"it's a \\\\\\\\ 50%\", existing_type=sa.Integer())"
    assert run(call, "mysql").sql == ["ALTER TABLE t MODIFY c INTEGER NULL COMMENT 'it''s a \\\\\\\\ 50%'"]


@pytest.mark.parametrize(
    ("operation", "lock", "cost"),
    [
        (ops.AddColumnOp("t", sa.Column("c", sa.Integer)), Lock.NONE, Cost.METADATA),
        (ops.AlterColumnOp("t", "c", modify_type=sa.BigInteger()), Lock.WRITES, Cost.REWRITE),
        (ops.AlterColumnOp("t", "c", modify_nullable=False), Lock.NONE, Cost.REWRITE),
        (ops.CreateIndexOp("i", "t", ["c"]), Lock.NONE, Cost.SCAN),
        (ops.CreateForeignKeyOp("f", "t", "u", ["c"], ["id"]), Lock.WRITES, Cost.REWRITE),
        (ops.RenameTableOp("t", "u"), Lock.EVERYTHING, Cost.METADATA),
    ],
)  # fmt: skip
def test_effects_are_those_of_the_manual(operation: Any, lock: Lock, cost: Cost) -> None:
    dialect = mysql.dialect()
    dialect.server_version_info = (8, 4, 0)
    effect = effect_of(operation, dialect)
    assert effect is not None
    assert (effect.lock, effect.cost) == (lock, cost)


def test_a_column_is_added_instantly_by_recent_servers_only() -> None:
    dialect = mysql.dialect()
    dialect.server_version_info = (5, 7, 40)
    effect = effect_of(ops.AddColumnOp("t", sa.Column("c", sa.Integer)), dialect)
    assert effect is not None
    assert effect.cost is Cost.REWRITE
