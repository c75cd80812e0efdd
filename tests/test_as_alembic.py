"""`limbeck.as_alembic`: programs that say `alembic`, and mean limbeck without knowing it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import alembic.config
print(alembic.config.Config.__module__, __name__, *sys.argv[1:])
import neighbour
"""
OTHER = "from pathlib import Path\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A program and a module beside it."""
    (tmp_path / "bin").mkdir()
    for place in (tmp_path, tmp_path / "bin"):
        (place / "program.py").write_text(PROGRAM)
        (place / "neighbour.py").write_text("")
    return tmp_path


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=directory, capture_output=True, text=True, check=False
    )


def test_the_first_line_of_a_program_is_enough(directory: Path) -> None:
    done = run(directory, "-c", "import limbeck.as_alembic, alembic, limbeck; print(alembic is limbeck)")
    assert done.stdout == "True\n"


def test_a_script_runs_as_if_python_had_been_given_it(directory: Path) -> None:
    done = run(directory, "-m", "limbeck.as_alembic", "bin/program.py", "-x", "y")
    assert (done.stdout, done.stderr) == ("limbeck.config __main__ -x y\n", "")


def test_a_module_runs_with_m(directory: Path) -> None:
    done = run(directory, "-m", "limbeck.as_alembic", "-m", "program", "z")
    assert (done.stdout, done.stderr) == ("limbeck.config __main__ z\n", "")


@pytest.mark.parametrize("arguments", [[], ["missing.py"], ["-m"]])
def test_nothing_to_run_is_a_usage_error(directory: Path, arguments: list[str]) -> None:
    done = run(directory, "-m", "limbeck.as_alembic", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m limbeck.as_alembic (SCRIPT | -m MODULE)")


def test_a_test_run_takes_it_as_a_plugin(directory: Path) -> None:
    (directory / "test_it.py").write_text(
        "def test_it():\n    import alembic\n    assert alembic.__name__ == 'limbeck'\n"
    )
    done = run(
        directory, "-m", "pytest", "-q", "-p", "limbeck.as_alembic", "-p", "no:cacheprovider", "test_it.py"
    )
    assert done.returncode == 0, done.stdout


def test_two_implementations_in_one_process_are_refused_by_name_and_place(directory: Path) -> None:
    (directory / "alembic.py").write_text("")
    done = run(directory, "-c", "import alembic, limbeck.as_alembic")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "'alembic' is already imported from" in last
    assert str(directory / "alembic.py") in last


def test_the_test_kit_comes_from_whoever_provides_it_and_else_is_ours(directory: Path) -> None:
    ask = "import limbeck.as_alembic, alembic.testing as kit; print(kit.__file__)"
    assert run(directory, "-c", ask).stdout.strip().endswith("limbeck/testing/__init__.py")
    kit = directory / "alembic" / "testing"
    kit.mkdir(parents=True)
    (directory / "alembic" / "__init__.py").write_text("raise AssertionError('imported')\n")
    (kit / "__init__.py").write_text("from alembic import op\nfrom .. import util\n")
    assert run(directory, "-c", ask).stdout.strip() == str(kit / "__init__.py")
