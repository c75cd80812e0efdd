"""How long it takes until a command that only reads files has answered."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import floors
from measure import Result, compare
from projects import chain

COMMANDS = ("--version", "--help", "heads", "history", "show head", "graph")
UNKNOWN_THERE = ("graph",)


def run(rounds: int) -> Iterator[Result]:
    """Measure each command on a short and on a longer history."""
    for length in (10, 100, 1_000):
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            project = chain(Path(directory), length)
            (project / "floor.py").write_text(floors.READING)
            for command in COMMANDS:
                yield compare(
                    f"{command}, {length} revisions",
                    command.split(),
                    project,
                    rounds,
                    floor="floor.py",
                    is_known_there=command not in UNKNOWN_THERE,
                )
