"""Names, keys and merged directives in a draft."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.operations.base import Operations
from tests.ddl.batch.recorded import CONVENTION, Run, run
from tests.ddl.recorded import Context, statements

T = "CREATE TABLE t (id INTEGER NOT NULL, a VARCHAR(50), b INTEGER, PRIMARY KEY (id))"
ROW = "INSERT INTO t (id, a, b) VALUES (1, 'x', 3)"
TEXT = "SELECT sql FROM sqlite_master WHERE name = 't'"
ROWS = "SELECT * FROM t"


def after(setup: list[str], *lines: str, options: str = "", **opts: Any) -> Run:
    """The run of a block of these lines, which must succeed; `found` has the text of the table and its rows."""
    block = f"with op.batch_alter_table('t'{options}) as b:\n" + "".join(f"    {line}\n" for line in lines)
    outcome = run("sqlite://", setup, block, [TEXT, ROWS], **opts)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def text(outcome: Run) -> str:
    return re.sub(r"\s+", " ", outcome.found[0][0][0])


def test_never_sends_each_directive_as_it_is() -> None:
    """BAT-10: also what SQLite cannot do, in the order of the block."""
    block = "with op.batch_alter_table('t', recreate='never') as b:\n"
    lines = "    b.alter_column('b', new_column_name='c')\n    b.alter_column('a', nullable=False)\n"
    outcome = run("sqlite://", [T], block + lines)
    assert outcome.sql == ["ALTER TABLE t RENAME COLUMN b TO c", "ALTER TABLE t ALTER COLUMN a SET NOT NULL"]
    assert isinstance(outcome.error, sa.exc.OperationalError)


def test_an_order_of_columns_alone_does_not_rebuild() -> None:
    """BAT-16: it is ignored where everything can be altered, and holds where something cannot."""
    line, options = "b.add_column(sa.Column('x', sa.Integer()))", ", partial_reordering=[('b', 'a')]"
    assert after([T], line, options=options).sql == ["ALTER TABLE t ADD COLUMN x INTEGER"]
    outcome = after([T, ROW], line, "b.alter_column('a', nullable=False)", options=options)
    assert outcome.found[1] == [(1, 3, "x", None)]


def test_reflection_can_be_told_what_it_cannot_know() -> None:
    """BAT-40: listeners and columns are heeded, and what they do not speak of keeps its text."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE UNIQUE, f BOOLEAN, g INT)"]
    listener = (
        "lambda inspector, table, info: info.update(type=sa.String(9)) if info['name'] == 'a' else None"
    )
    options = (
        f", reflect_kwargs={{'listeners': [('column_reflect', {listener})]}}, "
        "reflect_args=[sa.Column('f', sa.Boolean(create_constraint=True, name='ck'), nullable=False)]"
    )
    outcome = after(setup, "b.alter_column('f', new_column_name='h')", "b.drop_column('g')", options=options)
    assert text(outcome) == (
        'CREATE TABLE "t" ( id INTEGER PRIMARY KEY, a VARCHAR(9) COLLATE NOCASE UNIQUE, h BOOLEAN NOT NULL, '
        "CONSTRAINT ck CHECK (h IN (0, 1)) )"
    )


def test_a_missing_table_is_told_by_its_name() -> None:
    """BAT-40."""
    outcome = run(
        "sqlite://", [], "with op.batch_alter_table('t') as b:\n    b.alter_column('a', nullable=False)"
    )
    assert (type(outcome.error), str(outcome.error)) == (sa.exc.NoSuchTableError, "t")


def test_extra_constraints_and_options_are_those_of_the_new_table() -> None:
    """BAT-42."""
    outcome = after(
        [T, ROW],
        "b.drop_column('b')",
        options=", table_args=[sa.CheckConstraint(\"a <> ''\"), sa.UniqueConstraint('a', name='uq')], "
        "table_kwargs={'sqlite_with_rowid': False}",
    )
    assert text(outcome) == (
        "CREATE TABLE \"t\" ( id INTEGER NOT NULL, a VARCHAR(50), PRIMARY KEY (id), CHECK (a <> ''), "
        "CONSTRAINT uq UNIQUE (a) ) WITHOUT ROWID"
    )


def test_a_convention_of_the_block_names_what_has_no_name() -> None:
    """BAT-43: and only that; then it can be dropped by that name."""
    setup = [
        "CREATE TABLE u (id INTEGER PRIMARY KEY)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER REFERENCES u, a INTEGER CONSTRAINT mine UNIQUE, b UNIQUE)",
    ]
    options = f", naming_convention={ {key: CONVENTION[key] for key in ('pk', 'fk', 'uq')}!r}"
    outcome = after(setup, "b.drop_constraint('fk_t_u_u')", options=options)
    assert text(outcome) == (
        'CREATE TABLE "t" ( id INTEGER CONSTRAINT pk_t PRIMARY KEY, u INTEGER, '
        "a INTEGER CONSTRAINT mine UNIQUE, b CONSTRAINT uq_t_b UNIQUE )"
    )


