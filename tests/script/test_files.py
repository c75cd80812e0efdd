"""Version locations: which files are revisions, in which order, and which count once."""

from __future__ import annotations

import os
import py_compile
import sys
from pathlib import Path

import pytest

from limbeck.errors import InvalidSetting
from limbeck.script.files import find_revision_files, resolve_location


def found(*locations: Path, **options: bool) -> list[str]:
    root = locations[0]
    found = find_revision_files(list(map(str, locations)), **options)
    return [os.path.relpath(path, root) for _, paths in found for path in paths.values()]


def touch(directory: Path, *names: str) -> Path:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return directory


def test_python_files_are_revisions_sorted_by_name(tmp_path: Path) -> None:
    """FILE-6"""
    touch(
        tmp_path,
        "b.py",
        "a.py",
        "a.pyc",
        "notes.txt",
        "__init__.py",
        "__init__x.py",
        ".#a.py",
        "c.py~",
        "d/e.py",
    )
    touch(tmp_path, "folder.py/x.txt")
    assert found(tmp_path) == ["a.py", "b.py"]


def test_a_location_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    """CFG-32"""
    assert found(tmp_path / "nowhere") == []


def test_subdirectories_are_read_top_down_in_sorted_order(tmp_path: Path) -> None:
    """FILE-8"""
    touch(tmp_path, "z.py", "b/y.py", "a/x.py", "a/c/w.py", "__pycache__/v.py")
    assert found(tmp_path) == ["z.py"]
    assert found(tmp_path, recursive=True) == ["z.py", "a/x.py", "a/c/w.py", "b/y.py"]


def test_locations_are_read_in_configured_order(tmp_path: Path) -> None:
    """FILE-9"""
    touch(tmp_path, "one/b.py", "two/a.py")
    assert found(tmp_path / "one", tmp_path / "two") == ["b.py", "../two/a.py"]
    assert found(tmp_path / "two", tmp_path / "one") == ["a.py", "../one/b.py"]


def test_a_file_that_is_reached_twice_counts_once(tmp_path: Path) -> None:
    """FILE-9"""
    touch(tmp_path, "one/a.py", "two/b.py")
    (tmp_path / "two" / "link.py").symlink_to(tmp_path / "one" / "a.py")
    (tmp_path / "three").symlink_to(tmp_path / "two")
    with pytest.warns(UserWarning, match="it counts once") as warned:
        assert found(*(tmp_path / name for name in ("one", "two", "three"))) == ["a.py", "../two/b.py"]
    assert [str(each.message).split(", ")[0] for each in warned] == [
        f"File {tmp_path}/two/link.py is {tmp_path}/one/a.py",
        f"File {tmp_path}/three/b.py is {tmp_path}/two/b.py",
        f"File {tmp_path}/three/link.py is {tmp_path}/one/a.py",
    ]


def test_without_sources_bytecode_is_read_where_there_is_nothing_better(tmp_path: Path) -> None:
    """FILE-7"""
    touch(tmp_path, "a.py", "a.pyc", "b.pyc", "b.pyo", "c.pyo", "e.py")
    tag = sys.implementation.cache_tag
    touch(
        tmp_path / "__pycache__",
        f"a.{tag}.pyc",
        f"d.{tag}.pyc",
        f"d.{tag}.opt-1.pyc",
        "f.cpython-20.pyc",
        "g.pyc",
    )
    assert found(tmp_path) == ["a.py", "e.py"]
    assert found(tmp_path, sourceless=True) == [f"__pycache__/d.{tag}.pyc", "a.py", "b.pyc", "c.pyo", "e.py"]


def test_compiled_files_are_found_where_python_puts_them(tmp_path: Path) -> None:
    touch(tmp_path, "a.py")
    py_compile.compile(str(tmp_path / "a.py"), doraise=True)
    (tmp_path / "a.py").unlink()
    (name,) = found(tmp_path, sourceless=True)
    assert name.startswith("__pycache__/a.")


@pytest.mark.parametrize("text", ["migrations", "/absolute/path", "/abs:olute", "a/b"])
def test_a_location_is_a_path(text: str) -> None:
    """CFG-31"""
    assert resolve_location(text) == text


def test_a_location_may_be_inside_of_a_package() -> None:
    """CFG-31"""
    import limbeck

    assert resolve_location("limbeck:templates/generic") == str(
        Path(limbeck.__file__).parent / "templates" / "generic"
    )


def test_a_package_that_cannot_be_imported_is_named() -> None:
    """CFG-31"""
    with pytest.raises(InvalidSetting, match="a package `no_such_package` that can be imported"):
        resolve_location("no_such_package:migrations")
