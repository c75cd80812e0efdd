"""SQL Server: what the recorded calls leave open."""

from __future__ import annotations

from unittest import mock

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from limbeck.ddl.mssql import impl
from limbeck.ddl.sink import RecordSink
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context, run, statements


def test_rows_that_bring_no_identity_are_inserted_plainly() -> None:
    """OPS-94: IDENTITY_INSERT would demand values that the rows do not have."""
    context = Context("mssql")
    table = sa.Table(
        "t", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)
    )
    plain = sa.Table("u", sa.MetaData(), sa.Column("n", sa.Integer))
    operations = Operations(context)  # type: ignore[arg-type]
    operations.bulk_insert(table, [{"n": 1}])
    operations.bulk_insert(plain, [{"n": 1}])
    operations.bulk_insert(table, [{"id": 1, "n": 1}])
    assert statements(context) == [
        "INSERT INTO t (n) VALUES (1)",
        "INSERT INTO u (n) VALUES (1)",
        "SET IDENTITY_INSERT t ON",
        "INSERT INTO t (id, n) VALUES (1, 1)",
        "SET IDENTITY_INSERT t OFF",
    ]


def test_quotes_in_names_cannot_end_a_literal() -> None:
    """OPS-53"""
    assert run("op.rename_table(\"o't\", 'u')", "mssql").sql == ["EXEC sp_rename '[o''t]', u"]


def test_an_identity_is_refused_before_its_default_is_dropped() -> None:
    """OPS-55"""
    outcome = run(
        "op.alter_column('t', 'c', server_default=sa.Identity(), existing_server_default='5')", "mssql"
    )
    assert outcome.sql == []
    assert isinstance(outcome.error, sa.exc.CompileError)


@pytest.mark.parametrize(
    ("key", "around"),
    [
        (["version_num"], ("DROP CONSTRAINT my_key", "ADD CONSTRAINT my_key PRIMARY KEY (version_num)")),
        (
            ["tenant", "version_num"],
            ("DROP CONSTRAINT my_key", "ADD CONSTRAINT my_key PRIMARY KEY (tenant, version_num)"),
        ),
        (["id"], None),
        ([], None),
    ],
)
def test_the_primary_key_that_there_is_makes_way_for_a_wider_version_table(
    monkeypatch: pytest.MonkeyPatch, key: list[str], around: tuple[str, str] | None
) -> None:
    """VER-1: no column that belongs to it may be altered."""
    dialect = mssql.dialect()  # type: ignore[no-untyped-call]  # an alias of the dialect's class
    inspector = mock.Mock(
        **{"get_pk_constraint.return_value": {"constrained_columns": key, "name": "my_key"}}
    )
    monkeypatch.setattr("limbeck.ddl.mssql.impl.inspect", lambda connection: inspector)
    implementation = impl.MSSQLImpl(dialect, mock.Mock(), False, None, None, {})
    recorder = implementation.sink = RecordSink(dialect)
    table = implementation.version_table_impl(
        version_table="v", version_table_schema="s", version_table_pk=True
    )
    table.c.version_num.type = sa.String(255)
    implementation.widen_version_table(table)
    altered = "ALTER TABLE s.v ALTER COLUMN version_num VARCHAR(255) NOT NULL"
    before, after = around or ("", "")
    expected = [f"ALTER TABLE s.v {before}", altered, f"ALTER TABLE s.v {after}"] if around else [altered]
    assert [one.sql for one in recorder.recorded] == expected
    assert inspector.get_pk_constraint.call_args == mock.call("v", schema="s")
