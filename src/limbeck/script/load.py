"""Loads the revisions of a project: from what is remembered of unchanged files, else from the files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from limbeck import errors
from limbeck.graph.graph import RevisionGraph
from limbeck.script.facts import Ids, Node, Sheet
from limbeck.script.files import find_revision_files
from limbeck.script.index import RevisionIndex
from limbeck.script.listing import message_of, render_line
from limbeck.script.revision import RevisionMap, uncollected
from limbeck.script.revision_file import Script


class Shelf(Mapping[str, Script]):
    """Scripts by id, in load order. One whose file is known already is made when it is asked for: few ever are.

    What a graph is made of is there for all: `parents`, and the `dependencies` and `labels` of those that have some.
    """

    def __init__(self, map: RevisionMap) -> None:
        self._map = map
        self._places: dict[str, Script | Sheet | tuple[Sheet, int]] = {}
        """The script, or what it is made from: a sheet with a row for each of its ids, or one row."""
        self.parents: dict[str, Ids] = {}
        self.dependencies: dict[str, Ids] = {}
        self.labels: dict[str, Ids] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __getitem__(self, id: str) -> Script:
        found = self._find(id)
        if isinstance(found, Script):
            return found
        script = self._places[id] = Script._from_row(*found)
        script._map = self._map
        return script

    def docstring(self, id: str) -> str | None:
        """The docstring of a script, which need not be made for that."""
        found = self._find(id)
        return found._docstring if isinstance(found, Script) else found[0].docstrings[found[1]]

    def _find(self, id: str) -> Script | tuple[Sheet, int]:
        place = self._places[id]
        return (place, place.rows[id]) if isinstance(place, Sheet) else place

    def put(self, script: Script) -> None:
        """Add a script. Raises DuplicateRevision if there is one of that id."""
        self._verify_new(script.node.id, script.path)
        script._map = self._map
        self._put(script.node, script)

    def put_row(self, sheet: Sheet, row: int) -> None:
        """Add the script that a row of a sheet tells of. Raises DuplicateRevision."""
        self._verify_new(sheet.ids[row], sheet.path(row))
        self._put(sheet.node(row), (sheet, row))

    def put_all(self, sheet: Sheet) -> None:
        """Add all scripts that a sheet tells of. Raises DuplicateRevision."""
        new = dict.fromkeys(sheet.ids, sheet)
        if len(new) < len(sheet.ids) or not new.keys().isdisjoint(self._places):
            for row in range(len(sheet.ids)):
                self.put_row(sheet, row)
        self._places.update(new)
        self.parents.update(zip(sheet.ids, sheet.parents))
        for row in sheet.others:
            self._put(sheet.node(row), sheet)

    def replaced(self, script: Script) -> Shelf:
        """The same with this script, in the place of the one of that id if there is one."""
        after = Shelf(self._map)
        after._places = dict(self._places)
        after.parents = dict(self.parents)
        after.dependencies, after.labels = dict(self.dependencies), dict(self.labels)
        for names in (after.dependencies, after.labels):
            names.pop(script.node.id, None)
        after._put(script.node, script)
        if script.node.id in self._places:
            after.dependencies, after.labels = (
                {id: names[id] for id in after._places if id in names}
                for names in (after.dependencies, after.labels)
            )
        return after

    def _put(self, node: Node, place: Script | Sheet | tuple[Sheet, int]) -> None:
        id, parents, dependencies, labels = node
        self._places[id] = place
        self.parents[id] = parents
        if dependencies:
            self.dependencies[id] = dependencies
        if labels:
            self.labels[id] = labels

    def _verify_new(self, id: str, path: str) -> None:
        if id in self._places:
            raise errors.DuplicateRevision(revision=id, paths=[self[id].path, path])


class ScriptMap(RevisionMap):
    """The scripts of a project by what they are called; `fill` puts them on a shelf when one is first asked for."""

    def __init__(self, fill: Callable[[Shelf], None]) -> None:
        self._fill = fill

    @cached_property
    def _revisions(self) -> Shelf:
        shelf = Shelf(self)
        with uncollected():
            self._fill(shelf)
        return shelf

    def _graph_of(self, known: Shelf) -> RevisionGraph:
        return RevisionGraph.of_written(known.parents, known.dependencies, known.labels)

    def _with(self, known: Shelf, revision: Any) -> Shelf:
        return known.replaced(revision)

    def render_lines(self, ids: Iterable[str], current: Container[str] = ()) -> list[str]:
        """The lines that `history` shows of revisions; those in `current` are marked (OUT-1, OUT-5).

        Most are one of a line without forks and say nothing else, so that no script has to be made for them.
        """
        known, graph = self._revisions, self.graph
        parents, children = known.parents, graph.children
        lines = []
        for id in ids:
            is_plain = len(parents[id]) == len(children[id]) == 1 and id not in current
            if is_plain and id not in graph.dependencies and id not in graph.labels:
                lines.append(f"{parents[id][0]} -> {id}, {message_of(known.docstring(id))}")
                continue
            script = known[id]
            script.is_current = id in current
            lines.append(render_line(script, parents=True, labels=True, message=True))
        return lines


def load_scripts(
    shelf: Shelf, owner: object, locations: Sequence[str], *, recursive: bool, sourceless: bool, indexed: bool
) -> None:
    """Put every revision in `locations` on the shelf, in load order (FILE-6 to FILE-9).

    If `indexed`, files that did not change are not read again. Raises DuplicateRevision, RevisionFileError.
    """
    for directory, paths in find_revision_files(locations, recursive=recursive, sourceless=sourceless):
        if not indexed or not paths:
            for path in paths.values():
                shelf.put(Script._from_path(owner, path))
            continue
        with RevisionIndex(directory, paths) as index:
            if index.is_complete:
                shelf.put_all(index.sheet)
                continue
            for name, path in paths.items():
                if name in index.rows:
                    shelf.put_row(index.sheet, index.rows[name])
                else:
                    shelf.put(_read(owner, index, name, path))


def _read(owner: object, index: RevisionIndex, name: str, path: str) -> Script:
    if not name.endswith(".py") or name in index.must_run:
        return Script._from_path(owner, path)
    stamp = index.watch(path)
    script = Script._from_path(owner, path)
    if stamp is not None:
        index.add(name, stamp, script._read_facts)
    return script
