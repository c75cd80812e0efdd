"""What a picture of a history shows of each revision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from limbeck.graph.walk import find_ancestors
from limbeck.script.base import Script, ScriptDirectory


class Node(NamedTuple):
    """A revision in a picture. `is_applied` is None where no database was asked."""

    id: str
    message: str
    parents: tuple[str, ...]
    dependencies: tuple[str, ...]
    labels: tuple[str, ...]
    is_head: bool
    is_applied: bool | None

    @property
    def marks(self) -> list[str]:
        """Words about it, most important first."""
        words = ["head"] if self.is_head else []
        if self.is_applied is not None:
            words.append("applied" if self.is_applied else "not applied")
        words += [] if self.parents else ["base"]
        words += [f"label {label}" for label in self.labels]
        return [*words, *([f"needs {', '.join(self.dependencies)}"] if self.dependencies else [])]


def make_nodes(
    script: ScriptDirectory, revisions: Sequence[Script], rows: Collection[str] | None
) -> list[Node]:
    """The nodes of revisions, newest first; with the rows of a database, what is applied there is told."""
    graph = script.revision_map.graph
    applied = None if rows is None else find_ancestors(graph, [row for row in rows if row in graph])
    return [
        Node(
            one.revision,
            one.doc.partition("\n")[0],
            tuple(graph.parents[one.revision]),
            tuple(graph.dependencies[one.revision]),
            tuple(sorted(graph[one.revision].labels)),
            not graph.children[one.revision],
            None if applied is None else one.revision in applied,
        )
        for one in revisions
    ]
