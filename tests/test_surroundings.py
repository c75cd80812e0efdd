"""Tests have their own surroundings: what whoever runs them has set for a project of theirs changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import OF_WHOEVER_RUNS_THE_TESTS

ROOT = Path(__file__).parents[1]


def test_variables_of_a_project_reach_no_test() -> None:
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/cli/test_failures.py"),
            *("-k", "there_is_no_url or the_url_is_not_set or no_project_here"),
        ],
        cwd=ROOT,
        env={**os.environ, **dict.fromkeys(OF_WHOEVER_RUNS_THE_TESTS, "sqlite:///theirs")},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout
    assert "3 passed" in finished.stdout
