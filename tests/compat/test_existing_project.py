"""A project made for Alembic, copied in: limbeck runs it and changes no file, and the original takes over again."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.scenarios import scenario

ROOT = Path(__file__).parents[2]
STORY = ROOT / "tests" / "scenarios" / "stories" / "existing_project.txt"
ORIGINAL = ROOT / ".venv-reference" / "bin" / "python"
HISTORY = """\
Rev: 2b3c4d5e6f70 (head)
Parent: 1a2b3c4d5e6f
Path: {project}/migrations/versions/2b3c4d5e6f70_add_age.py

    add age
    {blank}
    Revision ID: 2b3c4d5e6f70
    Revises: 1a2b3c4d5e6f
    Create Date: 2022-03-05 10:11:12.131415

Rev: 1a2b3c4d5e6f
Parent: <base>
Path: {project}/migrations/versions/1a2b3c4d5e6f_create_account.py

    create account
    {blank}
    Revision ID: 1a2b3c4d5e6f
    Revises:{blank}
    Create Date: 2022-03-04 10:11:12.131415

"""


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Path:
    """The files of the project."""
    for name, content in scenario.read(STORY).files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("{url}", database_url), encoding="utf-8")
    return tmp_path


def run(project: Path, *words: str, python: str | Path = sys.executable, package: str = "limbeck") -> str:
    """What a command prints on standard output."""
    done = subprocess.run(
        [python, "-m", package, *words],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def digests(project: Path) -> dict[str, str]:
    """The files of a project, and what is in them."""
    return {
        str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in project.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite", ".pyc") and "__pycache__" not in path.parts
    }


def without_trailing_spaces(text: str) -> Sequence[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_every_command_runs_and_no_file_is_changed(project: Path) -> None:
    before = digests(project)
    run(project, "upgrade", "head")
    expected = HISTORY.format(project=project, blank="")
    assert without_trailing_spaces(run(project, "history", "-v")) == without_trailing_spaces(expected)
    current = run(project, "current", "-v")
    assert [line for line in current.splitlines() if line.startswith("Rev: ")] == ["Rev: 2b3c4d5e6f70 (head)"]
    run(project, "downgrade", "-1")
    assert run(project, "current") == "1a2b3c4d5e6f\n"
    run(project, "upgrade", "head")
    run(project, "revision", "--autogenerate", "-m", "nothing new", "--rev-id", "3c4d")
    after = digests(project)
    (added,) = after.keys() - before.keys()
    assert added == str(Path("migrations", "versions", "3c4d_nothing_new.py"))
    assert {name: after[name] for name in before} == before
    assert "from alembic import op\n" in (project / added).read_text(encoding="utf-8")


@pytest.mark.skipif(not ORIGINAL.exists(), reason="`make reference` installs the original")
def test_the_original_goes_on_where_limbeck_has_stopped_and_the_other_way_round(project: Path) -> None:
    run(project, "upgrade", "1a2b")
    run(project, "upgrade", "head", python=ORIGINAL, package="alembic")
    run(project, "revision", "--autogenerate", "-m", "nothing new", "--rev-id", "3c4d")
    run(project, "upgrade", "head", python=ORIGINAL, package="alembic")
    assert run(project, "current") == "3c4d (head)\n"
    run(project, "downgrade", "-2")
    assert run(project, "current", python=ORIGINAL, package="alembic") == "1a2b3c4d5e6f\n"
    run(project, "downgrade", "base", python=ORIGINAL, package="alembic")
    assert run(project, "current") == ""
