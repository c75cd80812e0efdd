"""`make` on a machine without a usable Python says so in one sentence, and leaves no environment behind."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "environment.sh"
OLD_PYTHON = '#!/bin/sh\ncase "$2" in *version_info*) exit 1 ;; *) echo 3.9.18 ;; esac\n'
NEEDED = ("sh", "cat", "rm", "touch")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A directory for PATH with no Python at all."""
    directory = tmp_path / "bin"
    directory.mkdir()
    for program in NEEDED:
        found = shutil.which(program)
        assert found is not None
        (directory / program).symlink_to(found)
    return directory


def make_environment(tmp_path: Path, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    finished = subprocess.run(
        ["sh", str(SCRIPT), "core"],
        cwd=tmp_path,
        env={"PATH": str(path), "HOME": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not (tmp_path / ".venv").exists()
    return finished


def add_program(path: Path, name: str, text: str) -> Path:
    program = path / name
    program.write_text(text)
    os.chmod(program, 0o755)
    return program


def test_no_python_at_all(tmp_path: Path, path: Path) -> None:
    finished = make_environment(tmp_path, path)
    assert finished.returncode == 1
    assert finished.stderr == (
        "limbeck: Python 3.11 or newer is needed, and none is on PATH; "
        "name one with `make PYTHON=/path/to/python ...`.\n"
    )


def test_a_python_that_is_too_old(tmp_path: Path, path: Path) -> None:
    add_program(path, "python3", OLD_PYTHON)
    finished = make_environment(tmp_path, path)
    assert finished.returncode == 1
    assert finished.stderr == (
        "limbeck: Python 3.11 or newer is needed, and the newest here is Python 3.9.18; "
        "name another one with `make PYTHON=/path/to/python ...`.\n"
    )


def test_a_named_python_that_is_too_old(tmp_path: Path, path: Path) -> None:
    named = add_program(path, "python3.9", OLD_PYTHON)
    finished = make_environment(tmp_path, path, PYTHON=str(named))
    assert finished.returncode == 1
    assert (
        finished.stderr == f"limbeck: Python 3.11 or newer is needed, and PYTHON={named} is Python 3.9.18.\n"
    )


def test_a_named_python_that_does_not_run(tmp_path: Path, path: Path) -> None:
    finished = make_environment(tmp_path, path, PYTHON="nowhere/python")
    assert finished.returncode == 1
    assert finished.stderr == "limbeck: PYTHON=nowhere/python is not a Python that runs.\n"
