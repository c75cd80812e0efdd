"""Runs the test suites of packages that extend Alembic, with the original and with limbeck in its place.

    python -m tests.compat.extensions [NAME ...] [--python PROGRAM] [--postgresql HOST:PORT]

Sources and requirements come from the package index, into `limbeck-compat` in the directory for temporary files.
The result is a table, also written to `extensions.md` there; the exit status tells whether limbeck fails a test that
the original passes. This is not part of the test run, since it needs the index and takes minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WORK = Path(tempfile.gettempdir(), "limbeck-compat")
"""Outside of this project, whose settings for pytest are not theirs."""
SUITES: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
SWITCH = "LIMBECK_AS_ALEMBIC"
STARTUP = f'import os; os.environ.get("{SWITCH}") and __import__("limbeck.as_alembic")\n'
"""Also for the processes that tests start: a line that Python runs at its own start."""


@dataclass(frozen=True)
class Outcome:
    """The tests of one run by what became of them."""

    passed: frozenset[str]
    failed: frozenset[str]
    skipped: frozenset[str]

    def __str__(self) -> str:
        return f"{len(self.passed)} / {len(self.passed) + len(self.failed)}"


def main() -> int:
    """Run the suites that are asked for, all if none is; say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUITES))
    parser.add_argument("--python", default=sys.executable, help="the interpreter to run them with")
    parser.add_argument("--postgresql", default="127.0.0.1:5432", metavar="HOST:PORT")
    arguments = parser.parse_args()
    lines = ["| suite | with the original | with limbeck | only with the original |", "|---|---|---|---|"]
    worse = 0
    for name in arguments.names or SUITES:
        suite = Suite(name, arguments.python, arguments.postgresql)
        suite.install()
        original, ours = suite.run(with_limbeck=False), suite.run(with_limbeck=True)
        lost = sorted(original.passed - ours.passed)
        worse += len(lost)
        lines.append(f"| {SUITES[name]['source']} | {original} | {ours} | {'; '.join(lost) or 'none'} |")
        print(*lines[:2] if len(lines) == 3 else (), lines[-1], sep="\n", flush=True)
    WORK.joinpath("extensions.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return bool(worse)


class Suite:
    """One package with its tests, in an environment of its own."""

    def __init__(self, name: str, python: str, server: str) -> None:
        self.settings = SUITES[name]
        self.home = WORK / name
        self.base_python = python
        self.python = self.home / "venv" / "bin" / "python"
        host, _, port = server.partition(":")
        self._words = {"server": server, "host": host, "port": port}

    def install(self) -> None:
        """Fetch the source, and install it with all that its tests need, beside limbeck and the original."""
        if not self.python.exists():
            subprocess.run([self.base_python, "-m", "venv", str(self.home / "venv")], check=True)
        self._pip(
            "install", "-e", str(ROOT), "alembic", "pytest", self.settings["source"], *self.settings["needs"]
        )
        site = subprocess.run(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip
        Path(site, "limbeck-as-alembic.pth").write_text(STARTUP, encoding="utf-8")
        if not self._source():
            plain = self.settings["source"].replace("[", "==[").split("==[")[0].split("==")[0]
            version = self.settings["source"].rpartition("==")[2]
            self._pip(
                "download", "--no-deps", "--no-binary", plain, "-d", str(self.home), f"{plain}=={version}"
            )
            (archive,) = self.home.glob("*.tar.gz")
            with tarfile.open(archive) as opened:
                opened.extractall(self.home / "source", filter="data")

    def run(self, *, with_limbeck: bool) -> Outcome:
        """Run the tests once."""
        source = self._source()
        assert source is not None
        environment = dict(os.environ) | self._filled(self.settings.get("environment", {}))
        environment["PATH"] = f"{self.python.parent}{os.pathsep}{environment['PATH']}"
        environment[SWITCH] = "1" if with_limbeck else ""
        chosen = [text.format_map(self._words) for text in self.settings["tests"]]
        if "each" in self.settings:  # suites whose parts cannot share a process
            parts = sorted((source / chosen[0]).glob(self.settings["each"]))
            runs = [self._pytest_copy(part, self.settings["options"], environment) for part in parts]
        else:
            runs = [self._pytest(source, chosen, environment)]
        return Outcome(*(frozenset().union(*kinds) for kinds in zip(*runs, strict=True)))

    def _pytest_copy(
        self, directory: Path, options: list[str], environment: Mapping[str, str]
    ) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Run the tests of a directory in a copy, since they write revisions beside themselves."""
        copy = self.home / "copy" / directory.name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(directory, copy)
        return self._pytest(copy, [*options, "."], environment)

    def _pytest(
        self, directory: Path, tests: list[str], environment: Mapping[str, str]
    ) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        report = self.home / "report.xml"
        report.unlink(missing_ok=True)
        done = subprocess.run(
            [self.python, "-m", "pytest", "-q", f"--junitxml={report}", *tests],
            cwd=directory, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if not report.exists():
            sys.exit(f"{directory}: pytest has not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        (self.home / f"output-{environment[SWITCH] or 'original'}.txt").write_text(
            done.stdout, encoding="utf-8"
        )
        return _read(report, directory.name)

    def _source(self) -> Path | None:
        return next(iter(sorted((self.home / "source").glob("*/"))), None)

    def _pip(self, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", *arguments, "-q", "--disable-pip-version-check"]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL if arguments[0] == "download" else None)

    def _filled(self, texts: Mapping[str, str]) -> dict[str, str]:
        return {name: text.format_map(self._words) for name, text in texts.items()}


def _read(report: Path, prefix: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    passed, failed, skipped = set(), set(), set()
    for case in ET.parse(report).iter("testcase"):
        name = f"{prefix}:{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case}
        (skipped if "skipped" in kinds else failed if kinds & {"failure", "error"} else passed).add(name)
    return frozenset(passed), frozenset(failed), frozenset(skipped)


if __name__ == "__main__":
    sys.exit(main())
