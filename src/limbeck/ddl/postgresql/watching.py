"""What PostgreSQL tells of a statement that runs in another session."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.facts import is_older, server_version

OLDEST_SERVER = (9, 6)
"""Older ones have no pg_blocking_pids()."""
COPYING = "copying rows"
"""The phase of COPY, which has no others, and no name for it."""
UNKNOWN = "0"
"""In the place of a column, where there is none that says of how much a part is done."""

_BLOCKERS = text(
    """
SELECT b.pid, a.state, CAST(extract(epoch FROM clock_timestamp() - a.state_change) AS float) AS seconds,
    a.usename, a.application_name
FROM unnest(pg_blocking_pids(CAST(:pid AS integer))) AS b(pid) LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
"""
)


class View(NamedTuple):
    """A view that tells how far statements of a kind are: since which version, and what it counts in which phase."""

    name: str
    since: tuple[int, ...]
    counters: tuple[tuple[str, str, str], ...]
    """A pattern of phases, and the columns that say how much of such a phase is done, and of how much.

    What has been counted in a phase stays there in those behind it, so that each has to be asked for its own.
    """
    phase: str = "phase"


VIEWS = (
    View(
        "pg_stat_progress_create_index",
        (12,),
        (
            ("waiting for *", "lockers_done", "lockers_total"),
            ("*: loading tuples in tree", "tuples_done", "tuples_total"),
            ("*: scanning *", "blocks_done", "blocks_total"),
            ("building index", "blocks_done", "blocks_total"),
        ),
    ),
    View(
        "pg_stat_progress_cluster",
        (12,),
        (
            ("seq scanning heap", "heap_blks_scanned", "heap_blks_total"),
            ("index scanning heap", "heap_tuples_scanned", UNKNOWN),
            ("writing new heap", "heap_tuples_written", "heap_tuples_scanned"),
        ),
    ),
    View(
        "pg_stat_progress_vacuum",
        (9, 6),
        (
            ("scanning heap", "heap_blks_scanned", "heap_blks_total"),
            ("vacuuming heap", "heap_blks_vacuumed", "heap_blks_total"),
        ),
    ),
    View(
        "pg_stat_progress_analyze",
        (13,),
        (("acquiring *sample rows", "sample_blks_scanned", "sample_blks_total"),),
    ),
    View(
        "pg_stat_progress_copy",
        (14,),
        # To a file or from a program there is no total.
        ((COPYING, "bytes_processed", "bytes_total"), (COPYING, "tuples_processed", UNKNOWN)),
        phase=f"'{COPYING}'",
    ),
)
MOST_COUNTERS = max(len(view.counters) for view in VIEWS)


def look_at(connection: Connection, pid: int) -> Activity | None:
    """For whom a session waits, or else how far its statement is."""
    version = server_version(connection.dialect)
    if is_older(version, OLDEST_SERVER):
        return None
    blockers = tuple(map(_read_blocker, connection.execute(_BLOCKERS, {"pid": pid})))
    if blockers:
        return Activity(blockers=blockers)
    queries = [_query(number, view) for number, view in enumerate(VIEWS) if not is_older(version, view.since)]
    row = connection.execute(text(" UNION ALL ".join(queries)), {"pid": pid}).first()
    if row is None:
        return None
    number, phase, *counted = row
    return read_progress(VIEWS[number], phase, list(zip(counted[::2], counted[1::2])))


def _query(number: int, view: View) -> str:
    """Asks a view; all have as many columns."""
    columns = [column for _, done, total in view.counters for column in (done, total)]
    columns += [UNKNOWN] * (2 * MOST_COUNTERS - len(columns))
    return f"SELECT {number}, {view.phase}, {', '.join(columns)} FROM {view.name} WHERE pid = :pid"


def read_progress(view: View, phase: str, counted: Sequence[tuple[int, int]]) -> Activity:
    """How far a statement is in its phase; `counted` is how much is done, and of how much, for each of its counters.

    >>> read_progress(VIEWS[1], "writing new heap", [(9, 9), (0, 0), (1, 4)])
    Activity(phase='writing new heap', share=0.25, blockers=())
    """
    for (pattern, _, of), (done, total) in zip(view.counters, counted):
        if not fnmatchcase(phase, pattern):
            continue
        if total:
            return Activity(phase, done / total)
        if of == UNKNOWN and done:
            return Activity(f"{phase}: {done:,} rows so far")
    return Activity(phase)


def _read_blocker(row: Any) -> Blocker:
    if not row.pid:
        return Blocker("a prepared transaction")
    return Blocker(f"pid {row.pid}", row.state, row.seconds, row.usename, row.application_name or None)
