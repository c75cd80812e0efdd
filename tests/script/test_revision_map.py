"""The documented map of revisions, used without files."""

from __future__ import annotations

import pytest

from limbeck.script.revision import (
    CycleDetected,
    DependencyCycleDetected,
    DependencyLoopDetected,
    LoopDetected,
    MultipleHeads,
    RangeNotAncestorError,
    ResolutionError,
    Revision,
    RevisionError,
    RevisionMap,
    is_revision,
    tuple_rev_as_scalar,
)
from tests.graph.drawing import DIAMOND, FOREST, LINE, revisions


def mapped(drawing: str) -> RevisionMap:
    return RevisionMap(
        lambda: [
            Revision(node.id, node.parents, node.dependencies, node.labels) for node in revisions(drawing)
        ]
    )


def ids(found: object) -> list[str]:
    return [revision.revision for revision in found]  # type: ignore[attr-defined]


# --- revisions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), ("a", "a"), (["a"], "a"), (("a", "b"), ("a", "b")), ([], None), ((), None)],
)
def test_attributes_hold_none_one_or_several(given: object, kept: object) -> None:
    """API-22, section 2.2"""
    revision = Revision("x", given, given)  # type: ignore[arg-type]
    assert (revision.down_revision, revision.dependencies) == (kept, kept)


def test_empty_texts_are_no_labels_and_no_dependencies() -> None:
    """FILE-3"""
    revision = Revision("x", None, dependencies="", branch_labels=["", "l"])
    assert (revision.dependencies, revision.branch_labels) == (None, {"l"})
    assert Revision("x", "").down_revision == ""


def test_a_revision_alone_knows_what_it_was_told() -> None:
    revision = Revision("x", ("y", "z"), "d", ["L"])
    assert repr(revision) == "Revision('x', ('y', 'z'), dependencies='d', branch_labels={'L'})"
    assert (revision.nextrev, revision.is_head, revision.is_base) == (frozenset(), True, False)
    assert (revision.is_merge_point, revision.is_branch_point) == (True, False)


def test_a_revision_in_a_map_knows_its_place() -> None:
    known = mapped(FOREST)
    assert ids(known.get_revisions(known.heads)) == ["a3", "s2", "n3"]
    fork = known.get_revision("a1")
    assert (fork.nextrev, fork.is_branch_point, fork.is_head, fork.is_base) == (
        {"a2", "s1"},
        True,
        False,
        True,
    )
    assert known.get_revision("s2").branch_labels == {"shop"}


@pytest.mark.parametrize("id", ["a-b", "a@b+c"])
def test_an_id_is_verified(id: str) -> None:
    """FILE-13"""
    with pytest.raises(RevisionError, match="not allowed in revision identifier"):
        Revision(id, None)


# --- the map ----------------------------------------------------------------------------------------------------


def test_the_generator_is_called_once_and_late() -> None:
    calls = []
    known = RevisionMap(lambda: calls.append(1) or [Revision("a", None)])  # type: ignore[func-returns-value]
    assert calls == []
    assert (known.heads, known.bases, calls) == (("a",), ("a",), [1])


def test_a_revision_that_is_there_already_is_replaced_with_a_warning() -> None:
    """FILE-12"""
    known = RevisionMap(lambda: [Revision("a", None), Revision("a", None, branch_labels="second")])
    with pytest.warns(UserWarning, match="^Revision a is present more than once$"):
        assert known.get_revision("a").branch_labels == {"second"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, []),
        ("base", []),
        ([], []),
        ("heads", ["s2", "n3"]),
        ("a1@heads", ["a3", "s2"]),
        (["a1", "a1"], ["a1", "a1"]),
        (("a1", None, "shop"), ["a1", "s1"]),
        ("-1", ["s1", "n2"]),
        ("net@-2", ["n1"]),
        ("-9", []),
    ],
)
def test_several_revisions_are_found(asked: object, found: list[str]) -> None:
    """ID-12, ID-13"""
    assert ids(mapped(FOREST).get_revisions(asked)) == found  # type: ignore[arg-type]


def test_a_count_down_past_a_merge_is_ambiguous() -> None:
    """ID-12"""
    known = mapped(DIAMOND)
    assert ids(known.get_revisions("-1")) == ["m"]
    with pytest.raises(RevisionError, match="Ambiguous walk"):
        known.get_revisions("-2")


