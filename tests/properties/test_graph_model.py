"""Random graphs against a model written from the set definitions of the specification, without any cleverness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.errors import NotADowngradeTarget
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.moves import row_changes
from limbeck.graph.plan import Downgrade, Upgrade, plan_downgrade, plan_stamp, plan_upgrade
from limbeck.graph.revision import Revision
from limbeck.graph.walk import find_ancestors, find_tips, newest_first

LARGEST = 30
CHECKED = settings(max_examples=60, deadline=None)  # the model is slow, and machines may be, too


@dataclass(frozen=True)
class Model:
    """The definitions of section "Notation", word by word."""

    revisions: tuple[Revision, ...]

    @property
    def ids(self) -> list[str]:
        return [revision.id for revision in self.revisions]

    def D(self, id: str) -> set[str]:
        return set(self.revision(id).parents)

    def P(self, id: str) -> set[str]:
        return {self.owner(name) for name in self.revision(id).dependencies}

    def U(self, id: str) -> set[str]:
        return {other for other in self.ids if id in self.D(other)}

    def anc(self, ids: Iterable[str]) -> set[str]:
        found = set(ids)
        while True:
            more = found.union(*(self.D(id) | self.P(id) for id in found))
            if more == found:
                return found
            found = more

    def desc(self, ids: Iterable[str]) -> set[str]:
        roots = set(ids)
        return {id for id in self.ids if self.anc([id]) & roots}

    def maximal(self, ids: set[str]) -> set[str]:
        """GRA-40"""
        return {id for id in ids if not any(other != id and id in self.anc([other]) for other in ids)}

    def heads(self) -> set[str]:
        return {id for id in self.ids if not self.U(id)}

    def real_heads(self) -> set[str]:
        return self.heads() - set().union(*(self.P(id) for id in self.ids))

    def tips(self, ids: set[str]) -> set[str]:
        """GRA-42"""
        return {id for id in ids if not self.U(id) & ids}

    def revision(self, id: str) -> Revision:
        return next(revision for revision in self.revisions if revision.id == id)

    def owner(self, name: str) -> str:
        return next(each.id for each in self.revisions if name == each.id or name in each.labels)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Any history of up to thirty revisions: forks, merges, dependencies on ids and labels, any load order."""
    size = draw(st.integers(1, LARGEST))
    made: list[Revision] = []
    for number in range(size):
        earlier = [revision.id for revision in made]
        near = earlier[-6:]
        parents = draw(st.lists(st.sampled_from(near), max_size=3, unique=True)) if near else []
        labels = (f"label{number}",) if draw(st.integers(0, 5)) == 0 else ()
        names = [*earlier, *(label for revision in made for label in revision.labels)]
        needs = draw(st.lists(st.sampled_from(names), max_size=2)) if names and draw(st.booleans()) else []
        made.append(Revision(f"r{number:02}", tuple(parents), tuple(needs), labels))
    return Model(tuple(draw(st.permutations(made))))


@st.composite
def applied_states(draw: st.DrawFn) -> tuple[Model, set[str]]:
    """A history, and what of it is applied: whatever some of its revisions need."""
    model = draw(models())
    return model, model.anc(draw(st.lists(st.sampled_from(model.ids), max_size=3)))


def graph_of(model: Model) -> RevisionGraph:
    return RevisionGraph(model.revisions)


def as_rows(model: Model, applied: set[str]) -> list[str]:
    rows = model.maximal(applied)
    return [id for id in model.ids if id in rows]


@CHECKED
@given(models())
def test_ends_are_what_their_definitions_say(model: Model) -> None:
    """GRA-1, GRA-2, ID-3"""
    graph = graph_of(model)
    assert set(graph.heads) == model.heads()
    assert set(graph.real_heads) == model.real_heads()
    assert set(graph.bases) == {id for id in model.ids if not model.D(id)}
    assert {id for id in graph if graph.ancestry.precedes(id, model.ids[0])} == model.anc([model.ids[0]])


@CHECKED
@given(applied_states())
def test_what_is_current_is_what_its_definition_says(state: tuple[Model, set[str]]) -> None:
    """GRA-42"""
    model, applied = state
    graph = graph_of(model)
    found = find_ancestors(graph, as_rows(model, applied))
    assert found == applied
    assert set(find_tips(graph, found)) == model.tips(applied)


