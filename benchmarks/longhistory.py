"""How long a command takes on a long history, with the index of headers and without."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import floors
from measure import Result, compare
from projects import PASS, chain, remove_revision, set_at_head

LENGTHS = (100, 1_000, 10_000)
READING = ("heads", "history", "show head")
OTHERS = ("upgrade head", "revision -m x --rev-id x")
FLOORS = {"upgrade": floors.AT_HEAD, "revision": floors.WRITING}
UNTRUSTED = 2.5
"""Seconds after which the index trusts the time of a file."""


def run(rounds: int) -> Iterator[Result]:
    """Measure commands that run env.py or write a revision, and on the longest history those that only read."""
    for length in LENGTHS:
        commands = ("--help", *READING, *OTHERS) if length == LENGTHS[-1] else OTHERS
        yield from on_history(length, commands, rounds, "index")
    yield from on_history(LENGTHS[-1], READING, rounds, "no index", settings="revision_index = false\n")


def on_history(
    length: int, commands: tuple[str, ...], rounds: int, name: str, *, settings: str = ""
) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
        project = chain(Path(directory), length, body=PASS, settings=settings)
        set_at_head(project)
        time.sleep(UNTRUSTED)
        for command in commands:
            word = command.split()[0]
            (project / "floor.py").write_text(FLOORS.get(word, floors.READING))
            yield compare(
                f"{word}, {length}, {name}",
                command.split(),
                project,
                rounds,
                floor="floor.py",
                tidy=lambda: remove_revision(project, "x"),
            )
