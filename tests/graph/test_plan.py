"""Plans: which revisions are applied or undone, in which order, and what is refused."""

from __future__ import annotations

import pytest

from limbeck.errors import (
    AmbiguousStart,
    AmbiguousWalk,
    BranchNotAbove,
    BranchNotApplied,
    MultipleHeads,
    NotADowngradeTarget,
    OverlappingRevisions,
    ResolutionError,
    RevisionError,
    TooFewSteps,
)
from limbeck.graph.moves import row_changes
from limbeck.graph.plan import Stamp, plan_downgrade, plan_stamp, plan_upgrade
from tests.graph.drawing import DIAMOND, FOREST, LINE, TREE, drawn, ids


def up(drawing: str, rows: str, target: str | None) -> str:
    return " ".join(ids(plan_upgrade(drawn(drawing), rows.split(), target)))


def down(drawing: str, rows: str, target: str | None) -> str:
    return " ".join(ids(plan_downgrade(drawn(drawing), rows.split(), target)))


# --- upgrade ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "plan"),
    [
        (LINE, "", "head", "a1 a2 a3 a4 a5"),
        (LINE, "a3", "head", "a4 a5"),
        (LINE, "a3", "a2", ""),
        (LINE, "a5", "heads", ""),
        (LINE, "a3", "base", ""),
        (LINE, "a3", None, ""),
        (DIAMOND, "", "m", "a c b m"),
        (TREE, "", "heads", "a c c2 b b2"),
        (TREE, "b2", "lc@head", "c c2"),
        (FOREST, "", "n3", "a1 a2 a3 n1 n2 n3"),
        (FOREST, "", "heads", "a1 a2 a3 n1 n2 n3 s1 s2"),
        (FOREST, "a1 n1", "n2", "n2"),
        ("a1 (b1), b1 <- b2 (a1)", "", "heads", "b1 a1 b2"),
        ("z [O], y <- x (O)", "", "x", "z y x"),
    ],
)
def test_an_upgrade_applies_what_the_target_needs(
    drawing: str, rows: str, target: str | None, plan: str
) -> None:
    """PLAN-1, PLAN-2, PLAN-6, PLAN-30, PLAN-33: parents first; nothing to do is fine."""
    assert up(drawing, rows, target) == plan


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "plan"),
    [
        (LINE, "", "+2", "a1 a2"),
        (LINE, "a2", "+1", "a3"),
        (LINE, "a2", "a2+2", "a3 a4"),
        (LINE, "", "base+3", "a1 a2 a3"),
        (LINE, "a2", "head-1", "a3 a4"),
        (LINE, "a2", "a3-1", ""),
        (TREE, "a", "lc@+2", "c c2"),
        (TREE, "b2", "lc@+1", "c"),
        (TREE, "b2", "lc@a+1", "c"),
        (TREE, "", "lb@+2", "a b"),
        (FOREST, "", "net@+1", "n1"),
        (FOREST, "n3", "shop@+1", "s1"),
        (FOREST, "", "net@base+1", "n1"),
        (f"{FOREST}, a3 <- a4", "n3 s2", "a4@+1", "a4"),
    ],
)
def test_a_relative_upgrade_counts_from_where_we_are(drawing: str, rows: str, target: str, plan: str) -> None:
    """PLAN-3"""
    assert up(drawing, rows, target) == plan


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "first_line"),
    [
        (LINE, "a2", "+9", "Relative revision +9 didn't produce 9 migrations"),
        (LINE, "a2", "a3+9", "Relative revision a3+9 didn't produce 9 migrations"),
        (LINE, "a2", "+0", "Relative revision +0 didn't produce 0 migrations"),
        (LINE, "a2", "-1", "Relative revision -1 didn't produce 1 migrations"),
        (LINE, "a2", "a1-1", "Relative revision a1-1 didn't produce 1 migrations"),
        (LINE, "a2", "a1-3", "Relative revision a1-3 didn't produce 3 migrations"),
        (LINE, "", "base-1", "Relative revision base-1 didn't produce 1 migrations"),
        (TREE, "b2", "lc@-1", "Relative revision lc@-1 didn't produce 1 migrations"),
        (TREE, "a", "lc@+3", "Relative revision lc@+3 didn't produce 3 migrations"),
    ],
)
def test_a_relative_upgrade_that_leads_nowhere_is_refused(
    drawing: str, rows: str, target: str, first_line: str
) -> None:
    """PLAN-3, PLAN-4"""
    with pytest.raises(TooFewSteps) as caught:
        up(drawing, rows, target)
    assert str(caught.value) == first_line


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "message"),
    [
        (TREE, "a", "+1", "Ambiguous walk: a is followed by b and c"),
        (FOREST, "", "+1", "Ambiguous walk: base is followed by a1 and n1"),
        (DIAMOND, "", "m-1", "Ambiguous walk: m has the parents b and c"),
    ],
)
def test_a_walk_past_a_fork_is_refused(drawing: str, rows: str, target: str, message: str) -> None:
    """PLAN-3"""
    with pytest.raises(AmbiguousWalk) as caught:
        up(drawing, rows, target)
    assert str(caught.value) == message