def test_a_convention_that_builds_on_names_cannot_name_a_check_without_one() -> None:
    """BAT-43."""
    setup = ["CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, CHECK (a > 0))"]
    with pytest.raises(sa.exc.InvalidRequestError, match="constraint_name"):
        after(
            setup,
            "b.alter_column('a', nullable=False)",
            options=", naming_convention={'ck': 'ck_%(constraint_name)s'}",
        )


def test_the_convention_of_the_models_names_what_is_new_by_the_name_of_the_table() -> None:
    """BAT-44: also what is dropped, and the CHECK of a type."""
    setup = [T.replace("PRIMARY KEY (id)", "PRIMARY KEY (id), CONSTRAINT ck_t_old CHECK (b > 0)")]
    outcome = after(
        setup,
        "b.create_unique_constraint(None, ['a'])",
        "b.create_check_constraint('pos', 'b > 1')",
        "b.drop_constraint('old', type_='check')",
        "b.add_column(sa.Column('q', sa.Boolean(create_constraint=True, name='yes')))",
        target_metadata=sa.MetaData(naming_convention=CONVENTION),
    )
    assert text(outcome) == (
        'CREATE TABLE "t" ( id INTEGER NOT NULL, a VARCHAR(50), b INTEGER, q BOOLEAN, PRIMARY KEY (id), '
        "CONSTRAINT uq_t_a UNIQUE (a), CONSTRAINT ck_t_pos CHECK (b > 1), CONSTRAINT ck_t_yes CHECK (q IN (0, 1)) )"
    )


@pytest.mark.parametrize(
    "key", ["id INTEGER NOT NULL PRIMARY KEY, a", "id INTEGER NOT NULL, a, PRIMARY KEY (id)"]
)
def test_a_primary_key_takes_the_place_of_the_old_one(key: str) -> None:
    """BAT-57: wherever that was written; a dropped column takes its key along."""
    outcome = after([f"CREATE TABLE t ({key})"], "b.create_primary_key('pk', ['a', 'id'])")
    assert text(outcome) == 'CREATE TABLE "t" ( id INTEGER NOT NULL, a, CONSTRAINT pk PRIMARY KEY (a, id) )'
    assert outcome.warnings == []
    assert text(after([f"CREATE TABLE t ({key})"], "b.drop_column('id')")) == 'CREATE TABLE "t" ( a )'


def test_what_a_block_says_of_a_new_column_is_put_together() -> None:
    """BAT-58: a dropped name that comes again is an empty column at the end."""
    outcome = after(
        [T, ROW],
        "b.add_column(sa.Column('n', sa.Integer()))",
        "b.alter_column('n', nullable=False, server_default='7', new_column_name='m')",
        "b.drop_column('a')",
        "b.add_column(sa.Column('a', sa.Integer()))",
    )
    assert text(outcome) == (
        "CREATE TABLE \"t\" ( id INTEGER NOT NULL, b INTEGER, m INTEGER DEFAULT '7' NOT NULL, a INTEGER, "
        "PRIMARY KEY (id) )"
    )
    assert outcome.found[1] == [(1, 3, 7, None)]


@pytest.mark.parametrize(
    ("dialect", "rename"),
    [
        ("postgresql", "ALTER TABLE _alembic_tmp_t RENAME TO t"),
        ("mysql", "ALTER TABLE _alembic_tmp_t RENAME TO t"),
        ("mssql", "EXEC sp_rename '_alembic_tmp_t', t"),
        ("oracle", 'ALTER TABLE "_alembic_tmp_t" RENAME TO t'),
    ],
)
def test_always_rebuilds_on_every_database(dialect: str, rename: str) -> None:
    """BAT-91."""
    source = sa.Table("t", sa.MetaData(), sa.Column("id", sa.BigInteger), sa.Column("a", sa.Integer))
    context = Context(dialect)
    with Operations(context).batch_alter_table("t", copy_from=source, recreate="always") as batch_op:  # type: ignore[arg-type]
        batch_op.drop_column("a")
    sent = [" ".join(sql.split()) for sql in statements(context)]
    temporary = '"_alembic_tmp_t"' if dialect == "oracle" else "_alembic_tmp_t"
    assert [sql.split(" (")[0] for sql in sent[:3]] == [
        f"CREATE TABLE {temporary}",
        f"INSERT INTO {temporary}",
        "DROP TABLE t",
    ]
    assert sent[3] == rename


def test_the_temporary_name_has_at_most_fifty_letters() -> None:
    """BAT-20."""
    name = "t" * 60
    outcome = run(
        "sqlite://",
        [f"CREATE TABLE {name} (a)"],
        f"with op.batch_alter_table('{name}') as b:\n    b.alter_column('a', nullable=False)",
    )
    assert outcome.error is None
    assert outcome.sql[0].split()[2] == f"_alembic_tmp_{'t' * 37}"
