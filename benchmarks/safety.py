"""What it costs that nothing runs twice and nothing stays half done: the run lock and the journal.

Both sides are limbeck; what stands for the reference is limbeck without lock and journal.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Measured, Result, median, once, ours
from projects import chain, tables
from servers import database, empty

TABLES = 300
WITHOUT = ("--no-lock", "--no-journal")
MORE_ROUNDS = 3
"""How many times as many rounds as elsewhere: a disk takes a fifth more or less from one run to the next."""


def run(rounds: int) -> Iterator[Result]:
    """Measure 300 tables on each server, created by one revision, and by one revision each with an index."""
    for backend in ("mariadb", "postgresql"):
        with database(backend) as url:
            if url is not None:
                for name, make in (("tables", tables), ("revisions", chain)):
                    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
                        project = make(Path(directory), TABLES, url=url)
                        yield beside(f"safety, {TABLES} {name}, {backend}", backend, url, project, rounds)


def beside(case: str, backend: str, url: str, project: Path, rounds: int) -> Result:
    """An upgrade with and without them, taking turns."""
    runs: tuple[list[Measured], list[Measured]] = ([], [])
    for number in range(MORE_ROUNDS * rounds + 1):  # the first is for byte code and disk cache
        for options, done in zip(((), WITHOUT), runs, strict=True):
            empty(backend, url)
            measured = once([*ours(), "upgrade", "head", *options], project)
            if number:
                done.append(measured)
    return Result(case, median(runs[0]), median(runs[1]))
