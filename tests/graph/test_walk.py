"""Walks: the order of revisions, the tips of what is applied, the lower revisions that count."""

from __future__ import annotations

import pytest

from limbeck.graph.graph import RevisionGraph
from limbeck.graph.revision import Revision
from limbeck.graph.walk import (
    find_ancestors,
    find_overlapped,
    find_tips,
    newest_first,
    normalized_lower,
)
from tests.graph.drawing import DIAMOND, FOREST, LINE, TREE, drawn


def everything(graph: RevisionGraph) -> list[str]:
    return newest_first(graph, set(graph))


@pytest.mark.parametrize(
    ("drawing", "order"),
    [
        (LINE, "a5 a4 a3 a2 a1"),
        ("a <- b, a <- c, b+c <- d", "d b c a"),
        (DIAMOND, "n m b c a"),
        (TREE, "b2 b c2 c a"),
        (FOREST, "s2 s1 n3 n2 n1 a3 a2 a1"),
        ("n1 <- n2, a1, n2 <- n3 (a1)", "n3 n2 n1 a1"),
        ("a1 (b1), b1 <- b2 (a1)", "b2 a1 b1"),
    ],
)
def test_newest_first_follows_one_line_as_long_as_possible(drawing: str, order: str) -> None:
    """PLAN-31, PLAN-32, crossdep"""
    assert everything(drawn(drawing)) == order.split()


def test_of_several_tips_the_one_loaded_first_comes_first() -> None:
    """PLAN-31: load order is FILE-6 and FILE-9."""
    graph = RevisionGraph([Revision("c", ("a",)), Revision("b", ("a",)), Revision("a")])
    assert everything(graph) == ["c", "b", "a"]


def test_dependencies_are_walked_in_written_order() -> None:
    """PLAN-32"""
    assert everything(drawn("p, q, x (q p)")) == ["x", "q", "p"]


def test_only_members_are_listed() -> None:
    assert newest_first(drawn(DIAMOND), {"m", "b", "c"}) == ["m", "b", "c"]


@pytest.mark.parametrize(
    ("drawing", "id", "lower"),
    [
        ("n1 <- n2, a1, n2 <- n3 (a1)", "n3", ("n2", "a1")),
        ("a1 <- a2 (a1) <- a3 (a1)", "a3", ("a2",)),
        ("a1 <- a2 (a1) <- a3 (a1)", "a2", ("a1",)),
        ("x, a1 <- a2 (x) <- a3 (x)", "a3", ("a2",)),
        ("x, a1 (x), b1 (x)", "b1", ("x",)),
        ("x <- y, a1 (x) <- a2 (y)", "a2", ("a1", "y")),
    ],
)
def test_a_dependency_counts_where_a_line_first_declares_it(
    drawing: str, id: str, lower: tuple[str, ...]
) -> None:
    """GRA-9, owndep"""
    assert normalized_lower(drawn(drawing), id) == lower


def test_tips_show_branches_that_are_only_implied() -> None:
    """GRA-42"""
    graph = drawn(FOREST)
    assert find_tips(graph, find_ancestors(graph, ["n3"])) == ["a3", "n3"]


def test_overlap_is_seen_through_dependencies() -> None:
    graph = drawn(FOREST)
    assert find_overlapped(graph, ["a2", "n3", "s1"]) == ["a2"]
    assert find_overlapped(graph, ["a2", "n2", "s1"]) == []


def test_order_and_precedence_take_ten_thousand_revisions_in_a_breath() -> None:
    """Section 9: no step is worse than linear. A quadratic walk of this would take minutes."""
    chain = [Revision("r0"), *(Revision(f"r{n}", (f"r{n - 1}",)) for n in range(1, 7_000))]
    forks = [Revision(f"s{n}", (f"r{n}",), (f"r{n + 1}",)) for n in range(3_000)]
    graph = RevisionGraph([*chain, *forks])
    order = everything(graph)
    assert len(order) == 10_000
    place = {id: position for position, id in enumerate(order)}
    assert all(place[id] < place[lower] for id in graph for lower in graph.lower[id])
