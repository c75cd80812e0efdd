"""Lines on a terminal or in a pipe."""

from __future__ import annotations

import io
import os
import select
from collections.abc import Iterator

import pytest

from limbeck.base.console import find_width, is_terminal, status, write_message


@pytest.fixture
def terminal() -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A stream that writes to a terminal of 40 columns, and the other end of it."""
    pty = pytest.importorskip("pty", reason="there are no pseudo terminals on this system")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    stream = open(theirs, "w", encoding="utf-8")  # noqa: SIM115  # closed below
    yield stream, ours
    stream.close()
    os.close(ours)


def test_a_status_line_ends_with_done(capsys: pytest.CaptureFixture[str]) -> None:
    """GEN-15."""
    with status("Generating /a/b.py"):
        assert capsys.readouterr().out == "Generating /a/b.py ..."
    assert capsys.readouterr().out == "  done\n"


def test_a_status_line_ends_with_failed(capsys: pytest.CaptureFixture[str]) -> None:
    """GEN-15."""
    with pytest.raises(ZeroDivisionError), status("Generating /a/b.py"):
        1 / 0  # noqa: B018
    assert capsys.readouterr().out == "Generating /a/b.py ...  FAILED\n"


def test_the_end_can_stand_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    """HOOK-3."""
    with status("Running post write hook 'black'", newline=True):
        print("said the tool")
    assert capsys.readouterr().out == "Running post write hook 'black' ...\nsaid the tool\n  done\n"


def test_a_quiet_status_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-5."""
    with status("Generating /a/b.py", quiet=True):
        pass
    write_message("text", quiet=True)
    assert capsys.readouterr().out == ""


def test_long_lines_are_not_wrapped_in_a_pipe() -> None:
    """GEN-16."""
    out = io.StringIO()
    write_message("word " * 40, stream=out)
    assert out.getvalue() == "word " * 40 + "\n"
    assert find_width(out) is None


def test_long_lines_are_wrapped_and_indented_on_a_terminal(terminal: tuple[io.TextIOWrapper, int]) -> None:
    """GEN-16, UX-6: no colour, no cursor movement."""
    stream, other_end = terminal
    assert is_terminal(stream)
    write_message("one two three four five six seven eight nine ten", stream=stream, flush=True)
    assert read_lines(other_end, 2) == b"  one two three four five six seven\r\n  eight nine ten\r\n"
    path = "/a/very/long/path/" + "x" * 60
    write_message(f"Generating {path}", stream=stream, flush=True)
    assert read_lines(other_end, 2).split() == [b"Generating", path.encode()]


def read_lines(terminal: int, count: int) -> bytes:
    """What a terminal was sent up to the end of so many lines; it may arrive in pieces."""
    received = b""
    while received.count(b"\n") < count and select.select([terminal], [], [], 10)[0]:
        received += os.read(terminal, 1000)
    return received


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)
