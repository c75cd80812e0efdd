"""Temporary tables of rebuilds that did not end, also those of the reference."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from limbeck.errors import RowsInLeftover, TableIsLeftover
from tests.ddl.batch.recorded import Run, run

SETUP = ["CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)", "INSERT INTO t VALUES (1, 5), (2, 6)"]
LEFTOVER = "CREATE TABLE _alembic_tmp_t (id INTEGER PRIMARY KEY, b TEXT NOT NULL, c INTEGER)"
FOUND = ["SELECT * FROM t", "SELECT name FROM sqlite_master ORDER BY name"]


def rebuilt(*setup: str) -> Run:
    call = "with op.batch_alter_table('t') as b:\n    b.alter_column('b', nullable=False)"
    return run("sqlite://", list(setup), call, FOUND)


@pytest.mark.parametrize(
    "row", ["SELECT 1 WHERE 0", "INSERT INTO _alembic_tmp_t (id, b) VALUES (1, 5)"], ids=["empty", "copied"]
)
def test_a_leftover_without_rows_of_its_own_is_dropped_and_said_so(
    row: str, caplog: pytest.LogCaptureFixture
) -> None:
    """BAT-20."""
    leftover = LEFTOVER.replace("TEXT", "INTEGER")
    with caplog.at_level(logging.WARNING, "limbeck"):
        outcome = rebuilt(*SETUP, leftover, row)
    assert outcome.error is None
    assert outcome.found == [[(1, 5), (2, 6)], [("t",)]]
    assert caplog.messages == [
        "Table _alembic_tmp_t is left over from a rebuild of t that did not end; "
        "all its rows are in t, so it is dropped"
    ]


@pytest.mark.parametrize("leftover", [LEFTOVER, "CREATE TABLE _alembic_tmp_t (x, y, z)"])
def test_a_leftover_with_rows_of_its_own_is_not_touched(leftover: str) -> None:
    """BAT-20."""
    outcome = rebuilt(*SETUP, leftover, "INSERT INTO _alembic_tmp_t VALUES (3, 7, 1)")
    assert isinstance(outcome.error, RowsInLeftover)
    assert 'DROP TABLE "_alembic_tmp_t";' in str(outcome.error.hint)
    assert outcome.found[1] == [("_alembic_tmp_t",), ("t",)]


def test_rows_that_are_only_in_a_leftover_are_found_for_the_user() -> None:
    """BAT-21: it was the last moment of a rebuild."""
    outcome = run(
        "sqlite://",
        [LEFTOVER],
        "with op.batch_alter_table('t') as b:\n    b.alter_column('b', nullable=False)",
    )
    assert isinstance(outcome.error, TableIsLeftover)
    assert 'ALTER TABLE "_alembic_tmp_t" RENAME TO "t";' in str(outcome.error.hint)


def test_a_table_that_never_was_is_no_leftover() -> None:
    outcome = run(
        "sqlite://", [], "with op.batch_alter_table('t') as b:\n    b.alter_column('b', nullable=False)"
    )
    assert isinstance(outcome.error, sa.exc.NoSuchTableError)
