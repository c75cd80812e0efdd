"""The revision graph: built once from all revisions, indexed, and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from limbeck import errors
from limbeck.graph.ancestry import Ancestry
from limbeck.graph.revision import Revision, verify_id

Ids = tuple[str, ...]
Relation = Mapping[str, Sequence[str]]
Written = Mapping[str, Ids]
"""A relation as the files have it, which may name an id twice."""


class RevisionGraph:
    """All revisions and what comes before what; it never changes.

    >>> graph = RevisionGraph([Revision("a"), Revision("b", parents=("a",))])
    >>> graph.heads
    ('b',)

    Building it checks it: raises DuplicateRevisionId, MissingReference, DuplicateLabel, or CycleDetected and
    its subclasses, which name one actual circle (GRA-4, GRA-20, GRA-22). Iteration follows the order in which
    the revisions were given, the load order.

    The relations map an id to ids: `parents` and `dependencies` lead down as written, `lower` is both
    together; `children` and `dependents` lead up, `upper` is both together. None repeats an id (GRA-3).
    """

    def __init__(self, revisions: Iterable[Revision]) -> None:
        known: dict[str, Revision] = {}
        for revision in revisions:
            verify_id(revision.id)
            if known.setdefault(revision.id, revision) is not revision:
                raise errors.DuplicateRevisionId(revision.id)
        self._build(
            {id: revision.parents for id, revision in known.items()},
            {id: revision.dependencies for id, revision in known.items() if revision.dependencies},
            {id: revision.labels for id, revision in known.items() if revision.labels},
        )

    @classmethod
    def of_written(cls, parents: Written, dependencies: Written, labels: Written) -> RevisionGraph:
        """The graph of revisions whose ids are known to be valid: all ids with their parents, in load order.

        `dependencies` and `labels` are those of the few revisions that have some.
        """
        graph = cls.__new__(cls)
        graph._build(parents, dependencies, labels)
        return graph

    def _build(self, parents: Written, dependencies: Written, labels: Written) -> None:
        self._written = (parents, dependencies, labels)
        self.label_owners: Mapping[str, str] = self._read_labels()
        """Which revision's file defines a label (GRA-7)."""
        self.parents: Relation = _without_repeated(parents)
        self.children: Relation = self._invert_parents()
        self.dependencies: Relation = self._read_dependencies()
        self.dependents: Relation = _Sparse(_inverted(self.dependencies))
        self.lower: Relation = _joined(self.parents, self.dependencies)
        self.upper: Relation = _joined(self.children, self.dependents)
        self.order: Sequence[str] = self._sort()
        """Every id, each behind all that comes before it."""

    def __len__(self) -> int:
        return len(self.parents)

    def __iter__(self) -> Iterator[str]:
        return iter(self.parents)

    def __contains__(self, id: object) -> bool:
        return id in self.parents

    def __getitem__(self, id: str) -> Revision:
        parents, dependencies, labels = self._written
        return Revision(id, parents[id], dependencies.get(id, ()), labels.get(id, ()))

    # --- ends ----------------------------------------------------------------------------------------------

    @cached_property
    def heads(self) -> Ids:
        """Revisions that no other names as its parent (GRA-2)."""
        return _without_any(self.children)

    @cached_property
    def real_heads(self) -> Ids:
        """Heads that no other depends on either (GRA-2)."""
        return _without_any(self.upper)

    @cached_property
    def bases(self) -> Ids:
        """Revisions without parents (GRA-1)."""
        return _without_any(self.parents)

    # --- labels --------------------------------------------------------------------------------------------

    @cached_property
    def labels(self) -> Mapping[str, frozenset[str]]:
        """The labels of every revision that has some: its own and inherited ones (GRA-5, GRA-6).

        A label goes to all descendants, and down to the nearest fork or merge, which it leaves out.
        """
        carried: dict[str, set[str]] = {}
        for label, owner in self.label_owners.items():
            for id in _reached(owner, self.children):
                carried.setdefault(id, set()).add(label)
            below = self.parents[owner]
            while len(below) == 1 and self._is_plain(below[0]):
                carried.setdefault(below[0], set()).add(label)
                below = self.parents[below[0]]
        return {id: frozenset(labels) for id, labels in carried.items()}

    def _is_plain(self, id: str) -> bool:
        """Whether nothing forks or merges here, dependents counted as children (GRA-5)."""
        return len(self.upper[id]) < 2 and len(self.parents[id]) < 2

    # --- order of history ----------------------------------------------------------------------------------

    @cached_property
    def ancestry(self) -> Ancestry:
        """Answers "does this come before that?" by parents and dependencies."""
        return Ancestry(self.order, self.lower, self.upper)

    @cached_property
    def lineage(self) -> Ancestry:
        """Answers "does this come before that?" by parents alone."""
        if self.lower is self.parents:
            return self.ancestry
        return Ancestry(self.order, self.parents, self.children)

    # --- building ------------------------------------------------------------------------------------------

    def _read_labels(self) -> dict[str, str]:
        parents, _, labels = self._written
        owners: dict[str, str] = {}
        for id, names in labels.items():
            for label in names:
                if label in parents:
                    raise errors.DuplicateLabel(label=label, revision=id, other=label)
                if owners.setdefault(label, id) != id:
                    raise errors.DuplicateLabel(label=label, revision=id, other=owners[label])
        return owners

    def _invert_parents(self) -> dict[str, Sequence[str]]:
        """The children of each revision, in load order; sees on the way whether all parents are there."""
        children: dict[str, Sequence[str]] = dict.fromkeys(self.parents, ())
        for id, parents in self.parents.items():
            for parent in parents:
                if parent == id:
                    raise errors.LoopDetected(id)
                if parent not in children:
                    raise errors.MissingReference(revision=id, missing=parent, relation="down_revision")
                if children[parent]:
                    children[parent].append(id)  # type: ignore[attr-defined]  # what is not empty is a list
                else:
                    children[parent] = [id]
        return children

    def _read_dependencies(self) -> Mapping[str, Sequence[str]]:
        dependencies: dict[str, Ids] = {}
        for id, names in self._written[1].items():
            found = []
            for name in names:
                other = name if name in self.parents else self.label_owners.get(name)
                if other is None:
                    raise errors.MissingReference(revision=id, missing=name, relation="depends_on")
                if other == id:
                    raise errors.DependencyLoopDetected(id)
                found.append(other)
            dependencies[id] = _distinct(found)
        return _Sparse(dependencies)

    def _sort(self) -> list[str]:
        # Only what has several below it has to be counted: behind one revision, the next can follow at once.
        waiting = {id: len(lower) for id, lower in self.lower.items() if len(lower) > 1}
        order = list(_without_any(self.lower))
        for id in order:  # grows while it is walked
            for upper in self.upper[id]:
                if upper in waiting:
                    waiting[upper] -= 1
                    if waiting[upper]:
                        continue
                order.append(upper)
        if len(order) < len(self.parents):
            self._fail_of_cycle()
        return order

    def _fail_of_cycle(self) -> None:
        cycle = _find_cycle(self.parents)
        if cycle:
            raise errors.CycleDetected(cycle)
        raise errors.DependencyCycleDetected(_find_cycle(self.lower))


