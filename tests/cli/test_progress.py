"""What a terminal shows of work that takes long, and that nothing else sees it."""

from __future__ import annotations

import io
import logging
import os
import pty
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from limbeck.base.progress import Activity, Blocker
from limbeck.cli.progress import (
    Clock,
    Heartbeat,
    RunLine,
    Unseen,
    find_run_watcher,
    find_watcher,
    render_duration,
)
from tests.command.bare import Migrations


class Stream(io.StringIO):
    """A terminal without a size of its own."""

    encoding = "utf-8"

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


# --- runs -----------------------------------------------------------------------------------------------------

STEP: Any = SimpleNamespace(revision=SimpleNamespace(revision="c77e42"), short_log="upgrade 9d01aa -> c77e42")
BUILDING = Activity("building index: scanning table", 0.63)
WAITING = Activity(blockers=(Blocker("pid 812", "idle in transaction", 242.0, "app", "psql"),))


def shown(stream: Stream) -> str:
    """What stands on the line now."""
    return stream.getvalue().rsplit("\r", 1)[-1].rstrip()


def at_statement(watcher: RunLine | Heartbeat, number: int | None) -> None:
    watcher.step_begins(3, 3, STEP)
    watcher.statement_begins(number, "CREATE INDEX ix_orders_customer ON orders (customer_id)")


def test_a_terminal_shows_the_statement_its_clock_and_how_far_it_is(stream: Stream) -> None:
    """Section 4 of the page on the command line."""
    line = RunLine(Clock(stream))
    at_statement(line, 2)
    line.statement_goes_on(0.5, None)
    assert stream.getvalue() == ""
    line.statement_goes_on(1.5, None)
    assert shown(stream) == "  3/3  c77e42  statement 2  1 s"
    line.statement_goes_on(41.2, BUILDING)  # cut where a terminal of 80 columns ends
    assert shown(stream) == "  3/3  c77e42  statement 2  41 s  ████████░░░░  63 %  building index: scanning"
    line.statement_goes_on(65, WAITING)
    assert shown(stream) == "  3/3  c77e42  1 m 05 s  waiting for pid 812 (idle in transaction for 4 m 02 s,"
    line.statement_ended(66.0, has_failed=False)
    assert shown(stream) == ""


def test_a_terminal_without_those_signs_gets_others(stream: Stream) -> None:
    stream.encoding = "ascii"  # type: ignore[misc]  # as in the C locale
    line = RunLine(Clock(stream))
    at_statement(line, None)
    line.statement_goes_on(41.2, BUILDING)
    assert shown(stream).startswith("  3/3  c77e42  the version table  41 s  ########----  63 %  building")


def test_work_that_knows_better_what_it_does_keeps_the_line(stream: Stream) -> None:
    """Such as a rebuild on SQLite, which counts its rows."""
    clock = Clock(stream)
    line = RunLine(clock)
    at_statement(line, 1)
    clock.begin("copying 9 rows")
    line.statement_goes_on(5.0, None)
    line.statement_ended(6.0, has_failed=False)
    assert stream.getvalue() == ""
    clock.end()
    line.statement_goes_on(7.0, None)
    assert shown(stream) == "  3/3  c77e42  statement 1  7 s"


def test_without_a_terminal_the_log_says_so_every_half_minute(caplog: pytest.LogCaptureFixture) -> None:
    beat = Heartbeat()
    with caplog.at_level(logging.INFO):
        at_statement(beat, 2)
        for seconds, activity in ((1.0, None), (29.9, None), (30.1, BUILDING), (45.0, None), (60.2, WAITING)):
            beat.statement_goes_on(seconds, activity)
        beat.statement_ended(61.0, has_failed=False)
        beat.statement_begins(3, "SELECT 1")
        beat.statement_goes_on(30.0, None)
    assert caplog.messages == [
        "3/3  c77e42  statement 2  running for 30 s  building index: scanning table 63 %",
        "3/3  c77e42  statement 2  running for 1 m 00 s  waiting for pid 812 (idle in transaction for 4 m 02 s, "
        "user app, psql)",
        "3/3  c77e42  statement 3  running for 30 s",
    ]


def test_a_password_is_shown_in_neither(stream: Stream, caplog: pytest.LogCaptureFixture) -> None:
    """UX-3: nobody should call a session so, but somebody will."""
    told = Activity(blockers=(Blocker("pid 8", application="postgresql://app:c4nary@db/shop"),))
    for watcher in (RunLine(Clock(stream)), Heartbeat()):
        with caplog.at_level(logging.INFO):
            at_statement(watcher, 1)
            watcher.statement_goes_on(31.0, told)
    assert len(caplog.messages) == 1
    assert "pid 8" in stream.getvalue()
    assert "c4nary" not in stream.getvalue() + caplog.text


def test_who_looks_at_a_run(stream: Stream) -> None:
    assert isinstance(find_run_watcher(Clock(stream), quiet=False), RunLine)
    assert isinstance(find_run_watcher(Unseen(), quiet=False), Heartbeat)
    assert find_run_watcher(Unseen(), quiet=True) is None


@pytest.mark.parametrize(("options", "is_shown"), [([], True), (["--plain"], False), (["-q"], False)])
def test_a_slow_statement_on_a_real_terminal(
    tmp_path: Path, postgresql_url: str, options: list[str], is_shown: bool
) -> None:
    bare = Migrations(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.limbeck]\nscript_location = "migrations"\n')
    bare.add("a1", up="op.execute('SELECT pg_sleep(1.6)')")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", *options, "upgrade", "head"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "LIMBECK_URL": postgresql_url},
    )
    os.close(theirs)
    found = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when nobody writes any more
            break
        found += piece
    os.close(ours)
    assert process.wait() == 0
    assert ("\r  1/1  a1  statement 1  1 s" in found.decode()) is is_shown


def test_a_heartbeat_follows_statements_if_the_log_is_read(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "alembic.runtime.migration"):
        assert not Heartbeat().follows
    with caplog.at_level(logging.INFO, "alembic.runtime.migration"):
        assert Heartbeat().follows
