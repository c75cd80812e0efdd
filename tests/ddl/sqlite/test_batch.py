"""What a rebuild on SQLite keeps from harm."""

from __future__ import annotations

import pytest

from tests.ddl.batch.recorded import Run, run

DROP = "with op.batch_alter_table('t', recreate='always') as b:\n    b.drop_column('b')"
RENAME = "with op.batch_alter_table('t') as b:\n    b.alter_column('b', new_column_name='c')"
FAMILY = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER, p INTEGER REFERENCES t (id) ON DELETE CASCADE)",
    "CREATE TABLE child (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id) ON DELETE CASCADE)",
    "INSERT INTO t VALUES (1, 5, NULL), (2, 6, 1)",
    "INSERT INTO child VALUES (7, 1)",
]
ROWS = ["SELECT id, p FROM t", "SELECT * FROM child", "PRAGMA foreign_keys"]
TRIGGER = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('%s'); END"


def test_rows_that_refer_to_the_table_survive_with_foreign_keys_on() -> None:
    """BAT-28: also rows of the table that refer to itself."""
    outcome = run(
        "sqlite://", FAMILY, f"op.get_bind().commit()\nop.execute('PRAGMA foreign_keys=ON')\n{DROP}", ROWS
    )
    assert outcome.error is None
    assert outcome.found == [[(1, None), (2, 1)], [(7, 1)], [(1,)]]


def test_a_rebuild_that_fails_with_foreign_keys_switched_off_switches_them_on_again() -> None:
    """BAT-28."""
    call = "with op.batch_alter_table('t') as b:\n    b.alter_column('p', nullable=False)"
    outcome = run(
        "sqlite://", FAMILY, f"op.get_bind().commit()\nop.execute('PRAGMA foreign_keys=ON')\n{call}", ROWS
    )
    assert outcome.error is not None
    assert outcome.found == [[(1, None), (2, 1)], [(7, 1)], [(1,)]]


def in_transaction(*setup: str, call: str = DROP) -> Run:
    """A rebuild inside a transaction with foreign keys on."""
    begin = "op.execute('PRAGMA foreign_keys=ON')\nop.execute('BEGIN')\n"
    return run("sqlite://", [*setup], f"op.get_bind().commit()\n{begin}{call}", ROWS)


def test_in_a_transaction_rows_that_refer_to_the_table_survive() -> None:
    """BAT-28: foreign keys cannot be switched off there."""
    outcome = in_transaction(*FAMILY)
    assert outcome.error is None
    assert outcome.found == [[(1, None), (2, 1)], [(7, 1)], [(1,)]]


def test_in_a_transaction_a_table_that_no_row_refers_to_is_rebuilt() -> None:
    """BAT-28."""
    outcome = in_transaction(FAMILY[0], FAMILY[1], "INSERT INTO t VALUES (1, 5, NULL)")
    assert outcome.error is None
    assert outcome.found[0] == [(1, None)]


def test_nothing_is_switched_for_a_table_without_relations() -> None:
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)"]
    outcome = run("sqlite://", setup, f"op.execute('PRAGMA foreign_keys=ON')\n{DROP}")
    assert [sql.split()[0] for sql in outcome.sql] == ["CREATE", "INSERT", "DROP", "ALTER"]


def test_views_over_the_table_do_not_stop_it() -> None:
    """BAT-25."""
    setup = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER)",
        "CREATE VIEW v AS SELECT a FROM t",
    ]
    queries = ["SELECT * FROM v", "PRAGMA legacy_alter_table"]
    outcome = run("sqlite://", [*setup, "INSERT INTO t VALUES (1, 2, 3)"], DROP, queries)
    assert outcome.error is None
    assert outcome.found == [[(2,)], [(0,)]]


def test_triggers_and_indexes_over_expressions_are_created_again() -> None:
    """BAT-25."""
    setup = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)",
        "CREATE TABLE log (x)",
        "CREATE UNIQUE INDEX ix ON t (lower(a))",
        TRIGGER % ":x",
    ]
    queries = ["SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') ORDER BY name"]
    outcome = run(
        "sqlite://",
        setup,
        f"{DROP}\nop.execute(\"INSERT INTO t (a) VALUES ('q')\")",
        [*queries, "SELECT * FROM log"],
    )
    assert outcome.error is None
    assert outcome.found == [[("ix",), ("tr",)], [(":x",)]]


@pytest.mark.parametrize(
    ("call", "left"),
    [(DROP, []), (RENAME, [("CREATE INDEX ix ON t (c + 1)",)])],
    ids=["drop", "rename"],
)
def test_an_index_over_an_expression_goes_or_follows_with_its_column(
    call: str, left: list[tuple[str]]
) -> None:
    """BAT-53, BAT-56."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER)", "CREATE INDEX ix ON t (b + 1)"]
    outcome = run("sqlite://", setup, call, ["SELECT sql FROM sqlite_master WHERE type = 'index'"])
    assert (outcome.error, outcome.found) == (None, [left])


def test_what_hangs_on_a_table_of_another_schema_is_created_there() -> None:
    """BAT-25, BAT-55."""
    setup = [
        "ATTACH ':memory:' AS other",
        "CREATE TABLE other.t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)",
        "CREATE TABLE other.log (x)",
        "CREATE INDEX other.ix ON t (lower(a))",
        (TRIGGER % "x").replace("TRIGGER tr", "TRIGGER other.tr"),
    ]
    call = DROP.replace("'t'", "'t', schema='other'")
    queries = ["SELECT name FROM other.sqlite_master WHERE type IN ('index', 'trigger') ORDER BY name"]
    outcome = run("sqlite://", setup, call, queries)
    assert (outcome.error, outcome.found) == (None, [[("ix",), ("tr",)]])


def test_what_keys_do_on_deletes_and_updates_is_kept_wherever_it_was_written() -> None:
    """BAT-25."""
    setup = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER, "
        "x INTEGER REFERENCES u (id) ON DELETE CASCADE ON UPDATE SET NULL, y INTEGER REFERENCES u, "
        "FOREIGN KEY (x, y) REFERENCES v (p, q) ON DELETE RESTRICT)",
        "CREATE TABLE u (id INTEGER PRIMARY KEY)",
    ]
    outcome = run("sqlite://", setup, DROP)
    assert outcome.error is None
    assert outcome.sql[0] == (
        "CREATE TABLE _alembic_tmp_t ( id INTEGER PRIMARY KEY AUTOINCREMENT, "
        "x INTEGER REFERENCES u (id) ON DELETE CASCADE ON UPDATE SET NULL, y INTEGER REFERENCES u, "
        "FOREIGN KEY (x, y) REFERENCES v (p, q) ON DELETE RESTRICT )"
    )


def test_without_enforcement_a_column_may_go_before_the_key_that_refers_to_it() -> None:
    """BAT-53: as autogenerated migrations have it; the key is dropped by the next block."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, b UNIQUE)", "CREATE TABLE child (x REFERENCES t (b))"]
    outcome = run("sqlite://", setup, DROP, ["SELECT name FROM pragma_table_info('t')"])
    assert (outcome.error, outcome.warnings, outcome.found) == (None, [], [[("id",)]])
