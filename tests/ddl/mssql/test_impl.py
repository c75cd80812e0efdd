"""SQL Server: what the recorded calls leave open."""

from __future__ import annotations

import sqlalchemy as sa

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
