"""The graph: what it knows once it is built, and what it refuses to be built from."""

from __future__ import annotations

import pytest

from limbeck.errors import (
    CycleDetected,
    DependencyCycleDetected,
    DependencyLoopDetected,
    DuplicateLabel,
    DuplicateRevisionId,
    InvalidRevisionId,
    LoopDetected,
    MissingReference,
    RevisionError,
)
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.revision import Revision
from tests.graph.drawing import DIAMOND, FOREST, TREE, drawn


def test_heads_are_nobodys_parent_and_real_heads_nobodys_dependency_either() -> None:
    """GRA-1, GRA-2: a3 is only an effective head, because n3 depends on it."""
    graph = drawn(FOREST)
    assert graph.heads == ("a3", "s2", "n3")
    assert graph.real_heads == ("s2", "n3")
    assert graph.bases == ("a1", "n1")


def test_nothing_is_a_graph_too() -> None:
    graph = drawn("")
    assert (len(graph), graph.heads, graph.bases, graph.order) == (0, (), (), [])


def test_load_order_is_kept() -> None:
    assert list(RevisionGraph([Revision("b", ("a",)), Revision("a")])) == ["b", "a"]


def test_every_revision_stands_behind_all_that_comes_before_it() -> None:
    order = RevisionGraph(
        [Revision("c", ("b",), ("d",)), Revision("b", ("a",)), Revision("a"), Revision("d")]
    ).order
    assert order.index("a") < order.index("b") < order.index("c") > order.index("d")


def test_a_repeated_parent_counts_once() -> None:
    """GRA-3"""
    graph = RevisionGraph([Revision("a"), Revision("b", ("a", "a"))])
    assert (graph.parents["b"], graph.children["a"]) == (("a",), ["b"])


def test_a_dependency_that_is_also_a_parent_counts_once() -> None:
    """GRA-9, owndep"""
    graph = drawn("a1 <- a2 (a1) <- a3 (a1)")
    assert graph.lower["a2"] == ("a1",)
    assert graph.upper["a1"] == ("a2", "a3")


def test_a_label_means_the_revision_that_defines_it_for_dependencies() -> None:
    """FILE-1, deplabel"""
    graph = drawn("O [orders], z <- y (orders)")
    assert graph.dependencies["y"] == ("O",)
    assert graph["y"].dependencies == ("orders",)


# --- labels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "carriers"),
    [
        ("a <- b <- c [L] <- d", {"a", "b", "c", "d"}),
        (TREE.replace("[lc]", "").replace("lb", "L"), {"b", "b2"}),
        ("a <- b, a <- c, b+c <- m [L] <- n", {"m", "n"}),
        ("a <- b, a <- c, b+c <- m <- n [L] <- o", {"n", "o"}),
        ("x <- a <- b <- c [L], x <- y", {"a", "b", "c"}),
        ("a <- b <- c [L], d (a)", {"b", "c"}),
        ("a [L], d (a)", {"a"}),
    ],
    ids=[
        "down a line to the base",
        "not below a fork",
        "not below a merge that has it",
        "not a merge below",
        "up to a fork",
        "a dependent beside a child makes a fork",
        "not along dependencies",
    ],
)
def test_a_label_is_inherited(drawing: str, carriers: set[str]) -> None:
    """GRA-5, GRA-6"""
    labels = drawn(drawing).labels
    assert {id for id in labels if "L" in labels[id]} == carriers


def test_several_labels_of_one_line_are_all_inherited() -> None:
    assert drawn("a [x] <- b [y z]").labels["a"] == {"x", "y", "z"}


def test_a_label_written_twice_in_one_file_is_one_label() -> None:
    assert drawn("a [x x]").labels == {"a": frozenset({"x"})}


# --- what is refused ----------------------------------------------------------------------------------------


def refused(drawing: str) -> RevisionError:
    with pytest.raises(RevisionError) as caught:
        drawn(drawing)
    return caught.value


def test_two_branches_cannot_have_one_label() -> None:
    """GRA-4, duplicate label"""
    error = refused("a <- b [L], a <- c [L]")
    assert isinstance(error, DuplicateLabel)
    assert (error.label, error.revision, error.other) == ("L", "c", "b")
    assert str(error) == "Branch name 'L' in revision c already used by revision b"


