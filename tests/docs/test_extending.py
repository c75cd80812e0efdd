"""What the guide to operations and dialects of one's own shows, works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from limbeck.ddl import impl as implementations
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations import Operations, ops
from limbeck.operations.registry import renderers
from tests.ddl.recorded import Context, statements
from tests.docs.test_tutorial import DOCS, blocks

GUIDE = list(blocks(DOCS / "guides" / "extending.md"))
OPERATION, MIGRATION, REPLACEMENT, RENDERER, DIALECT = (
    text for language, text in GUIDE if language == "python"
)
(WRITTEN,) = (text for language, text in GUIDE if language == "sql")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The names of the guide; what it registers vanishes with the test."""
    monkeypatch.setattr(Operations._to_impl, "_registry", dict(Operations._to_impl._registry))
    monkeypatch.setattr(renderers, "_registry", dict(renderers._registry))
    monkeypatch.setattr(implementations, "_impls", dict(implementations._impls))
    names: dict[str, Any] = {"__name__": "guide"}
    exec(OPERATION, names)
    yield names
    del Operations.create_view, Operations.drop_view  # type: ignore[attr-defined]  # the guide has made them


def test_the_operation_is_a_function_of_op_and_can_be_undone(shown: dict[str, Any]) -> None:
    context = Context("postgresql")
    with Operations.context(context):  # type: ignore[arg-type]
        exec(MIGRATION, {})
    assert [f"{sql};" for sql in statements(context)] == WRITTEN.split("\n")[:2]
    created = shown["CreateViewOp"]("v", "SELECT 1")
    assert vars(created.reverse().reverse()) == vars(created)
    with pytest.raises(ValueError, match="the query of view v is not known"):
        shown["DropViewOp"]("v").reverse()


def test_the_implementation_is_replaced(shown: dict[str, Any]) -> None:
    exec(REPLACEMENT, shown)
    context = Context("postgresql")
    Operations(context).invoke(ops.DropTableOp("t"))  # type: ignore[arg-type]
    assert statements(context) == ["LOCK TABLE t", "DROP TABLE t"]


def test_the_operation_is_rendered(shown: dict[str, Any]) -> None:
    exec(RENDERER, shown)
    created = shown["CreateViewOp"]("v", "SELECT 1")
    assert renderers.dispatch(created)(None, created) == "op.create_view('v', 'SELECT 1')"


def test_the_dialect_has_its_own_words(shown: dict[str, Any]) -> None:
    class NightDialect(PGDialect_psycopg):
        name = "nightdb"

    exec(DIALECT, shown)
    context = Context("postgresql")
    context.dialect = NightDialect()
    impl = DefaultImpl.get_by_dialect(context.dialect)
    assert impl is shown["NightImpl"]
    context.impl = impl(context.dialect, None, True, None, context.output, {})  # type: ignore[arg-type]
    running = Operations(context)  # type: ignore[arg-type]
    running.add_column("t", sa.Column("c", sa.Integer))
    running.bulk_insert(sa.table("t", sa.column("c", sa.LargeBinary)), [{"c": b"\xff"}])
    assert statements(context) == [
        "ALTER TABLE t ADD COLUMN c INTEGER SLOWLY",
        "INSERT INTO t (c) VALUES (BYTES 'ff')",
    ]
    assert not context.impl.transactional_ddl
