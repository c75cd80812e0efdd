"""A rebuild happens as a whole or not at all, and says what it finds."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from tests.ddl.batch.recorded import run

ROWS = ["SELECT * FROM t"]


def test_where_keys_are_not_enforced_rows_that_refer_to_nothing_are_a_warning() -> None:
    """BAT-28."""
    setup = [
        "CREATE TABLE u (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (b INTEGER)",
        "INSERT INTO t VALUES (5)",
    ]
    outcome = run(
        "sqlite://",
        setup,
        "with op.batch_alter_table('t') as b:\n    b.create_foreign_key('fk', 'u', ['b'], ['id'])",
        ROWS,
    )
    assert (outcome.error, outcome.warnings, outcome.found) == (None, ["UserWarning"], [[(5,)]])


def test_rows_that_referred_to_nothing_before_are_not_spoken_of() -> None:
    """BAT-28: with keys enforced, too."""
    setup = [
        "CREATE TABLE u (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (a INTEGER, b INTEGER REFERENCES u)",
        "INSERT INTO t VALUES (1, 5)",
    ]
    call = (
        "op.get_bind().commit()\nop.execute('PRAGMA foreign_keys=ON')\n"
        "with op.batch_alter_table('t') as b:\n    b.alter_column('a', nullable=False)"
    )
    outcome = run("sqlite://", setup, call, [*ROWS, "PRAGMA foreign_keys"])
    assert (outcome.error, outcome.warnings, outcome.found) == (None, [], [[(1, 5)], [(1,)]])


def test_a_failure_after_which_sqlite_has_undone_everything_is_still_told() -> None:
    """BAT-21."""
    setup = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, UNIQUE (a) ON CONFLICT ROLLBACK)",
        "INSERT INTO t VALUES (1, '1'), (2, '01')",
    ]
    call = (
        "op.get_bind().commit()\nop.execute('BEGIN')\n"
        "with op.batch_alter_table('t') as b:\n    b.alter_column('a', type_=sa.Integer())"
    )
    outcome = run("sqlite://", setup, call, ROWS)
    assert isinstance(outcome.error, IntegrityError)
    assert outcome.error.__notes__ == ["SQLite has rolled back the whole transaction by itself"]
    assert outcome.found == [[(1, "1"), (2, "01")]]
