"""A user's project that calls limbeck is clean for type checkers, and its mistakes are found by them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "project"

pytestmark = pytest.mark.skipif(
    not (find_spec("mypy") and find_spec("pyright")),
    reason="the type checkers are not installed; `make check` installs them and runs this",
)


def run(*command: str, cwd: Path) -> str:
    """What a checker prints, with its exit status."""
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    return f"{finished.stdout}{finished.stderr}exit {finished.returncode}"


def test_mypy_strict_is_content() -> None:
    """Comments that ignore an error, and would ignore nothing, are errors, too."""
    cache = ROOT / ".mypy_cache" / "user-project"
    printed = run("mypy", "--strict", "--config-file=", f"--cache-dir={cache}", ".", cwd=PROJECT)
    assert printed == "Success: no issues found in 3 source files\nexit 0"


def test_pyright_strict_is_content(tmp_path: Path) -> None:
    """For the mistakes as well: each is where it is said to be."""
    shutil.copytree(PROJECT, tmp_path / "project")
    settings = {
        "include": ["project"],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    printed = run("pyright", "--pythonpath", sys.executable, cwd=tmp_path)
    assert printed == "0 errors, 0 warnings, 0 informations\nexit 0"
