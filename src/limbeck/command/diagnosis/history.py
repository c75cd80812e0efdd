"""What is wrong with the revisions of a project: files that cannot be read, and what they say about each other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from limbeck import errors
from limbeck.command.diagnosis.finding import Finding, Level
from limbeck.graph.graph import RevisionGraph
from limbeck.script.revision_file import Script

NARROW = 32
"""How many characters the original gives an identifier in the version table."""


def read_each(paths: Iterable[str]) -> tuple[list[Script], list[Finding]]:
    """The revisions in the files, and a finding for each file that has none."""
    scripts, findings = [], []
    for path in paths:
        try:
            scripts.append(Script._from_path(None, path))
        except errors.RevisionFileError as error:
            findings.append(Finding(Level.BROKEN, str(error), fix=error.hint))
        except Exception as error:  # the file had to be run, and its own code failed
            findings.append(
                Finding(
                    Level.BROKEN,
                    f"A revision file fails when it is run: {type(error).__name__}",
                    (path,),
                    fix="correct the file; `limbeck heads` shows the line",
                )
            )
    return scripts, findings


def check_history(scripts: Sequence[Script]) -> Iterator[Finding]:
    """What is wrong with how the revisions refer to each other."""
    broken = [*_duplicates(scripts), *_missing(scripts)]
    yield from broken
    if not broken:
        try:
            graph = RevisionGraph(script.node for script in scripts)
        except errors.RevisionError as error:
            yield Finding(Level.BROKEN, str(error), fix="correct the files of these revisions")
        else:
            yield from _rival_heads(graph)
    yield from _long_identifiers(scripts)


def _duplicates(scripts: Sequence[Script]) -> Iterator[Finding]:
    first: dict[str, Script] = {}
    for script in scripts:
        other = first.setdefault(script.node.id, script)
        if other is not script:
            yield Finding(
                Level.BROKEN,
                f"Two files have the revision {script.node.id!r}",
                (other.path, script.path),
                "the original warns and forgets one of them; limbeck refuses to start",
                "give one of them a new `revision`, and let its children name that one",
            )


def _missing(scripts: Sequence[Script]) -> Iterator[Finding]:
    names = {script.node.id for script in scripts}
    labels = {label for script in scripts for label in script.node.labels}
    for script in scripts:
        unknown = [(name, "down_revision") for name in script.node.parents if name not in names]
        unknown += [
            (name, "depends_on")
            for name in script.node.dependencies
            if name not in names and name not in labels
        ]
        for name, relation in unknown:
            yield Finding(
                Level.BROKEN,
                f"Revision {script.node.id!r} names {name!r} in {relation}, and no file has that revision",
                (script.path,),
                fix=f"bring the file back (`git log --all -S {name} -- {os.path.dirname(script.path)}`), "
                "or name another",
            )


def _rival_heads(graph: RevisionGraph) -> Iterator[Finding]:
    """Heads that no label tells apart: `upgrade head` cannot choose between them."""
    plain = [head for head in graph.real_heads if not graph.labels.get(head)]
    if len(plain) > 1:
        yield Finding(
            Level.BROKEN,
            f"There are {len(plain)} heads: {', '.join(plain)}",
            why="`upgrade head` and `revision` need one",
            fix="join them with `limbeck merge heads`, or go to all of them with `limbeck upgrade heads`",
        )


def _long_identifiers(scripts: Sequence[Script]) -> Iterator[Finding]:
    places = tuple(script.path for script in scripts if len(script.node.id) > NARROW)
    if places:
        yield Finding(
            Level.DIFFERENT,
            f"Identifiers are longer than {NARROW} characters",
            places,
            "the version table of the original has no room for them; limbeck widens it before anything runs",
            "nothing, if the user of the database may alter that table",
        )
