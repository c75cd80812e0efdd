"""Run the benchmarks, print a table, keep the numbers as JSON, and fail where a budget is exceeded.

`make bench`; `make bench ARGS="--rounds 5"` for a quick look; `make bench ARGS="startup upgrading"` for some of it;
`make bench ARGS=--count` for instructions in the place of seconds, where other programs disturb the clock.
The reference takes part where `make reference` has installed it, or where LIMBECK_BENCH_REFERENCE names its program.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
import time
import tomllib
from pathlib import Path

import bulkinsert
import comparing
import longhistory
import measure
import rebuild
import safety
import startup
import upgrading
from measure import Result, find_reference

HERE = Path(__file__).parent
SUITES = {
    suite.__name__: suite
    for suite in (startup, longhistory, upgrading, comparing, safety, bulkinsert, rebuild)
}
HEAD = (
    f"{'case':<28} {'cpu':>8} {'wall':>8} {'memory':>8}   {'reference':>9} {'ratio':>6} {'wall':>6} {'memory':>6}"
    f" {'floor':>8} {'ratio':>6}"
)
COUNTED_HEAD = f"{'case':<28} {'ours':>8} {'reference':>12} {'ratio':>6}"
COUNTED = ("startup", "longhistory", "upgrading", "comparing")
"""The suites whose cases are single commands beside the same of the reference."""
SHORT = ("startup", "upgrading")
MOST_LONG_ROUNDS = 5
"""In the other suites the reference needs seconds for each run on a long history, and both for many rows."""


def main() -> int:
    """Measure everything; the exit status says whether all budgets held."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11, help="runs of each case; the median counts")
    parser.add_argument("suites", nargs="*", metavar="suite", help=f"only these of {', '.join(SUITES)}")
    parser.add_argument(
        "--count",
        action="store_true",
        help="count instructions once in the place of time, if valgrind is installed",
    )
    arguments = parser.parse_args()
    measure.is_counting = arguments.count
    suites = COUNTED if arguments.count else tuple(SUITES)
    unknown = set(arguments.suites).difference(suites)
    if unknown:
        parser.error(f"there is no suite {', '.join(sorted(unknown))}, but {', '.join(suites)}")
    if arguments.count and shutil.which("valgrind") is None:
        parser.error("to count instructions takes valgrind, which is not installed")
    budgets = tomllib.loads((HERE / "budgets.toml").read_text(encoding="utf-8"))
    if find_reference() is None:
        print("The reference is not installed (`make reference`): no ratios.")
    print(COUNTED_HEAD if arguments.count else HEAD)
    results, exceeded = [], []
    for name in arguments.suites or suites:
        rounds = arguments.rounds if name in SHORT else min(arguments.rounds, MOST_LONG_ROUNDS)
        for result in SUITES[name].run(rounds):
            results.append(result)
            print(line(result), flush=True)
            exceeded += excess(result, budgets.get(result.case, {}))
    if not arguments.count:
        keep(results)
    print("\n".join(exceeded) or "all budgets held")
    return bool(exceeded)


def line(result: Result) -> str:
    ours, reference = result.ours, result.reference
    if measure.is_counting:
        text = f"{result.case:<28} {ours.cpu:7.3f}G"
        return f"{text} {reference.cpu:11.3f}G {result.ratio:6.2f}" if reference else text
    text = f"{result.case:<28} {ours.cpu:7.3f}s {ours.wall:7.3f}s {ours.memory:6.1f}MB"
    if reference:
        ratios = (result.ratio, result.wall_ratio, result.memory_ratio)
        text += f"   {reference.cpu:8.3f}s " + " ".join(f"{ratio:6.2f}" for ratio in ratios)
    else:
        text += " " * 33
    return f"{text} {result.floor.cpu:7.3f}s {result.floor_ratio:6.2f}" if result.floor else text


def excess(result: Result, budget: dict[str, float]) -> list[str]:
    measured = {
        "cpu": result.ours.cpu,
        "ratio": result.ratio,
        "wall_ratio": result.wall_ratio,
        "memory_ratio": result.memory_ratio,
        "floor_ratio": result.floor_ratio,
    }
    if measure.is_counting:
        measured = {"ratio": result.ratio}
    return [
        f"OVER BUDGET: {result.case}: {name} {value:.3f} > {budget[name]}"
        for name, value in measured.items()
        if name in budget and value is not None and value > budget[name]
    ]


def keep(results: list[Result]) -> None:
    """Keep the numbers of this run, and one line of them with those of all runs before."""
    directory = HERE / "results"
    directory.mkdir(exist_ok=True)
    record = {
        "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "results": [result.to_json() for result in results],
    }
    (directory / "latest.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    with open(directory / "history.jsonl", "a", encoding="utf-8") as history:
        history.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    sys.exit(main())
