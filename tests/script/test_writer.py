"""Files from templates: names, escaping, and appearing whole or not at all."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from limbeck.errors import FileInTheWay, InvalidSetting, TemplateError
from limbeck.script import writer
from limbeck.script.writer import (
    create_directories,
    create_file,
    escape_docstring,
    join_with_comma,
    make_slug,
    render_file_name,
    template_to_file,
)

CREATED = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "length", "slug"),
    [
        ("Hello World again", 10, "hello_"),
        ("Hello World again", 40, "hello_world_again"),
        ("x" * 50, 40, "x" * 40 + "_"),
        ("Füge Spalte_a hinzu!", 40, "füge_spalte_a_hinzu"),
        ("", 40, ""),
        (None, 40, ""),
        ("--- !!!", 40, ""),
        ("a" * 40, 40, "a" * 40),
        ("../../etc/passwd", 40, "etc_passwd"),
    ],
)
def test_slugs(message: str | None, length: int, slug: str) -> None:
    """GEN-3"""
    assert make_slug(message, length) == slug


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("%(rev)s_%(slug)s", "ab12_add_t.py"),
        ("%(year)d/%(month).2d/%(day).2d_%(slug)s", "2031/02/03_add_t.py"),
        ("%(hour)d-%(minute)d-%(second)d_%(epoch)s", f"4-5-6_{int(CREATED.timestamp())}.py"),
        ("plain", "plain.py"),
    ],
)
def test_file_names(template: str, name: str) -> None:
    """GEN-4, GEN-5"""
    assert render_file_name(template, "ab12", "add t", CREATED, slug_length=40) == name


@pytest.mark.parametrize("template", ["%(nothing)s", "%(rev)", "%(rev)q", "%s %s"])
def test_a_file_name_with_an_unknown_word_is_refused(template: str) -> None:
    """GEN-4"""
    with pytest.raises(InvalidSetting, match="file_template"):
        render_file_name(template, "ab12", "", CREATED, slug_length=40)


@pytest.mark.parametrize(
    "message",
    ['say """hi"""', "C:\\temp\\new", 'ends with "', "ends with \\", '"""', '\\"', '""', "plain 'quotes'"],
)
def test_any_message_stands_for_itself_in_a_docstring(message: str) -> None:
    """TPL-8"""
    namespace: dict[str, Any] = {}
    exec(f'"""{escape_docstring(message)}"""', namespace)
    assert namespace["__doc__"] == message


def test_the_filter_comma() -> None:
    """TPL-7"""
    assert [join_with_comma(each) for each in (None, "a", ("a", "b"), [])] == ["", "a", "a, b", ""]


def written(tmp_path: Path, template: str, encoding: str = "utf-8", **variables: Any) -> bytes:
    (tmp_path / "t.mako").write_text(template)
    template_to_file(tmp_path / "t.mako", tmp_path / "new.py", encoding, **variables)
    return (tmp_path / "new.py").read_bytes()


def test_a_template_becomes_a_file(tmp_path: Path) -> None:
    """GEN-13"""
    assert written(tmp_path, "${name}\n", name="é") == "é\n".encode()


def test_lines_end_as_they_do_in_the_template(tmp_path: Path) -> None:
    """GEN-13"""
    (tmp_path / "t.mako").write_bytes(b"one\r\n${two}\r\n")
    template_to_file(tmp_path / "t.mako", tmp_path / "new.py", "utf-8", two="2")
    assert (tmp_path / "new.py").read_bytes() == b"one\r\n2\r\n"


def test_the_output_encoding_is_used(tmp_path: Path) -> None:
    """GEN-13"""
    assert written(tmp_path, "${name}\n", "latin-1", name="é") == b"\xe9\n"


def test_a_new_file_is_as_accessible_as_any_other(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        written(tmp_path, "x")
    finally:
        os.umask(mask)
    assert (tmp_path / "new.py").stat().st_mode & 0o777 == 0o644


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text("mine")
    with pytest.raises(
        FileInTheWay, match=f"^File {tmp_path}/new.py exists already and was not overwritten$"
    ):
        written(tmp_path, "theirs")
    assert (tmp_path / "new.py").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["new.py", "t.mako"]


@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("one\n${unknown.name}\n", 2, "AttributeError: 'Undefined' object has no attribute 'name'"),
        ("one\ntwo\n${1/0}\n", 3, "ZeroDivisionError: division by zero"),
        ("% if True:\n", None, "Unterminated"),
    ],
)
def test_a_failing_template_leaves_no_file(
    tmp_path: Path, template: str, line: int | None, reason: str
) -> None:
    """GEN-14"""
    with pytest.raises(TemplateError) as caught:
        written(tmp_path, template)
    error = caught.value
    where = f"{tmp_path}/t.mako:{line}" if line else f"{tmp_path}/t.mako"
    assert str(error).startswith(f"Template rendering failed: {where}")
    assert reason in str(error)
    assert os.listdir(tmp_path) == ["t.mako"]


def test_the_line_of_the_template_is_shown(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"division by zero\n    \$\{1/0\}$"):
        written(tmp_path, "one\n  ${1/0}\n")


def test_a_missing_template_is_told(tmp_path: Path) -> None:
    """GEN-14"""
    with pytest.raises(TemplateError, match="script.py.mako: there is no such file"):
        template_to_file(tmp_path / "script.py.mako", tmp_path / "new.py", "utf-8")


def test_a_text_that_cannot_be_encoded_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="UnicodeEncodeError"):
        written(tmp_path, "${name}", "ascii", name="é")
    assert os.listdir(tmp_path) == ["t.mako"]


def test_text_can_be_appended(tmp_path: Path) -> None:
    """CLI-22"""
    (tmp_path / "new.py").write_text("before\n")
    (tmp_path / "new.py").chmod(0o640)
    (tmp_path / "t.mako").write_text("after\n")
    template_to_file(tmp_path / "t.mako", tmp_path / "new.py", "utf-8", append_with_newlines=True)
    assert (tmp_path / "new.py").read_text() == "before\n\n\nafter\n"
    assert (tmp_path / "new.py").stat().st_mode & 0o777 == 0o640


def test_without_hard_links_a_file_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*paths: str) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", no_links)
    create_file(str(tmp_path / "a"), b"text")
    assert (tmp_path / "a").read_bytes() == b"text"
    with pytest.raises(FileInTheWay):
        create_file(str(tmp_path / "a"), b"other")
    assert os.listdir(tmp_path) == ["a"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk(io.FileIO):
        def write(self, data: object) -> int:
            raise OSError("no space left on device")

    monkeypatch.setattr(writer, "open", FullDisk, raising=False)
    with pytest.raises(OSError, match="no space left"):
        create_file(str(tmp_path / "a"), b"text")
    assert os.listdir(tmp_path) == []


def test_directories_are_created_with_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GEN-5, GEN-7"""
    create_directories(str(tmp_path / "a" / "b"))
    create_directories(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
    assert capsys.readouterr().out == f"Creating directory {tmp_path}/a/b ...  done\n"