@pytest.mark.parametrize(("drawing", "target"), [(TREE, "+1"), (f"{TREE}, b2 <- b3, c2 <- c3", "a@+1")])
def test_a_relative_upgrade_from_several_rows_is_refused(drawing: str, target: str) -> None:
    """PLAN-3"""
    with pytest.raises(AmbiguousStart, match="^Ambiguous upgrade from multiple current revisions b2, c2$"):
        up(drawing, "b2 c2", target)


@pytest.mark.parametrize(
    ("rows", "plain", "message"),
    [
        ("a2 a1", "a2", "that others imply, which are passed over: a1; `limbeck stamp a2` takes them out"),
        ("a1 s2 a2", "s2 a2", "passed over: a1; `limbeck stamp s2 a2` takes"),
        ("a3 n3 s1", "n3 s1", "passed over: a3; `limbeck stamp n3` takes"),
    ],
)
def test_rows_below_others_are_passed_over_with_a_warning(rows: str, plain: str, message: str) -> None:
    """PLAN-5, BUG-11: by dependency, too; what is applied is the same with and without them."""
    graph = drawn(FOREST)
    for plan, target in ((plan_upgrade, "heads"), (plan_downgrade, "base")):
        with pytest.warns(UserWarning, match="passed over") as caught:
            found = plan(graph, rows.split(), target)
        assert found == plan(graph, plain.split(), target)
        (warning,) = caught
        assert message in str(warning.message)


def test_rows_below_others_do_not_make_a_step_back_ambiguous() -> None:
    """PLAN-17, BUG-11"""
    with pytest.warns(UserWarning, match="passed over: a1;"):
        assert ids(plan_downgrade(drawn(FOREST), ["a1", "a2"], "-1")) == ["a2"]


def test_several_targets_may_not_overlap_but_may_stand_side_by_side() -> None:
    """PLAN-5"""
    graph = drawn(FOREST)
    assert ids(plan_upgrade(graph, [], ("s1", "n1"))) == ["n1", "a1", "s1"]
    with pytest.raises(OverlappingRevisions, match="^Requested revision s1 overlaps .* a1$"):
        plan_upgrade(graph, [], ("a1", "s1"))


# --- downgrade ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "plan"),
    [
        (LINE, "a4", "a2", "a4 a3"),
        (LINE, "a4", "base", "a4 a3 a2 a1"),
        (LINE, "a4", None, "a4 a3 a2 a1"),
        (LINE, "a4", "a4", ""),
        (DIAMOND, "n", "a", "n m b c"),
        (DIAMOND, "m", "b", "m"),
        (TREE, "b2 c2", "lb@a", "b2 b"),
        (TREE, "b2 c2", "lb@base", "b2 b c2 c a"),
        (FOREST, "n3 s1", "a1", "s1 n3 a3 a2"),
        (FOREST, "n3", "a2", "n3 a3"),
        (FOREST, "n3", "a3@base", "n3 a3 a2 a1"),
        (FOREST, "n3 s2", "net@base", "n3 n2 n1"),
        ("a1 <- a2 <- a3, n1 (a2) <- n2", "a3 n2", "a2", "a3"),
        ("a1 <- a2 <- a3, n1 (a2) <- n2", "a3 n2", "a1", "a3 n2 n1 a2"),
    ],
)
def test_a_downgrade_undoes_what_follows_the_target(
    drawing: str, rows: str, target: str | None, plan: str
) -> None:
    """PLAN-10 to PLAN-13, PLAN-16, depbelow: what depends on something undone is undone before."""
    assert down(drawing, rows, target) == plan


