"""The demo shows real commands at work, leaves nothing behind unless asked to, and touches nobody's project."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

import pytest

from limbeck.base.look import Look
from limbeck.command import demo
from limbeck.command.demonstration import walk
from limbeck.command.demonstration.shop import STEPS, Run
from limbeck.config import Config
from limbeck.errors import CommandError

SHORT = (Run(("init", "--models", "shop")), Run(("heads",)))
HOSTILE = {
    "ALEMBIC_CONFIG": "theirs.ini",
    "DATABASE_URL": "postgresql://app:c4nary@127.0.0.1:1/theirs",
    "LIMBECK_URL": "postgresql://app:c4nary@127.0.0.1:1/theirs",
    "LIMBECK_MODELS": "theirs.models",
    "LIMBECK_DIR": "theirs",
}


def files_in(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*"))


def config(**options: object) -> Config:
    return Config(stdout=io.StringIO(), cmd_opts=Namespace(**options))


def said(of: Config) -> str:
    assert isinstance(of.stdout, io.StringIO)
    return of.stdout.getvalue()


def test_the_whole_demo_beside_a_project_that_it_must_not_touch(tmp_path: Path) -> None:
    """It is kept here, so that it can be looked at; the settings around it would break every command of it."""
    (tmp_path / "alembic.ini").write_text("neither a section nor a setting\n")
    (tmp_path / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "theirs"\nurl = "sqlite:///theirs"\n'
    )
    before = files_in(tmp_path)
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck", "demo", "playground"],
        cwd=tmp_path,
        env={**os.environ, **HOSTILE},
        capture_output=True,
        text=True,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert [name for name in files_in(tmp_path) if not name.startswith("playground")] == before
    commands = [step.words for step in STEPS if isinstance(step, Run)]
    shown = re.findall(r"(?m)^\$ limbeck (\w+)", finished.stdout)
    assert shown == [words[0] for words in commands]
    assert {"init", "revision", "plan", "upgrade", "check", "history", "downgrade", "status"} <= set(shown)
    assert "Migration failed: UNIQUE constraint failed: customer.email" in finished.stdout
    assert finished.stdout.endswith("\nGo on from here: cd playground\n")
    assert "c4nary" not in finished.stdout
    assert len(list((tmp_path / "playground" / "migrations" / "versions").glob("*.py"))) == 3
    assert (tmp_path / "playground" / "shop.db").exists()


def test_without_a_directory_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(walk, "STEPS", SHORT)
    given = config()
    demo(given)
    assert f"A shop with three tables, in {tmp_path}" in said(given)
    assert "$ limbeck init --models shop\n  found     3 tables in shop\n" in said(given)
    assert "Nothing is left of this" in said(given)
    assert files_in(tmp_path) == []


def test_nothing_is_left_of_a_demo_that_fails_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(walk, "STEPS", (Run(("heads",)),))
    given = config()
    with pytest.raises(CommandError) as caught:
        demo(given)
    assert str(caught.value) == "`limbeck heads` has ended with 255 in the demo, where it should end with 0"
    assert "No 'script_location' key found" in said(given)
    assert files_in(tmp_path) == []


def test_quiet_shows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "STEPS", SHORT)
    given = config(quiet=True)
    demo(given, str(tmp_path / "here"))
    assert said(given) == ""
    assert (tmp_path / "here" / "pyproject.toml").exists()


def test_a_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="already exists and is not empty"):
        demo(config(), str(tmp_path))
    assert files_in(tmp_path) == ["mine.txt"]


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ("database_url", "--url"),
        ("models_module", "--models"),
        ("script_location", "--dir"),
        ("config", "--config"),
    ],
)
def test_a_demo_in_somebodys_project_is_refused(option: str, flag: str) -> None:
    with pytest.raises(CommandError, match=f"a database of its own, so {flag} does not go with it"):
        demo(config(**{option: "theirs"}))


def test_its_commands_have_the_colours_of_the_demo_and_nothing_of_others() -> None:
    environ = {"PATH": "/bin", "NO_COLOR": "1", "FORCE_COLOR": "0", "CI": "1", **HOSTILE}
    kept = {"PATH": "/bin", "CI": "1", "PYTHONIOENCODING": "utf-8"}
    place = Path("/demo")
    assert walk.own_environment(environ, Look(), place) == {**kept, "NO_COLOR": "1"}
    assert walk.own_environment(environ, Look(has_color=True), place) == {**kept, "FORCE_COLOR": "1"}
    elsewhere = {**environ, "PYTHONPYCACHEPREFIX": "/cache"}
    assert walk.own_environment(elsewhere, Look(), place)["PYTHONPYCACHEPREFIX"] == str(place / "bytecode")
