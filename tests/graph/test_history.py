"""Parts of the history between two ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from limbeck.errors import AmbiguousWalk, RangeNotAncestorError, ResolutionError, RevisionError, TooFewSteps
from limbeck.graph.history import list_range
from tests.graph.drawing import DIAMOND, FOREST, LINE, TREE, drawn


def listed(drawing: str, lower: str | Sequence[str] | None, upper: str | Sequence[str], **kw: Any) -> str:
    options = {"inclusive": True, "stop_at_base": True, **kw}
    return " ".join(list_range(drawn(drawing), upper, lower, **options))


@pytest.mark.parametrize(
    ("drawing", "lower", "upper", "ids"),
    [
        (LINE, "base", "heads", "a5 a4 a3 a2 a1"),
        (LINE, "a2", "a4", "a4 a3 a2"),
        (LINE, "a3", "a3", "a3"),
        (LINE, "base", "base", ""),
        (LINE, "a4", "head", "a5 a4"),
        ("aaaa1 <- bbbb2 <- cccc3", "bb", "cc", "cccc3 bbbb2"),
        (FOREST, "base", "heads", "s2 s1 n3 n2 n1 a3 a2 a1"),
        (FOREST, "n1", "n3", "n3 n2 n1"),
        (FOREST, "shop", "heads", "s2 s1"),
        (FOREST, "a1", "shop@head", "s2 s1 a1"),
        (FOREST, "base", "net@head", "n3 n2 n1 a3 a2 a1"),
        (FOREST, "shop@base", "heads", "s2 s1 a1"),
        (FOREST, "net@base", "heads", "n3 n2 n1 a3 a2 a1"),
        (FOREST, "net@base", "s2", ""),
        (DIAMOND, ("b", "c"), "heads", "n m b c"),
        (DIAMOND, "a", ("b", "c"), "b c a"),
    ],
)
def test_both_ends_are_listed(drawing: str, lower: str | Sequence[str], upper: str, ids: str) -> None:
    """HIST-1, HIST-2, HIST-4, HIST-5, HIST-7, HIST-8, PLAN-40"""
    assert listed(drawing, lower, upper) == ids


@pytest.mark.parametrize(
    ("drawing", "lower", "upper", "ids"),
    [
        (LINE, "a1", "+2", "a3 a2 a1"),
        (LINE, "base", "+2", "a2 a1"),
        (LINE, "a1", "+9", "a5 a4 a3 a2 a1"),
        (LINE, "a3", "a5-1", "a4 a3"),
        (LINE, "a1", "a1+1", "a2 a1"),
        (LINE, "-2", "heads", "a5 a4 a3"),
        (LINE, "-2", "a4", "a4 a3 a2"),
        (LINE, "-9", "heads", "a5 a4 a3 a2 a1"),
        (TREE, "-1", "heads", "b2 b c2 c"),
        (TREE, "lb@-1", "heads", "b2 b"),
        (TREE, "lb@base", "lb@+2", "b a"),
        (TREE, "a", "lb@b2-1", "b a"),
    ],
)
def test_ends_may_count_from_the_other_end(drawing: str, lower: str, upper: str, ids: str) -> None:
    """HIST-3: a start that counts, counts from the end that is given."""
    assert listed(drawing, lower, upper) == ids


@pytest.mark.parametrize(
    ("drawing", "lower", "upper"), [(DIAMOND, "-2", "heads"), (FOREST, "a1", "+1"), (FOREST, "base", "+2")]
)
def test_a_count_past_a_merge_or_a_fork_is_refused(drawing: str, lower: str, upper: str) -> None:
    """HIST-3, ID-12"""
    with pytest.raises(AmbiguousWalk):
        listed(drawing, lower, upper)


@pytest.mark.parametrize("lower", ["a3-1", "a1+1"])
def test_a_start_does_not_count_from_a_symbol(lower: str) -> None:
    """HIST-3"""
    with pytest.raises(ResolutionError):
        listed(LINE, lower, "heads")


@pytest.mark.parametrize(
    ("drawing", "lower", "upper"), [(LINE, "a3", "a1"), (FOREST, "s1", "n3"), (FOREST, ("s1", "n1"), "s2")]
)
def test_a_start_that_does_not_come_before_the_end_is_refused(
    drawing: str, lower: str | Sequence[str], upper: str
) -> None:
    """HIST-6"""
    with pytest.raises(RangeNotAncestorError) as caught:
        listed(drawing, lower, upper)
    below = lower if isinstance(lower, str) else ", ".join(lower)
    assert (caught.value.lower, caught.value.upper) == (below, upper)


def test_an_end_that_only_depends_on_the_start_is_listed_with_what_leads_there() -> None:
    """Section 5.4, last line but one: no assertion failure."""
    assert listed(FOREST, "a1", "n3") == "n3 a3 a2 a1"


def test_of_several_ends_only_lines_above_the_start_are_listed() -> None:
    """HIST-5: n3 depends on a3, but does not follow a1."""
    assert set(listed(FOREST, "a1", "heads").split()) == {"a1", "a2", "a3", "s1", "s2"}


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, "a4 a3"),
        ({"inclusive": True}, "a4 a3 a2"),
        ({"implicit_base": True}, "a4 a3"),
    ],
)
def test_the_lower_end_is_left_out_unless_it_is_asked_for(options: dict[str, bool], ids: str) -> None:
    """Section 5.4"""
    assert " ".join(list_range(drawn(LINE), "a4", "a2", **options)) == ids


def test_with_an_implicit_base_all_that_is_needed_is_listed() -> None:
    """Section 5.4"""
    graph = drawn(FOREST)
    assert list_range(graph, "n3", "a1", implicit_base=True) == ["n3", "n2", "n1", "a3", "a2"]
    assert list_range(graph, "a3", "n1", implicit_base=True) == ["a3", "a2", "a1"]


@pytest.mark.parametrize(("lower", "upper"), [("a1", "+9"), ("-9", "heads"), ("a1", "a3+9")])
def test_relative_ends_are_exact_unless_they_may_stop(lower: str, upper: str) -> None:
    """Section 5.4, assert_relative_length"""
    with pytest.raises(TooFewSteps):
        listed(LINE, lower, upper, stop_at_base=False)


def test_two_relative_ends_have_nothing_to_count_from() -> None:
    with pytest.raises(RevisionError):
        listed(LINE, "-1", "+1")