@pytest.mark.parametrize("asked", ["heads", ("a1", "s1"), "a1@heads"])
def test_one_revision_is_not_several(asked: object) -> None:
    with pytest.raises(MultipleHeads):
        mapped(FOREST).get_revision(asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", ["-1", "+1", "zzzz", "", "a1+1"])
def test_one_revision_has_to_have_that_name(asked: str) -> None:
    """ID-14"""
    with pytest.raises(ResolutionError):
        mapped(FOREST).get_revision(asked)


@pytest.mark.parametrize("asked", [b"a1", 1, ["a1"]])
def test_identifiers_are_text(asked: object) -> None:
    """ID-11"""
    with pytest.raises(RevisionError, match="is not a string; ensure database driver settings are correct"):
        mapped(FOREST).get_revision(asked)  # type: ignore[arg-type]


def test_bytes_from_a_driver_are_no_sequence_of_identifiers() -> None:
    """ID-11"""
    with pytest.raises(RevisionError, match="is not a string"):
        mapped(FOREST).get_revisions(b"a1")


def test_the_current_head_may_be_a_branchs() -> None:
    known = mapped(FOREST)
    assert known.get_current_head("shop") == "s2"
    assert RevisionMap(list).get_current_head() is None
    with pytest.raises(MultipleHeads) as caught:
        known.get_current_head()
    assert str(caught.value) == "Multiple heads are present for given argument 'head'; a3, s2, n3"


def test_a_revision_can_be_added() -> None:
    """API-23"""
    known = mapped("a")
    known.add_revision(Revision("b", "a"))
    assert known.heads == ("b",)
    known.add_revision(Revision("b", "a", branch_labels="new"), _replace=True)
    assert known.get_revision("new").revision == "b"


def test_a_revision_that_would_break_the_map_is_not_added() -> None:
    known = mapped("a")
    with pytest.raises(RevisionError):
        known.add_revision(Revision("b", "gone"))
    assert known.heads == ("a",)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ([Revision("a", "a")], LoopDetected),
        ([Revision("a", None, "a")], DependencyLoopDetected),
        ([Revision("a", "b"), Revision("b", "a")], CycleDetected),
        ([Revision("a", "b"), Revision("b", None, "a")], DependencyCycleDetected),
        ([Revision("a", "gone")], KeyError),
    ],
)
def test_a_broken_map_says_so_whatever_is_asked(broken: list[Revision], error: type[Exception]) -> None:
    """Section 3.1, GRA-21"""
    for ask in (lambda known: known.heads, lambda known: known.get_revision("a")):
        with pytest.raises(error) as caught:
            ask(RevisionMap(lambda: broken))
        assert isinstance(caught.value, RevisionError)


def test_the_tree_of_errors_is_the_documented_one() -> None:
    """GRA-21"""
    assert issubclass(DependencyLoopDetected, DependencyCycleDetected)
    assert issubclass(DependencyLoopDetected, LoopDetected)
    assert issubclass(LoopDetected, CycleDetected)
    assert issubclass(DependencyCycleDetected, CycleDetected)
    for kind in (RangeNotAncestorError, MultipleHeads, ResolutionError, CycleDetected):
        assert issubclass(kind, RevisionError)
    heads, unknown = MultipleHeads(("a", "b"), "head"), ResolutionError("no such", "zz")
    assert (tuple(heads.heads), heads.argument) == (("a", "b"), "head")
    assert (str(unknown), unknown.argument) == ("no such", "zz")
    assert CycleDetected(["a", "b"]).revisions == DependencyCycleDetected(["a", "b"]).revisions == ["a", "b"]
    assert DependencyLoopDetected("a").revisions == ["a"]
    error = RangeNotAncestorError(None, "b")
    assert (str(error), error.lower) == ("Revision base is not an ancestor of revision b", None)
    assert LoopDetected("a").revisions == ["a"]


# --- walking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("upper", "lower", "options", "found"),
    [
        ("a3", "a1", {}, "a3 a2"),
        ("a3", "a1", {"inclusive": True}, "a3 a2 a1"),
        ("a3", None, {}, "a3 a2 a1"),
        ("n3", "a1", {"implicit_base": True}, "n3 n2 n1 a3 a2"),
        (("n3",), "a1", {"select_for_downgrade": True}, "n3 a3 a2"),
        (("s2", "n3"), "net@-1", {"select_for_downgrade": True}, "n3"),
        ("+1", "s1", {}, "s2"),
        ("+9", "s1", {"assert_relative_length": False}, "s2"),
        (("a3", "s1"), "base", {}, "a3 a2 s1 a1"),
    ],
)
def test_revisions_between_two_ends(
    upper: object, lower: object, options: dict[str, bool], found: str
) -> None:
    """Section 5.4"""
    walked = mapped(FOREST).iterate_revisions(upper, lower, **options)  # type: ignore[arg-type]
    assert ids(walked) == found.split()


def test_ends_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RangeNotAncestorError, match="^Revision n1 is not an ancestor of revision a3$"):
        mapped(FOREST).iterate_revisions("a3", "n1")


def test_revisions_are_filtered_by_lineage() -> None:
    """API-24"""
    known = mapped(FOREST)
    assert known.filter_for_lineage(["a1", "s1", "n3"], "a3") == ("a1",)
    assert known.filter_for_lineage(["a1", "s1", "n3"], "a3", include_dependencies=True) == ("a1", "n3")
    assert known.filter_for_lineage(["a1", "s1", "n3"], "shop") == ("a1", "s1")
    assert known.filter_for_lineage(["a1", "n3"], None) == ("a1", "n3")
    whole = known.get_revisions(("a1", "n1"))
    assert known.filter_for_lineage(whole, "s2") == (whole[0],)


def test_small_tools() -> None:
    assert [is_revision(each) for each in (Revision("a", None), None, "a")] == [True, False, False]
    assert [tuple_rev_as_scalar(each) for each in ((), ("a",), ("a", "b"), None)] == [
        None,
        "a",
        ("a", "b"),
        None,
    ]


def test_the_order_of_a_walk_is_the_one_of_the_plan() -> None:
    assert ids(mapped(DIAMOND).iterate_revisions("heads", "base")) == ["n", "m", "b", "c", "a"]
    assert ids(mapped(LINE).iterate_revisions("a5", "a3")) == ["a5", "a4"]
