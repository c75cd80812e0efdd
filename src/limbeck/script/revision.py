"""Revisions and their map as documented: a face on the graph to which revisions can be added (API-22)."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from limbeck import errors
from limbeck.base.lazy import lazy_exports
from limbeck.graph import revision as nodes
from limbeck.graph.graph import RevisionGraph
from limbeck.graph.history import list_range
from limbeck.graph.plan import plan_downgrade
from limbeck.graph.revision import as_scalar, as_tuple
from limbeck.graph.target import Target, find_owner, read_target, resolve, walk_down

if TYPE_CHECKING:
    from limbeck.errors import CycleDetected as CycleDetected
    from limbeck.errors import DependencyCycleDetected as DependencyCycleDetected
    from limbeck.errors import DependencyLoopDetected as DependencyLoopDetected
    from limbeck.errors import LoopDetected as LoopDetected
    from limbeck.errors import MultipleHeads as MultipleHeads
    from limbeck.errors import RangeNotAncestorError as RangeNotAncestorError
    from limbeck.errors import ResolutionError as ResolutionError
    from limbeck.errors import RevisionError as RevisionError

_DOCUMENTED = {
    *("CycleDetected", "DependencyCycleDetected", "DependencyLoopDetected", "LoopDetected", "MultipleHeads"),
    *("RangeNotAncestorError", "ResolutionError", "RevisionError"),
}
__getattr__, __dir__, _ = lazy_exports(__name__, {name: f"limbeck.errors:{name}" for name in _DOCUMENTED})

_GetRevArg = str | Iterable[str | None] | Iterable[str] | None


class Revision:
    """A revision and its place among others.

    >>> Revision("b2", "a1", dependencies="shop", branch_labels=["cart"])

    `down_revision` and `dependencies` are None, one id, or a tuple of several. What is said about children,
    heads and inherited labels holds once the revision is in a `RevisionMap`.
    """

    node: nodes.Revision
    """The revision as the graph sees it."""
    _map: RevisionMap | None = None

    def __init__(
        self,
        revision: str,
        down_revision: str | Iterable[str] | None,
        dependencies: str | Iterable[str] | None = None,
        branch_labels: str | Iterable[str] | None = None,
    ) -> None:
        self.verify_rev_id(revision)
        self.node = nodes.Revision(
            revision, as_tuple(down_revision), _without_empty(dependencies), _without_empty(branch_labels)
        )

    @classmethod
    def verify_rev_id(cls, revision: str) -> None:
        """Raise RevisionError if the identifier has characters that targets give a meaning to (FILE-13)."""
        nodes.verify_id(revision)

    @property
    def revision(self) -> str:
        """The identifier."""
        return self.node.id

    @property
    def down_revision(self) -> str | tuple[str, ...] | None:
        """The parents."""
        return as_scalar(self.node.parents)

    @property
    def dependencies(self) -> str | tuple[str, ...] | None:
        """What else must be applied before: ids or labels."""
        return as_scalar(self.node.dependencies)

    @property
    def _labels(self) -> Collection[str]:
        return self.node.labels if self._map is None else self._map.graph.labels.get(self.node.id, ())

    @property
    def branch_labels(self) -> set[str]:
        """All labels of the revision, its own and inherited ones (GRA-5)."""
        return set(self._labels)

    @property
    def _children(self) -> Sequence[str]:
        return () if self._map is None else self._map.graph.children[self.node.id]

    @property
    def nextrev(self) -> frozenset[str]:
        """The ids of the revisions that have this one as a parent."""
        return frozenset(self._children)

    @property
    def is_head(self) -> bool:
        """Whether no revision has this one as a parent (GRA-2)."""
        return not self._children

    @property
    def is_base(self) -> bool:
        """Whether this revision has no parent (GRA-1)."""
        return not self.node.parents

    @property
    def is_branch_point(self) -> bool:
        """Whether several revisions have this one as a parent."""
        return len(self._children) > 1

    @property
    def is_merge_point(self) -> bool:
        """Whether this revision has several parents (GRA-3)."""
        return len(self.node.parents) > 1

    @property
    def _is_real_head(self) -> bool:
        """Whether no revision has this one as a parent or depends on it (GRA-2)."""
        return self._map is None or not self._map.graph.upper[self.node.id]

    def __repr__(self) -> str:
        said = [repr(self.revision), repr(self.down_revision)]
        if self.dependencies:
            said.append(f"dependencies={self.dependencies!r}")
        labels = self.branch_labels
        if labels:
            said.append(f"branch_labels={{{', '.join(map(repr, sorted(labels)))}}}")
        return f"{type(self).__name__}({', '.join(said)})"


Chosen = TypeVar("Chosen", bound=str | Revision)


class RevisionMap:
    """Revisions by what they are called, and the ways between them.

    >>> map = RevisionMap(lambda: [Revision("a", None), Revision("b", "a")])
    >>> map.heads
    ('b',)

    `generator` gives the revisions; it is called when something is first asked. Raises RevisionError and its
    subclasses (GRA-21).
    """

    def __init__(self, generator: Callable[[], Iterable[Any]]) -> None:
        self._generator = generator

    @cached_property
    def _revisions(self) -> Mapping[str, Any]:
        loaded = {}
        with uncollected():
            for revision in self._generator():
                if revision.node.id in loaded:
                    _warn_of_duplicate(revision)
                loaded[revision.node.id] = revision
                revision._map = self
        return loaded

    @cached_property
    def graph(self) -> RevisionGraph:
        """The revisions as a graph, checked. Raises RevisionError if it is broken (section 3.1)."""
        known = self._revisions
        with uncollected():
            return self._graph_of(known)

    def _graph_of(self, known: Any) -> RevisionGraph:
        return RevisionGraph([revision.node for revision in known.values()])

    def _with(self, known: Any, revision: Any) -> Mapping[str, Any]:
        return {**known, revision.revision: revision}

    def _paths(self) -> dict[str, str]:
        """The file of every revision that was read so far and has one."""
        loaded: Mapping[str, Any] = vars(self).get("_revisions", {})
        found = {id: getattr(each, "path", None) for id, each in loaded.items()}
        return {id: path for id, path in found.items() if path}

    def add_revision(self, revision: Revision, _replace: bool = False) -> None:
        """Add a revision that was written just now; with `_replace`, in the place of the one of that id.

        Raises RevisionError if the graph is broken then; the map is as before then.
        """
        before = self._revisions
        if revision.revision in before and not _replace:
            _warn_of_duplicate(revision)
        after = self._with(before, revision)
        self.graph = self._graph_of(after)
        self._revisions = after
        revision._map = self

    # --- ends ----------------------------------------------------------------------------------------------

    @property
    def heads(self) -> tuple[str, ...]:
        """The ids of all revisions that are nobody's parent."""
        return self.graph.heads

    @property
    def _real_heads(self) -> tuple[str, ...]:
        return self.graph.real_heads

    @property
    def bases(self) -> tuple[str, ...]:
        """The ids of all revisions that have no parent."""
        return self.graph.bases

    def get_current_head(self, branch_label: str | None = None) -> str | None:
        """The id of the only head, of a branch or of all; None if there is no revision.

        Raises MultipleHeads if there are several.
        """
        found = resolve(self.graph, Target.of(f"{branch_label}@head" if branch_label else "head"))
        return found[0] if found else None

    # --- finding -------------------------------------------------------------------------------------------

    def get_revision(self, id_: str | tuple[str, ...] | None) -> Any:
        """The revision with that id, beginning of an id, label, or symbol; None for base.

        Raises ResolutionError if there is none, MultipleHeads if there are several.
        """
        found: Sequence[str]
        if isinstance(id_, tuple):
            found = [id for item in id_ for id in resolve(self.graph, read_target(self.graph, item))]
        else:
            found = resolve(self.graph, read_target(self.graph, id_))
        if len(found) > 1:
            raise errors.MultipleHeads(found, id_ if isinstance(id_, str) else ", ".join(found))
        return self._revisions[found[0]] if found else None

    def get_revisions(self, id_: _GetRevArg | bytes) -> tuple[Any, ...]:
        """All revisions that `id_` means: a text as for `get_revision`, or several (ID-13).

        `heads` gives all real heads, `branch@heads` the heads of a branch; `-2` what is two below each head
        (ID-12). Raises ResolutionError if an id is unknown.
        """
        if isinstance(id_, bytes):
            raise errors.NotAnIdentifier(id_)
        texts = [id_] if isinstance(id_, str) or id_ is None else list(id_)
        return tuple(self._revisions[id] for text in texts for id in self._resolve(text))

    def _resolve(self, text: str | None) -> Sequence[str]:
        target = read_target(self.graph, text)
        if target.symbol is not None or (target.steps or 0) >= 0:
            return resolve(self.graph, target)
        heads = Target.of("heads" if target.label is None else f"{target.label}@heads")
        below = (walk_down(self.graph, head, target, stop=True) for head in resolve(self.graph, heads))
        return [id for id in below if id is not None]

    def iterate_revisions(
        self,
        upper: _GetRevArg,
        lower: _GetRevArg,
        implicit_base: bool = False,
        inclusive: bool = False,
        assert_relative_length: bool = True,
        select_for_downgrade: bool = False,
    ) -> Iterator[Any]:
        """Revisions from `upper` down to `lower`, newest first (section 5.4).

        `lower` is left out unless `inclusive`. With `implicit_base`, all that `upper` needs and `lower` does
        not; with `select_for_downgrade`, what is undone on the way from the rows `upper` down to `lower`.
        A relative end that leads too far stops there unless `assert_relative_length`.
        Raises RangeNotAncestorError if `lower` does not come before `upper`.
        """
        if select_for_downgrade:
            ids = self._undone(upper, lower)
        else:
            ids = self._range(
                upper,
                lower,
                inclusive=inclusive,
                implicit_base=implicit_base,
                stop_at_base=not assert_relative_length,
            )
        return (self._revisions[id] for id in ids)

    def _range(self, upper: _GetRevArg, lower: _GetRevArg, **options: bool) -> list[str]:
        """The ids from `upper` down to `lower`, newest first; `options` are those of `list_range()`."""
        return list_range(self.graph, _as_end(upper), _as_end(lower), **options)

    def _undone(self, upper: _GetRevArg, lower: _GetRevArg) -> list[str]:
        """The ids of what is undone on the way from the rows `upper` down to `lower`."""
        above, below = _as_end(upper), _as_end(lower)
        rows = [
            id for text in ([above] if isinstance(above, str) else above or ()) for id in self._resolve(text)
        ]
        plan = plan_downgrade(self.graph, rows, below if isinstance(below, str) else _only(below))
        return list(plan.revisions)

    def filter_for_lineage(
        self, targets: Iterable[Chosen], check_against: str | None, include_dependencies: bool = False
    ) -> tuple[Chosen, ...]:
        """Those of `targets` that come before or after `check_against`, or are it (API-24)."""
        graph = self.graph
        if check_against is None:
            return tuple(targets)
        ancestry = graph.ancestry if include_dependencies else graph.lineage
        owner = find_owner(graph, check_against)
        return tuple(
            target for target in targets for id in [self._id_of(target)] if ancestry.relates(id, owner)
        )

    def _id_of(self, target: str | Revision) -> str:
        return target.revision if isinstance(target, Revision) else find_owner(self.graph, target)


def is_revision(rev: object) -> bool:
    """Whether this is a revision, and not base."""
    return isinstance(rev, Revision)


def tuple_rev_as_scalar(rev: Sequence[str] | None) -> str | tuple[str, ...] | None:
    """None for none, the id for one, or all of several."""
    return as_scalar(tuple(rev or ()))


@contextmanager
def uncollected() -> Iterator[None]:
    """Build thousands of objects that all stay, without a search for garbage among them every now and then."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _without_empty(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return tuple(text for text in as_tuple(value) if text)


def _warn_of_duplicate(revision: Revision) -> None:
    warnings.warn(f"Revision {revision.revision} is present more than once", UserWarning, stacklevel=3)


def _as_end(end: _GetRevArg) -> str | Sequence[str] | None:
    if isinstance(end, str) or end is None:
        return end
    return [text for text in end if text is not None]


def _only(texts: Collection[str] | None) -> str | None:
    found = tuple(texts or ())
    if len(found) > 1:
        raise errors.MultipleHeads(found, ", ".join(found))
    return found[0] if found else None
