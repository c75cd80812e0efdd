"""How long it takes to run many revisions, each creating a table with an index, and to write them as a script."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import floors
from measure import Result, compare
from projects import chain
from servers import SERVERS, database, empty

LENGTHS = {"sqlite": 1_000, "postgresql": 300, "mariadb": 300}
SCRIPT_LENGTH = 1_000


def run(rounds: int) -> Iterator[Result]:
    """Measure `upgrade head` from an empty database on each database, then `upgrade head --sql`."""
    for backend in SERVERS:
        with database(backend) as url:
            if url is not None:
                yield on_database(backend, url, LENGTHS[backend], rounds)
    yield as_script(SCRIPT_LENGTH, rounds)


def on_database(backend: str, url: str, length: int, rounds: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
        project = chain(Path(directory), length, url=url)
        (project / "floor.py").write_text(floors.RUNNING.format(length=length, url=url))
        return compare(
            f"upgrade, {length}, {backend}",
            ["upgrade", "head"],
            project,
            rounds,
            floor="floor.py",
            tidy=lambda: empty(backend, url),
        )


def as_script(length: int, rounds: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
        project = chain(Path(directory), length)
        (project / "floor.py").write_text(floors.PRINTING.format(length=length))
        return compare(
            f"upgrade --sql, {length}", ["upgrade", "head", "--sql"], project, rounds, floor="floor.py"
        )
