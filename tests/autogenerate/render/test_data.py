from __future__ import annotations

import datetime
import decimal
import enum
import uuid

import pytest
import sqlalchemy as sa

from limbeck.autogenerate import render
from limbeck.errors import NotRenderable
from limbeck.operations import ops
from limbeck.sqla import InlineLiteral
from tests.autogenerate.render.rendering import check_runs, rendering, text


class Color(enum.Enum):
    RED = "r"


class Name(enum.StrEnum):
    ANN = "ann"


@pytest.mark.parametrize(
    ("statement", "written"),
    [
        ("SELECT 1", "op.execute('SELECT 1')"),
        (sa.text("SELECT ':x'"), "op.execute(\"SELECT '\\\\:x'\")"),
        (
            sa.table("t", sa.column("a", sa.String)).insert().values(a="50%"),
            "op.execute(\"INSERT INTO t (a) VALUES ('50%')\")",
        ),
    ],
)
def test_a_statement_is_written_as_sql(statement: str | sa.Executable, written: str) -> None:
    """AUT-82, constructs [PD]."""
    if isinstance(statement, sa.TextClause):
        statement = sa.text("SELECT '\\:x'")
    assert check_runs(ops.ExecuteSQLOp(statement), "postgresql") == written


def test_execution_options_are_kept() -> None:
    op = ops.ExecuteSQLOp("SELECT 1", execution_options={"no_parameters": True})
    assert check_runs(op) == "op.execute('SELECT 1', execution_options={'no_parameters': True})"


def test_a_statement_with_a_value_that_is_no_sql_is_refused() -> None:
    statement = sa.table("t", sa.column("a")).insert().values(a=object())
    with pytest.raises(NotRenderable):
        text(ops.ExecuteSQLOp(statement))


def test_rows_are_written_one_to_a_line() -> None:
    """AUT-82 [PD]."""
    table = sa.table("t", sa.column("id", sa.Integer), sa.column("name", sa.String(5)), schema="s")
    op = ops.BulkInsertOp(table, [{"id": 1, "name": "ann"}, {"id": 2, "name": None}])
    assert check_runs(op, "postgresql") == (
        "op.bulk_insert(\n"
        "    sa.table('t', sa.column('id', sa.Integer()), sa.column('name', sa.String(length=5)), schema='s'),\n"
        "    [\n"
        "        {'id': 1, 'name': 'ann'},\n"
        "        {'id': 2, 'name': None},\n"
        "    ],\n"
        ")"
    )


def test_expressions_among_rows_are_written() -> None:
    """AUT-82 [PD]."""
    table = sa.table("t", sa.column("a", sa.Integer))
    op = ops.BulkInsertOp(table, [{"a": InlineLiteral(5)}, {"a": sa.func.now()}], multiinsert=False)
    assert check_runs(op, "postgresql") == (
        "op.bulk_insert(\n"
        "    sa.table('t', sa.column('a', sa.Integer())),\n"
        "    [\n"
        "        {'a': op.inline_literal(5)},\n"
        "        {'a': sa.text('now()')},\n"
        "    ],\n"
        "    multiinsert=False,\n"
        ")"
    )


@pytest.mark.parametrize(
    ("value", "imported"),
    [
        (datetime.datetime(2031, 2, 3, tzinfo=datetime.UTC), {"import datetime"}),
        (datetime.timedelta(days=1), {"import datetime"}),
        (decimal.Decimal("1.5"), {"import decimal"}),
        (uuid.UUID(int=5), {"import uuid"}),
        ({"a": [1, (2,), b"x", float("inf")]}, set()),
        (Name.ANN, set()),
        (True, set()),
    ],
)
def test_a_value_reads_back_as_it_was(value: object, imported: set[str]) -> None:
    context = rendering()
    table = sa.table("t", sa.column("a"))
    source = "".join(render.render_op(context, ops.BulkInsertOp(table, [{"a": value}])))
    space: dict[str, object] = {}
    exec("\n".join(context.imports), space)
    assert context.imports == imported
    assert eval(source.split("\n")[3].strip().rstrip(","), space) == {"a": value}


def test_a_member_of_an_enumeration_is_written_as_its_column_stores_it() -> None:
    table = sa.table("t", sa.column("a", sa.Enum(Color)))
    assert "{'a': 'RED'}" in check_runs(ops.BulkInsertOp(table, [{"a": Color.RED}]), "postgresql")


def test_a_value_that_is_no_python_is_refused() -> None:
    with pytest.raises(NotRenderable) as caught:
        text(ops.BulkInsertOp(sa.table("t", sa.column("a")), [{"a": (odd := object())}]))
    assert caught.value.what is odd
