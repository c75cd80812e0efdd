"""What a batch block does on SQLite beyond the recorded runs; each test looks at the table afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.sqlite.impl import SQLiteImpl
from limbeck.errors import (
    CommandError,
    ConstraintNameRequired,
    DuplicateColumn,
    NoSuchColumn,
    NoSuchConstraint,
    NoSuchIndex,
    NothingToCopy,
    PositionNeedsRebuild,
    RebuildNeedsTable,
)  # fmt: skip
from limbeck.operations.base import Operations
from tests.ddl.batch.recorded import CONVENTION, Run, run
from tests.ddl.recorded import Context, statements

SCHEMA = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type DESC, name"
ROWS = "SELECT * FROM t"
T = "CREATE TABLE t (id INTEGER NOT NULL, a VARCHAR(50), b INTEGER, PRIMARY KEY (id))"
FILL = "INSERT INTO t (id, a, b) VALUES (1, 'x', 3), (2, 'y', 4)"


def block(*lines: str, options: str = "") -> str:
    return "\n    ".join([f"with op.batch_alter_table('t'{options and ', ' + options}) as b:", *lines])


def after(setup: list[str], *lines: str, options: str = "", **opts: Any) -> Run:
    """The outcome of a block that must succeed, with the schema and the rows that are there afterwards."""
    outcome = run("sqlite://", setup, block(*lines, options=options), [SCHEMA, ROWS], **opts)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def schema(outcome: Run) -> dict[str, str]:
    return {name: " ".join(sql.split()) for _, name, sql in outcome.found[0]}


def test_rows_and_their_values_survive() -> None:
    """BAT-22: also under a new name, and with another type."""
    outcome = after(
        [T, FILL],
        "b.alter_column('b', type_=sa.Text(), new_column_name='c')",
        "b.add_column(sa.Column('n', sa.Integer(), server_default='7'))",
    )
    assert outcome.found[1] == [(1, "x", "3", 7), (2, "y", "4", 7)]


def test_an_exception_in_the_block_leaves_the_table_alone() -> None:
    """BAT-1."""
    outcome = run("sqlite://", [T], block("b.drop_column('a')", "raise RuntimeError('no')"))
    assert (outcome.sql, type(outcome.error)) == ([], RuntimeError)


@pytest.mark.parametrize("recreate", ["", "sometimes", "AUTO"])
def test_an_unknown_recreate_is_refused_even_for_an_empty_block(recreate: str) -> None:
    """BAT-2."""
    with pytest.raises(ValueError, match="'auto', 'always' or 'never'"):
        after([T], "pass", options=f"recreate={recreate!r}")


def test_an_empty_block_does_nothing() -> None:
    """BAT-4."""
    assert after([T], "pass").sql == []


def test_operations_on_other_things_are_not_collected() -> None:
    """BAT-1: they go to the database at once."""
    outcome = after(
        [T],
        "b.drop_column('b')",
        "from limbeck.operations import ops",
        "b.invoke(ops.CreateTableOp('u', [sa.Column('id', sa.Integer())]))",
        options="recreate='always'",
    )
    assert outcome.sql[0] == "CREATE TABLE u ( id INTEGER )"
    assert outcome.sql[1].startswith("CREATE TABLE _alembic_tmp_t")


def test_a_position_is_refused_before_anything_is_altered() -> None:
    """BAT-15."""
    lines = ["b.create_index('ix', ['a'])", "b.add_column(sa.Column('c', sa.Integer()), insert_after='id')"]
    outcome = run("sqlite://", [T], block(*lines))
    assert (outcome.sql, type(outcome.error)) == ([], PositionNeedsRebuild)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("b.add_column(sa.Column('c', sa.Integer()), insert_before='id')", ["c", "id", "a", "b"]),
        ("b.add_column(sa.Column('c', sa.Integer()), insert_after='a')", ["id", "a", "c", "b"]),
        ("b.alter_column('b', nullable=True, insert_before='a')", ["id", "b", "a"]),
        ("b.alter_column('id', nullable=False, insert_after='b')", ["a", "b", "id"]),
        ("b.alter_column('a', new_column_name='z', insert_after='b')", ["id", "b", "z"]),
    ],
)
def test_columns_are_put_where_they_were_asked_to_be(line: str, order: list[str]) -> None:
    """BAT-70, BAT-72."""
    outcome = run(
        "sqlite://", [T, FILL], block(line, options="recreate='always'"), ["PRAGMA table_info(t)", ROWS]
    )
    assert outcome.error is None
    assert [row[1] for row in outcome.found[0]] == order
    assert outcome.found[1][0][order.index("id")] == 1


def test_an_unknown_neighbour_is_refused() -> None:
    """BAT-70."""
    with pytest.raises(NoSuchColumn) as caught:
        after(
            [T], "b.add_column(sa.Column('c', sa.Integer()), insert_after='z')", options="recreate='always'"
        )
    assert (caught.value.column, caught.value.known) == ("z", ("id", "a", "b"))


# --- columns ----------------------------------------------------------------------------------------------


def test_everything_follows_a_column_to_its_new_name() -> None:
    """BAT-54, BAT-56: keys, uniques, indexes, and also SQL text: checks, conditions, generated columns."""
    setup = [
        "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, b INTEGER, p INTEGER, "
        "g INTEGER GENERATED ALWAYS AS (b + 1) VIRTUAL, "
        "CONSTRAINT ck CHECK (b > 0 AND b <> 'b'), CHECK (b < 9), CONSTRAINT uq UNIQUE (b), "
        "CONSTRAINT fk FOREIGN KEY(p) REFERENCES t (b))",
        "CREATE INDEX ix ON t (p) WHERE b > 5",
        "INSERT INTO t (id, b, p) VALUES (1, 4, NULL)",
    ]
    outcome = after(setup, "b.alter_column('b', new_column_name='new b')")
    assert schema(outcome) == {
        "t": 'CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, "new b" INTEGER, p INTEGER, '
        'g INTEGER GENERATED ALWAYS AS ("new b" + 1) VIRTUAL, '
        'CONSTRAINT ck CHECK ("new b" > 0 AND "new b" <> \'b\'), CHECK ("new b" < 9), '
        'CONSTRAINT uq UNIQUE ("new b"), CONSTRAINT fk FOREIGN KEY(p) REFERENCES t ("new b"))',
        "ix": 'CREATE INDEX ix ON t (p) WHERE "new b" > 5',
    }
    assert (outcome.found[1], outcome.warnings) == ([(1, 4, None, 5)], [])


def test_a_type_that_has_a_check_follows_a_rename() -> None:
    """BAT-54: the recorded system loses the CHECK."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, q BOOLEAN, CONSTRAINT ck1 CHECK (q IN (0, 1)))"]
    outcome = after(
        setup,
        "b.alter_column('q', new_column_name='r', existing_type=sa.Boolean(create_constraint=True, name='ck1'))",
    )
    assert "CONSTRAINT ck1 CHECK (r IN (0, 1))" in schema(outcome)["t"]


