"""Which statements an operation comes down to, and in which order."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

from limbeck.errors import IndexNameRequired, TableNameRequired
from limbeck.operations import ops
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context, run, statements


def sql(call: str, dialect: str = "postgresql") -> list[str]:
    outcome = run(call, dialect)
    assert outcome.error is None, outcome.error
    return outcome.sql


def test_a_new_column_brings_keys_then_uniques_then_checks_then_indexes_then_its_comment() -> None:
    """OPS-20"""
    call = (
        "op.add_column('t', sa.Column('c', sa.Enum('a', name='k', native_enum=False, create_constraint=True),"
        " sa.ForeignKey('v.id'), sa.ForeignKey('u.id'), unique=True, comment='x'))"
    )
    assert sql(call) == [
        "ALTER TABLE t ADD COLUMN c VARCHAR(1)",
        "ALTER TABLE t ADD FOREIGN KEY(c) REFERENCES u (id)",
        "ALTER TABLE t ADD FOREIGN KEY(c) REFERENCES v (id)",
        "ALTER TABLE t ADD UNIQUE (c)",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (c IN ('a'))",
        "COMMENT ON COLUMN t.c IS 'x'",
    ]
    assert sql("op.add_column('t', sa.Column('c', sa.Integer, index=True, comment='x'))") == [
        "ALTER TABLE t ADD COLUMN c INTEGER",
        "CREATE INDEX ix_t_c ON t (c)",
        "COMMENT ON COLUMN t.c IS 'x'",
    ]


def test_checks_of_a_column_keep_the_order_in_which_they_are_written() -> None:
    """OPS-20, OPS-26"""
    checks = ", ".join(f"sa.CheckConstraint('c > {n}', name='k{n}')" for n in (3, 1, 2, 5, 4))
    wanted = " ".join(f"CONSTRAINT k{n} CHECK (c > {n})" for n in (3, 1, 2, 5, 4))
    assert sql(f"op.add_column('t', sa.Column('c', sa.Integer, {checks}))") == [
        f"ALTER TABLE t ADD COLUMN c INTEGER {wanted}"
    ]


def test_a_table_is_followed_by_its_indexes_as_defined_and_then_its_comments() -> None:
    """OPS-60"""
    call = (
        "op.create_table('t', sa.Column('z', sa.Integer, index=True, comment='cz'),"
        " sa.Column('a', sa.Integer, index=True), sa.Index('second', 'a', 'z'), sa.Index('first', 'z'),"
        " sa.Index('whole', sa.text('lower(a)')), comment='ct')"
    )
    assert sql(call) == [
        "CREATE TABLE t (\n    z INTEGER, \n    a INTEGER\n)",
        "CREATE INDEX ix_t_z ON t (z)",
        "CREATE INDEX ix_t_a ON t (a)",
        "CREATE INDEX second ON t (a, z)",
        "CREATE INDEX first ON t (z)",
        "CREATE INDEX whole ON t (lower(a))",
        "COMMENT ON TABLE t IS 'ct'",
        "COMMENT ON COLUMN t.z IS 'cz'",
    ]


def test_the_order_is_the_same_in_every_process() -> None:
    """OPS-20, OPS-60: nothing depends on how Python hashes."""
    code = (
        "from tests.ddl.recorded import run\n"
        "call = '''op.create_table('t', *[sa.Column(f'c{n}', sa.Integer, sa.ForeignKey(f'u{n}.id'), index=True)"
        " for n in range(9)], *[sa.Index(f'i{n}', f'c{n}') for n in range(9)])'''\n"
        "print(run(call, 'postgresql').sql)\n"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(results) == 1


def test_the_check_of_an_old_type_goes_first_and_that_of_the_new_one_comes_last() -> None:
    """OPS-41: the new one is written with the new name of the column."""
    call = (
        "op.alter_column('t', 'c', new_column_name='d',"
        " existing_type=sa.Enum('a', name='k1', native_enum=False, create_constraint=True),"
        " type_=sa.Enum('b', name='k2', native_enum=False, create_constraint=True))"
    )
    assert sql(call) == [
        "ALTER TABLE t DROP CONSTRAINT k1",
        "ALTER TABLE t ALTER COLUMN c TYPE VARCHAR(1)",
        "ALTER TABLE t RENAME c TO d",
        "ALTER TABLE t ADD CONSTRAINT k2 CHECK (d IN ('b'))",
    ]


def test_nothing_to_alter_is_no_statement() -> None:
    """OPS-40"""
    call = (
        "op.alter_column('t', 'c', existing_type=sa.Integer(), existing_nullable=True, existing_comment='x')"
    )
    for dialect in ("sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"):
        assert sql(call, dialect) == []


def test_a_column_can_be_used_again() -> None:
    """OPS-12"""
    call = (
        "c = sa.Column('c', sa.Integer, sa.ForeignKey('u.id'))\n"
        "op.add_column('t1', c)\nop.add_column('t2', c)\nop.create_table('t3', c)"
    )
    assert sql(call) == [
        "ALTER TABLE t1 ADD COLUMN c INTEGER",
        "ALTER TABLE t1 ADD FOREIGN KEY(c) REFERENCES u (id)",
        "ALTER TABLE t2 ADD COLUMN c INTEGER",
        "ALTER TABLE t2 ADD FOREIGN KEY(c) REFERENCES u (id)",
        "CREATE TABLE t3 (\n    c INTEGER, \n    FOREIGN KEY(c) REFERENCES u (id)\n)",
    ]


@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "mssql"])
def test_an_index_named_per_table_is_not_dropped_without_its_table(dialect: str) -> None:
    """OPS-73"""
    error = run("op.drop_index('ix')", dialect).error
    assert isinstance(error, TableNameRequired)
    assert (error.index, error.dialect) == ("ix", dialect)


def test_an_index_is_not_dropped_without_its_name() -> None:
    """OPS-73"""
    assert isinstance(run("op.drop_index(None, 't')", "postgresql").error, IndexNameRequired)


def test_statements_know_the_operation_that_asked_for_them() -> None:
    from limbeck.ddl.sink import RecordSink

    context = Context("postgresql")
    context.impl.sink = sink = RecordSink(context.dialect)
    operation = ops.AddColumnOp("t", sa.Column("c", sa.Integer, index=True))
    operations = Operations(context)  # type: ignore[arg-type]
    operations.invoke(operation)
    assert [(recorded.sql, recorded.operation) for recorded in sink.recorded] == [
        ("ALTER TABLE t ADD COLUMN c INTEGER", operation),
        ("CREATE INDEX ix_t_c ON t (c)", operation),
    ]
    context.impl.execute("SELECT 1")
    assert sink.recorded[-1].operation is None


def test_a_replacement_can_call_what_it_replaces() -> None:
    """OPS-101"""
    from limbeck.operations import toimpl

    context = Context("postgresql")
    toimpl.create_table(Operations(context), ops.CreateTableOp("t", [sa.Column("id", sa.Integer)]))
    assert statements(context) == ["CREATE TABLE t (\n    id INTEGER\n)"]


def test_dropping_a_table_leaves_its_enum_types() -> None:
    """OPS-65: also when the operation knows its columns."""
    call = (
        "from limbeck.operations import ops\n"
        "table = sa.Table('t', sa.MetaData(), sa.Column('e', sa.Enum('a', name='kind')))\n"
        "op.invoke(ops.DropTableOp.from_table(table))"
    )
    assert sql(call) == ["DROP TABLE t"]
