"""What installed packages say of themselves, without reading all of it."""

from __future__ import annotations

import sys
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from limbeck.base.announced import find_version, may_be_announced

GROUP = "alembic.plugins"
ENTRY_POINTS = f"[console_scripts]\nx = x:main\n\n[{GROUP}]\nx = x.plugin\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory in which Python looks for packages, once it has what it takes to read about them."""
    metadata.version("sqlalchemy")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "missing")])
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    return tmp_path


def install(place: Path, directory: str, text: str | None) -> None:
    description = place / directory
    description.mkdir(parents=True)
    (description / "METADATA").write_text("Metadata-Version: 2.1\nName: x\nVersion: 1.0\n")
    if text is not None:
        (description / "entry_points.txt").write_text(text)


@pytest.mark.parametrize("directory", ["x-1.0.dist-info", "x-1.0.egg-info", "X-1.0.DIST-INFO"])
def test_a_package_that_is_in_the_group_is_found(place: Path, directory: str) -> None:
    install(place, directory, ENTRY_POINTS)
    assert may_be_announced(GROUP)
    assert [point.name for point in metadata.entry_points(group=GROUP)] == ["x"]


@pytest.mark.parametrize("text", [None, "", "[console_scripts]\nx = x:main\n"])
def test_without_one_nobody_is_in_the_group(place: Path, text: str | None) -> None:
    install(place, "x-1.0.dist-info", text)
    (place / "y-1.0.egg-info").write_text("Metadata-Version: 1.0\n")  # as distutils has left it
    assert not may_be_announced(GROUP)
    assert not metadata.entry_points(group=GROUP)


def test_the_current_directory_counts(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(place, "x-1.0.dist-info", ENTRY_POINTS)
    monkeypatch.chdir(place)
    monkeypatch.setattr(sys, "path", [""])
    assert may_be_announced(GROUP)


@pytest.mark.parametrize("name", ["packages.zip", "x-1.0-py3.11.egg"])
def test_what_is_in_archives_is_left_to_the_standard_library(
    place: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (place / name).write_bytes(b"PK")
    monkeypatch.setattr(sys, "path", [str(place / name)])
    assert may_be_announced(GROUP)


@pytest.mark.parametrize("odd", [b"/nowhere", Path("/nowhere")])
def test_what_is_no_text_is_left_to_the_standard_library(
    place: Path, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    assert not may_be_announced(GROUP)
    monkeypatch.setattr(sys, "path", [str(place), odd])
    assert may_be_announced(GROUP)


def test_what_finders_of_others_know_is_left_to_the_standard_library(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Finder:
        def find_distributions(self, context: object) -> list[object]:
            return []

    assert not may_be_announced(GROUP)
    monkeypatch.setattr(sys, "meta_path", [Finder(), PathFinder])
    assert may_be_announced(GROUP)


@pytest.mark.parametrize("asked", ["my-package", "My_Package", "my.package"])
def test_a_package_says_its_version(place: Path, asked: str) -> None:
    describe(place, "my_package-1.2.post3+local.4.dist-info", "1.2.post3+local.4")
    describe(place, "my_package_more-9.dist-info", "9")
    assert find_version(asked) == metadata.version(asked) == "1.2.post3+local.4"


def test_what_is_said_counts_and_not_what_the_directory_is_called(place: Path) -> None:
    describe(place, "x-1.dist-info", "2")
    assert find_version("x") == metadata.version("x") == "2"


@pytest.mark.parametrize(
    "directories",
    [[], ["x-1.dist-info", "X-2.dist-info"], ["x-1.egg-info"], ["x.egg-info"], ["y-1.dist-info"]],
    ids=str,
)
def test_what_is_not_of_the_usual_kind_is_left_to_the_standard_library(
    place: Path, directories: list[str]
) -> None:
    for directory in directories:
        describe(place, directory, "1")
    assert find_version("x") is None


@pytest.mark.parametrize(
    "text", ["", "Name: x\n", "Name: x\n\nVersion: 1\n", "Version: 1\nVersion: 2\n", "Version: 1 2\n", None]
)
def test_a_package_that_says_no_version_is_left_to_the_standard_library(
    place: Path, text: str | None
) -> None:
    (place / "x-1.dist-info").mkdir()
    if text is not None:
        (place / "x-1.dist-info" / "METADATA").write_text(text)
    assert find_version("x") is None


def test_a_version_that_finders_of_others_may_know_is_left_to_the_standard_library(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(place, "x-1.dist-info", "1")
    assert find_version("x") == "1"
    monkeypatch.setattr(sys, "path", [str(place), str(place / "archive.egg")])
    assert find_version("x") is None


def describe(place: Path, directory: str, version: str) -> None:
    (place / directory).mkdir()
    (place / directory / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: x\nVersion: {version}\n\nText\n"
    )
