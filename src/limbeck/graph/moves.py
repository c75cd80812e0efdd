"""What a step does to the rows of the version table, from one definition: rows are the newest applied ones."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from limbeck.graph.graph import RevisionGraph
from limbeck.graph.plan import Downgrade, Stamp, Step, Upgrade


class RowChanges(NamedTuple):
    """Statements for the version table, in the order delete, insert, update; and the rows `after` them.

    There is at most one update: if rows leave and others arrive, the first of each are paired (VER-11).
    """

    delete: tuple[str, ...]
    update: tuple[tuple[str, str], ...]
    """Pairs of the old and the new value."""
    insert: tuple[str, ...]
    after: frozenset[str]


def row_changes(graph: RevisionGraph, step: Step, rows: frozenset[str]) -> RowChanges:
    """What `step` changes in the version table that holds `rows` (GRA-40, BUG-10).

    Rows are the applied revisions that no other applied one comes after, by parents or dependencies; the
    changes are the difference of the rows before and behind the step.

    >>> row_changes(graph, Upgrade("m"), frozenset({"b", "c"}))
    RowChanges(delete=('c',), update=(('b', 'm'),), insert=(), after=frozenset({'m'}))
    """
    match step:
        case Upgrade(revision):
            after = _rows_with(graph, revision, rows)
            nearest = (*graph.lower[revision], revision)
        case Downgrade(revision):
            after = _rows_without(graph, revision, rows)
            nearest = (revision, *graph.lower[revision])
        case Stamp(replaced, new):
            after = (rows - set(replaced)) | set(new)
            nearest = (*reversed(replaced), *new)
    return _difference(rows, after, nearest)


def _rows_with(graph: RevisionGraph, revision: str, rows: Set[str]) -> frozenset[str]:
    precedes = graph.ancestry.precedes
    if any(precedes(revision, row) for row in rows):
        return frozenset(rows)
    return frozenset(row for row in rows if not precedes(row, revision)) | {revision}


def _rows_without(graph: RevisionGraph, revision: str, rows: frozenset[str]) -> frozenset[str]:
    if revision not in rows:
        return frozenset(rows)
    others = rows - {revision}
    lower = graph.lower[revision]
    precedes = graph.ancestry.precedes
    return others | {
        id for id in lower if not any(other != id and precedes(id, other) for other in (*others, *lower))
    }


def _difference(before: Set[str], after: frozenset[str], nearest: Iterable[str]) -> RowChanges:
    """Say the change in statements; `nearest` orders the rows that may be paired in an update."""
    rank = {id: position for position, id in enumerate(nearest)}

    def sorted_rows(rows: Iterable[str]) -> list[str]:
        return sorted(rows, key=lambda row: (rank.get(row, len(rank)), row))

    leaving, arriving = sorted_rows(before - after), sorted_rows(after - before)
    paired = 1 if leaving and arriving else 0
    return RowChanges(
        delete=tuple(leaving[paired:]),
        update=tuple(zip(leaving[:paired], arriving[:paired])),
        insert=tuple(arriving[paired:]),
        after=after,
    )
