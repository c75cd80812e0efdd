"""How long a command takes on a history of ten thousand revisions, with the index of headers and without."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import Result, compare
from projects import PASS, chain, set_at_head

LENGTH = 10_000
READING = ("heads", "history", f"show {LENGTH - 1:012x}")
OTHERS = ("upgrade head", "revision -m x")
UNTRUSTED = 2.5
"""Seconds after which the index trusts the time of a file."""


def run(rounds: int) -> Iterator[Result]:
    """Measure commands that only read, then those that run env.py or write a revision."""
    for name, settings, commands in (
        ("no index", "revision_index = false\n", READING),
        ("index", "", (*READING, *OTHERS)),
    ):
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            project = chain(Path(directory), LENGTH, body=PASS, settings=settings)
            set_at_head(project)
            time.sleep(UNTRUSTED)
            for command in commands:
                case = f"{command.split()[0]}, {LENGTH}, {name}"
                yield compare(case, command.split(), project, rounds)
