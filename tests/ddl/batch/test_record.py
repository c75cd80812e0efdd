"""What a batch block collects, and what statements know of the operations they come from."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from limbeck.ddl.statement import Statement
from limbeck.operations import ops
from limbeck.operations.base import Operations
from tests.ddl.recorded import Context


class Listening:
    """A sink that keeps the statements as they are."""

    def __init__(self) -> None:
        self.heard: list[Statement] = []

    def emit(self, statement: Statement) -> Any:
        self.heard.append(statement)


def block(dialect: str, **options: Any) -> list[Statement]:
    context = Context(dialect)
    context.impl.sink = sink = Listening()  # type: ignore[assignment]  # it emits
    with Operations(context).batch_alter_table("t", **options) as batch_op:  # type: ignore[arg-type]
        batch_op.add_column(sa.Column("c", sa.Integer, index=True))
        batch_op.drop_column("a")
    assert context.impl.operation is None
    return sink.heard


def test_an_altered_table_notes_each_operation_on_its_own_statements() -> None:
    kinds = [type(statement.operation) for statement in block("postgresql")]
    assert kinds == [ops.AddColumnOp, ops.AddColumnOp, ops.DropColumnOp]


def test_a_rebuilt_table_notes_all_operations_on_every_statement() -> None:
    table = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("a", sa.Integer))
    statements = block("sqlite", copy_from=table)
    assert len(statements) == 5
    for statement in statements:
        assert isinstance(statement.operation, ops.ModifyTableOps)
        assert statement.operation.table_name == "t"
        assert [type(operation) for operation in statement.operation.ops] == [
            ops.AddColumnOp,
            ops.DropColumnOp,
        ]


def test_a_dialect_can_look_at_what_was_collected() -> None:
    """BAT-13: as the third party dialects do."""
    seen: list[Any] = []

    class Impl(type(Context("postgresql").impl)):  # type: ignore[misc]  # the class in use
        def requires_recreate_in_batch(self, batch_op: Any) -> bool:
            seen.extend((name, len(args)) for name, args, kw in batch_op.batch)
            return False

    context = Context("postgresql")
    context.impl.__class__ = Impl
    with Operations(context).batch_alter_table("t") as batch_op:  # type: ignore[arg-type]
        batch_op.drop_column("a")
        batch_op.create_index("ix", ["b"])
    assert seen == [("drop_column", 2), ("create_index", 1)]
