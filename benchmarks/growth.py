"""How processor time grows with the number of revisions, and with the number of tables.

`make curves` measures (some of reading, creating and comparing, if these are named), writes
docs/concepts/growth.json, and draws it. A point is the least of several runs, as many as fit into a few seconds: what
grows is small beside the start of a process, and one run of it more noise than growth. The reference stays out of the
largest sizes, which take it minutes.
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

import floors
from comparing import FIRST, fill, project, remove_files
from curve import Fit, fitted
from longhistory import UNTRUSTED
from measure import ROOT, find_reference, once, ours
from projects import PASS, REVISION, chain, remove_revision, set_at_head
from servers import database, empty

REVISIONS = (100, 1_000, 5_000, 10_000, 20_000, 50_000)
CREATING = (100, 300, 1_000, 3_000)
DOING_NOTHING = (100, 300, 1_000, 10_000)
TABLES = {"sqlite": (100, 300, 1_000, 5_000), "postgresql": (100, 300, 1_000), "mariadb": (100, 300, 1_000)}
COMMANDS = ("heads", "history", "upgrade head", "revision -m x --rev-id x")
PROGRAMS = ("limbeck", "reference", "the database alone")
MOST_RUNS = 5
SECONDS = 5.0
"""Each point is the least of so many runs, or of as many as fit into this time."""
MOST_FOR_REFERENCE = {"revisions": 10_000, "revisions, SQLite": 1_000, "tables": 1_000}
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}
TARGET = ROOT / "docs" / "concepts" / "growth.json"


@dataclass
class Curve:
    """Seconds of processor time of one command, by the size of its input."""

    command: str
    of: str
    seconds: dict[str, dict[int, float]] = field(default_factory=lambda: {name: {} for name in PROGRAMS})

    @property
    def fits(self) -> dict[str, Fit]:
        """The law of growth of each program."""
        return {name: fitted(points) for name, points in self.seconds.items() if len(points) > 2}

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "fits": {name: asdict(fit) for name, fit in self.fits.items()}}


def main() -> int:
    """Measure all curves, print them, and write them down."""
    parts = {"reading": reading, "creating": creating, "comparing": comparing}
    chosen = sys.argv[1:] or list(parts)
    for part in chosen:
        for curve in parts[part]():
            keep(curve)
            for name, fit in curve.fits.items():
                points = ", ".join(
                    f"{size}: {seconds:.2f} s" for size, seconds in curve.seconds[name].items()
                )
                print(f"{curve.command:<20} {curve.of:<18} {name:<9} {points}   {fit}", flush=True)
    return 0


def keep(curve: Curve) -> None:
    """Write down a curve, in the place of the one that was measured before."""
    known = json.loads(TARGET.read_text(encoding="utf-8"))["curves"] if TARGET.exists() else []
    curves = {(one["command"], one["of"]): one for one in known}
    curves[curve.command, curve.of] = curve.to_json()
    record = {
        "when": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "curves": list(curves.values()),
    }
    TARGET.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def reading() -> Iterator[Curve]:
    """Commands on a history that is applied."""
    curves = [Curve(command.partition(" -")[0], "revisions") for command in COMMANDS]
    for length in REVISIONS:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory:
            path = chain(Path(directory), length, body=PASS)
            set_at_head(path)
            time.sleep(UNTRUSTED)
            for name, program in programs("revisions", length):
                once([*program, "heads"], path)
                for curve, command in zip(curves, COMMANDS):
                    tidy = partial(remove_revision, path, "x")
                    curve.seconds[name][length] = least([*program, *command.split()], path, tidy)
    yield from curves


def creating() -> Iterator[Curve]:
    """Revisions that each create a table and an index, and revisions that do nothing."""
    yield upgrading("upgrade from empty", CREATING, REVISION)
    yield upgrading("upgrade, empty revisions", DOING_NOTHING, PASS)


def upgrading(title: str, lengths: Sequence[int], body: str) -> Curve:
    curve = Curve(title, "revisions, SQLite")
    for length in lengths:
        with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as directory, database("sqlite") as url:
            assert url is not None
            path = chain(Path(directory), length, body=body, url=url)
            tidy = partial(empty, "sqlite", url)
            for name, program in programs(curve.of, length):
                once([*program, "upgrade", "head", "--sql"], path)
                curve.seconds[name][length] = least([*program, "upgrade", "head"], path, tidy)
            if body == REVISION:
                file = url.removeprefix("sqlite:///")
                (path / "floor.py").write_text(floors.SQLITE_ALONE.format(path=file, length=length))
                alone = least([sys.executable, "floor.py"], path, tidy)
                curve.seconds["the database alone"][length] = alone
    return curve


def comparing() -> Iterator[Curve]:
    """Models against a database that has none of their tables, and against one that has them all."""
    first = Curve("first revision", "tables, SQLite")
    for backend, title in TITLES.items():
        curve = Curve("check", f"tables, {title}")
        for number in TABLES[backend]:
            with database(backend) as url, project(url, number) if url else nullcontext() as path:
                if path is None:
                    continue
                if backend == "sqlite":
                    tidy = partial(remove_files, path / "migrations" / "versions")
                    add_points(first, number, FIRST, path, tidy)
                fill(path)
                add_points(curve, number, "check", path)
        if backend == "sqlite":
            yield first
        if curve.fits:
            yield curve


def add_points(
    curve: Curve, number: int, command: str, path: Path, tidy: Callable[[], None] = lambda: None
) -> None:
    for name, program in programs("tables", number):
        curve.seconds[name][number] = least([*program, *command.split()], path, tidy)


def programs(of: str, size: int) -> Iterator[tuple[str, list[str]]]:
    """The programs that take part at a size."""
    yield "limbeck", ours()
    reference = find_reference()
    if reference is not None and size <= MOST_FOR_REFERENCE[of]:
        yield "reference", reference


def least(command: Sequence[str], path: Path, tidy: Callable[[], None]) -> float:
    """The least processor time of some runs."""
    seconds: list[float] = []
    while len(seconds) < MOST_RUNS and sum(seconds) < SECONDS:
        seconds.append(once(command, path).cpu)
        tidy()
    return min(seconds)


if __name__ == "__main__":
    sys.exit(main())
