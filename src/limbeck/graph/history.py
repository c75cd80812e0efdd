"""Parts of the history: everything between two ends, as `history` and `iterate_revisions` list it."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck import errors
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.target import Target, find_owner, read_target, resolve, resolve_start, walk_down, walk_up
from limbeck.graph.walk import find_ancestors, find_descendants, find_line_above, find_lineage, newest_first

End = str | Sequence[str] | None
"""One end of a range: a target, several, or None for base."""


def list_range(
    graph: RevisionGraph,
    upper: End,
    lower: End,
    *,
    inclusive: bool = False,
    implicit_base: bool = False,
    stop_at_base: bool = False,
) -> list[str]:
    """The revisions from `upper` down to `lower`, newest first (HIST-1 to HIST-8, section 5.4).

    `lower` itself is listed if `inclusive`. Only what descends from it by parents is listed; with
    `implicit_base`, everything that `upper` needs and `lower` does not. `+N` as `upper` counts from `lower`,
    `-N` as `lower` counts from `upper`; it stops at base instead of failing if `stop_at_base`.

    Raises RangeNotAncestorError if a lower end does not come before an upper end.
    """
    lowest = _read(graph, lower)
    highest = _read(graph, upper)
    if _counts_up(highest):
        below = _resolve_lower(graph, lowest)
        above = _walk_up_from(graph, below, highest[0], stop=stop_at_base)
    else:
        above = _resolve_upper(graph, highest, stop=stop_at_base)
        if len(lowest) == 1 and _counts_down(lowest[0]):
            return _list_newest(graph, above, lowest[0], inclusive=inclusive, stop=stop_at_base)
        below = _resolve_lower(graph, lowest)
    if len(lowest) == 1 and lowest[0].label is not None:
        branch = find_lineage(graph, find_owner(graph, lowest[0].label))
        above = [id for id in above if id in branch]
        if not above:
            return []
    if implicit_base:
        members = find_ancestors(graph, above) - find_ancestors(graph, below)
        return newest_first(graph, members | set(below) if inclusive else members)
    return _list_between(graph, above, below, inclusive=inclusive)


def _list_between(
    graph: RevisionGraph, above: Sequence[str], below: Sequence[str], *, inclusive: bool
) -> list[str]:
    needed = find_ancestors(graph, above)
    if not below:
        return newest_first(graph, needed)
    if not needed.issuperset(below):
        raise errors.RangeNotAncestorError(_named(below), _named(above))
    between = find_descendants(graph, below, within=needed)
    line = find_line_above(graph, below)
    if line.isdisjoint(above):
        line = between  # the upper end only depends on the lower one: follow dependencies, too
    left_out = set() if inclusive else set(below)
    return [id for id in newest_first(graph, between) if id in line and id not in left_out]


def _list_newest(
    graph: RevisionGraph, above: Sequence[str], lower: Target, *, inclusive: bool, stop: bool
) -> list[str]:
    """What `-N` as lower end leaves: from every upper end N revisions down, as far as there are (HIST-3)."""
    if lower.label is not None:
        branch = find_lineage(graph, find_owner(graph, lower.label))
        above = [id for id in above if id in branch]
    below = {id: walk_down(graph, id, lower, stop=stop) for id in above}
    ends = [id for id in below.values() if id is not None]
    listed = set(_list_between(graph, above, ends, inclusive=inclusive)) if ends else set()
    listed |= find_ancestors(graph, [id for id, end in below.items() if end is None])
    return [id for id in newest_first(graph, find_ancestors(graph, above)) if id in listed]


def _read(graph: RevisionGraph, end: End) -> list[Target]:
    texts = [end] if isinstance(end, str) or end is None else end
    return [read_target(graph, text) for text in texts]


def _resolve_lower(graph: RevisionGraph, end: Sequence[Target]) -> list[str]:
    return list(dict.fromkeys(id for target in end for id in resolve(graph, target)))


def _resolve_upper(graph: RevisionGraph, end: Sequence[Target], *, stop: bool) -> list[str]:
    found: dict[str, None] = {}
    for target in end:
        if target.steps is None or target.symbol is None:
            found.update(dict.fromkeys(resolve(graph, target)))
            continue
        start = resolve_start(graph, target)
        if target.steps < 0:
            walked = walk_down(graph, start, target, stop=stop)
            found.update({} if walked is None else {walked: None})
        else:
            starts = [] if start is None else [start]
            found.update(dict.fromkeys(_walk_up_from(graph, starts, target, stop=stop)))
    return list(found)


def _counts_up(end: Sequence[Target]) -> bool:
    return len(end) == 1 and end[0].symbol is None and (end[0].steps or 0) > 0


def _counts_down(end: Target) -> bool:
    return end.symbol is None and (end.steps or 0) < 0


def _walk_up_from(graph: RevisionGraph, starts: Sequence[str], target: Target, *, stop: bool) -> list[str]:
    if len(starts) > 1:
        raise errors.MultipleHeads(starts, target.text)
    branch = None if target.label is None else find_lineage(graph, find_owner(graph, target.label))
    found = walk_up(graph, starts[0] if starts else None, target, branch, stop=stop)
    return [] if found is None else [found]


def _named(ids: Sequence[str]) -> str:
    return ", ".join(ids)
