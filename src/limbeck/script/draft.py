"""What a new revision will be: its parents, dependencies and labels, and the directory its file goes to."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import NamedTuple

from limbeck import errors
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.revision import RESERVED, as_tuple, verify_id
from limbeck.script.revision import RevisionMap


def new_revision_id() -> str:
    """A random identifier: twelve hexadecimal digits (GEN-1)."""
    return os.urandom(6).hex()


class Draft(NamedTuple):
    """A revision that is about to be written."""

    id: str
    parents: tuple[str, ...]
    depends_on: tuple[str, ...]
    """Whole ids, or labels."""
    labels: tuple[str, ...]


def plan_revision(
    revision_map: RevisionMap,
    id: str,
    *,
    head: str | Collection[str],
    splice: bool,
    labels: Sequence[str],
    depends_on: Sequence[str],
) -> Draft:
    """Decide what the new revision follows and needs (GEN-2, GEN-8 to GEN-11).

    Raises RevisionError as the graph does, and CommandError if a parent is named twice or is not a head and
    it is not to `splice`, or if a name cannot be used.
    """
    graph = revision_map.graph
    _verify_name(graph, id, "identifier")
    verify_id(id)
    for label in labels:
        _verify_name(graph, label, "label")
    parents = _choose_parents(revision_map, head, splice=splice)
    return Draft(id, parents, tuple(_choose_dependencies(revision_map, depends_on)), tuple(labels))


def choose_location(
    locations: Sequence[str], parent_paths: Sequence[str], version_path: str | os.PathLike[str] | None
) -> str:
    """The directory for a new file: the one that is asked for, the parent's, or the only one (GEN-6).

    Raises CommandError if that is none of `locations`, or if nothing tells which.
    """
    if version_path is not None:
        asked = os.path.abspath(version_path)
        if asked not in map(os.path.normpath, locations):
            raise errors.CommandError(
                f"Path {os.fspath(version_path)} is not represented in current version locations",
                hint=f"the version locations are {', '.join(locations)}; `version_locations` sets them",
            )
        return asked
    if len(locations) == 1:
        return locations[0]
    for path in parent_paths[:1]:
        holding = [each for each in locations if os.path.commonpath([each, path]) == os.path.normpath(each)]
        if holding:
            return max(holding, key=len)
    raise errors.CommandError(
        "Multiple version locations present, please specify --version-path",
        hint=f"choose one of {', '.join(locations)}",
    )


def _verify_name(graph: RevisionGraph, name: str, kind: str) -> None:
    if name in RESERVED:
        raise errors.UnusableName(
            name=name, kind=kind, reason="the word has a meaning of its own as a target"
        )
    if not name or "/" in name or "\\" in name or "\0" in name:
        raise errors.UnusableName(name=name, kind=kind, reason="it has to be a name, without slashes")
    if kind == "label" and ("@" in name or ":" in name):
        raise errors.UnusableName(name=name, kind=kind, reason="targets give a meaning to `@` and `:`")
    if name in graph:
        raise errors.UnusableName(name=name, kind=kind, reason="a revision of that name is present already")
    if name in graph.label_owners:
        owner = graph.label_owners[name]
        raise errors.UnusableName(
            name=name, kind=kind, reason=f"it is a branch label, given by revision {owner}"
        )


def _choose_parents(
    revision_map: RevisionMap, head: str | Collection[str], *, splice: bool
) -> tuple[str, ...]:
    graph = revision_map.graph
    parents = tuple(each.revision for each in revision_map.get_revisions(as_tuple(head)))
    if len(set(parents)) != len(parents):
        raise errors.CommandError("Duplicate head revisions specified", hint="name every parent once")
    for parent in parents:
        if graph.children[parent] and not splice:
            raise errors.CommandError(
                f"Revision {parent} is not a head revision; please specify --splice to create a new branch "
                "from this revision",
                hint=f"`--splice` begins a branch there; the heads are {', '.join(graph.heads)}",
            )
    return parents


def _choose_dependencies(revision_map: RevisionMap, names: Sequence[str]) -> Sequence[str]:
    """Labels stay labels, so that they follow their branch's file; the rest become whole ids (GEN-11)."""
    found: list[str] = []
    for name in names:
        if name in revision_map.graph.label_owners:
            found.append(name)
        else:
            revision = revision_map.get_revision(name)
            found += [] if revision is None else [revision.revision]
    return found
