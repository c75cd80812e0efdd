"""Random graphs against a model written from the set definitions of the specification; see `graph_model`."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.errors import OverlappingRevisions
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.moves import row_changes
from limbeck.graph.plan import Downgrade, Stamp, Step, Upgrade, plan_downgrade, plan_stamp, plan_upgrade
from limbeck.graph.walk import find_ancestors, find_tips, newest_first
from tests.properties.graph_model import LARGEST, Model, Refused, applied_states, models, targets, traits

CHECKED = settings(max_examples=int(os.environ.get("LIMBECK_FUZZ", "240")) // 4 or 1, deadline=None)

State = tuple[Model, set[str]]


def graph_of(model: Model) -> RevisionGraph:
    return RevisionGraph(model.revisions)


def rows_of(model: Model, applied: set[str]) -> list[str]:
    return model.in_load_order(model.maximal(applied))


def check_rows(
    graph: RevisionGraph, step: Step, before: set[str], after: set[str], nearest: Sequence[str]
) -> None:
    """GRA-40, VER-11, BUG-10: the difference, said with one UPDATE if it can be, of what is `nearest`."""
    changes = row_changes(graph, step, frozenset(before))
    leaving = [row for row in nearest if row in before - after]
    arriving = [row for row in nearest if row in after - before]
    paired = 1 if leaving and arriving else 0
    assert changes.after == after
    assert changes.update == tuple(zip(leaving[:paired], arriving[:paired]))
    assert Counter(changes.delete) == Counter((before - after) - set(leaving[:paired]))
    assert Counter(changes.insert) == Counter((after - before) - set(arriving[:paired]))


# --- the model's own reach ------------------------------------------------------------------------------------------


def test_the_histories_are_long_and_have_everything_that_is_hard() -> None:
    """Otherwise nothing here would prove much."""
    sizes: list[int] = []
    found: Counter[str] = Counter()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(models())
    def look(model: Model) -> None:
        sizes.append(len(model.revisions))
        found.update(trait for trait, is_there in traits(model).items() if is_there)

    look()
    assert max(sizes) == LARGEST == 60
    rare = {trait: found[trait] for trait in traits(Model(())) if found[trait] < len(sizes) / 5}
    assert rare == {}


# --- what a graph knows ---------------------------------------------------------------------------------------------


@CHECKED
@given(models())
def test_ends_and_precedence_are_what_their_definitions_say(model: Model) -> None:
    """GRA-1, GRA-2, GRA-3, ID-3"""
    graph = graph_of(model)
    assert graph.heads == tuple(model.in_load_order(model.heads()))
    assert graph.real_heads == tuple(model.in_load_order(model.real_heads()))
    assert graph.bases == tuple(model.in_load_order(model.bases()))
    for id in model.ids:
        assert {other for other in graph if graph.ancestry.precedes(other, id)} == model.anc([id])
        assert {other for other in graph if graph.lineage.precedes(other, id)} == model.ancD([id])


@CHECKED
@given(models())
def test_labels_are_carried_as_their_definition_says(model: Model) -> None:
    """GRA-5, GRA-6, GRA-7"""
    graph = graph_of(model)
    carried: dict[str, set[str]] = {}
    for revision in model.revisions:
        for id in model.carriers(revision.id) if revision.labels else ():
            carried.setdefault(id, set()).update(revision.labels)
    assert graph.labels == carried
    assert graph.label_owners == {
        name: owner for name, owner in model.names.items() if name not in model.by_id
    }


@CHECKED
@given(applied_states())
def test_what_is_current_is_what_its_definition_says(state: State) -> None:
    """GRA-42"""
    model, applied = state
    graph = graph_of(model)
    found = find_ancestors(graph, rows_of(model, applied))
    assert found == applied
    assert find_tips(graph, found) == model.in_load_order(model.tips(applied))


@CHECKED
@given(applied_states())
def test_the_order_is_the_one_that_is_specified(state: State) -> None:
    """PLAN-31, PLAN-32"""
    model, applied = state
    for members in (set(model.ids) - applied, applied):
        assert newest_first(graph_of(model), members) == model.newest_first(members)


# --- plans ----------------------------------------------------------------------------------------------------------


@CHECKED
@given(applied_states(), st.data())
def test_an_upgrade_applies_exactly_what_is_missing_in_the_specified_order(
    state: State, data: st.DataObject
) -> None:
    """PLAN-1, PLAN-2, PLAN-3, PLAN-4, PLAN-6, PLAN-30, PLAN-33, GRA-40, GRA-41, BUG-10"""
    model, applied = state
    graph = graph_of(model)
    asked = data.draw(targets(model))
    rows = rows_of(model, applied)
    try:
        missing = model.anc(model.wanted(asked, applied)) - applied
    except Refused as refused:
        with pytest.raises(refused.error):
            plan_upgrade(graph, rows, asked.text)
        return
    plan = plan_upgrade(graph, rows, asked.text)
    assert list(plan.revisions) == model.newest_first(missing)[::-1]
    done = set(applied)
    for step in plan:
        assert isinstance(step, Upgrade)
        id = step.revision
        assert model.D(id) | model.P(id) <= done
        before = model.maximal(done)
        done.add(id)
        check_rows(graph, step, before, model.maximal(done), [*model.written(id), id])


@CHECKED
@given(applied_states(), st.data())
def test_a_downgrade_undoes_exactly_what_follows_in_the_specified_order(
    state: State, data: st.DataObject
) -> None:
    """PLAN-10, PLAN-11, PLAN-12, PLAN-13, PLAN-14, PLAN-15, PLAN-17, PLAN-18, PLAN-30, GRA-40, BUG-10"""
    model, applied = state
    graph = graph_of(model)
    asked = data.draw(targets(model))
    rows = rows_of(model, applied)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "downgrade .* from several current revisions is ambiguous")
        try:
            doomed = model.doomed(asked, applied)
        except Refused as refused:
            with pytest.raises(refused.error):
                plan_downgrade(graph, rows, asked.text)
            return
        plan = plan_downgrade(graph, rows, asked.text)
    assert list(plan.revisions) == model.newest_first(doomed)
    done = set(applied)
    for step in plan:
        assert isinstance(step, Downgrade)
        id = step.revision
        assert model.desc([id]) & done == {id}
        before = model.maximal(done)
        done.remove(id)
        check_rows(graph, step, before, model.maximal(done), [id, *model.written(id)])


@CHECKED
@given(applied_states(), st.sampled_from(["heads", "base"]), st.data())
@pytest.mark.filterwarnings("ignore:the version table has rows that others imply")
def test_rows_that_others_imply_change_nothing(state: State, target: str, data: st.DataObject) -> None:
    """BUG-11: every step finds the rows it changes, and after it the rows still tell what is applied."""
    model, applied = state
    graph = graph_of(model)
    plain = rows_of(model, applied)
    implied = sorted(applied - set(plain))
    surplus = data.draw(st.lists(st.sampled_from(implied), unique=True)) if implied else []
    table = frozenset([*plain, *surplus])
    plan_steps = plan_upgrade if target == "heads" else plan_downgrade
    plan = plan_steps(graph, sorted(table), target)
    assert plan == plan_steps(graph, sorted(plain), target)
    done = set(applied)
    for step in plan:
        (done.add if isinstance(step, Upgrade) else done.remove)(step.revision)
        changes = row_changes(graph, step, table)
        leaving = {*changes.delete, *(old for old, _ in changes.update)}
        arriving = {*changes.insert, *(new for _, new in changes.update)}
        assert leaving <= table
        assert not arriving & table
        table = changes.after
        assert model.anc(table) == done


@CHECKED
@given(applied_states(), st.data())
def test_a_stamp_leaves_its_targets_and_what_is_unrelated(state: State, data: st.DataObject) -> None:
    """STAMP-1, STAMP-2, STAMP-3, STAMP-8"""
    model, applied = state
    graph = graph_of(model)
    asked = data.draw(st.lists(targets(model, relative=False), min_size=1, max_size=2))
    texts = [each.text for each in asked]
    rows = rows_of(model, applied)
    left = set(rows)
    reached: list[str] = []
    try:
        for each in asked:
            found = model.absolute(each)
            reached += found
            if each.symbol == "base":
                left -= left if each.label is None else model.related(model.names[each.label])
    except Refused as refused:
        with pytest.raises(refused.error):
            plan_stamp(graph, rows, texts)
        return
    if model.maximal(reached) != set(reached):
        with pytest.raises(OverlappingRevisions):
            plan_stamp(graph, rows, texts)
        return
    expected = (left - set().union(*map(model.related, reached))) | set(reached)
    now = set(rows)
    for step in plan_stamp(graph, rows, texts):
        assert isinstance(step, Stamp)
        assert set(step.replaced) <= now
        after = now - set(step.replaced) | set(step.new)
        assert after != now
        check_rows(graph, step, now, after, [*reversed(step.replaced), *step.new])
        now = after
    assert now == expected


# --- and back -------------------------------------------------------------------------------------------------------


@CHECKED
@given(applied_states(), st.data())
def test_up_and_down_again_leads_back_to_the_same_rows(state: State, data: st.DataObject) -> None:
    """GRA-40: step by step, whatever was applied; and to nothing at all."""
    model, applied = state
    graph = graph_of(model)
    before = rows = frozenset(rows_of(model, applied))
    plan = plan_upgrade(graph, sorted(rows), data.draw(st.sampled_from([*model.ids, "heads"])))
    passed = [rows]
    for step in plan:
        rows = row_changes(graph, step, rows).after
        passed.append(rows)
    top = rows
    for id in reversed(plan.revisions):
        assert rows == passed.pop()
        rows = row_changes(graph, Downgrade(id), rows).after
    assert rows == before
    for step in plan_downgrade(graph, sorted(top), "base"):
        top = row_changes(graph, step, top).after
    assert top == frozenset()
