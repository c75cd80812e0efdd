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


def test_a_long_line_is_folded_only_on_a_terminal() -> None:
    line = "  label     one two three four five six seven eight"
    assert Look().wrapped(line, hang=12) == [line]
    assert Look(width=40).wrapped(line, hang=12) == [
        "  label     one two three four five six",
        "            seven eight",
    ]
    path = "migrations/versions/2f6b1c40a9d1.py:12"
    assert Look(width=40).wrapped(f"  where     {path}", hang=12) == ["  where", f"  {path}"]


def test_a_long_message_is_cut_only_on_a_terminal() -> None:
    assert Look().shortened("x" * 50, 30) == "x" * 50
    assert Look(width=80).shortened("x" * 50, 30) == f"{'x' * 27}..."
    assert Look(width=80).shortened("x" * 50, 3) == f"{'x' * 17}..."


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, "38;5;130"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "38;5;130"),
        ({"TERM": "xterm"}, "33"),
    ],
)
def test_shades_that_are_readable_on_white_and_on_black(environ: Mapping[str, str], expected: str) -> None:
    found = look_at(Screen(), environ, color="always", plain=False)
    assert found.careful("x") == f"\x1b[{expected}mx\x1b[0m"


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """How well one colour can be read on another, from 1 to 21 (WCAG 2)."""

    def luminance(color: tuple[int, int, int]) -> float:
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in (value / 255 for value in color)
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_the_shades_have_contrast() -> None:
    painter = Look(has_color=True, has_shades=True)
    steps = (0, 95, 135, 175, 215, 255)
    for paint in (painter.good, painter.careful, painter.bad):
        number = int(paint("x").partition("m")[0].rpartition(";")[2]) - 16
        color = (steps[number // 36], steps[number // 6 % 6], steps[number % 6])
        assert contrast(color, (255, 255, 255)) > 3.9
        assert contrast(color, (0, 0, 0)) > 3.9


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
        said = finished.stdout + finished.stderr
        assert said.isascii(), command
        assert b"?" not in finished.stdout, command
        assert b"\\x" not in said, command
        assert b"\\u" not in said, command


def test_without_a_locale_a_failure_is_told_with_signs_of_ascii(garden: Project) -> None:
    """Also on a terminal, with the text of the user as far as it can be shown."""
    garden.add("n1", "m1", message="größer", up="op.execute('SELECT 1 FROM nirgendwo_ä')")
    environ = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for stream in ("stdout", "stderr"):
        shown = on_terminal(garden, "upgrade", "heads", stream=stream, environ=environ, exit_code=1)
        assert "Traceback" not in shown
        assert shown.isascii()
        if stream == "stderr":
            assert "--raiseerr shows the traceback - limbeck explain LBK-DB-MISSING" in shown
            assert "no such table: nirgendwo_" in shown


def on_terminal(
    project: Project,
    *words: str,
    stream: str = "stdout",
    environ: Mapping[str, str] | None = None,
    exit_code: int = 0,
) -> str:
    """What a command writes on a terminal of 80 columns, to one stream of it or to both."""
    ours, theirs = pty.openpty()
    unwanted = ("CI", "NO_COLOR", "FORCE_COLOR")
    given = os.environ if environ is None else environ
    streams = {
        name: theirs if stream in (name, "both") else subprocess.DEVNULL for name in ("stdout", "stderr")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.directory,
        env={
            **{name: value for name, value in given.items() if name not in unwanted},
            "TERM": "xterm",
            "COLUMNS": "80",
        },
        **streams,  # type: ignore[call-overload]  # mypy takes them for any argument
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
    assert process.wait() == exit_code
    return found.decode().replace("\r\n", "\n")


def test_a_person_is_told_how_long_each_revision_takes(garden: Project) -> None:
    lines = on_terminal(garden, "--color", "never", "upgrade", "heads").splitlines()
    work = "   0 statements   "
    assert [line.partition(work)[0].strip() for line in lines[:-1]] in (
        ["1/4  a1  start", "2/4  b1  left", "3/4  c1  right", "4/4  m1  join"],
        ["1/4  a1  start", "2/4  c1  right", "3/4  b1  left", "4/4  m1  join"],
    )
    assert all(work in line for line in lines[:-1])
    assert all(line.endswith((" ms", " s")) for line in lines)
    assert lines[-1].startswith("  done  base → m1 in ")


def own_project(tmp_path: Path) -> Project:
    """One without env.py, so that limbeck itself shows the log."""
    project = Project(tmp_path)
    (project.directory / "migrations" / "env.py").unlink()
    (project.directory / "alembic.ini").unlink()
    (project.directory / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "migrations"\nurl = "sqlite:///app.db"\n'
    )
    project.add("a1", message="start")
    return project


def test_the_log_says_nothing_on_a_terminal_that_is_seen_there_anyway(tmp_path: Path) -> None:
    """Elsewhere it keeps the lines that programs look for."""
    project = own_project(tmp_path)
    words = ("--color", "never", "upgrade", "heads")
    assert "INFO" not in on_terminal(project, "status", stream="both")
    shown = on_terminal(project, *words, stream="both").splitlines()
    assert [line.split()[0] for line in shown] == ["1/1", "done"]
    assert on_terminal(project, *words, stream="both").splitlines() == [
        "  done  nothing to run: the database is at a1"
    ]
    on_terminal(project, "downgrade", "base")
    logged = on_terminal(project, *words, stream="stderr")  # what it answers goes somewhere else
    assert "Running upgrade  -> a1, start" in logged
    assert "Context impl" not in logged
    assert "Context impl SQLiteImpl." in on_terminal(project, "downgrade", "base", "--plain", stream="both")


def test_what_argparse_complains_about_is_folded_on_a_terminal(garden: Project) -> None:
    shown = on_terminal(garden, "nonsense", stream="stderr", exit_code=2)
    assert max(map(len, shown.splitlines())) <= 80
    assert "\n  'branches', 'check', " in shown


def test_history_is_a_tree_there_and_plain_says_as_in_a_pipe(garden: Project) -> None:
    assert "├─╮" in on_terminal(garden, "history")
    plain = on_terminal(garden, "history", "--plain")
    assert "├" not in plain
    assert plain.splitlines()[-1] == "<base> -> a1 (branchpoint), start"


def test_rich_is_not_needed() -> None:
    source = Path(__file__).parents[2] / "src" / "limbeck"
    assert not any("import rich" in path.read_text("utf-8") for path in source.rglob("*.py"))


def test_a_person_is_told_how_many_statements_each_revision_has_sent(tmp_path: Path) -> None:
    """Those of its function; the version table is limbeck's own affair."""
    made = Project(tmp_path)
    create = "op.create_table('t', sa.Column('id', sa.Integer))"
    made.add("a1", message="one", up=create)
    made.add(
        "b1", "a1", message="two", up="op.execute('INSERT INTO t VALUES (1)'); op.execute('DELETE FROM t')"
    )
    lines = on_terminal(made, "--color", "never", "upgrade", "head").splitlines()
    assert [line.rpartition("   ")[0] for line in lines[:-1]] == [
        "  1/2  a1  one   1 statement",
        "  2/2  b1  two   2 statements",
    ]
