"""What Python looks through for garbage: less in a process of limbeck's own, all of it in anybody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command.project import ENV, Project

FROZEN = "\nimport gc\nassert (gc.get_freeze_count() > 10_000) is {expected}, gc.get_freeze_count()\n"
AS_COMMAND = (
    "import sys; from limbeck.cli.main import main; sys.argv = ['limbeck', 'upgrade', 'head']; main()"
)
AS_PROGRAM = (
    "from limbeck import command; from limbeck.config import Config\n"
    "command.upgrade(Config('alembic.ini'), 'head')"
)
IN_A_PROGRAM = "from limbeck.cli.main import main; main(['upgrade', 'head'])"

TIDY = """
import os

class Tidy:
    def __del__(self, write=os.write):
        write(1, b"tidied up\\n")

tidy = Tidy()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1")
    return made


def run(project: Project, program: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=project.directory, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize(
    ("program", "expected"), [(AS_COMMAND, True), (AS_PROGRAM, False), (IN_A_PROGRAM, False)]
)
def test_what_is_imported_before_env_py_is_set_aside_in_a_process_of_its_own(
    project: Project, program: str, expected: bool
) -> None:
    environment = project.directory / "migrations" / "env.py"
    environment.write_text(FROZEN.format(expected=expected) + ENV)
    run(project, program)


def test_what_env_py_leaves_behind_is_tidied_up_at_the_end(project: Project) -> None:
    """The object and the names of the module hold each other: only a search for garbage finds them."""
    environment = project.directory / "migrations" / "env.py"
    environment.write_text(f"{ENV}{TIDY}")
    assert run(project, AS_COMMAND).endswith("tidied up\n")
