"""Which of the operations of a migration a line belongs to."""

from __future__ import annotations

import pytest

from limbeck.cli.position import find_position

SOURCE = '''"""A migration."""
from limbeck import op


def upgrade():
    """What it does."""
    bind = op.get_bind()
    op.create_table(
        "t",
    )
    with op.batch_alter_table("t") as batch:
        batch.add_column("x")
        batch.drop_column("y")
    for number in range(3):
        op.execute(f"UPDATE t SET x = {number}")
    count = 1
    op.drop_table("u")


def downgrade():
    op.create_table("u")
'''


@pytest.mark.parametrize(
    ("line", "position"),
    [
        (7, None),  # an assignment
        (9, (1, 4)),  # in the middle of a call
        (13, (2, 4)),
        (15, (3, 4)),
        (17, (4, 4)),
        (21, None),  # another function
    ],
)
def test_a_line_has_a_place_among_the_operations(line: int, position: tuple[int, int] | None) -> None:
    assert find_position(SOURCE, "upgrade", line) == position


def test_a_file_that_has_changed_into_nonsense_has_no_operations() -> None:
    assert find_position("def upgrade(:", "upgrade", 1) is None
