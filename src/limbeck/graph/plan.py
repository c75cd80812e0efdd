"""The steps that lead from what is applied to a target: upgrade, downgrade, stamp."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
import warnings
from collections.abc import Sequence, Set
from typing import Literal, NamedTuple

from limbeck import errors
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.target import Target, find_owner, read_target, resolve, resolve_start, walk_down, walk_up
from limbeck.graph.walk import (
    find_ancestors,
    find_descendants,
    find_line_below,
    find_lineage,
    find_overlapped,
    find_tips,
    newest_first,
)

Targets = str | Sequence[str] | None
Rows = Sequence[str]


class Upgrade(NamedTuple):
    """Apply a revision."""

    revision: str
    kind: Literal["upgrade"] = "upgrade"


class Downgrade(NamedTuple):
    """Undo a revision."""

    revision: str
    kind: Literal["downgrade"] = "downgrade"


class Stamp(NamedTuple):
    """Put `new` into the place of the rows `replaced`, without running anything."""

    replaced: tuple[str, ...]
    new: tuple[str, ...]
    is_upgrade: bool
    """Whether this goes up the history, or begins a branch."""


Step = Upgrade | Downgrade | Stamp


class Plan(tuple[Step, ...]):
    """Steps in the order in which they are taken; there may be none."""

    __slots__ = ()

    @property
    def revisions(self) -> tuple[str, ...]:
        """What is applied or undone, in that order."""
        return tuple(step.revision for step in self if not isinstance(step, Stamp))


# --- upgrade ------------------------------------------------------------------------------------------------


def plan_upgrade(graph: RevisionGraph, rows: Rows, target: Targets) -> Plan:
    """What to apply, parents first, so that `target` and all it needs is applied (PLAN-1 to PLAN-6).

    Raises OverlappingRevisions if one of several targets comes before another; ResolutionError,
    MultipleHeads, or another TargetError if `target` does not lead to one place.
    """
    rows = read_rows(graph, rows)
    applied = find_ancestors(graph, rows)
    texts = (target,) if isinstance(target, str) or target is None else tuple(target)
    wanted = [id for text in texts for id in _resolve_upgrade(graph, rows, applied, read_target(graph, text))]
    if len(texts) > 1:
        verify_apart(graph, wanted)
    members = find_ancestors(graph, wanted) - applied
    return Plan(Upgrade(id) for id in reversed(newest_first(graph, members)))


def read_rows(graph: RevisionGraph, rows: Rows) -> Rows:
    """The rows without those that come before others, with a warning: they say nothing that is not said (BUG-11).

    A table may hold such rows after steps that the original counted wrongly.
    """
    overlapped = find_overlapped(graph, rows) if len(rows) > 1 else []
    if not overlapped:
        return rows
    left = [row for row in dict.fromkeys(rows) if row not in overlapped]
    above = [row for row in left if any(graph.ancestry.precedes(one, row) for one in overlapped)]
    warnings.warn(
        f"the version table has rows that others imply, which are passed over: {', '.join(overlapped)}; "
        f"`limbeck stamp {' '.join(above)}` takes them out",
        UserWarning,
        stacklevel=2,
    )
    return left


def verify_apart(graph: RevisionGraph, ids: Sequence[str]) -> None:
    """Raise OverlappingRevisions if one of `ids` comes before another of them (PLAN-5)."""
    overlapped = find_overlapped(graph, ids) if len(ids) > 1 else []
    if not overlapped:
        return
    precedes = graph.ancestry.precedes
    above = next(id for id in ids if id not in overlapped and precedes(overlapped[0], id))
    overlaps = [id for id in overlapped if precedes(id, above)]
    raise errors.OverlappingRevisions(revision=above, overlaps=overlaps)


def _resolve_upgrade(graph: RevisionGraph, rows: Rows, applied: Set[str], target: Target) -> Sequence[str]:
    if target.steps is None:
        return resolve(graph, target)
    if target.symbol is not None:
        start = resolve_start(graph, target)
    elif target.steps < 0:
        raise errors.TooFewSteps(relative=target.text, steps=target.steps)
    else:
        start = _find_upgrade_start(graph, rows, applied, target)
    found = _walk(graph, target, start)
    if found is None:
        raise errors.TooFewSteps(relative=target.text, steps=target.steps)
    return (found,)


def _find_upgrade_start(graph: RevisionGraph, rows: Rows, applied: Set[str], target: Target) -> str | None:
    """Where `+N` and `branch@+N` count from; None is base (PLAN-3)."""
    starts: Sequence[str] = rows
    if target.label is not None:
        lineage = find_lineage(graph, find_owner(graph, target.label))
        starts = [row for row in rows if row in lineage] or find_tips(graph, lineage & applied)
    if len(starts) > 1:
        raise errors.AmbiguousStart(direction="upgrade", starts=starts)
    return starts[0] if starts else None


def _walk(
    graph: RevisionGraph, target: Target, start: str | None, *, among: Set[str] | None = None
) -> str | None:
    """Go the steps of `target` from `start`, upwards only in its branch and `among` those given."""
    steps = target.steps or 0
    if steps < 0:
        return walk_down(graph, start, target)
    if target.label is not None:
        lineage = find_lineage(graph, find_owner(graph, target.label))
        among = lineage if among is None else lineage & among
    return walk_up(graph, start, target, among)


# --- downgrade ----------------------------------------------------------------------------------------------


def plan_downgrade(graph: RevisionGraph, rows: Rows, target: str | None) -> Plan:
    """What to undo, newest first, so that nothing that follows `target` is applied (PLAN-10 to PLAN-18).

    What is undone is limited to the branch that `target` names, or that it counts from (PLAN-12).
    Raises NotADowngradeTarget if `target` is not below `rows`; ResolutionError, MultipleHeads, or another
    TargetError if it does not lead to one place.
    """
    rows = read_rows(graph, rows)
    applied = find_ancestors(graph, rows)
    wanted = read_target(graph, target)
    if wanted.steps is not None and wanted.symbol is None:
        start = _find_downgrade_start(graph, rows, applied, wanted)
        destination = walk_down(graph, start, wanted)
        line: Set[str] | None = find_line_below(graph, start)
    else:
        destination = _resolve_downgrade(graph, applied, wanted)
        line = None if wanted.label is None else find_line_below(graph, find_owner(graph, wanted.label))
    roots = graph.bases if destination is None else graph.children[destination]
    if line is not None and len(roots) > 1:
        roots = [root for root in roots if root in line]
        if not roots:
            raise errors.BranchNotAbove(branch=wanted.label or wanted.text, target=destination)
    members = find_descendants(graph, roots, within=applied)
    if destination is not None and not members and destination not in rows:
        raise errors.NotADowngradeTarget(target=destination)
    return Plan(Downgrade(id) for id in newest_first(graph, members))


def _find_downgrade_start(graph: RevisionGraph, rows: Rows, applied: Set[str], target: Target) -> str:
    """Where `-N` and `branch@-N` count from (PLAN-17)."""
    steps = target.steps or 0
    if steps >= 0 or not rows:
        raise errors.TooFewSteps(relative=target.text, steps=steps)
    if target.label is None:
        if len(rows) > 1:
            warnings.warn(
                f"downgrade {target.text} from several current revisions is ambiguous: only the branch of "
                f"{rows[0]} is taken",
                UserWarning,
                stacklevel=2,
            )
        return rows[0]
    lineage = find_lineage(graph, find_owner(graph, target.label))
    starts = [row for row in rows if row in lineage]
    if not starts:
        starts = [id for id in find_tips(graph, applied) if id in lineage]
    if not starts:
        raise errors.BranchNotApplied(branch=target.label)
    if len(starts) > 1:
        raise errors.AmbiguousStart(direction="downgrade", starts=starts)
    return starts[0]


def _resolve_downgrade(graph: RevisionGraph, applied: Set[str], target: Target) -> str | None:
    if target.steps is not None:
        return _walk(graph, target, resolve_start(graph, target), among=applied)
    found = resolve(graph, target)
    if len(found) > 1:
        raise errors.MultipleHeads(found, target.text)
    return found[0] if found else None


# --- stamp --------------------------------------------------------------------------------------------------


def plan_stamp(graph: RevisionGraph, rows: Rows, targets: Targets) -> Plan:
    """How to record `targets` as applied without running anything (STAMP-1 to STAMP-8).

    Rows that come before or after a target by parents or dependencies are replaced by it; others stay. So a
    target that is a row already takes out what it implies (BUG-11), and else changes nothing.
    Raises OverlappingRevisions if one target comes before another.
    """
    texts = (targets,) if isinstance(targets, str) or targets is None else tuple(targets)
    steps: list[Stamp] = []
    present = list(rows)
    reached: list[str] = []
    for text in texts:
        target = read_target(graph, text)
        found = resolve(graph, target)
        if not found:
            for row in _rows_of_branch(graph, present, target):
                steps.append(Stamp((row,), (), is_upgrade=False))
                present.remove(row)
        reached += found
    if len(reached) > 1:
        verify_apart(graph, reached)
    for destination in dict.fromkeys(reached):
        others = [row for row in present if row != destination]
        step = _stamp(graph, others, destination)
        if step.replaced or destination not in present:
            steps.append(step)
            present = [row for row in others if row not in step.replaced] + [destination]
    return Plan(steps)


def _rows_of_branch(graph: RevisionGraph, rows: Sequence[str], target: Target) -> list[str]:
    if target.label is None:
        return list(rows)
    owner = find_owner(graph, target.label)
    return [row for row in rows if graph.ancestry.relates(row, owner)]


def _stamp(graph: RevisionGraph, rows: Sequence[str], destination: str) -> Stamp:
    affected = tuple(row for row in rows if graph.ancestry.relates(row, destination))
    is_upgrade = not any(graph.ancestry.precedes(destination, row) for row in affected)
    return Stamp(affected, (destination,), is_upgrade)
