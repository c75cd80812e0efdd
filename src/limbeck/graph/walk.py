"""Walks over the graph: what comes before, what follows, and in which order.

They take time linear in the revisions; where many open branches meet, times the number of those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set
from itertools import chain

from limbeck.graph.graph import Relation, RevisionGraph


def find_ancestors(graph: RevisionGraph, ids: Iterable[str]) -> set[str]:
    """`ids` and all that comes before them, by parents and dependencies."""
    starts = set(ids)
    if len(starts) == len(graph.real_heads) and starts.issuperset(graph.real_heads):
        return set(graph)  # as it mostly is: everything comes before the heads
    return _reached(starts, graph.lower)


def find_descendants(graph: RevisionGraph, ids: Iterable[str], *, within: Set[str]) -> set[str]:
    """Those of `ids` that are in `within`, and what follows on them there, by parents and dependencies."""
    found = {id for id in ids if id in within}
    pending = list(found)
    while pending:
        for other in graph.upper[pending.pop()]:
            if other in within and other not in found:
                found.add(other)
                pending.append(other)
    return found


def find_lineage(graph: RevisionGraph, id: str) -> set[str]:
    """`id`, what comes before it and what follows on it, by parents alone."""
    return _reached([id], graph.parents) | _reached([id], graph.children)


def find_line_below(graph: RevisionGraph, id: str) -> set[str]:
    """`id` and what comes before it, by parents alone."""
    return _reached([id], graph.parents)


def find_line_above(graph: RevisionGraph, ids: Iterable[str]) -> set[str]:
    """`ids` and what follows on them, by parents alone."""
    return _reached(ids, graph.children)


def find_tips(graph: RevisionGraph, ids: Set[str]) -> list[str]:
    """Those of `ids` that have no child there: the newest of each branch, in load order (GRA-42)."""
    return [id for id in in_load_order(graph, ids) if not any(child in ids for child in graph.children[id])]


def find_overlapped(graph: RevisionGraph, ids: Collection[str]) -> list[str]:
    """Those of `ids` that come before another of them, by parents and dependencies, in the given order."""
    below = find_ancestors(graph, chain.from_iterable(graph.lower[id] for id in ids))
    return [id for id in dict.fromkeys(ids) if id in below]


def in_load_order(graph: RevisionGraph, ids: Set[str]) -> list[str]:
    """`ids` in the order in which the graph got to know them."""
    return [id for id in graph if id in ids]


def normalized_lower(graph: RevisionGraph, id: str) -> tuple[str, ...]:
    """The parents of `id`, and those dependencies that no ancestor in its line declares already (GRA-9)."""
    dependencies = graph.dependencies.get(id)
    if not dependencies:
        return tuple(graph.parents[id])
    parents = graph.parents[id]
    precedes = graph.lineage.precedes
    new = (
        name
        for name in dependencies
        if name not in parents
        and not any(other != id and precedes(other, id) for other in graph.dependents[name])
    )
    return (*parents, *new)


def newest_first(graph: RevisionGraph, members: Set[str]) -> list[str]:
    """`members` in the order in which they are undone and listed; the reverse is the order of upgrades (PLAN-31).

    One line is followed down as long as nothing else has to come before; of several parents, the first
    written one continues the line (PLAN-32). `members` must have no gaps: what lies between two of them is
    one of them.
    """
    if len(members) == len(graph):
        pending = {id: len(upper) for id, upper in graph.upper.items()}
        frontier = list(graph.real_heads)
    else:
        pending = {id: sum(map(members.__contains__, graph.upper[id])) for id in members}
        frontier = [id for id in in_load_order(graph, members) if not pending[id]]
    placed = set(frontier)
    dependencies = graph.dependencies
    order: list[str] = []
    cursor = 0
    while frontier:
        id = frontier[cursor]
        if pending[id]:
            precedes = graph.ancestry.precedes
            cursor = next(i for i, other in enumerate(frontier) if other != id and precedes(id, other))
            continue
        id = _follow_down(graph, id, members, order)
        for lower in graph.lower[id]:
            if lower in members:
                pending[lower] -= 1
        is_replaced = False
        for lower in normalized_lower(graph, id) if id in dependencies else graph.parents[id]:
            if lower in placed or lower not in members:
                continue
            placed.add(lower)
            if is_replaced:
                frontier.append(lower)
            else:
                frontier[cursor] = lower
                is_replaced = True
        if not is_replaced:
            del frontier[cursor]
            cursor = max(cursor - 1, 0)
    return order


def _follow_down(graph: RevisionGraph, id: str, members: Set[str], order: list[str]) -> str:
    """Put `id` into the order, and what is below it in a line without forks and dependencies; return the last.

    Nothing else leads to one of those, so that they can follow each other at once.
    """
    lower, upper, dependencies = graph.lower, graph.upper, graph.dependencies
    while True:
        order.append(id)
        below = lower[id]
        if len(below) != 1 or len(upper[below[0]]) != 1 or below[0] not in members or id in dependencies:
            return id
        id = below[0]


def _reached(starts: Iterable[str], relation: Relation) -> set[str]:
    found = set(starts)
    pending = list(found)
    while pending:
        for other in relation[pending.pop()]:
            if other not in found:
                found.add(other)
                pending.append(other)
    return found