def test_a_constraint_may_use_the_old_or_the_new_name_of_a_column() -> None:
    """BAT-56."""
    for name in ("b", "z"):
        outcome = after(
            [T], "b.alter_column('b', new_column_name='z')", f"b.create_unique_constraint('uq', ['{name}'])"
        )
        assert "CONSTRAINT uq UNIQUE (z)" in schema(outcome)["t"]


def test_a_constraint_on_a_column_that_never_was_is_refused() -> None:
    """BAT-56: nothing has happened by then."""
    outcome = run("sqlite://", [T], block("b.create_unique_constraint('uq', ['zz'])"))
    assert (outcome.sql, type(outcome.error)) == ([], NoSuchColumn)


@pytest.mark.parametrize(
    "lines",
    [
        ["b.alter_column('a', new_column_name='b')"],
        ["b.add_column(sa.Column('b', sa.Integer()))"],
        ["b.alter_column('a', new_column_name='z')", "b.add_column(sa.Column('z', sa.Integer()))"],
    ],
)
def test_two_columns_of_one_name_are_refused(lines: list[str]) -> None:
    outcome = run("sqlite://", [T], block(*lines, options="recreate='always'"))
    assert (outcome.sql, type(outcome.error)) == ([], DuplicateColumn)


def test_a_renamed_column_makes_room_for_a_new_one() -> None:
    outcome = after(
        [T, FILL],
        "b.alter_column('b', new_column_name='old')",
        "b.add_column(sa.Column('b', sa.Text(), server_default='new'))",
        options="recreate='always'",
    )
    assert outcome.found[1] == [(1, "x", 3, "new"), (2, "y", 4, "new")]


