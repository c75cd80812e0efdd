"""Named types in scripts, created when they are missing as far as a script can know; reading the version table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from limbeck.ddl.postgresql.session import is_idle
from tests.ddl.recorded import IS_2_0, run

CREATE = "CREATE TYPE kind AS ENUM ('a')"
COLUMN = "sa.Column('e', sa.Enum('a', name='kind'))"


def script(*lines: str) -> list[str]:
    outcome = run("\n".join(lines), "postgresql")
    assert outcome.error is None, outcome.error
    return [sql for sql in outcome.sql if not sql.startswith("CREATE TABLE")]


def test_two_tables_share_a_type_that_is_created_once() -> None:
    """OPS-60"""
    assert script(f"op.create_table('t1', {COLUMN})", f"op.create_table('t2', {COLUMN})") == [CREATE]


@pytest.mark.parametrize(
    ("line", "drop"),
    [
        ("op.execute('DROP TYPE kind')", "DROP TYPE kind"),
        ("op.execute('DROP TYPE IF EXISTS kind')", "DROP TYPE IF EXISTS kind"),
        ("sa.Enum(name='kind').drop(op.get_bind(), checkfirst=False)", "DROP TYPE kind"),
        ("sa.Enum(name='kind').drop(op.get_bind(), checkfirst=True)", "DROP TYPE kind"),
    ],
)
def test_a_type_that_was_dropped_is_created_again(line: str, drop: str) -> None:
    """OPS-60: a script that replays a whole history stays correct."""
    lines = [
        f"op.create_table('t1', {COLUMN})",
        "op.drop_table('t1')",
        line,
        f"op.create_table('t2', {COLUMN})",
    ]
    assert script(*lines) == [CREATE, "DROP TABLE t1", drop, CREATE]


@pytest.mark.parametrize(
    ("line", "create"),
    [
        ("sa.Enum('a', name='kind').create(op.get_bind())", CREATE),
        ("op.execute(\"CREATE TYPE kind AS ENUM ('a')\")", CREATE),
    ],
)
def test_a_type_made_by_hand_is_not_created_again(line: str, create: str) -> None:
    """OPS-60"""
    assert script(line, f"op.create_table('t1', {COLUMN})") == [create]


@pytest.mark.parametrize(
    "kind", ["pg.ENUM", pytest.param("sa.Enum", marks=pytest.mark.skipif(IS_2_0, reason="new in 2.1"))]
)
def test_a_type_that_must_not_be_created_is_not(kind: str) -> None:
    """OPS-60"""
    assert script(f"op.create_table('t', sa.Column('e', {kind}('a', name='kind', create_type=False)))") == []


@pytest.mark.filterwarnings("ignore:the ``inherit_schema``")
def test_a_type_may_be_in_the_schema_of_its_table() -> None:
    """OPS-12, OPS-60: the copy of a column knows what its type was told."""
    column = "sa.Column('e', sa.Enum('a', name='kind', inherit_schema=True))"
    assert script(
        f"op.create_table('t', {column}, schema='s')", f"op.add_column('u', {column}, schema='s')"
    ) == [
        "CREATE TYPE s.kind AS ENUM ('a')",
        "ALTER TABLE s.u ADD COLUMN e s.kind",
    ]


def test_neither_adding_nor_dropping_a_column_touches_its_type() -> None:
    """OPS-28"""
    assert script(f"op.add_column('t', {COLUMN})", "op.drop_column('t', 'e')") == [
        "ALTER TABLE t ADD COLUMN e kind",
        "ALTER TABLE t DROP COLUMN e",
    ]


# --- the session ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("driver", "idle"),
    [
        (SimpleNamespace(info=SimpleNamespace(transaction_status=0)), True),
        (SimpleNamespace(info=SimpleNamespace(transaction_status=2)), False),
        (SimpleNamespace(is_in_transaction=lambda: False), True),
        (SimpleNamespace(is_in_transaction=lambda: True), False),
        (SimpleNamespace(), False),
    ],
    ids=[
        "psycopg, idle",
        "psycopg, in a transaction",
        "asyncpg, idle",
        "asyncpg, in a transaction",
        "another driver",
    ],
)
def test_the_driver_tells_whether_a_transaction_has_begun(driver: Any, idle: bool) -> None:
    """MIG-4: one that does not tell counts as being in one."""
    connection = mock.MagicMock()
    connection.connection.driver_connection = driver
    assert is_idle(connection) is idle
