"""What people type — `head`, `ae10`, `shop@head`, `+2`, `branch@-1` — and the revisions it means."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
import re
from collections.abc import Container, Sequence, Set
from typing import NamedTuple

from limbeck import errors
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.walk import find_lineage

_GRAMMAR = re.compile(r"(?:(?P<label>[^@]+)@)?(?P<symbol>[^@]*?)(?P<steps>[+-][0-9]+)?", re.DOTALL)

HEAD = "head"
BASE = "base"


class Target(NamedTuple):
    """A target taken apart: `[label@]symbol[±steps]`, or `[label@]±steps` (ID-1)."""

    text: str
    label: str | None
    symbol: str | None
    steps: int | None

    @classmethod
    def of(cls, text: object, *, labels: Container[str] = ()) -> "Target":
        """Read what was typed; None is base (ID-2). What is one of `labels` is that label, whatever its sign.

        Raises ResolutionError if it is empty or cannot be a target, NotAnIdentifier if it is no text (ID-11).
        """
        if text is None:
            text = BASE
        if not isinstance(text, str):
            raise errors.NotAnIdentifier(text)
        if text in labels:
            return cls(text, None, text, None)
        found = _GRAMMAR.fullmatch(text)
        if found is None or not (found["symbol"] or found["steps"]):
            raise errors.ResolutionError(f"No such revision or branch '{text}'", text)
        steps = found["steps"]
        return cls(text, found["label"], found["symbol"] or None, None if steps is None else int(steps))


def read_target(graph: RevisionGraph, text: object) -> Target:
    """Read what was typed, knowing the labels of `graph`: `release-2` may be one."""
    return Target.of(text, labels=graph.label_owners)


# --- absolute targets -----------------------------------------------------------------------------------------


def resolve(graph: RevisionGraph, target: Target) -> Sequence[str]:
    """The ids that an absolute target means; none for base (ID-2 to ID-9).

    Raises ResolutionError if nothing is called that, or too much, or if the target is relative (ID-14);
    MultipleHeads if `head` is not one revision.
    """
    if target.steps is not None or target.symbol is None:
        raise errors.ResolutionError(
            f"'{target.text}' is relative, and there is nothing to count from", target.text
        )
    lineage = None if target.label is None else find_lineage(graph, find_owner(graph, target.label))
    match target.symbol:
        case "base":
            return ()
        case "heads" if lineage is None:
            return graph.real_heads
        case "head" | "heads" as symbol:
            heads = [id for id in graph.heads if lineage is None or id in lineage]
            if symbol == HEAD and len(heads) > 1:
                raise errors.MultipleHeads(heads, target.text)
            return heads
        case name:
            return (_find_member(graph, name, target.label, lineage),)


def resolve_start(graph: RevisionGraph, target: Target) -> str | None:
    """Where a relative target with a symbol, such as `ae10+2`, counts from; None is base."""
    found = resolve(graph, target._replace(steps=None))
    if len(found) > 1:
        raise errors.MultipleHeads(found, target.text)
    return found[0] if found else None


def find_owner(graph: RevisionGraph, label: str) -> str:
    """The revision that `label` in `label@...` means: a label, an id, or the unique beginning of one (ID-10)."""
    return _find(graph, label, None)


def _find_member(graph: RevisionGraph, name: str, label: str | None, lineage: Set[str] | None) -> str:
    found = _find(graph, name, lineage)
    if lineage is not None and found not in lineage:
        raise errors.ResolutionError(f"Revision {found} is not a member of branch '{label}'", name)
    return found


def _find(graph: RevisionGraph, name: str, lineage: Set[str] | None) -> str:
    """Exactly this id or label, or the only one that begins like this (ID-5 to ID-8)."""
    exact = name if name in graph else graph.label_owners.get(name)
    if exact is not None:
        return exact
    owners = {
        text: owner
        for text, owner in [*((id, id) for id in graph), *graph.label_owners.items()]
        if text.startswith(name) and len(text) > 3 and (lineage is None or owner in lineage)
    }
    meant = set(owners.values())
    if len(meant) == 1:
        return meant.pop()
    if meant:
        raise errors.AmbiguousIdentifier(name, tuple(owners))
    short = "; a beginning of at least four characters is needed" if len(name) < 4 else ""
    raise errors.ResolutionError(f"No such revision or branch '{name}'{short}", name)


# --- relative targets -----------------------------------------------------------------------------------------


def walk_up(
    graph: RevisionGraph, start: str | None, target: Target, among: Set[str] | None, *, stop: bool = False
) -> str | None:
    """Go up the steps of `target` from `start`, None being base, only to revisions `among` those given.

    Raises AmbiguousWalk at a fork, and TooFewSteps at the end unless it is to `stop` there (PLAN-3, PLAN-4).
    """
    if not target.steps:
        raise errors.TooFewSteps(relative=target.text, steps=0)
    found = start
    for _ in range(target.steps):
        following: Sequence[str] = graph.bases if found is None else graph.children[found]
        if among is not None:
            following = [id for id in following if id in among]
        if len(following) > 1:
            raise errors.AmbiguousWalk(at=found, choices=following, upwards=True)
        if following:
            found = following[0]
        elif stop:
            break
        else:
            raise errors.TooFewSteps(relative=target.text, steps=target.steps)
    return found


def walk_down(graph: RevisionGraph, start: str | None, target: Target, *, stop: bool = False) -> str | None:
    """Go down the steps of `target` from `start`; None is base, one step below the first revision (PLAN-17).

    Raises AmbiguousWalk at a merge, and TooFewSteps below base unless it is to `stop` there (ID-12).
    """
    found = start
    for _ in range(-(target.steps or 0)):
        if found is None:
            if stop:
                return None
            raise errors.TooFewSteps(relative=target.text, steps=target.steps or 0)
        parents = graph.parents[found]
        if len(parents) > 1:
            raise errors.AmbiguousWalk(at=found, choices=parents, upwards=False)
        found = parents[0] if parents else None
    return found
