"""Runs a revision file or env.py as a module of its own, and reads the text of one."""

from __future__ import annotations

import importlib.machinery
import io
import os
import re
from types import ModuleType

from limbeck import errors
from limbeck.base import alias

_NO_WORD = re.compile(r"\W")


def run_file(path: str, name: str | None = None, *, is_environment: bool = False) -> ModuleType:
    """Run the Python file, or bytecode file, at `path` and return its module (FILE-5).

    The module is not registered: its name, if none is given, is the file name with `_` for everything that
    is no word character. Raises RevisionFileError, or for env.py EnvironmentFileError, naming file and line, if
    the file is not Python; whatever its code raises comes through as it is (FILE-11).
    """
    alias.install()
    name = name or _NO_WORD.sub("_", os.path.basename(path))
    loader: importlib.machinery.SourceFileLoader | importlib.machinery.SourcelessFileLoader
    if path.endswith(".py"):
        loader = importlib.machinery.SourceFileLoader(name, path)
    else:
        loader = importlib.machinery.SourcelessFileLoader(name, path)
    module = ModuleType(name)
    module.__spec__ = importlib.machinery.ModuleSpec(name, loader, origin=path)
    module.__spec__.has_location = True
    module.__file__, module.__loader__, module.__package__ = path, loader, ""
    try:
        code = loader.get_code(name)
    except OSError:
        raise
    except Exception as error:  # besides a SyntaxError: not in its encoding, nested too deeply, no bytecode
        raise _translated(error, path, is_environment=is_environment) from error
    if code is not None:
        exec(code, vars(module))
    return module


def load_python_file(dir_: str, filename: str) -> ModuleType:
    """Run the Python file, or bytecode file, of that name in a directory, and return its module.

    Raises RevisionFileError, naming file and line, if the file is not Python.
    """
    return run_file(os.path.join(dir_, filename))


def read_source(path: str) -> str:
    """The text of a Python file. Raises RevisionFileError if it is not in its encoding, or has NULs in it."""
    with open(path, "rb") as file:
        data = file.read()
    if b"\0" in data:
        raise errors.RevisionFileError(
            path=path, line=_line_at(data, data.index(b"\0")), reason="there is a NUL byte in it"
        )
    head = data[:400]
    try:
        if b"coding" in head:
            import tokenize

            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        else:
            encoding = "utf-8"
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise errors.RevisionFileError(
            path=path, line=_line_at(data, error.start), reason=f"it is not {error.encoding} text"
        ) from error
    except SyntaxError as error:
        raise errors.RevisionFileError(path=path, line=1, reason=str(error.msg)) from error
    return text.replace("\r\n", "\n") if "\r" in text else text


def failure_of_syntax(error: SyntaxError, path: str) -> errors.RevisionFileError:
    """What a SyntaxError says about the revision file at `path`."""
    return errors.RevisionFileError(path=path, line=error.lineno, reason=str(error.msg), source=error.text)


def _translated(error: Exception, path: str, *, is_environment: bool) -> Exception:
    failure = errors.EnvironmentFileError if is_environment else errors.RevisionFileError
    """What kept a file from being compiled."""
    if "null bytes" in str(error):  # a ValueError, or since Python 3.12 a SyntaxError without a line
        return failure(path=path, reason="there is a NUL byte in it")
    if isinstance(error, SyntaxError):
        return failure(path=path, line=error.lineno, reason=str(error.msg), source=error.text)
    if isinstance(error, UnicodeDecodeError):
        line = _line_at(error.object, error.start)
        return failure(path=path, line=line, reason=f"it is not {error.encoding} text")
    if isinstance(error, RecursionError | MemoryError):
        return failure(path=path, reason="it is nested too deeply for Python to compile it")
    return failure(path=path, reason=str(error) or type(error).__name__)


def _line_at(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
