"""The order of columns after a rebuild."""

from __future__ import annotations

import pytest

from limbeck.ddl.batch.order import rearranged
from limbeck.errors import ContradictoryOrder


@pytest.mark.parametrize(
    ("columns", "groups", "expected"),
    [
        ("id a b", [], "id a b"),
        ("id a b", ["b a"], "id b a"),
        ("id a b c d x", ["c d", "id x a"], "id b c d x a"),
        ("a b c", ["c b a"], "c b a"),
    ],
)
def test_groups_are_put_in_order_and_the_rest_stays(columns: str, groups: list[str], expected: str) -> None:
    """BAT-71."""
    assert rearranged(columns.split(), [group.split() for group in groups]) == expected.split()


def test_a_circle_is_refused() -> None:
    """BAT-71."""
    with pytest.raises(ContradictoryOrder) as caught:
        rearranged(["id", "a", "b"], [["a", "b"], ["b", "a"]])
    assert caught.value.columns == ("a", "b")
