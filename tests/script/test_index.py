"""The index of headers: used while files stay as they are, never trusted otherwise, never in the way."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from limbeck.config import Config
from limbeck.errors import DuplicateRevision
from limbeck.script import ScriptDirectory
from limbeck.script import index as index_module
from limbeck.script.facts import Sheet
from limbeck.script.index import MAGIC, find_place
from limbeck.script.revision_file import Script
from tests.script.project import make_project, revision_text, write_revision


@pytest.fixture(autouse=True)
def bytecode_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptDirectory:
    """Two revisions, written long enough ago for the index to trust their times."""
    monkeypatch.setattr(index_module, "COARSEST_CLOCK", 0)
    project = make_project(tmp_path / "m", "a1 <- b2")
    time.sleep(0.03)  # what a test writes is not written within the same tick
    return project


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read, rather than remembered."""
    names: list[str] = []
    original = Script._from_path.__func__  # type: ignore[attr-defined]  # the function behind the class method

    def from_path(cls: type[Script], owner: object, path: str) -> Script:
        names.append(os.path.basename(path))
        script: Script = original(cls, owner, path)
        return script

    monkeypatch.setattr(Script, "_from_path", classmethod(from_path))
    return names


def facts(project: ScriptDirectory) -> list[tuple[object, ...]]:
    """Everything about every revision, as a new process would see it."""
    again = ScriptDirectory(project.dir)
    again.revision_index = project.revision_index
    return [
        (each.revision, each.down_revision, each.dependencies, sorted(each.branch_labels), each.doc)
        for each in again.walk_revisions()
    ]


def place(project: ScriptDirectory) -> Path:
    return Path(find_place(project.versions))


def files_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_files_that_did_not_change_are_not_read_again(project: ScriptDirectory, read: list[str]) -> None:
    write_revision(
        project, "c3_.py", revision_text("c3", ["a1", "b2"], ["a1"], ["shop", "cart"], message="é\n\nmore")
    )
    before = facts(project)
    assert read == ["a1_.py", "b2_.py", "c3_.py"]
    assert facts(project) == before
    assert read == ["a1_.py", "b2_.py", "c3_.py"]