@pytest.mark.parametrize(
    ("drawing", "rows", "target", "plan"),
    [
        (LINE, "a4", "-1", "a4"),
        (LINE, "a2", "-2", "a2 a1"),
        (LINE, "a4", "a3-1", "a4 a3"),
        (LINE, "a4", "a1+1", "a4 a3"),
        (DIAMOND, "n", "-1", "n"),
        (TREE, "b2 c2", "lb@-1", "b2"),
        (TREE, "b2 c2", "lb@-2", "b2 b"),
        (TREE, "b2 c2", "lb@-3", "b2 b c2 c a"),
        (TREE, "b2", "a+1", "b2"),
        (FOREST, "n3", "net@-1", "n3"),
        (FOREST, "n3", "a3@-1", "n3 a3"),
        ("r0 <- r2 (r1), r1", "r2", "-2", "r2 r0"),
    ],
)
def test_a_relative_downgrade_counts_from_where_we_are(
    drawing: str, rows: str, target: str, plan: str
) -> None:
    """PLAN-17, PLAN-18, GRA-42: a branch that is only implied has a current revision, too."""
    assert down(drawing, rows, target) == plan


@pytest.mark.parametrize(("target", "plan"), [("-1", "b2"), ("-2", "b2 b")])
def test_of_several_rows_only_the_first_ones_branch_is_downgraded(target: str, plan: str) -> None:
    """PLAN-17"""
    with pytest.warns(UserWarning, match=f"^downgrade {target} from several current revisions is ambiguous"):
        assert down(TREE, "b2 c2", target) == plan


@pytest.mark.parametrize("target", ["+1", "-0", "-3", "base-1", "a1+9"])
def test_a_relative_downgrade_that_leads_nowhere_is_refused(target: str) -> None:
    """PLAN-17"""
    with pytest.raises(TooFewSteps):
        down(LINE, "a2", target)


def test_there_is_nothing_below_an_empty_table() -> None:
    """PLAN-17"""
    with pytest.raises(TooFewSteps, match="^Relative revision -1 didn't produce 1 migrations$"):
        down(LINE, "", "-1")


def test_a_walk_down_a_merge_is_refused() -> None:
    """PLAN-17, diamond"""
    with pytest.raises(AmbiguousWalk):
        down(DIAMOND, "m", "-1")


def test_a_branch_that_is_not_applied_has_no_current_revision() -> None:
    """PLAN-17"""
    with pytest.raises(BranchNotApplied, match="^No current revision belongs to branch 'net'$"):
        down(FOREST, "s2", "net@-1")


def test_a_branch_with_several_current_revisions_has_no_single_one() -> None:
    """PLAN-17"""
    with pytest.raises(AmbiguousStart, match="^Ambiguous downgrade from multiple current revisions b2, c2$"):
        down(TREE, "b2 c2", "a@-1")


@pytest.mark.parametrize(
    ("drawing", "rows", "target"), [(LINE, "a2", "a4"), (FOREST, "n3", "a3"), (TREE, "c2", "b")]
)
def test_a_target_that_is_not_below_the_rows_is_refused(drawing: str, rows: str, target: str) -> None:
    """PLAN-14, PLAN-15"""
    with pytest.raises(NotADowngradeTarget) as caught:
        down(drawing, rows, target)
    assert str(caught.value) == f"Destination {target} is not a valid downgrade target from current head(s)"


def test_a_branch_label_below_a_fork_names_no_way() -> None:
    """PLAN-12"""
    with pytest.raises(BranchNotAbove, match="several branches follow b, none leads to 'lb'"):
        down("a <- b [lb] <- b2, b <- b3", "b2 b3", "lb@b")


def test_a_relative_downgrade_to_a_fork_takes_its_own_way() -> None:
    """PLAN-12, PLAN-17"""
    assert down("a <- b [lb] <- b2, b <- b3", "b2", "lb@-1") == "b2"


@pytest.mark.parametrize("target", ["heads", "head"])
def test_a_downgrade_has_one_target(target: str) -> None:
    """PLAN-10"""
    with pytest.raises(MultipleHeads):
        down(TREE, "b2 c2", target)


