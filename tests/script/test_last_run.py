"""The facts about the last run lie beside byte code; where they cannot be kept, nobody hears of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from limbeck.script import ScriptDirectory
from limbeck.script.last_run import LastRun, find_last_run, read_last_run, write_last_run
from tests.script.project import make_project


@pytest.fixture(autouse=True)
def bytecode_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def project(tmp_path: Path) -> ScriptDirectory:
    return make_project(tmp_path / "m", "a1 <- b2")


def test_what_was_written_last_is_read(project: ScriptDirectory) -> None:
    assert read_last_run(project) is None
    for command in ("upgrade", "downgrade"):
        assert write_last_run(
            project,
            LastRun(
                {"command": command, "user": "\udcffé"},
                ['{"statements": []}', '{"statements": [[1, "SELECT 1", 0.5, true]]}'],
            ),
        )
    assert read_last_run(project) == {
        "command": "downgrade",
        "user": "\udcffé",
        "steps": [
            {"statements": []},
            {"statements": [{"number": 1, "sql": "SELECT 1", "seconds": 0.5, "ok": True}]},
        ],
    }
    directory, name = os.path.split(find_last_run(project))
    assert os.path.basename(directory) == "__pycache__"
    assert [found for found in os.listdir(directory) if found.startswith("limbeck-last")] == [name]


def test_it_is_where_byte_code_is_kept_elsewhere(
    project: ScriptDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    assert write_last_run(project, LastRun({}, []))
    assert find_last_run(project).startswith(str(tmp_path / "elsewhere"))
    assert list((tmp_path / "m").rglob("limbeck-last*")) == []


def test_nothing_is_written_where_no_byte_code_may_be(
    project: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert not write_last_run(project, LastRun({}, []))
    assert not os.path.exists(find_last_run(project))


def test_nothing_is_written_where_nothing_can_be(project: ScriptDirectory) -> None:
    cache = Path(find_last_run(project)).parent
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file in the way of the directory")  # also the superuser cannot write into it
    assert not write_last_run(project, LastRun({}, []))
    assert read_last_run(project) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"v": 0, "command": "upgrade"}', '{"v": 2}', '{"v": 2, "steps": [1]}', "\xff"],
)
def test_a_file_of_another_kind_is_as_good_as_none(project: ScriptDirectory, text: str) -> None:
    path = Path(find_last_run(project))
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(text.encode("latin-1"))
    assert read_last_run(project) is None
