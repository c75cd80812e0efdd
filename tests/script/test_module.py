"""Running a file: its name, its isolation, and what is said if it is not Python."""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from pathlib import Path

import pytest

from limbeck.errors import EnvironmentFileError, RevisionFileError
from limbeck.script.module import read_source, run_file


def test_a_file_runs_as_a_module_of_its_own(tmp_path: Path) -> None:
    """FILE-5"""
    path = tmp_path / "r1-x_.py"
    path.write_text("value = __name__, __package__, __file__\n")
    module = run_file(str(path))
    assert module.value == ("r1_x__py", "", str(path))
    assert module.__name__ not in sys.modules


def test_the_bytecode_of_a_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FILE-5"""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "a.py"
    path.write_text("value = 1\n")
    run_file(str(path))
    assert Path(importlib.util.cache_from_source(str(path))).exists()


def test_a_file_cannot_import_its_neighbour_relatively(tmp_path: Path) -> None:
    """FILE-5"""
    (tmp_path / "other.py").write_text("")
    (tmp_path / "a.py").write_text("from . import other\n")
    with pytest.raises(ImportError):
        run_file(str(tmp_path / "a.py"))


def test_bytecode_runs_without_its_source(tmp_path: Path) -> None:
    """FILE-7"""
    path = tmp_path / "a.py"
    path.write_text("value = 7\n")
    for name in ("a.pyc", "b.pyo"):
        py_compile.compile(str(path), cfile=str(tmp_path / name), doraise=True)
        assert run_file(str(tmp_path / name)).value == 7


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"x = 1\ny = (\n", 2, "'(' was never closed\n    y = ("),
        (b"x = 1\n  y = 2\n", 2, "unexpected indent\n    y = 2"),
        (b"x = 1\n<<<<<<< HEAD\n", 2, "invalid syntax\n    <<<<<<< HEAD"),
    ],
)
def test_a_syntax_error_is_told_with_file_and_line(
    tmp_path: Path, content: bytes, line: int, reason: str
) -> None:
    """FILE-11, UX-2"""
    path = tmp_path / "a.py"
    path.write_bytes(content)
    with pytest.raises(RevisionFileError) as caught:
        run_file(str(path))
    assert str(caught.value) == f"Cannot read revision file {path}:{line}: {reason}"
    assert (caught.value.path, caught.value.line) == (str(path), line)
    assert isinstance(caught.value.__cause__, SyntaxError)


def test_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("x = 'é'\n".encode("latin-1"))
    with pytest.raises(RevisionFileError, match="decode"):
        run_file(str(path))
    with pytest.raises(RevisionFileError, match=f"{path}:1: it is not utf-8 text"):
        read_source(str(path))


def test_a_nul_byte_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\ny = '\0'\n")
    with pytest.raises(RevisionFileError, match="null bytes|NUL byte"):
        run_file(str(path))
    with pytest.raises(RevisionFileError, match=f"{path}:2: there is a NUL byte in it"):
        read_source(str(path))


def test_an_unknown_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# coding: klingon\n")
    with pytest.raises(RevisionFileError, match=f"{path}:1: unknown encoding"):
        read_source(str(path))


def test_a_declared_encoding_and_other_line_ends_are_read(tmp_path: Path) -> None:
    """FILE-2"""
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\r\nx = 'é'\r\n".encode("latin-1"))
    assert read_source(str(path)) == "# coding: latin-1\nx = 'é'\n"


def test_an_error_of_the_file_comes_through_as_it_is(tmp_path: Path) -> None:
    """FILE-11"""
    path = tmp_path / "a.py"
    path.write_text("raise ValueError('mine')\n")
    with pytest.raises(ValueError, match="^mine$"):
        run_file(str(path))


def test_a_syntax_error_elsewhere_is_not_this_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_models_of_a_test.py").write_text("x = (\n")
    (tmp_path / "a.py").write_text("import broken_models_of_a_test\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SyntaxError):
        run_file(str(tmp_path / "a.py"))


def test_env_py_has_an_error_of_its_own(tmp_path: Path) -> None:
    """CLI-11"""
    path = tmp_path / "env.py"
    path.write_text("x = (\n")
    with pytest.raises(EnvironmentFileError) as caught:
        run_file(str(path), "env_py", is_environment=True)
    assert str(caught.value) == f"Cannot read {path}:1: '(' was never closed\n    x = ("
