from __future__ import annotations

import pytest

from limbeck.operations import ops
from tests.autogenerate.render.rendering import check_runs


@pytest.mark.parametrize(
    ("op", "written"),
    [
        (
            ops.CreateTableCommentOp("t", "new", existing_comment="old"),
            "op.create_table_comment(\n    't',\n    'new',\n    existing_comment='old',\n    schema=None\n)",
        ),
        (
            ops.DropTableCommentOp("t", existing_comment="old", schema="s"),
            "op.drop_table_comment(\n    't',\n    existing_comment='old',\n    schema='s'\n)",
        ),
    ],
)
def test_the_comment_of_a_table_is_written_one_argument_to_a_line(
    op: ops.MigrateOperation, written: str
) -> None:
    """AUT-84."""
    assert check_runs(op, "postgresql") == written
