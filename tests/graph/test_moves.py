"""Row changes: what each step writes into the version table."""

from __future__ import annotations

import pytest

from limbeck.graph.graph import RevisionGraph
from limbeck.graph.moves import RowChanges, row_changes
from limbeck.graph.plan import Downgrade, Stamp, Step, Upgrade, plan_downgrade, plan_upgrade
from tests.graph.drawing import FOREST, drawn


def statements(changes: RowChanges) -> str:
    """The changes as words, in the order in which they are carried out."""
    said = [f"DELETE {row}" for row in changes.delete]
    said += [f"INSERT {row}" for row in changes.insert]
    said += [f"UPDATE {old}→{new}" for old, new in changes.update]
    return "; ".join(said)


def step_of(text: str) -> Step:
    direction, revision = text.split()
    return Upgrade(revision) if direction == "up" else Downgrade(revision)


@pytest.mark.parametrize(
    ("step", "before", "sql", "after"),
    [
        ("up a", "", "INSERT a", "a"),
        ("up c", "a", "UPDATE a→c", "c"),
        ("up b", "c", "INSERT b", "b c"),
        ("up m", "b c", "DELETE c; UPDATE b→m", "m"),
        ("up m2", "m", "INSERT m2", "m m2"),
        ("down m2", "m m2", "DELETE m2", "m"),
        ("down m", "m", "INSERT c; UPDATE m→b", "b c"),
        ("down b", "b c", "DELETE b", "c"),
        ("down c", "c", "UPDATE c→a", "a"),
        ("down a", "a", "DELETE a", ""),
    ],
)
def test_the_worked_example(step: str, before: str, sql: str, after: str) -> None:
    """VER-10, VER-11, diamond and twinmerge: of several rows, the first parent's is the one that is updated."""
    graph = drawn("a <- b, a <- c, b+c <- m, b+c <- m2")
    changes = row_changes(graph, step_of(step), frozenset(before.split()))
    assert statements(changes) == sql
    assert changes.after == set(after.split())


@pytest.mark.parametrize(
    ("drawing", "step", "before", "sql"),
    [
        (FOREST, "up n3", "a3 n2", "DELETE a3; UPDATE n2→n3"),
        (FOREST, "down n3", "n3", "INSERT a3; UPDATE n3→n2"),
        (f"{FOREST}, a3 <- a4", "down n3", "a4 n3", "UPDATE n3→n2"),
        (f"{FOREST}, a3 <- a4", "up a4", "n3", "INSERT a4"),
        ("a1 <- a2 (a1) <- a3 (a1)", "down a3", "a3", "UPDATE a3→a2"),
        ("a <- b, b+a <- c", "down c", "c", "UPDATE c→b"),
        ("a1 (b1), b1 <- b2 (a1)", "up b2", "a1", "UPDATE a1→b2"),
        ("a1 (b1), b1 <- b2 (a1)", "down b2", "b2", "UPDATE b2→a1"),
    ],
    ids=[
        "absorb",
        "release",
        "implied elsewhere",
        "GRA-41",
        "owndep",
        "skewmerge",
        "crossdep up",
        "and down",
    ],
)
def test_dependencies_take_part_like_parents(drawing: str, step: str, before: str, sql: str) -> None:
    """GRA-40, GRA-41"""
    assert statements(row_changes(drawn(drawing), step_of(step), frozenset(before.split()))) == sql


@pytest.mark.parametrize(
    ("step", "before", "sql"),
    [
        (Stamp((), ("s1",), is_upgrade=True), "a2", "INSERT s1"),
        (Stamp(("a1",), (), is_upgrade=False), "a1 n1", "DELETE a1"),
        (Stamp(("a1",), ("a2",), is_upgrade=True), "a1 n1", "UPDATE a1→a2"),
        (Stamp(("a3", "s1"), ("a1",), is_upgrade=False), "a3 n1 s1", "DELETE a3; UPDATE s1→a1"),
    ],
)
def test_stamps_replace_rows(step: Stamp, before: str, sql: str) -> None:
    """Section 5.1 of the runtime: delete all but the last, and update that."""
    assert statements(row_changes(drawn(FOREST), step, frozenset(before.split()))) == sql


@pytest.mark.parametrize(
    ("drawing", "target", "rows"),
    [
        ("a <- b, b+a <- m, o", "b", "b o"),
        ("r <- s, r <- q (s), t", "q@-1", "s t"),
    ],
    ids=["BUG-1", "BUG-3"],
)
def test_no_row_comes_before_another_after_a_downgrade(drawing: str, target: str, rows: str) -> None:
    """BUG-1, BUG-3, BUG-10"""
    graph = drawn(drawing)
    assert run(graph, run(graph, frozenset(), "up", "heads"), "down", target) == set(rows.split())


def test_a_parent_below_another_parent_leaves_no_row_behind() -> None:
    """BUG-2: a merge of a and z that depends on d, which follows a."""
    graph = drawn("a, z, a <- d, a+z <- m (d)")
    assert run(graph, frozenset(), "up", "heads") == {"m"}


@pytest.mark.parametrize("step", [Upgrade("a2"), Downgrade("s1")])
def test_a_step_that_was_taken_before_changes_nothing(step: Step) -> None:
    changes = row_changes(drawn(FOREST), step, frozenset({"a3", "n1"}))
    assert changes == RowChanges((), (), (), frozenset({"a3", "n1"}))


def run(graph: RevisionGraph, rows: frozenset[str], direction: str, target: str) -> frozenset[str]:
    plan = plan_upgrade if direction == "up" else plan_downgrade
    for step in plan(graph, sorted(rows), target):
        rows = row_changes(graph, step, rows).after
    return rows
