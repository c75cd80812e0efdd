"""What a terminal shows of work that takes long, and that nothing else sees it."""

from __future__ import annotations

import io

import pytest

from limbeck.cli.progress import Clock, Unseen, find_watcher, render_duration


class Stream(io.StringIO):
    """A terminal without a size of its own."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_the_line_comes_after_a_moment_changes_now_and_then_and_goes(stream: Stream) -> None:
    times = iter([0.0, 0.5, 1.2, 1.3, 61.0])
    clock = Clock(stream, now=lambda: next(times))
    clock.begin("copying 9 rows")
    for expected in ("", "\r  copying 9 rows  1 s", "", "\r  copying 9 rows  1 m 01 s"):
        before = len(stream.getvalue())
        clock.tick()
        assert stream.getvalue()[before:] == expected
    before = len(stream.getvalue())
    clock.end()
    length = len("  copying 9 rows  1 m 01 s")
    assert stream.getvalue()[before:] == f"\r{' ' * length}\r"


def test_a_shorter_line_covers_a_longer_one(stream: Stream) -> None:
    times = iter([0.0, 59.0, 60.0, 75.0])
    clock = Clock(stream, now=lambda: next(times))
    clock.begin("something longer")
    clock.tick()
    clock.begin("x")
    clock.tick()
    assert stream.getvalue() == "\r  something longer  59 s" + "\r  x  15 s               "


def test_short_work_leaves_no_trace(stream: Stream) -> None:
    times = iter([0.0, 0.9])
    clock = Clock(stream, now=lambda: next(times))
    clock.begin("copying")
    clock.tick()
    clock.end()
    assert stream.getvalue() == ""


def test_only_a_terminal_is_written_to(stream: Stream) -> None:
    """UX-6."""
    assert isinstance(find_watcher(io.StringIO(), "xterm"), Unseen)
    assert isinstance(find_watcher(stream, "dumb"), Unseen)
    assert isinstance(find_watcher(stream, "xterm", quiet=True), Unseen)
    assert isinstance(find_watcher(stream, "xterm"), Clock)


def test_durations_are_short() -> None:
    assert [render_duration(seconds) for seconds in (0.9, 3.4, 125)] == ["0 s", "3 s", "2 m 05 s"]
