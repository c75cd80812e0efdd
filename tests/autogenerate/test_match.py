"""Both sides of a comparison, paired by key."""

from __future__ import annotations

from limbeck.autogenerate.match import Match, match


def test_keys_are_paired_and_sorted() -> None:
    assert match(["d", "b", "a"], ["c", "b"]) == Match(removed=("a", "d"), common=("b",), added=("c",))


def test_each_side_may_keep_its_order() -> None:
    paired = match({"z": 1, "y": 2, "b": 3}, ["c", "b", "a"], in_order=True)
    assert paired == Match(removed=("z", "y"), common=("b",), added=("c", "a"))


def test_nothing_stands_before_a_name() -> None:
    """AUT-45."""
    assert match([], ["b", None, "a"]).added == (None, "a", "b")
    assert match([], [("s", "a"), (None, "b"), (None, "a")]).added == ((None, "a"), (None, "b"), ("s", "a"))
