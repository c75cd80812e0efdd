"""Law 5: what editors and type checkers see behind `op` and `context` is what is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_stubs_of_the_doors_are_fresh() -> None:
    finished = subprocess.run(
        [sys.executable, "tools/stubs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout


def test_the_pages_made_from_the_code_are_fresh() -> None:
    """Law 6: every command, option, directive and error is in the documentation."""
    finished = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr + finished.stdout