@pytest.mark.parametrize("planner", [up, down])
@pytest.mark.parametrize("target", ["", "zzzz", "zz@head"])
def test_an_unknown_target_is_refused(planner: object, target: str) -> None:
    """PLAN-1; an empty text is no assertion failure."""
    with pytest.raises(ResolutionError):
        planner(LINE, "a2", target)  # type: ignore[operator]


# --- stamp --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "targets", "after", "log"),
    [
        ("", "heads", "n3 s1", " -> n3;  -> s1"),
        ("a2", "s1", "a2 s1", " -> s1"),
        ("a3 s1", "a1", "a1", "a3, s1 -> a1"),
        ("a1 n1", "n3", "n3", "a1, n1 -> n3"),
        ("n3", "a1", "a1", "n3 -> a1"),
        ("a1", "net@base", "a1", ""),
        ("a3 n2 s1", "base", "", "a3 -> ; n2 -> ; s1 -> "),
        ("a1 n2", "net@base", "a1", "n2 -> "),
        ("a2", "a2", "a2", ""),
        ("", "a2", "a2", " -> a2"),
        ("a1", "heads", "n3 s1", "a1 -> n3;  -> s1"),
        ("n3 s1", "a1 n1", "a1 n1", "n3, s1 -> a1;  -> n1"),
        ("a3 n2", "a1", "a1 n2", "a3 -> a1"),
        ("n1", "s1 n2", "n2 s1", " -> s1; n1 -> n2"),
    ],
)
def test_a_stamp_replaces_the_rows_of_its_line(before: str, targets: str, after: str, log: str) -> None:
    """STAMP-1 to STAMP-5, STAMP-7, and the table of section 7."""
    graph = drawn("a1 <- a2 <- a3, n1 [net] <- n2 <- n3 (a3), a1 <- s1 [shop]")
    plan = plan_stamp(graph, before.split(), tuple(targets.split()))
    rows = frozenset(before.split())
    said = []
    for step in plan:
        assert isinstance(step, Stamp)
        said.append(f"{', '.join(step.replaced)} -> {', '.join(step.new)}")
        rows = row_changes(graph, step, rows).after
    assert ("; ".join(said), rows) == (log, set(after.split()))


@pytest.mark.parametrize(
    ("before", "target", "is_upgrade"),
    [("", "a2", True), ("a1", "a2", True), ("a3", "a2", False), ("a3", "base", False)],
)
def test_a_stamp_knows_its_direction(before: str, target: str, is_upgrade: bool) -> None:
    """CB-4"""
    (step,) = plan_stamp(drawn(FOREST), before.split(), target)
    assert isinstance(step, Stamp)
    assert step.is_upgrade is is_upgrade


@pytest.mark.parametrize(
    ("before", "target", "replaced", "is_upgrade"),
    [
        ("a1 a2 s1", "a2", ("a1",), True),
        ("a1 a2", "a1", ("a2",), False),
        ("a3 a1 n3 s1", "n3", ("a3", "a1"), True),
    ],
)
def test_a_stamp_to_a_row_takes_out_what_is_in_its_line(
    before: str, target: str, replaced: tuple[str, ...], is_upgrade: bool
) -> None:
    """STAMP-3, BUG-11: only a table that was left in a wrong state has such rows."""
    graph = drawn(FOREST)
    plan = plan_stamp(graph, before.split(), target)
    assert plan == (Stamp(replaced, (target,), is_upgrade=is_upgrade),)
    changes = row_changes(graph, plan[0], frozenset(before.split()))
    assert (changes.delete, changes.update, changes.insert) == (tuple(reversed(replaced)), (), ())
    assert plan_stamp(graph, sorted(changes.after), target) == ()


def test_stamps_that_overlap_are_refused() -> None:
    """STAMP-8"""
    with pytest.raises(OverlappingRevisions, match="^Requested revision n3 overlaps .* a1$"):
        plan_stamp(drawn(FOREST), [], ("a1", "n3"))


@pytest.mark.parametrize(
    ("drawing", "target"), [(TREE, "head"), (LINE, "+1"), (LINE, "a1+1"), (LINE, "zzzz")]
)
def test_a_stamp_needs_an_absolute_target(drawing: str, target: str) -> None:
    """STAMP-1, ID-14"""
    with pytest.raises(RevisionError):
        plan_stamp(drawn(drawing), [], target)
