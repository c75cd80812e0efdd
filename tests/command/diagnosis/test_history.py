"""What is wrong with how revisions refer to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.command.diagnosis.finding import Level
from limbeck.command.diagnosis.history import check_history, read_each


def write(directory: Path, *revisions: tuple[str, str]) -> list[str]:
    """Files for revisions, each given as its identifier and the rest of its file."""
    paths = []
    for number, (revision, rest) in enumerate(revisions):
        path = directory / f"{number}.py"
        path.write_text(f"revision = {revision!r}\n{rest}\n")
        paths.append(str(path))
    return paths


def told(directory: Path, *revisions: tuple[str, str]) -> list[tuple[str, str]]:
    scripts, unreadable = read_each(write(directory, *revisions))
    return [(finding.level.value, finding.what) for finding in (*unreadable, *check_history(scripts))]


ROOT = ("a", "down_revision = None")


@pytest.mark.parametrize(
    ("revisions", "findings"),
    [
        ([ROOT, ("b", "down_revision = 'a'")], []),
        ([ROOT, ROOT], [("broken", "Two files have the revision 'a'")]),
        (
            [ROOT, ("b", "down_revision = ('a', 'x')\ndepends_on = 'y'")],
            [
                ("broken", "Revision 'b' names 'x' in down_revision, and no file has that revision"),
                ("broken", "Revision 'b' names 'y' in depends_on, and no file has that revision"),
            ],
        ),
        (
            [ROOT, ("b", "down_revision = 'a'"), ("c", "down_revision = 'a'")],
            [("broken", "There are 2 heads: b, c")],
        ),
        ([ROOT, ("b", "down_revision = None\nbranch_labels = 'lab'")], []),
        ([("x" * 33, "down_revision = None")], [("different", "Identifiers are longer than 32 characters")]),
        (
            [("a", "down_revision = None\n1 / 0 and exec('')")],
            [("broken", "A revision file fails when it is run: ZeroDivisionError")],
        ),
    ],
)
def test_a_history(tmp_path: Path, revisions: list[tuple[str, str]], findings: list[tuple[str, str]]) -> None:
    assert told(tmp_path, *revisions) == findings


def test_each_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    paths = write(tmp_path, ("a", "down_revision = ("), ("b", ""))
    scripts, findings = read_each(paths)
    assert scripts == []
    assert [finding.level for finding in findings] == [Level.BROKEN, Level.BROKEN]
    assert all(path in finding.what for path, finding in zip(paths, findings, strict=True))


def test_a_circle_is_broken(tmp_path: Path) -> None:
    ((level, what),) = told(tmp_path, ("a", "down_revision = 'b'"), ("b", "down_revision = 'a'"))
    assert level == "broken"
    assert "a" in what
    assert "b" in what