@CHECKED
@given(applied_states(), st.data())
def test_an_upgrade_applies_exactly_what_is_missing_in_a_possible_order(
    state: tuple[Model, set[str]], data: st.DataObject
) -> None:
    """PLAN-2, PLAN-33, GRA-40, BUG-10: after every step, the rows are the newest of what is applied."""
    model, applied = state
    graph = graph_of(model)
    targets = data.draw(st.sampled_from([*model.ids, "heads"]))
    wanted = model.anc(model.real_heads() if targets == "heads" else [targets])
    rows = frozenset(as_rows(model, applied))
    done = set(applied)
    for step in plan_upgrade(graph, sorted(rows), targets):
        assert isinstance(step, Upgrade)
        id = step.revision
        assert id not in done
        assert model.D(id) | model.P(id) <= done
        done.add(id)
        changes = row_changes(graph, step, rows)
        assert len(changes.update) <= 1
        assert not (changes.delete and changes.insert)
        rows = changes.after
        assert rows == model.maximal(done)
    assert done == applied | wanted


@CHECKED
@given(applied_states(), st.data())
def test_a_downgrade_undoes_exactly_what_follows_in_a_possible_order(
    state: tuple[Model, set[str]], data: st.DataObject
) -> None:
    """PLAN-11, PLAN-13, PLAN-14, GRA-40"""
    model, applied = state
    graph = graph_of(model)
    target = data.draw(st.sampled_from([*model.ids, "base"]))
    roots = {id for id in model.ids if not model.D(id)} if target == "base" else model.U(target)
    doomed = model.desc(roots) & applied
    rows = frozenset(as_rows(model, applied))
    try:
        plan = plan_downgrade(graph, sorted(rows), target)
    except NotADowngradeTarget:
        assert not doomed
        assert target != "base"
        assert target not in rows
        return
    done = set(applied)
    for step in plan:
        assert isinstance(step, Downgrade)
        assert not (model.desc([step.revision]) - {step.revision}) & done
        done.remove(step.revision)
        rows = row_changes(graph, step, rows).after
        assert rows == model.maximal(done)
    assert done == applied - doomed


@CHECKED
@given(applied_states())
def test_up_and_down_again_leads_back_to_the_same_rows(state: tuple[Model, set[str]]) -> None:
    model, applied = state
    graph = graph_of(model)
    before = rows = frozenset(as_rows(model, applied))
    plan = plan_upgrade(graph, sorted(rows), "heads")
    for step in plan:
        rows = row_changes(graph, step, rows).after
    assert rows == model.real_heads()
    for id in reversed(plan.revisions):
        rows = row_changes(graph, Downgrade(id), rows).after
    assert rows == before


@CHECKED
@given(applied_states(), st.data())
def test_a_stamp_leaves_its_targets_and_what_is_unrelated(
    state: tuple[Model, set[str]], data: st.DataObject
) -> None:
    """STAMP-2, STAMP-3"""
    model, applied = state
    graph = graph_of(model)
    target = data.draw(st.sampled_from(model.ids))
    rows = frozenset(as_rows(model, applied))
    related = model.anc([target]) | model.desc([target])
    after = rows
    for step in plan_stamp(graph, sorted(rows), target):
        after = row_changes(graph, step, after).after
    assert after == (rows if target in rows else (rows - related) | {target})


@CHECKED
@given(applied_states())
def test_the_order_is_the_one_that_is_specified(state: tuple[Model, set[str]]) -> None:
    """PLAN-31, with the frontier and the cursor as the specification has them."""
    model, applied = state
    members = set(model.ids) - applied
    assert newest_first(graph_of(model), members) == specified_order(model, members)


def specified_order(model: Model, members: set[str]) -> list[str]:
    tips = model.maximal(members)
    frontier = [id for id in model.ids if id in tips]
    cursor = 0
    order: list[str] = []
    while frontier:
        current = frontier[cursor]
        above = [place for place, id in enumerate(frontier) if id != current and current in model.anc([id])]
        if above:
            cursor = above[0]
            continue
        if current not in order:
            order.append(current)
        new = [
            id
            for id in normalized(model, current)
            if id in members and id not in order and id not in frontier
        ]
        if new:
            frontier[cursor] = new[0]
            frontier += new[1:]
        else:
            del frontier[cursor]
            cursor = max(cursor - 1, 0)
    return order


def normalized(model: Model, id: str) -> list[str]:
    """GRA-9, in written order"""
    line = {id}
    while True:
        more = line.union(*(model.D(each) for each in line))
        if more == line:
            break
        line = more
    declared = set().union(*(model.P(each) for each in line - {id}))
    parents = list(model.revision(id).parents)
    needed = [model.owner(name) for name in model.revision(id).dependencies]
    return list(dict.fromkeys([*parents, *(name for name in needed if name not in declared)]))