def test_the_index_lies_beside_the_byte_code(
    project: ScriptDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts(project)
    assert files_in(Path(project.versions) / "__pycache__") == [
        f"limbeck-{sys.implementation.cache_tag}.index"
    ]
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    facts(project)
    assert place(project).is_relative_to(tmp_path / "elsewhere")
    assert place(project).exists()


def test_the_index_is_no_revision(project: ScriptDirectory) -> None:
    facts(project)
    project.sourceless = True
    assert project.get_heads() == ["b2"]


def test_a_file_that_grew_is_read_again(project: ScriptDirectory, read: list[str]) -> None:
    facts(project)
    write_revision(project, "b2_.py", revision_text("b2", ["a1"], message="another message"))
    read.clear()
    assert facts(project)[0][-1] == "another message"
    assert read == ["b2_.py"]


def test_a_file_of_the_same_size_is_read_again(project: ScriptDirectory, read: list[str]) -> None:
    facts(project)
    path = Path(project.versions) / "b2_.py"
    path.write_text(path.read_text().replace("make b2", "made b2"))
    read.clear()
    assert facts(project)[0][-1] == "made b2"
    assert read == ["b2_.py"]


@pytest.mark.skipif(os.name == "nt", reason="there, files have no time of their last change")
def test_a_file_that_was_given_back_its_size_and_time_is_read_again(project: ScriptDirectory) -> None:
    facts(project)
    path = Path(project.versions) / "b2_.py"
    before = path.stat()
    path.write_text(path.read_text().replace("make b2", "made b2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert facts(project)[0][-1] == "made b2"


def test_a_file_that_was_written_a_moment_ago_is_not_remembered(tmp_path: Path, read: list[str]) -> None:
    """It could be written once more within the same tick of the file system's clock."""
    project = make_project(tmp_path / "m", "a1 <- b2")
    facts(project)
    assert not place(project).parent.exists()
    facts(project)
    assert read == ["a1_.py", "b2_.py"] * 2


def test_a_file_with_a_time_in_the_future_is_not_remembered(
    project: ScriptDirectory, read: list[str]
) -> None:
    os.utime(Path(project.versions) / "a1_.py", (4e9, 4e9))
    facts(project)
    facts(project)
    assert read == ["a1_.py", "b2_.py", "a1_.py"]


def test_revisions_come_and_go(project: ScriptDirectory, read: list[str]) -> None:
    facts(project)
    (Path(project.versions) / "b2_.py").unlink()
    write_revision(project, "c3_.py", revision_text("c3", ["a1"]))
    read.clear()
    assert [fact[0] for fact in facts(project)] == ["c3", "a1"]
    assert read == ["c3_.py"]
    assert b"b2_.py" not in place(project).read_bytes()


def test_a_file_that_is_renamed_is_read_again(project: ScriptDirectory, read: list[str]) -> None:
    facts(project)
    (Path(project.versions) / "b2_.py").rename(Path(project.versions) / "other.py")
    read.clear()
    assert [fact[0] for fact in facts(project)] == ["b2", "a1"]
    assert read == ["other.py"]


def test_what_was_computed_is_not_remembered(
    project: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = revision_text("c3", ["b2"]).replace(
        "revision = 'c3'", "import os\nrevision = os.environ['REVISION']"
    )
    write_revision(project, "c3_.py", text)
    for id in ("c3", "d4"):
        monkeypatch.setenv("REVISION", id)
        assert facts(project)[0][0] == id
    written = place(project).read_bytes()
    facts(project)
    assert place(project).read_bytes() == written
    assert b"d4" not in written


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the scripts that are made of what is remembered."""
    ids: list[str] = []
    original = Script._from_row.__func__  # type: ignore[attr-defined]  # the function behind the class method

    def from_row(cls: type[Script], sheet: Sheet, row: int) -> Script:
        ids.append(sheet.ids[row])
        script: Script = original(cls, sheet, row)
        return script

    monkeypatch.setattr(Script, "_from_row", classmethod(from_row))
    return ids


def test_a_script_is_made_when_it_is_asked_for_and_once(project: ScriptDirectory, made: list[str]) -> None:
    """PERF-1"""
    facts(project)
    assert made == []
    again = ScriptDirectory(project.dir)
    assert (again.get_heads(), again.get_bases(), made) == (["b2"], ["a1"], [])
    assert again.get_revision("b2") is again.get_revision("b2")
    assert made == ["b2"]


def test_one_file_that_has_to_be_run_does_not_keep_others_from_being_remembered(
    project: ScriptDirectory, read: list[str], made: list[str]
) -> None:
    text = revision_text("a9", ["b2"]).replace("revision = 'a9'", "revision = 'a' + '9'")
    write_revision(project, "b1_.py", text)
    write_revision(project, "c3_.py", revision_text("c3", ["a9"], ["a1"], ["shop"]))
    before = facts(project)
    read.clear()
    assert facts(project) == before
    assert (read, made) == (["b1_.py"], ["c3", "b2", "a1"])


def test_what_is_remembered_of_a_file_that_is_gone_is_not_mixed_up(
    project: ScriptDirectory, read: list[str]
) -> None:
    """While two files have the same revision, both are remembered."""
    messages = {"a0_.py": "a copy", "b2_.py": "make b2"}
    for name in messages:
        for each, message in messages.items():
            write_revision(project, each, revision_text("b2", ["a1"], message=message))
        time.sleep(0.03)
        with pytest.raises(DuplicateRevision) as refused:
            facts(project)
        assert [os.path.basename(path) for path in refused.value.paths] == ["a0_.py", "b2_.py"]
        (Path(project.versions) / name).unlink()
        read.clear()
        (left,) = messages.keys() - {name}
        assert [(fact[0], fact[-1]) for fact in facts(project)] == [("b2", messages[left]), ("a1", "make a1")]
        assert read == []


def test_duplicates_among_what_is_remembered_are_found(project: ScriptDirectory, tmp_path: Path) -> None:
    """Also in different directories, and the first two files are named."""
    other = make_project(tmp_path / "n", "x1 <- a1")
    for directory in (project, other):
        facts(directory)
    both = [project.versions, other.versions]
    for locations in (both, both[::-1]):
        script = ScriptDirectory(project.dir, version_locations=locations)
        with pytest.raises(DuplicateRevision) as refused:
            script.get_heads()
        assert refused.value.paths == tuple(os.path.join(location, "a1_.py") for location in locations)


def test_a_revision_can_be_added_to_what_is_remembered(project: ScriptDirectory, made: list[str]) -> None:
    write_revision(project, "c3_.py", revision_text("c3", ["b2"], ["a1"], ["shop"]))
    facts(project)
    known = ScriptDirectory(project.dir)
    before = known.revision_map.graph
    path = write_revision(project, "d4_.py", revision_text("d4", ["c3"], labels=["cart"]))
    known.revision_map.add_revision(Script._from_path(known, str(path)))
    assert (before.heads, known.get_heads(), made) == (("c3",), ["d4"], [])
    assert sorted(script.revision for script in known.walk_revisions()) == ["a1", "b2", "c3", "d4"]
    path = write_revision(project, "c3_.py", revision_text("c3", ["a1"], labels=["other"]))
    known.revision_map.add_revision(Script._from_path(known, str(path)), _replace=True)
    graph = known.revision_map.graph
    assert (list(graph), graph.heads) == (["a1", "b2", "c3", "d4"], ("b2", "d4"))
    assert (list(graph.label_owners.items()), dict(graph.dependencies)) == (
        [("other", "c3"), ("cart", "d4")],
        {},
    )


def test_it_can_be_deleted_at_any_time(project: ScriptDirectory, read: list[str]) -> None:
    before = facts(project)
    place(project).unlink()
    assert facts(project) == before
    assert place(project).exists()
    place(project).unlink()
    place(project).parent.rmdir()
    assert facts(project) == before
    assert read == ["a1_.py", "b2_.py"] * 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"\0" * 100,
        lambda data: bytes(range(256)) * 9,
        lambda data: data[:-1],
        lambda data: data[: len(MAGIC) + 2],
        lambda data: data + b"x",
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: b"limbeck revision index 0 of 0.0.1\n" + data[len(MAGIC) :],
        lambda data: MAGIC + index_module._checksum(b"garbage") + b"garbage",
        lambda data: MAGIC + index_module._checksum(b"i\1\0\0\0") + b"i\1\0\0\0",
    ],
)
def test_a_damaged_or_foreign_index_is_ignored_and_rewritten(
    project: ScriptDirectory, damage: Callable[[bytes], bytes]
) -> None:
    before = facts(project)
    data = place(project).read_bytes()
    place(project).write_bytes(damage(data))
    assert facts(project) == before
    assert place(project).read_bytes() == data


def test_a_directory_in_its_place_is_left_alone(project: ScriptDirectory) -> None:
    before = facts(project)
    place(project).unlink()
    place(project).mkdir()
    assert facts(project) == before
    assert files_in(place(project).parent) == [place(project).name]


@pytest.mark.parametrize("function", ["open", "makedirs"])
def test_nothing_is_written_where_the_directory_is_read_only(
    project: ScriptDirectory, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, function, refuse)
    assert [fact[0] for fact in facts(project)] == ["b2", "a1"]
    assert files_in(place(project).parent) == []


def test_a_full_disk_leaves_the_index_as_it_was(
    project: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts(project)
    before = place(project).read_bytes()
    write_revision(project, "c3_.py", revision_text("c3", ["b2"]))

    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    assert [fact[0] for fact in facts(project)] == ["c3", "b2", "a1"]
    assert place(project).read_bytes() == before
    assert files_in(place(project).parent) == [place(project).name]


def test_nothing_is_written_where_byte_code_is_not(
    project: ScriptDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    facts(project)
    assert not place(project).parent.exists()


def test_a_broken_file_leaves_nothing_behind(project: ScriptDirectory) -> None:
    path = write_revision(project, "c3_.py", "revision = ")
    with pytest.raises(Exception, match=r"c3_\.py"):
        facts(project)
    path.unlink()
    assert [fact[0] for fact in facts(project)] == ["b2", "a1"]
    assert files_in(place(project).parent) == [place(project).name]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("alembic.ini", "[alembic]\nscript_location = {}\nrevision_index = false\n"),
        ("pyproject.toml", "[tool.alembic]\nscript_location = '{}'\nrevision_index = false\n"),
    ],
)
def test_it_can_be_switched_off(
    project: ScriptDirectory, tmp_path: Path, read: list[str], file: str, text: str
) -> None:
    facts(project)
    place(project).write_bytes(b"stays")
    (tmp_path / file).write_text(text.format(project.dir))
    names = {"toml_file" if file.endswith(".toml") else "file_": str(tmp_path / file)}
    script = ScriptDirectory.from_config(Config(**names))  # type: ignore[arg-type]  # one of two file names
    read.clear()
    assert script.get_heads() == ["b2"]
    assert read == ["a1_.py", "b2_.py"]
    assert place(project).read_bytes() == b"stays"


LOOK_AGAIN_AND_AGAIN = """
import os, sys
from limbeck.script import ScriptDirectory, index
sys.dont_write_bytecode = False
index.COARSEST_CLOCK = 0
for _ in range(60):
    script = ScriptDirectory(sys.argv[1])
    found = [(each.revision, each.doc) for each in script.walk_revisions()]
    assert found == [(f"r{n:03}", f"make r{n:03}") for n in reversed(range(60))], found
    try:
        os.unlink(index.find_place(script.versions))
    except FileNotFoundError:
        pass
"""


def test_several_processes_write_and_delete_at_once(tmp_path: Path) -> None:
    project = make_project(tmp_path / "m", " <- ".join(f"r{number:03}" for number in range(60)))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPYCACHEPREFIX"}
    command = [sys.executable, "-c", LOOK_AGAIN_AND_AGAIN, project.dir]
    running = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(each.communicate(timeout=60)[1], each.returncode) for each in running] == [(b"", 0)] * 3
    assert set(files_in(place(project).parent)) <= {place(project).name}