class _Sparse(dict[str, Sequence[str]]):
    """A relation that few revisions take part in; the others relate to nothing."""

    def __missing__(self, id: str) -> Sequence[str]:
        return ()


def _distinct(ids: Sequence[str]) -> Ids:
    return tuple(ids) if len(ids) < 2 else tuple(dict.fromkeys(ids))


def _without_repeated(written: Written) -> Written:
    """The same relation without ids that are named twice by one revision (GRA-3)."""
    several = {id: _distinct(others) for id, others in written.items() if len(others) > 1}
    return {**written, **several} if several else written


def _without_any(relation: Relation) -> Ids:
    """Those that relate to nothing, in load order."""
    return tuple([id for id, others in relation.items() if not others])


def _inverted(relation: Relation) -> dict[str, list[str]]:
    """What leads back: for all that is led to, in load order those that `relation` leads from."""
    inverse: dict[str, list[str]] = {}
    for id, others in relation.items():
        for other in others:
            inverse.setdefault(other, []).append(id)
    return inverse


def _joined(first: Relation, second: Relation) -> Relation:
    """Both relations as one, without repeated ids; the first itself if the second is empty."""
    if not second:
        return first
    return {**first, **{id: _distinct([*first[id], *others]) for id, others in second.items()}}


def _reached(start: str, relation: Relation) -> Collection[str]:
    found = {start}
    pending = [start]
    while pending:
        for other in relation[pending.pop()]:
            if other not in found:
                found.add(other)
                pending.append(other)
    return found


def _find_cycle(lower: Relation) -> list[str]:
    """One circle, each id followed by one that comes before it; empty if there is none."""
    done: set[str] = set()
    for start in lower:
        path: dict[str, Iterator[str]] = {}
        id: str | None = start
        while id is not None:
            if id in path:
                walked = list(path)
                return walked[walked.index(id) :]
            if id not in done:
                path[id] = iter(lower[id])
            id = _next_step(path, done)
    return []


def _next_step(path: dict[str, Iterator[str]], done: set[str]) -> str | None:
    """The next id below the end of `path`; whatever has nothing new below it is taken off and is done."""
    while path:
        end = next(reversed(path))
        for id in path[end]:
            if id not in done:
                return id
        del path[end]
        done.add(end)
    return None