def test_if_exists_and_if_not_exists_are_honoured() -> None:
    """BAT-59."""
    outcome = after(
        [T],
        "b.drop_column('zz', if_exists=True)",
        "b.add_column(sa.Column('a', sa.Integer()), if_not_exists=True)",
        "b.drop_index('zz', if_exists=True)",
        "b.drop_constraint('zz', if_exists=True)",
    )
    assert "a VARCHAR(50), b INTEGER," in schema(outcome)["t"]


def test_dropping_what_is_not_there_is_refused_with_what_is_there() -> None:
    """BAT-51, BAT-59."""
    setup = [
        "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, CONSTRAINT pk PRIMARY KEY (id), CONSTRAINT uq UNIQUE (a))",
        "CREATE INDEX ix ON t (a)",
    ]
    for line, error, known in (
        ("b.drop_column('z')", NoSuchColumn, ("id", "a")),
        ("b.drop_constraint('z')", NoSuchConstraint, ("pk", "uq")),
        ("b.drop_index('z')", NoSuchIndex, ("ix",)),
    ):
        with pytest.raises(error) as caught:
            after(setup, line, "b.alter_column('a', nullable=True)")
        assert caught.value.known == known
        assert isinstance(caught.value, CommandError)


def test_a_constraint_without_a_name_cannot_be_dropped() -> None:
    """BAT-50."""
    with pytest.raises(ConstraintNameRequired):
        after([T], "b.drop_constraint(None, type_='unique')")


def test_generated_columns_are_generated_again() -> None:
    """BAT-27."""
    setup = [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, g INTEGER GENERATED ALWAYS AS (a * 2) STORED)",
        "INSERT INTO t (id, a) VALUES (1, 5)",
    ]
    assert after(setup, "b.alter_column('a', nullable=False)").found[1] == [(1, 5, 10)]


def test_a_table_does_not_lose_its_rows_with_its_last_column() -> None:
    lines = ["b.drop_column('a')", "b.add_column(sa.Column('z', sa.Integer()))"]
    outcome = run("sqlite://", ["CREATE TABLE t (a INTEGER)"], block(*lines))
    assert (outcome.sql, type(outcome.error)) == ([], NothingToCopy)


def test_colons_in_defaults_and_checks_are_text() -> None:
    setup = [
        """CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT ':x', b TEXT DEFAULT '{"k":true}', """
        "CHECK (a <> ':no'))",
        "INSERT INTO t (id) VALUES (1)",
    ]
    outcome = after(setup, "b.alter_column('a', nullable=False)")
    assert outcome.found[1] == [(1, ":x", '{"k":true}')]
    assert (
        """DEFAULT ':x' NOT NULL, b TEXT DEFAULT '{"k":true}', CHECK (a <> ':no') )"""
        in (schema(outcome)["t"])
    )


# --- constraints and indexes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "line"),
    [("b > 0", "b.drop_column('b')"), ("b IN (0, 1)", "b.alter_column('b', type_=sa.Text())")],
)
def test_a_check_without_a_name_goes_with_its_column_or_its_type_and_says_so(check: str, line: str) -> None:
    """BAT-52."""
    setup = [f"CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, CHECK (a > 0), CHECK ({check}))"]
    outcome = after(setup, line)
    assert ("CHECK (a > 0)" in schema(outcome)["t"], check in schema(outcome)["t"]) == (True, False)
    assert outcome.warnings == ["UserWarning"]


