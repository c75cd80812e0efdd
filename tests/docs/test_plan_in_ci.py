"""The guide about plans shows what the commands really print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command.project import Project

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "plan-in-ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line.startswith("$ ")
]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    rows = "op.execute('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1204) "
    made.add(
        "a1",
        up="op.create_table('account', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String))\n"
        f"    {rows}INSERT INTO account (id) SELECT i FROM n')",
    )
    made.add(
        "b1",
        "a1",
        message="index names",
        up="op.create_index('ix_account_name', 'account', ['name'])",
        down="op.drop_index('ix_account_name', 'account')",
    )
    made.out("upgrade", "a1")
    return made


def run(project: Project, command: str) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    assert words[0] == "limbeck"
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words[1:]], cwd=project.directory, capture_output=True, text=True
    )


def test_the_plan_is_what_is_printed(shop: Project) -> None:
    shown = next(block for block in BLOCKS if block.startswith("$ limbeck plan\n")).splitlines()[1:]
    printed = run(shop, "limbeck plan").stdout.splitlines()
    assert printed[1:] == shown[1:]
    assert re.sub(r"^\S+ @ sqlite \S+", "", printed[0]) == re.sub(r"^\S+ @ sqlite \S+", "", shown[0])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_runs(shop: Project, command: str) -> None:
    if "--plan kept.json" in command:
        run(shop, "limbeck plan --out kept.json")
    finished = run(shop, command)
    assert finished.returncode == (3 if "--exit-code" in command else 0), finished.stderr
