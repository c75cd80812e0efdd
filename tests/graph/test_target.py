"""Targets: what people type, and the revisions it means."""

from __future__ import annotations

import pytest

from limbeck.errors import (
    AmbiguousIdentifier,
    MultipleHeads,
    NotAnIdentifier,
    ResolutionError,
    RevisionError,
)
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.target import Target, read_target, resolve
from tests.graph.drawing import DIAMOND, FOREST, TREE, drawn

LONG = "ae1027a6acf <- ae1027b6acf [alpha] <- bf2000001, x12 <- x1234 [alphabet]"


def meant(graph: RevisionGraph, text: object) -> list[str]:
    return list(resolve(graph, read_target(graph, text)))


@pytest.mark.parametrize(
    ("text", "label", "symbol", "steps"),
    [
        ("ae10", None, "ae10", None),
        ("+2", None, None, 2),
        ("-10", None, None, -10),
        ("ae10+2", None, "ae10", 2),
        ("shop@head", "shop", "head", None),
        ("shop@+1", "shop", None, 1),
        ("my-branch@a-1", "my-branch", "a", -1),
        (None, None, "base", None),
    ],
)
def test_a_target_is_taken_apart(
    text: str | None, label: str | None, symbol: str | None, steps: int | None
) -> None:
    """ID-1, section 4"""
    target = Target.of(text)
    assert (target.label, target.symbol, target.steps) == (label, symbol, steps)


@pytest.mark.parametrize("text", ["", "@", "shop@", "a@b@c", "@head"])
def test_what_is_no_target_is_refused(text: str) -> None:
    with pytest.raises(ResolutionError, match="No such revision or branch"):
        meant(drawn(FOREST), text)


@pytest.mark.parametrize("given", [b"a1", 7, ["a1"]])
def test_only_text_is_an_identifier(given: object) -> None:
    """ID-11"""
    with pytest.raises(NotAnIdentifier, match="is not a string; ensure database driver settings are correct"):
        meant(drawn(FOREST), given)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("base", []),
        ("shop@base", []),
        (None, []),
        ("heads", ["s2", "n3"]),
        ("a1@heads", ["a3", "s2"]),
        ("shop@heads", ["s2"]),
        ("shop@head", ["s2"]),
        ("n1@head", ["n3"]),
        ("shop", ["s1"]),
        ("s2", ["s2"]),
        ("shop@a1", ["a1"]),
        ("shop@s2", ["s2"]),
    ],
)
def test_absolute_targets(text: str | None, ids: list[str]) -> None:
    """ID-2, ID-3, ID-4, ID-5, ID-9, ID-10, GRA-7"""
    assert meant(drawn(FOREST), text) == ids


def test_no_revisions_have_no_heads() -> None:
    """ID-4"""
    assert [meant(drawn(""), text) for text in ("head", "heads", "base")] == [[], [], []]


def test_head_counts_effective_heads() -> None:
    """ID-4"""
    graph = drawn("a1 <- a2, n1 <- n2 (a2)")
    assert meant(graph, "heads") == ["n2"]
    with pytest.raises(MultipleHeads) as caught:
        meant(graph, "head")
    assert (caught.value.heads, caught.value.argument) == (["a2", "n2"], "head")


def test_the_head_of_a_branch_that_forked_is_not_one() -> None:
    with pytest.raises(MultipleHeads) as caught:
        meant(drawn(TREE), "a@head")
    assert caught.value.heads == ["b2", "c2"]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("ae1027a6acf", "ae1027a6acf"),
        ("b", "bf2000001"),
        ("ae1027a", "ae1027a6acf"),
        ("alpha", "ae1027b6acf"),
        ("alphab", "x1234"),
        ("x123", "x1234"),
        ("x12", "x12"),
        ("alpha@bf", "bf2000001"),
        ("alphab@x", "x1234"),
        ("bf@ae1027a", "ae1027a6acf"),
    ],
)
def test_the_beginning_of_an_id_or_label_is_enough(text: str, id: str) -> None:
    """ID-5, ID-6, ID-7, ID-10: only what is longer than three characters can be shortened."""
    assert meant(drawn(LONG), text) == [id]


def test_a_beginning_that_is_ambiguous_can_be_unique_in_its_branch() -> None:
    """ID-7"""
    graph = drawn("aaaa1 [one], aaaa2 [two]")
    assert meant(graph, "two@aaaa") == ["aaaa2"]


def test_an_ambiguous_beginning_names_its_candidates() -> None:
    """ID-8"""
    with pytest.raises(AmbiguousIdentifier) as caught:
        meant(drawn("aaaa1, aaaa2, aaaa3, aaaa4, bbbb1"), "aa")
    assert caught.value.candidates == ("aaaa1", "aaaa2", "aaaa3", "aaaa4")
    assert str(caught.value) == "Several revisions start with 'aa': aaaa1, aaaa2, aaaa3, ..."


def test_a_label_and_an_id_of_one_revision_do_not_compete() -> None:
    assert meant(drawn("shop1 [shopping]"), "shop") == ["shop1"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [("zzzz", "zzzz"), ("AE1027A6ACF", "AE1027A6ACF"), ("alpha@zz", "zz"), ("zz@head", "zz"), ("x", "x1")],
)
def test_what_nothing_is_called_is_refused(text: str, asked: str) -> None:
    """ID-5 (case counts), ID-8"""
    graph = drawn(LONG) if text != "x" else drawn("x12")
    with pytest.raises(ResolutionError) as caught:
        meant(graph, text)
    assert caught.value.argument == (asked if text != "x" else "x")


def test_a_short_beginning_that_matches_nothing_gets_a_hint() -> None:
    """ID-6, ID-8"""
    with pytest.raises(ResolutionError, match="at least four characters"):
        meant(drawn("x12"), "x1")


def test_a_revision_outside_of_the_branch_is_refused() -> None:
    """ID-9: n3 needs a3, but does not descend from it."""
    with pytest.raises(ResolutionError, match="^Revision n3 is not a member of branch 'a3'$"):
        meant(drawn(FOREST), "a3@n3")


def test_a_symbol_wins_over_a_label_of_that_name() -> None:
    """GRA-8"""
    assert meant(drawn("a [head] <- b"), "head") == ["b"]


def test_a_label_may_look_like_a_relative_target() -> None:
    graph = drawn("a [release-2] <- b")
    assert meant(graph, "release-2") == ["a"]
    assert meant(graph, "release-2@head") == ["b"]


@pytest.mark.parametrize("text", ["+1", "b+1", "b@-1"])
def test_a_relative_target_means_nothing_by_itself(text: str) -> None:
    """ID-14"""
    with pytest.raises(RevisionError, match="there is nothing to count from"):
        meant(drawn(DIAMOND), text)
