"""How long a migration takes that inserts a hundred thousand rows, on each database, and what it keeps in memory."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from measure import ROOT, Result, compare, median, once, ours
from projects import inserting

sys.path.append(str(ROOT))

from tests.backends import databases
from tests.backends.fleet import NAMES, Fleet

ROWS = 100_000
"""Enough to fill what a database keeps in memory, as SQLite's pages, so that more rows should need no more of it."""
MANY_ROWS = 300_000


def run(rounds: int) -> Iterator[Result]:
    """Measure the migration beside the reference's, then our memory with three times the rows of an iterator."""
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory, closing(Fleet()) as fleet:
        yield from on_database("sqlite", f"sqlite:///{directory}/database.sqlite", rounds)
        for backend in NAMES:
            server = fleet.find(backend)
            if server.reason:
                print(f"bulk_insert: no {server}")
                continue
            url = databases.create(server.url, fleet.prefix)
            try:
                yield from on_database(backend, url, rounds)
            finally:
                databases.drop(url)


def on_database(backend: str, url: str, rounds: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
        few, many, listed = (
            inserting(Path(directory) / name, url, rows, as_list=name == "list")
            for name, rows in (("few", ROWS), ("many", MANY_ROWS), ("list", ROWS))
        )
        yield compare(f"bulk_insert, {ROWS}, {backend}", ["upgrade", "head"], listed, rounds)
        command = [*ours(), "upgrade", "head"]
        runs = [[once(command, project) for _ in range(rounds)] for project in (many, few)]
        yield Result(f"bulk_insert, memory, {backend}", median(runs[0]), median(runs[1]))
