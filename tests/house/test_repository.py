"""What is committed works anywhere: no lock file, no package index, no path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).relative_to(ROOT)
STRANGE = re.compile(
    r"index-url|index_url|files\.pythonhosted|simple/|(?<![\w.{}~])/(?:tmp|work|home|root)/\w", re.IGNORECASE
)


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def test_no_lock_file_is_committed() -> None:
    locks = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml"}
    assert [path for path in committed_files() if path.name in locks] == []


def test_nothing_names_an_index_or_a_place_on_one_machine() -> None:
    strange = []
    for path in committed_files():
        if path == HERE or path.suffix in (".png", ".ico"):
            continue
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            if STRANGE.search(line):
                strange.append(f"{path}:{number} {line.strip()}")
    assert strange == []
