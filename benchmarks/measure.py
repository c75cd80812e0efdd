"""Run a command as a process of its own and measure it."""

from __future__ import annotations

import json
import math
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

is_counting = False
"""Whether instructions are counted, by valgrind, in the place of time and memory."""
REFERENCE_VARIABLE = "LIMBECK_BENCH_REFERENCE"
ROOT = Path(__file__).parents[1]
LAUNCHER = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Measured:
    """The median of several runs: seconds of wall clock and of processor, and megabytes at the peak."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Result:
    """One case: ours, the reference if it is there (or limbeck at a lighter task), and what nothing can go below."""

    case: str
    ours: Measured
    reference: Measured | None = None
    floor: Measured | None = None

    @property
    def ratio(self) -> float | None:
        """Our processor time ÷ the reference's."""
        return self.ours.cpu / self.reference.cpu if self.reference else None

    @property
    def wall_ratio(self) -> float | None:
        """Our wall clock ÷ the reference's."""
        return self.ours.wall / self.reference.wall if self.reference else None

    @property
    def memory_ratio(self) -> float | None:
        """Our peak of memory ÷ the reference's."""
        return self.ours.memory / self.reference.memory if self.reference else None

    @property
    def floor_ratio(self) -> float | None:
        """Our processor time ÷ the floor's."""
        return self.ours.cpu / self.floor.cpu if self.floor else None

    def to_json(self) -> dict[str, object]:
        """The numbers, and the ratios that follow from them."""
        names = ("ratio", "wall_ratio", "memory_ratio", "floor_ratio")
        return {**asdict(self), **{name: getattr(self, name) for name in names}}


def ours() -> list[str]:
    """The command that is measured: the console script of the environment we run in."""
    return [str(Path(sys.executable).with_name("limbeck"))]


def find_reference() -> list[str] | None:
    """The reference's program, from the variable or from `make reference`."""
    named = os.environ.get(REFERENCE_VARIABLE)
    path = Path(named) if named else ROOT / ".venv-reference" / "bin" / "alembic"
    return [str(path)] if path.exists() else None


def compare(
    case: str,
    arguments: Sequence[str],
    directory: Path,
    rounds: int,
    *,
    floor: str | None = None,
    tidy: Callable[[], None] = lambda: None,
    is_known_there: bool = True,
) -> Result:
    """Measure both, taking turns, so that a change of the machine's mood hits both.

    `floor` is a script that does what no program can do without; `tidy` undoes what a run has left behind.
    What the reference does not know is measured alone.
    """
    if is_counting:
        rounds, floor = 1, None
    reference = find_reference() if is_known_there else None
    commands = [
        [*ours(), *arguments],
        [*reference, *arguments] if reference else None,
        [sys.executable, floor] if floor else None,
    ]
    runs: list[list[Measured]] = [[], [], []]
    for number in range(rounds + 1):  # the first is for byte code and disk cache
        for command, done in zip(commands, runs):
            if command:
                measured = count(command, directory) if number and is_counting else once(command, directory)
                tidy()
                if number:
                    done.append(measured)
    return Result(case, *(median(done) if done else None for done in runs))  # type: ignore[arg-type]  # ours is there


def once(command: Sequence[str], directory: Path) -> Measured:
    """Run it once; it must succeed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    finished = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), *command],
        cwd=directory, env=environment, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    *measured, status = json.loads(finished.stdout)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    return Measured(*measured)


def count(command: Sequence[str], directory: Path) -> Measured:
    """Count the instructions of a run, in thousands of millions, in the place of seconds; they depend on nobody else.

    What the kernel does is not in them, nor how long the processor waits for memory.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    counter = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    finished = subprocess.run(
        [*counter, *command],
        cwd=directory, env=environment | {"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"Collected : (\d+)", finished.stderr)
    assert found is not None, finished.stderr
    instructions = int(found.group(1)) / 1e9
    return Measured(instructions, instructions, math.nan)


def median(runs: Sequence[Measured]) -> Measured:
    return Measured(
        *(statistics.median(getattr(run, name) for run in runs) for name in ("wall", "cpu", "memory"))
    )
