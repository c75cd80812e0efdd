"""How processor time grows with the number of revisions, and with the number of tables.

`make curves` measures, writes docs/concepts/growth.json, and draws it. Each point is the least of a few runs:
what is above it is other people's work on the machine.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from comparing import FIRST, fill, project, remove_files
from curve import Fit, fitted
from longhistory import UNTRUSTED
from measure import ROOT, find_reference, once, ours
from projects import PASS, chain, remove_revision, set_at_head
from servers import database, empty

REVISIONS = (100, 1_000, 10_000, 50_000)
CREATING = (100, 300, 1_000, 3_000)
TABLES = (100, 1_000, 5_000)
COMMANDS = ("heads", "history", "upgrade head", "revision -m x --rev-id x")
RUNS = {"limbeck": 3, "reference": 1}
TARGET = ROOT / "docs" / "concepts" / "growth.json"


@dataclass
class Curve:
    """Seconds of processor time of one command, by the size of its input."""

    command: str
    of: str
    seconds: dict[str, dict[int, float]] = field(default_factory=lambda: {name: {} for name in RUNS})

    @property
    def fits(self) -> dict[str, Fit]:
        """The law of growth of each program."""
        return {name: fitted(points) for name, points in self.seconds.items() if len(points) > 2}

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "fits": {name: asdict(fit) for name, fit in self.fits.items()}}


def main() -> int:
    """Measure all curves, print them, and write them down."""
    curves: list[Curve] = []
    for curve in (*reading(), *creating(), *comparing()):
        curves.append(curve)
        for name, fit in curve.fits.items():
            points = ", ".join(f"{size}: {seconds:.2f} s" for size, seconds in curve.seconds[name].items())
            print(f"{curve.command:<22} {curve.of:<28} {name:<10} {points}   {fit}", flush=True)
    record = {
        "when": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "curves": [curve.to_json() for curve in curves],
    }
    TARGET.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


def reading() -> Iterator[Curve]:
    """Commands on a history that is applied."""
    curves = [Curve(command.partition(" -")[0], "revisions") for command in COMMANDS]
    for length in REVISIONS:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            path = chain(Path(directory), length, body=PASS)
            set_at_head(path)
            time.sleep(UNTRUSTED)
            for curve, command in zip(curves, COMMANDS):
                measure(curve, length, command, path, partial(remove_revision, path, "x"))
    yield from curves


def creating() -> Iterator[Curve]:
    """Revisions that each create a table and an index."""
    curve = Curve("upgrade from empty", "revisions, SQLite")
    for length in CREATING:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory, database("sqlite") as url:
            assert url is not None
            path = chain(Path(directory), length, url=url)
            measure(curve, length, "upgrade head", path, partial(empty, "sqlite", url))
    yield curve


def comparing() -> Iterator[Curve]:
    """Models against a database that has their tables, and against one that has none."""
    for backend in ("sqlite", "postgresql", "mariadb"):
        curve = Curve("check", f"tables, {backend}")
        for number in TABLES:
            with database(backend) as url, project(url, number) if url else nullcontext() as path:
                if path is not None:
                    fill(path)
                    measure(curve, number, "check", path)
        if curve.fits:
            yield curve
    curve = Curve("first revision", "tables, sqlite")
    for number in TABLES:
        with database("sqlite") as url, project(url, number) as path:
            versions = path / "migrations" / "versions"
            measure(curve, number, FIRST, path, partial(remove_files, versions))
    yield curve


def measure(
    curve: Curve, size: int, command: str, path: Path, tidy: Callable[[], None] = lambda: None
) -> None:
    """Add a point for each program."""
    for name, program in (("limbeck", ours()), ("reference", find_reference())):
        if program is not None:
            curve.seconds[name][size] = least([*program, *command.split()], path, RUNS[name], tidy)


def least(command: Sequence[str], path: Path, runs: int, tidy: Callable[[], None]) -> float:
    """The least processor time of some runs, after one for byte code and disk cache."""
    seconds = []
    for _ in range(runs + 1):
        seconds.append(once(command, path).cpu)
        tidy()
    return min(seconds[1:])


if __name__ == "__main__":
    sys.exit(main())
