"""A rebuild is all or nothing, also where the process does not live to see its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_a_process_killed_at_any_statement_leaves_the_table_as_it_was_or_as_it_was_to_be(
    tmp_path: Path,
) -> None:
    """BAT-21, BAT-28: killed before each statement, which is after the one before it."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.ddl.sqlite.killed", str(tmp_path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    left = json.loads(finished.stdout)
    assert len(left) > 60
    assert set(left) == {"before", "after"}
