"""Every command that a page or a message of limbeck's own shows is one that the command line understands.

Those in lines of their own are run, too: some guides here, the other pages by a test of their own (`RUN_BY`).
"""

from __future__ import annotations

import ast
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from limbeck.cli.commandline import CommandLine
from limbeck.cli.commands import COMMANDS
from tests.command.project import Project

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if "_build" not in path.parts
)
SOURCES = sorted((ROOT / "src" / "limbeck").rglob("*.py"))
NAMES = {spelling for one in COMMANDS for spelling in (one.name, one.name.replace("_", "-"))}
PROMPTED = re.compile(r"(?m)^(?:    )?\$ limbeck (.+)$")
INDENTED = re.compile(r"(?m)^    limbeck (.+)$")
INLINE = re.compile(r"`limbeck ([^`]+)`")
PLACEHOLDERS = ("COMMAND",)


def commands_in(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    """The commands that a text shows or names: all behind a prompt, else those with a command's name in them."""
    for found in pattern.findall(text):
        command = " ".join(found.split())
        if pattern is PROMPTED or NAMES & set(words_of(command)):
            yield command


def words_of(command: str) -> list[str]:
    """The arguments, without a comment and without what the shell does with the output."""
    words = shlex.split(command, comments=True)
    for sign in (">", "|", "&&"):
        if sign in words:
            words = words[: words.index(sign)]
    return words


def texts_of(path: Path) -> Iterator[str]:
    """The texts in a Python file; what is put into them is taken for a word."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "word" for part in node.values)
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def complaint_about(command: str) -> str:
    """What the command line has against a command, or nothing."""
    words = words_of(command)
    if any(word in PLACEHOLDERS for word in words):
        return ""
    said = io.StringIO()
    try:
        with redirect_stderr(said), redirect_stdout(io.StringIO()):
            CommandLine().parser.parse_args(words)
    except SystemExit as leaving:
        return said.getvalue() if leaving.code else ""
    return ""


def is_mention(complaint: str) -> bool:
    """Whether a command is only named, without all that it needs, or with a word that the program puts there."""
    return any(part in complaint for part in ("are required: ", "expected one argument", "choice: 'word'"))


def shown_on_pages(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """The commands on all pages, with the page."""
    return sorted(
        {
            (path.relative_to(ROOT).as_posix(), command)
            for path in PAGES
            for command in commands_in(path.read_text("utf-8"), pattern)
        }
    )


TYPED = sorted({*shown_on_pages(PROMPTED), *shown_on_pages(INDENTED)})


def test_every_page_with_commands_is_looked_at() -> None:
    """Lest a new way to write them is overlooked."""
    consoles = {
        path.relative_to(ROOT).as_posix() for path in PAGES if "$ limbeck " in path.read_text("utf-8")
    }
    pages = {page for page, _ in TYPED}
    assert consoles | {"README.md"} <= pages
    assert len(TYPED) > 60


@pytest.mark.parametrize(("page", "command"), TYPED)
def test_a_command_on_a_page_is_understood(page: str, command: str) -> None:
    assert complaint_about(command) == ""


def test_commands_that_pages_mention_are_there() -> None:
    complaints = {command: complaint_about(command) for _, command in shown_on_pages(INLINE)}
    assert len(complaints) > 30
    assert {one: said for one, said in complaints.items() if said and not is_mention(said)} == {}


def test_commands_that_messages_name_are_there() -> None:
    """UX-7: a message names the next command to type."""
    named = {one for path in SOURCES for text in texts_of(path) for one in commands_in(text, INLINE)}
    assert len(named) > 20
    complaints = {command: complaint_about(command) for command in sorted(named)}
    assert {one: said for one, said in complaints.items() if said and not is_mention(said)} == {}


GUIDES = ("branches", "offline", "several-deployments", "containers", "time-limits")
RUN_BY = {
    "README.md": "test_first_pages",
    "docs/coming-from-alembic.md": "test_first_pages",
    "docs/guides/autogenerate.md": "test_autogenerate",
    "docs/guides/interrupted-runs.md": "test_interrupted_runs",
    "docs/guides/long-runs.md": "test_long_runs",
    "docs/guides/plan-in-ci.md": "test_plan_in_ci",
    "docs/reference/commands.md": "test_reference",
    "docs/tutorial/first-migration.md": "test_tutorial",
    **{f"docs/guides/{guide}.md": "test_commands" for guide in GUIDES},
}
"""The pages with commands in lines of their own, and the module here that runs them."""


def test_the_commands_of_every_page_are_run() -> None:
    assert {page for page, _ in TYPED} == set(RUN_BY)
    for page, module in RUN_BY.items():
        source = Path(__file__).with_name(f"{module}.py").read_text("utf-8")
        assert Path(page).stem in source or Path(page).name in source or module == "test_tutorial"


# --- guides that need no more than a project ---------------------------------------------------------------------


def project_for(guide: str, directory: Path) -> Project:
    """What the reader of a guide has."""
    made = Project(directory)
    create = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
    first, second = ("1ab2", "3cd4") if guide == "offline" else ("a1", "b1")
    made.add(first, message="start", up=create, down="op.drop_table('t')")
    made.add(second, first, message="left")
    if guide == "branches":
        made.add("c1", first, message="right")
    return made


@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_of_a_guide_run_in_their_order(guide: str, tmp_path: Path) -> None:
    project = project_for(guide, tmp_path)
    page = (ROOT / "docs" / "guides" / f"{guide}.md").read_text("utf-8")
    blocks = re.findall(r"(?ms)^```console\n(.*?)^```$", page)
    commands = [line for block in blocks for line in re.findall(r"(?m)^\$ limbeck (.+)$", block)]
    assert commands
    for command in commands:
        finished = subprocess.run(
            [sys.executable, "-m", "limbeck", *words_of(command)],
            cwd=project.directory,
            capture_output=True,
            text=True,
        )
        assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"
