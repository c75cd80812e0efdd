"""What a stream is taken for: colours, signs and width follow the terminal, the environment and the command line."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from limbeck.base.look import Look, render_duration
from limbeck.cli.look import look_at
from tests.command.project import Project


class Screen(io.StringIO):
    """A terminal, as far as `isatty()` tells."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "color", "plain", "has_color", "is_styled"),
    [
        ({}, None, False, True, True),
        ({}, "auto", False, True, True),
        ({}, "never", False, False, True),
        ({"NO_COLOR": "1"}, None, False, False, True),
        ({"NO_COLOR": ""}, None, False, True, True),
        ({"NO_COLOR": "1"}, "always", False, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, None, False, False, True),
        ({"TERM": "dumb"}, None, False, False, False),
        ({"CI": "true"}, None, False, False, False),
        ({"CI": "true", "FORCE_COLOR": "1"}, None, False, True, False),
        ({"FORCE_COLOR": "0"}, None, False, False, True),
        ({}, "always", True, False, False),
    ],
)
def test_on_a_terminal(
    environ: Mapping[str, str], color: str | None, plain: bool, has_color: bool, is_styled: bool
) -> None:
    """UX-6."""
    found = look_at(Screen(), environ, color=color, plain=plain)
    assert (found.has_color, found.is_styled) == (has_color, is_styled)


def test_in_a_pipe_there_is_no_colour_unless_it_is_asked_for() -> None:
    assert look_at(io.StringIO(), {}, color=None, plain=False).has_color is False
    assert look_at(io.StringIO(), {"FORCE_COLOR": "1"}, color=None, plain=False).has_color is True
    assert look_at(io.StringIO(), {}, color="always", plain=False).is_styled is False


def test_an_encoding_that_has_only_ascii_gets_ascii() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert look_at(narrow, {}, color=None, plain=False).sign("●", "*") == "*"
    wide = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    assert look_at(wide, {}, color=None, plain=False).sign("●", "*") == "●"


def test_lines_are_filled_and_words_stay_whole() -> None:
    path = f"{'long/' * 20}file.py:12"
    lines = list(Look(width=40).filled(f"in {path} it says more than fits", indent=2, hang=2))
    assert path in " ".join(lines)
    assert any(line.strip() == path for line in lines)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "12 ms"), (3.44, "3.4 s"), (125, "2 m 05 s"), (0.9999, "1000 ms")]
)
def test_durations_read_like_this(seconds: float, text: str) -> None:
    assert render_duration(seconds) == text


@pytest.fixture
def garden(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", message="start")
    made.add("b1", "a1", message="left")
    made.add("c1", "a1", message="right")
    made.add("m1", "b1", "c1", message="join")
    return made


COMMANDS = ("history", "graph", "status", "plan", "heads", "upgrade heads", "history -i", "nonsense")


def test_piped_output_has_no_escapes(garden: Project) -> None:
    """UX-6."""
    for command in COMMANDS:
        finished = subprocess.run(
            [sys.executable, "-m", "limbeck", *command.split()], cwd=garden.directory, capture_output=True
        )
        assert b"\x1b" not in finished.stdout + finished.stderr, command


def test_without_a_locale_all_is_ascii(garden: Project) -> None:
    environ = {**os.environ, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command in COMMANDS:
        finished = subprocess.run(
            [sys.executable, "-m", "limbeck", *command.split()],
            cwd=garden.directory,
            capture_output=True,
            env=environ,
        )
        assert finished.stdout.isascii(), command
        assert b"?" not in finished.stdout, command


def on_terminal(project: Project, *words: str) -> str:
    """What a command writes on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environ = {
        **{
            name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "FORCE_COLOR")
        },
        "TERM": "xterm",
        "COLUMNS": "80",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.directory,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    os.close(theirs)
    found = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when nobody writes any more
            break
        if not piece:
            break
        found += piece
    os.close(ours)
    assert process.wait() == 0
    return found.decode().replace("\r\n", "\n")


def test_a_person_is_told_how_long_each_revision_takes(garden: Project) -> None:
    lines = on_terminal(garden, "--color", "never", "upgrade", "heads").splitlines()
    assert [line.rpartition("   ")[0].strip() for line in lines[:-1]] in (
        ["1/4  a1  start", "2/4  b1  left", "3/4  c1  right", "4/4  m1  join"],
        ["1/4  a1  start", "2/4  c1  right", "3/4  b1  left", "4/4  m1  join"],
    )
    assert all(line.endswith((" ms", " s")) for line in lines)
    assert lines[-1].startswith("  done  base → m1 in ")


def test_history_is_a_tree_there_and_plain_says_as_in_a_pipe(garden: Project) -> None:
    assert "├─╮" in on_terminal(garden, "history")
    plain = on_terminal(garden, "history", "--plain")
    assert "├" not in plain
    assert plain.splitlines()[-1] == "<base> -> a1 (branchpoint), start"


def test_rich_is_not_needed() -> None:
    source = Path(__file__).parents[2] / "src" / "limbeck"
    assert not any("import rich" in path.read_text("utf-8") for path in source.rglob("*.py"))
