"""Revision graphs as sets, written from the definitions of the specification without any cleverness.

Nothing here asks the code under test: of it, only the values `Revision` and the classes of errors are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from hypothesis import event
from hypothesis import strategies as st

from limbeck.errors import (
    AmbiguousStart,
    AmbiguousWalk,
    BranchNotAbove,
    BranchNotApplied,
    MultipleHeads,
    NotADowngradeTarget,
    ResolutionError,
    TooFewSteps,
)
from limbeck.graph.revision import Revision

LARGEST = 60


class Refused(Exception):
    """What is asked for is to be refused with this class of error."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__(error.__name__)
        self.error = error


@dataclass(frozen=True)
class Asked:
    """A target: `[label@]symbol[±steps]` or `[label@]±steps`."""

    label: str | None
    symbol: str | None
    steps: int | None = None

    @property
    def text(self) -> str:
        branch = "" if self.label is None else f"{self.label}@"
        return f"{branch}{self.symbol or ''}{'' if self.steps is None else format(self.steps, '+d')}"


@dataclass(frozen=True)
class Model:
    """The definitions of section "Notation", word by word: D, P and U, and what is reached by them."""

    revisions: tuple[Revision, ...]

    @cached_property
    def by_id(self) -> dict[str, Revision]:
        return {revision.id: revision for revision in self.revisions}

    @property
    def ids(self) -> list[str]:
        return list(self.by_id)

    @cached_property
    def names(self) -> dict[str, str]:
        """GRA-7: what revisions are called, by id and by the labels of their own files."""
        return {name: each.id for each in self.revisions for name in (each.id, *each.labels)}

    @cached_property
    def _P(self) -> dict[str, set[str]]:
        return {each.id: {self.names[name] for name in each.dependencies} for each in self.revisions}

    @cached_property
    def _U(self) -> dict[str, set[str]]:
        return {id: {each.id for each in self.revisions if id in each.parents} for id in self.by_id}

    @cached_property
    def _anc(self) -> dict[str, set[str]]:
        return {id: self._closure(id, dependencies=True) for id in self.by_id}

    @cached_property
    def _ancD(self) -> dict[str, set[str]]:
        return {id: self._closure(id, dependencies=False) for id in self.by_id}

    def _closure(self, id: str, *, dependencies: bool) -> set[str]:
        found = {id}
        while True:
            more = found.union(*(self.D(each) for each in found))
            if dependencies:
                more |= set().union(*(self.P(each) for each in found))
            if more == found:
                return found
            found = more

    def D(self, id: str) -> set[str]:
        return set(self.by_id[id].parents)

    def P(self, id: str) -> set[str]:
        return self._P[id]

    def U(self, id: str) -> set[str]:
        return self._U[id]

    def anc(self, ids: Iterable[str]) -> set[str]:
        return set().union(*(self._anc[id] for id in ids))

    def ancD(self, ids: Iterable[str]) -> set[str]:
        return set().union(*(self._ancD[id] for id in ids))

    def desc(self, ids: Iterable[str]) -> set[str]:
        roots = set(ids)
        return {id for id in self.ids if self._anc[id] & roots}

    def descD(self, ids: Iterable[str]) -> set[str]:
        roots = set(ids)
        return {id for id in self.ids if self._ancD[id] & roots}

    def lineage(self, id: str) -> set[str]:
        return self.ancD([id]) | self.descD([id])

    def related(self, id: str) -> set[str]:
        return self.anc([id]) | self.desc([id])

    def maximal(self, ids: Iterable[str]) -> set[str]:
        """GRA-40"""
        among = set(ids)
        return {id for id in among if not any(other != id and id in self._anc[other] for other in among)}

    def bases(self) -> set[str]:
        return {id for id in self.ids if not self.D(id)}

    def heads(self) -> set[str]:
        return {id for id in self.ids if not self.U(id)}

    def real_heads(self) -> set[str]:
        return self.heads() - set().union(*self._P.values())

    def tips(self, ids: set[str]) -> set[str]:
        """GRA-42"""
        return {id for id in ids if not (self.descD([id]) - {id}) & ids}

    def in_load_order(self, ids: set[str]) -> list[str]:
        return [id for id in self.ids if id in ids]

    def carriers(self, owner: str) -> set[str]:
        """GRA-5, GRA-6: who has the labels of a revision."""
        below = set() if len(self.D(owner)) > 1 else self.ancD([owner]) - {owner}
        unbroken = {
            id for id in below if all(self._is_plain(each) for each in below if each in self.descD([id]))
        }
        return self.descD([owner]) | unbroken

    def _is_plain(self, id: str) -> bool:
        """GRA-5: no merge point, and no branch point, dependents counted as children."""
        above = self.U(id) | {other for other in self.ids if id in self.P(other)}
        return len(self.D(id)) < 2 and len(above) < 2

    # --- targets ------------------------------------------------------------------------------------------------

    def absolute(self, asked: Asked) -> set[str]:
        """ID-2, ID-3, ID-4, ID-5, ID-9"""
        line = set(self.ids) if asked.label is None else self.lineage(self.names[asked.label])
        if asked.symbol == "base":
            return set()
        if asked.symbol == "heads":
            return self.real_heads() if asked.label is None else self.heads() & line
        if asked.symbol == "head":
            found = self.heads() & line
        else:
            found = {self.names[asked.symbol or ""]}
            if not found <= line:
                raise Refused(ResolutionError)
        if len(found) > 1:
            raise Refused(MultipleHeads)
        return found

    def only(self, asked: Asked) -> str | None:
        """The one revision that is meant; None is base."""
        found = self.absolute(asked)
        if len(found) > 1:
            raise Refused(MultipleHeads)
        return found.pop() if found else None

    def walked(self, start: str | None, steps: int, among: set[str]) -> str | None:
        """PLAN-3, PLAN-17: up to children `among` those given, or down to parents; base is one below a base."""
        found = start
        for _ in range(abs(steps)):
            if steps > 0:
                choices: set[str | None] = {*((self.bases() if found is None else self.U(found)) & among)}
            elif found is None:
                choices = set()
            else:
                choices = {*self.D(found)} or {None}
            if len(choices) > 1:
                raise Refused(AmbiguousWalk)
            if not choices:
                raise Refused(TooFewSteps)
            (found,) = choices
        return found

    def branch(self, asked: Asked) -> set[str]:
        return set(self.ids) if asked.label is None else self.lineage(self.names[asked.label])

    def wanted(self, asked: Asked, applied: set[str]) -> set[str]:
        """PLAN-1, PLAN-3: what an upgrade is to lead to."""
        if asked.steps is None:
            return self.absolute(asked)
        if asked.symbol is not None:
            start = self.only(Asked(asked.label, asked.symbol))
        elif asked.steps < 0:
            raise Refused(TooFewSteps)
        else:
            start = self._upgrade_start(asked, applied)
        found = self.walked(start, asked.steps, self.branch(asked))
        if found is None:
            raise Refused(TooFewSteps)
        return {found}

    def _upgrade_start(self, asked: Asked, applied: set[str]) -> str | None:
        starts = self.maximal(applied) & self.branch(asked)
        if asked.label is not None and not starts:
            starts = self.tips(self.branch(asked) & applied)
        if len(starts) > 1:
            raise Refused(AmbiguousStart)
        return starts.pop() if starts else None

    def doomed(self, asked: Asked, applied: set[str]) -> set[str]:
        """PLAN-10 to PLAN-18: what a downgrade is to undo."""
        if asked.symbol is None:
            start = self._downgrade_start(asked, applied)
            target = self.walked(start, asked.steps or 0, applied)
            way: set[str] | None = self.ancD([start])
        else:
            target = self.only(Asked(asked.label, asked.symbol))
            if asked.steps is not None:
                target = self.walked(target, asked.steps, self.branch(asked) & applied)
            way = None if asked.label is None else self.ancD([self.names[asked.label]])
        roots = self.bases() if target is None else self.U(target)
        if way is not None and len(roots) > 1:
            roots = roots & way
            if not roots:
                raise Refused(BranchNotAbove)
        found = self.desc(roots) & applied
        if target is not None and not found and target not in self.maximal(applied):
            raise Refused(NotADowngradeTarget)
        return found

    def _downgrade_start(self, asked: Asked, applied: set[str]) -> str:
        rows = self.in_load_order(self.maximal(applied))
        if (asked.steps or 0) >= 0 or not rows:
            raise Refused(TooFewSteps)
        if asked.label is None:
            return rows[0]
        starts = set(rows) & self.branch(asked) or self.tips(applied) & self.branch(asked)
        if not starts:
            raise Refused(BranchNotApplied)
        if len(starts) > 1:
            raise Refused(AmbiguousStart)
        return starts.pop()

    # --- order --------------------------------------------------------------------------------------------------

    def newest_first(self, members: set[str]) -> list[str]:
        """PLAN-31, with the frontier and the cursor as the specification has them."""
        frontier = self.in_load_order(self.maximal(members))
        cursor = 0
        order: list[str] = []
        while frontier:
            current = frontier[cursor]
            above = [i for i, id in enumerate(frontier) if id != current and current in self._anc[id]]
            if above:
                cursor = above[0]
                continue
            if current not in order:
                order.append(current)
            new = [
                id
                for id in self.normalized(current)
                if id in members and id not in order and id not in frontier
            ]
            if new:
                frontier[cursor] = new[0]
                frontier += new[1:]
            else:
                del frontier[cursor]
                cursor = max(cursor - 1, 0)
        return order

    def normalized(self, id: str) -> list[str]:
        """GRA-9, in written order"""
        declared = set().union(*(self.P(each) for each in self.ancD([id]) - {id}))
        return [each for each in self.written(id) if each in self.D(id) or each not in declared]

    def written(self, id: str) -> list[str]:
        """Parents and dependencies, in written order."""
        revision = self.by_id[id]
        return list(dict.fromkeys([*revision.parents, *(self.names[name] for name in revision.dependencies)]))