@pytest.mark.parametrize("drawing", ["a [b] <- b", "a <- b [b]"])
def test_a_label_cannot_be_the_id_of_a_revision(drawing: str) -> None:
    """GRA-4"""
    error = refused(drawing)
    assert isinstance(error, DuplicateLabel)
    assert (error.label, error.other) == ("b", "b")


def test_two_revisions_cannot_have_one_id() -> None:
    """FILE-12, duplicate id"""
    with pytest.raises(DuplicateRevisionId, match="^Revision a is present more than once$"):
        RevisionGraph([Revision("a"), Revision("a")])


@pytest.mark.parametrize("id", ["a-b", "a@b", "a+b", "a:b"])
def test_an_id_has_no_character_that_targets_give_a_meaning_to(id: str) -> None:
    """FILE-13"""
    with pytest.raises(InvalidRevisionId) as caught:
        RevisionGraph([Revision(id)])
    assert str(caught.value) == f"Character(s) '{id[1]}' not allowed in revision identifier '{id}'"


def test_a_missing_parent_is_named() -> None:
    """GRA-22, missing"""
    with pytest.raises(MissingReference) as caught:
        RevisionGraph([Revision("b", ("gone",))])
    error = caught.value
    assert isinstance(error, KeyError)
    assert (error.revision, error.missing, error.relation) == ("b", "gone", "down_revision")
    assert str(error) == "Revision gone, named as down_revision of b, is not present"


def test_a_missing_dependency_is_named() -> None:
    """GRA-22"""
    error = refused("b (gone)")
    assert isinstance(error, MissingReference)
    assert (error.revision, error.missing, error.relation) == ("b", "gone", "depends_on")


def test_a_revision_cannot_follow_itself() -> None:
    """badloop"""
    with pytest.raises(LoopDetected) as caught:
        RevisionGraph([Revision("a", ("a",))])
    assert type(caught.value) is LoopDetected
    assert str(caught.value) == "Self-loop is detected in revisions (a)"


def test_a_revision_cannot_depend_on_itself() -> None:
    """deploop"""
    error = refused("a (a)")
    assert type(error) is DependencyLoopDetected
    assert error.revisions == ["a"]


@pytest.mark.parametrize(
    ("drawing", "cycle"),
    [
        ("x <- b, b <- c <- d <- b, d <- y", ["b", "d", "c"]),
        ("a <- b <- a", ["a", "b"]),
        ("x <- y, b <- c <- b, c <- z <- zz", ["b", "c"]),
    ],
)
def test_one_actual_cycle_is_named_and_nobody_else(drawing: str, cycle: list[str]) -> None:
    """GRA-20, badcycle"""
    error = refused(drawing)
    assert type(error) is CycleDetected
    assert error.revisions == cycle
    assert str(error) == f"Cycle is detected in revisions ({', '.join(cycle)})"


def test_a_cycle_through_a_dependency_is_called_so() -> None:
    """depcycle"""
    error = refused("x <- a <- b <- c, a <- d, a (c)")
    assert type(error) is DependencyCycleDetected
    assert error.revisions == ["a", "c", "b"]


def test_dependencies_both_ways_between_branches_are_no_cycle() -> None:
    """crossdep"""
    assert drawn("a1 (b1), b1 <- b2 (a1)").order == ["b1", "a1", "b2"]


# --- who comes before whom ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawing", [FOREST, TREE, DIAMOND, "a1 (b1), b1 <- b2 (a1)", "a <- b <- c, b+a <- d"]
)
def test_precedence_is_reachability(drawing: str) -> None:
    graph = drawn(drawing)

    def reaches(start: str, end: str, lower: object) -> bool:
        return start == end or any(reaches(id, end, lower) for id in lower[start])  # type: ignore[index]

    for one in graph:
        for other in graph:
            assert graph.ancestry.precedes(one, other) == reaches(other, one, graph.lower)
            assert graph.lineage.precedes(one, other) == reaches(other, one, graph.parents)
