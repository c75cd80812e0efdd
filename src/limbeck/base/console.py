"""Lines on a terminal or in a pipe: status lines, wrapping, text that the stream cannot encode."""

from __future__ import annotations

import codecs
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TextIO


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at `stream`."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # a stand-in object, or a closed stream
        return False


def find_width(stream: TextIO) -> int | None:
    """How many columns the terminal behind `stream` has, or None if there is none that has room for text."""
    if not is_terminal(stream):
        return None
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return columns if columns > 20 else None


IN_ASCII = str.maketrans({"…": "...", "·": "-", "→": "->", "×": "x", "’": "'", "–": "-"})
"""What our own texts have beside ASCII, for streams that have nothing else."""


def write_text(stream: TextIO, *parts: str) -> None:
    """Write text to `stream`, replacing characters it cannot encode; a reader that has left is ignored (CFG-7)."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    for part in parts:
        try:
            part.encode(encoding)
        except UnicodeEncodeError:
            part = part.translate(IN_ASCII)
        try:
            try:
                stream.write(part)
            except UnicodeEncodeError:
                stream.write(part.encode(encoding, "replace").decode(encoding))
        except BrokenPipeError:
            return


def let_through(stream: TextIO) -> None:
    """Let every character through a stream that is encoded as ASCII, which is what the C locale means: as UTF-8.

    For text that is no use with characters replaced, such as a script of SQL (OFF-18).
    """
    encoding = getattr(stream, "encoding", None)
    if isinstance(stream, TextIOWrapper) and encoding and codecs.lookup(encoding).name == "ascii":
        stream.reconfigure(encoding="utf-8")


def write_message(
    msg: str, newline: bool = True, flush: bool = False, quiet: bool = False, *, stream: TextIO | None = None
) -> None:
    """Write a progress line, to standard output if nothing else is named (CFG-8).

    On a terminal it is wrapped to the width and indented; elsewhere it stays as it is (GEN-16).
    """
    if quiet:
        return
    target = sys.stdout if stream is None else stream
    width = find_width(target)
    write_text(target, msg if width is None else _wrapped(msg, width), "\n" if newline else "")
    if flush:
        target.flush()


@contextmanager
def status(status_msg: str, newline: bool = False, quiet: bool = False) -> Iterator[None]:
    """Tell what is being done, and at the end `done` or `FAILED` (GEN-15).

    With `newline` the end stands on a line of its own, below what a tool prints meanwhile (HOOK-3).
    """
    write_message(f"{status_msg} ...", newline=newline, flush=True, quiet=quiet)
    try:
        yield
    except BaseException:
        _end("  FAILED\n", quiet=quiet)
        raise
    _end("  done\n", quiet=quiet)


def warn(msg: str, stacklevel: int = 2) -> None:
    """Warn the caller, or with a higher `stacklevel` the caller of that, of something that goes on nevertheless."""
    warnings.warn(msg, UserWarning, stacklevel=stacklevel)


def _wrapped(text: str, width: int) -> str:
    import textwrap

    indent = "  "
    lines = textwrap.wrap(text, width - len(indent), break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"{indent}{line}" for line in lines)


def _end(text: str, *, quiet: bool) -> None:
    if not quiet:
        write_text(sys.stdout, text)