# --- any of them ----------------------------------------------------------------------------------------------------


sizes = st.one_of(st.integers(1, 15), st.integers(15, LARGEST), st.just(LARGEST))


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Any history of up to sixty revisions: forks, merges, several bases, labels, dependencies, any load order."""
    made: list[Revision] = []
    names: list[str] = []
    for number in range(draw(sizes)):
        earlier = [revision.id for revision in made]
        parents = draw(parents_among(earlier)) if earlier else []
        labels = (f"label{number}",) if draw(st.integers(0, 7)) == 7 else ()
        needs = draw(st.lists(st.sampled_from(names), max_size=2)) if names and draw(st.booleans()) else []
        made.append(Revision(f"r{number:02}", tuple(parents), tuple(needs), labels))
        names += [made[-1].id, *labels]
    model = Model(tuple(draw(st.permutations(made))))
    for trait, is_there in traits(model).items():
        if is_there:
            event(trait)
    return model


def parents_among(earlier: list[str]) -> st.SearchStrategy[list[str]]:
    """A revision follows the newest one more often than it forks, merges (some name a parent twice) or begins."""
    follow = st.just(earlier[-1:])
    fork = st.sampled_from(earlier).map(lambda id: [id])
    merge = st.lists(st.sampled_from(earlier[-6:]), min_size=2, max_size=3)
    return st.one_of(follow, follow, follow, fork, merge, merge, st.just([]))


def traits(model: Model) -> dict[str, bool]:
    """What a history has that makes it hard."""
    known = model.revisions
    return {
        "more than 45 revisions": len(known) > 45,
        "merge": any(len(model.D(id)) > 1 for id in model.ids),
        "repeated parent": any(len(set(each.parents)) < len(each.parents) for each in known),
        "fork": any(len(model.U(id)) > 1 for id in model.ids),
        "several bases": len(model.bases()) > 1,
        "label": any(each.labels for each in known),
        "dependency": any(each.dependencies for each in known),
        "dependency on a label": any(name not in model.by_id for each in known for name in each.dependencies),
        "effective head": model.heads() != model.real_heads(),
    }


@st.composite
def applied_states(draw: st.DrawFn) -> tuple[Model, set[str]]:
    """A history, and what of it is applied: whatever some of its revisions need."""
    model = draw(models())
    return model, model.anc(draw(st.lists(st.sampled_from(model.ids), max_size=3)))


def targets(model: Model, *, relative: bool = True) -> st.SearchStrategy[Asked]:
    """Any target whose names exist; not all of them make sense."""
    name = st.sampled_from(list(model.names))
    label = st.one_of(st.none(), name)
    symbol = st.one_of(name, name, st.sampled_from(["head", "heads", "base"]))
    steps = st.sampled_from([1, 2, 3, 5, -1, -2, -3, -5])
    absolute = st.builds(Asked, label, symbol)
    if not relative:
        return absolute
    return st.one_of(
        absolute, st.builds(Asked, label, symbol, steps), st.builds(Asked, label, st.none(), steps)
    )
