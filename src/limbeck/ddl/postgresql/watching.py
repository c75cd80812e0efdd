"""What PostgreSQL tells of a statement that runs in another session."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.facts import is_older, server_version

OLDEST_SERVER = (9, 6)
"""Older ones have no pg_blocking_pids()."""

_BLOCKERS = text(
    """
SELECT b.pid, a.state, CAST(extract(epoch FROM clock_timestamp() - a.state_change) AS float) AS seconds,
    a.usename, a.application_name
FROM unnest(pg_blocking_pids(CAST(:pid AS integer))) AS b(pid) LEFT JOIN pg_stat_activity AS a ON a.pid = b.pid
"""
)
_TUPLES = "tuples"

_PROGRESS = (
    (
        (12,),
        "SELECT phase, blocks_done, blocks_total, tuples_done, tuples_total FROM pg_stat_progress_create_index",
    ),
    ((12,), "SELECT phase, heap_blks_scanned, heap_blks_total, 0, 0 FROM pg_stat_progress_cluster"),
    ((9, 6), "SELECT phase, heap_blks_scanned, heap_blks_total, 0, 0 FROM pg_stat_progress_vacuum"),
    ((13,), "SELECT phase, sample_blks_scanned, sample_blks_total, 0, 0 FROM pg_stat_progress_analyze"),
    ((14,), "SELECT 'copying rows', bytes_processed, bytes_total, 0, 0 FROM pg_stat_progress_copy"),
)
"""The views that tell how far a statement is, and since which version there are."""


def look_at(connection: Connection, pid: int) -> Activity | None:
    """For whom a session waits, or else how far its statement is."""
    version = server_version(connection.dialect)
    if is_older(version, OLDEST_SERVER):
        return None
    blockers = tuple(map(_read_blocker, connection.execute(_BLOCKERS, {"pid": pid})))
    if blockers:
        return Activity(blockers=blockers)
    queries = [f"{query} WHERE pid = :pid" for since, query in _PROGRESS if not is_older(version, since)]
    row = connection.execute(text(" UNION ALL ".join(queries)), {"pid": pid}).first()
    return None if row is None else read_progress(*row)


def read_progress(phase: str, done: int, total: int, tuples_done: int, tuples_total: int) -> Activity:
    """How far a statement is; an index build counts blocks first, and rows afterwards.

    >>> read_progress("building index: loading tuples in tree", 9, 9, 1, 4)
    Activity(phase='building index: loading tuples in tree', share=0.25, blockers=())
    """
    if _TUPLES in phase:
        done, total = tuples_done, tuples_total
    return Activity(phase, done / total if total else None)


def _read_blocker(row: Any) -> Blocker:
    if not row.pid:
        return Blocker("a prepared transaction")
    return Blocker(f"pid {row.pid}", row.state, row.seconds, row.usename, row.application_name or None)