def test_a_check_without_a_name_stays_although_its_column_gets_another_type() -> None:
    """BAT-52."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, b INTEGER CHECK (b > 0), CHECK (b < 9))"]
    outcome = after(setup, "b.alter_column('b', type_=sa.BigInteger())")
    assert schema(outcome)["t"] == (
        'CREATE TABLE "t" ( id INTEGER PRIMARY KEY, b BIGINT CHECK (b > 0), CHECK (b < 9) )'
    )
    assert outcome.warnings == []


def test_the_unnamed_check_of_a_type_goes_with_the_type_without_a_word() -> None:
    """BAT-54."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, q BOOLEAN, CHECK (q IN (0, 1)))"]
    kind = "existing_type=sa.Boolean(create_constraint=True)"
    for line in (f"b.alter_column('q', type_=sa.Integer(), {kind})", f"b.drop_column('q', {kind})"):
        outcome = after(setup, line)
        assert ("CHECK" in schema(outcome)["t"], outcome.warnings) == (False, [])


def test_keys_of_a_dropped_column_go_with_it() -> None:
    """BAT-53: also composite ones, and indexes that use it in any way."""
    setup = [
        "CREATE TABLE t (id INTEGER NOT NULL, a INTEGER, b INTEGER, PRIMARY KEY (id, b), "
        "CONSTRAINT uq UNIQUE (a, b), CONSTRAINT fk FOREIGN KEY(a, b) REFERENCES u (x, y))",
        "CREATE INDEX ix1 ON t (a, b)",
        "CREATE INDEX ix2 ON t (a) WHERE b > 1",
        "CREATE INDEX ix3 ON t (a)",
    ]
    outcome = after(setup, "b.drop_column('b')")
    assert schema(outcome) == {
        "t": 'CREATE TABLE "t" ( id INTEGER NOT NULL, a INTEGER )', "ix3": "CREATE INDEX ix3 ON t (a)"
    }  # fmt: skip


def test_a_new_column_makes_its_index_and_its_unique_constraint_once() -> None:
    """BAT-81."""
    outcome = after(
        [T],
        "b.add_column(sa.Column('c', sa.Integer(), index=True))",
        "b.add_column(sa.Column('d', sa.Integer(), unique=True))",
        options="recreate='always'",
        target_metadata=sa.MetaData(naming_convention=CONVENTION),
    )
    assert schema(outcome) == {
        "t": 'CREATE TABLE "t" ( id INTEGER NOT NULL, a VARCHAR(50), b INTEGER, c INTEGER, d INTEGER, '
        "PRIMARY KEY (id), CONSTRAINT uq_t_d UNIQUE (d) )",
        "ix_t_c": "CREATE INDEX ix_t_c ON t (c)",
    }


def test_a_reference_inside_a_column_survives_a_rebuild() -> None:
    """OPS-23, BAT-13."""
    line = "b.add_column(sa.Column('c', sa.Integer(), sa.ForeignKey('u.id')), inline_references=True)"
    outcome = after([T], line, "b.drop_column('b')", options="recreate='always'")
    assert "FOREIGN KEY(c) REFERENCES u (id)" in schema(outcome)["t"]


