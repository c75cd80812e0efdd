"""Runs the public test kit for dialects, which the original's package brings, with the original and with limbeck.

    python tests/compat/dialect_kit.py [--python PROGRAM] [--postgresql URL]

The kit is run on SQLite and PostgreSQL as a dialect's package would: its whole suite, imported into one test file. The
original comes from the package index, into `limbeck-compat` in the directory for temporary files. The exit status
tells whether limbeck fails a test that the original passes, and `dialect_kit.toml` does not list.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = Path(tempfile.gettempdir(), "limbeck-compat", "dialect-kit")
LISTED: dict[str, str] = {
    name: entry["why"]
    for entry in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["difference"]
    for name in entry["tests"]
}
FILES = {
    "conftest.py": """\
import pytest

pytest.register_assert_rewrite("sqlalchemy.testing.assertions")
from sqlalchemy.testing.plugin.pytestplugin import *
""",
    "requirements.py": """\
from alembic.testing.requirements import SuiteRequirements


class Requirements(SuiteRequirements):
    pass
""",
    "setup.cfg": """\
[sqla_testing]
requirement_cls = requirements:Requirements
profile_file = profiles.txt
[db]
default = sqlite:///:memory:
""",
    "test_suite.py": "from alembic.testing.suite import *\n",
}


def main() -> int:
    """Run the kit on each database with both; say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to run it with")
    parser.add_argument("--postgresql", default="postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
    arguments = parser.parse_args()
    python = install(arguments.python)
    print(
        "| database | with the original | with limbeck | only with the original | new |",
        "|---|---|---|---|---|",
        sep="\n",
    )
    worse = 0
    for name, url in {"SQLite": "sqlite:///:memory:", "PostgreSQL": arguments.postgresql}.items():
        original, ours = run(python, url), run(python, url, "-p", "limbeck.as_alembic")
        lost = sorted(test for test, passed in original.items() if passed and not ours.get(test, False))
        new = [test for test in lost if test not in LISTED]
        worse += len(new)
        counts = [f"{sum(found.values())} / {len(found)}" for found in (original, ours)]
        print(
            f"| {name} | {counts[0]} | {counts[1]} | {len(lost)} | {'; '.join(new) or 'none'} |", flush=True
        )
    return bool(worse)


def install(base: str) -> Path:
    """An environment with the original and limbeck, and the files of a dialect's package."""
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([base, "-m", "venv", str(WORK / "venv")], check=True)
    needs = ["-e", str(ROOT), "alembic", "pytest", "psycopg[binary]"]
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *needs], check=True)
    for name, text in FILES.items():
        WORK.joinpath(name).write_text(text, encoding="utf-8")
    return python


def run(python: Path, url: str, *options: str) -> dict[str, bool]:
    """Each test that was not skipped, without the name of the database in its name, and whether it passed."""
    report = WORK / "report.xml"
    report.unlink(missing_ok=True)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", *options, "--dburi", url, f"--junitxml={report}", "test_suite.py"],
        cwd=WORK, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not report.exists():
        sys.exit(f"the kit does not load:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = {}
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        if "skipped" not in kinds:
            owner = re.sub(r"_[a-z]+\+.*$", "", (case.get("classname") or "").rpartition(".")[2])
            found[f"{owner}::{case.get('name')}"] = not kinds & {"failure", "error"}
    return found


if __name__ == "__main__":
    sys.exit(main())
