"""Notes that GitHub shows beside the lines of revision files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from limbeck.base.answer import Note
from limbeck.cli.github import render_notes
from tests.command.project import Project


def test_signs_that_mean_something_are_escaped() -> None:
    notes = [Note("warning", "100%\nof: it", "a,b:c.py", 3, "x"), Note("error", "no place")]
    assert list(render_notes(notes)) == [
        "::warning file=a%2Cb%3Ac.py,title=x,line=3::100%25%0Aof: it",
        "::error title=limbeck::no place",
    ]


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", up="op.create_table('t', sa.Column('id', sa.Integer))")
    made.add("b1", "a1", up="op.create_index('ix', 't', ['id'])")
    made.add("c1", "b1", up="op.execute('INSERT INTO nowhere VALUES (1)')")
    made.out("upgrade", "a1")
    return made


def noted(project: Project, *words: str) -> list[str]:
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck", *words, "--output", "github"],
        cwd=project.directory,
        capture_output=True,
        text=True,
    )
    return [line for line in finished.stdout.splitlines() if line.startswith("::")]


def test_a_plan_notes_what_needs_care(shop: Project) -> None:
    assert noted(shop, "plan") == [
        "::warning file=migrations/versions/b1.py,title=limbeck plan,line=13::create index ix on t (id): blocks "
        "writes, reads each row (the index is built; one writer for the whole database); t has about 0 rows",
        "::error file=migrations/versions/c1.py,title=limbeck plan,line=13::will fail in line 13: OperationalError: "
        "no such table: nowhere",
    ]


def test_a_failure_is_noted_beside_its_line(shop: Project) -> None:
    (note,) = noted(shop, "upgrade", "heads")
    assert note.startswith("::error file=migrations/versions/c1.py,title=LBK-")
    assert ",line=13::Migration failed: no such table: nowhere%0A" in note


def test_where_nothing_needs_care_nothing_is_noted(shop: Project) -> None:
    assert noted(shop, "heads") == []