def test_copy_from_is_read_and_never_changed() -> None:
    """BAT-41, OPS-12: it works without a connection."""
    source = sa.Table(
        "t",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("q", sa.Boolean(create_constraint=True, name="ck_q"), index=True),
        sa.UniqueConstraint("id", "q", name="uq"),
    )
    context = Context("sqlite", literal_binds=True)
    for _ in range(2):
        context.output.pages.clear()
        with Operations(context).batch_alter_table("t", copy_from=source) as batch_op:  # type: ignore[arg-type]
            batch_op.alter_column("q", new_column_name="r")
        assert [" ".join(sql.split()) for sql in statements(context)] == [
            "CREATE TABLE _alembic_tmp_t ( id INTEGER NOT NULL, r BOOLEAN, PRIMARY KEY (id), "
            "CONSTRAINT uq UNIQUE (id, r), CONSTRAINT ck_q CHECK (r IN (0, 1)) )",
            "INSERT INTO _alembic_tmp_t (id, r) SELECT t.id, t.q FROM t",
            "DROP TABLE t",
            "ALTER TABLE _alembic_tmp_t RENAME TO t",
            "CREATE INDEX ix_t_q ON t (r)",
        ]
    assert [column.name for column in source.c] == ["id", "q"]


def test_a_script_cannot_rebuild_what_it_cannot_see() -> None:
    """BAT-41, BAT-90."""
    with (
        pytest.raises(RebuildNeedsTable),
        Operations(Context("sqlite")).batch_alter_table("t") as batch_op,  # type: ignore[arg-type]
    ):
        batch_op.drop_column("a")


def test_the_order_of_statements_and_constraints_never_varies() -> None:
    setup = [
        "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, a INTEGER, b INTEGER, CONSTRAINT uq1 UNIQUE (a), "
        "CONSTRAINT uq2 UNIQUE (b), CONSTRAINT ck1 CHECK (a > 0), CONSTRAINT ck2 CHECK (b > 0), "
        "CONSTRAINT fk1 FOREIGN KEY(a) REFERENCES u (id), CONSTRAINT fk2 FOREIGN KEY(b) REFERENCES v (id))",
        *[f"CREATE INDEX ix{number} ON t (b, a)" for number in range(5)],
    ]
    runs = [after(setup, "b.alter_column('a', nullable=False)").sql for _ in range(5)]
    assert all(sql == runs[0] for sql in runs)


# --- when something fails ---------------------------------------------------------------------------------


def test_a_failed_copy_leaves_the_old_table_and_nothing_else() -> None:
    """BAT-21."""
    setup = [T, "INSERT INTO t (id, a, b) VALUES (1, NULL, 1)"]
    outcome = run("sqlite://", setup, block("b.alter_column('a', nullable=False)"), [SCHEMA, ROWS])
    assert isinstance(outcome.error, sa.exc.IntegrityError)
    assert (list(schema(outcome)), outcome.found[1]) == (["t"], [(1, None, 1)])


@pytest.fixture
def without_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of a database that cannot undo what it has done to tables."""
    monkeypatch.setattr(SQLiteImpl, "rebuild_in_batch", DefaultImpl.rebuild_in_batch)


@pytest.mark.usefixtures("without_transactions")
def test_where_nothing_can_be_undone_a_failed_copy_drops_the_new_table() -> None:
    """BAT-21."""
    setup = [T, "INSERT INTO t (id, a, b) VALUES (1, NULL, 1)"]
    outcome = run("sqlite://", setup, block("b.alter_column('a', nullable=False)"), [SCHEMA, ROWS])
    assert isinstance(outcome.error, sa.exc.IntegrityError)
    assert outcome.sql[-1] == "DROP TABLE _alembic_tmp_t"
    assert (list(schema(outcome)), outcome.found[1]) == (["t"], [(1, None, 1)])


@pytest.mark.usefixtures("without_transactions")
def test_where_nothing_can_be_undone_a_failed_rename_keeps_the_rows_and_says_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """BAT-21: the old table is gone by then, so the new one must stay."""

    def fail(*args: Any, **kw: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(DefaultImpl, "rename_table", fail)
    outcome = run(
        "sqlite://",
        [T, FILL],
        block("b.drop_column('b')", options="recreate='always'"),
        ["SELECT * FROM _alembic_tmp_t"],
    )
    assert outcome.found == [[(1, "x"), (2, "y")]]
    assert outcome.error is not None
    assert "are in '_alembic_tmp_t'" in outcome.error.__notes__[0]
