r"""Scenarios: one file holds a project, the commands somebody types in it, and what they must see.

    # Prose: what this scenario claims.
    on sqlite postgresql mariadb        the backends; each gives an empty database, {url} is its URL

    $ limbeck init migrations           a command; it must succeed
    > Creating directory *migrations*   a line of standard output; several must come in this order; * is anything
    $ limbeck check
    = 255                               the exit status that is expected instead of 0
    2> *Target database*                a line of standard error
    >! *error*                          a line that neither stream may have

    env NAME=value                      set a variable for the commands that follow; without a value, take it away
    edit alembic.ini: old text => new text
    copy models_after.py models.py
    tables: account, alembic_version    what the database must hold now, no more and no less
    enums: none                         the enum types, where a database has such a thing
    files migrations/versions: 2        how many Python files are in a directory

    -- models.py --                     below such a line: the content of a file of the project
    from sqlalchemy import MetaData

No command may end in a traceback, and none may print the password of {url}.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import sqlalchemy as sa

from tests.backends.engines import opened

BACKENDS = ("sqlite", "postgresql", "mariadb")


class ScenarioFailed(Exception):
    """Something was not as the scenario says; the message has everything that happened before."""


@dataclass
class Expectation:
    """What a command must do and say."""

    status: int = 0
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


@dataclass
class Scenario:
    """A parsed file: steps to go, and files to begin with."""

    name: str
    backends: tuple[str, ...]
    steps: list[tuple[int, str, Expectation]]
    files: dict[str, str]


def read(path: Path) -> Scenario:
    """Parse a scenario."""
    script, *sections = re.split(r"(?m)^-- (\S+) --\n", path.read_text(encoding="utf-8"))
    backends: tuple[str, ...] = ("sqlite",)
    steps: list[tuple[int, str, Expectation]] = []
    for number, line in enumerate(script.splitlines(), 1):
        word, _, rest = line.partition(" ")
        match word:
            case "" | "#":
                continue
            case "on":
                backends = tuple(rest.split())
                assert set(backends) <= set(BACKENDS), line
            case ">":
                steps[-1][2].output.append(rest)
            case "2>":
                steps[-1][2].errors.append(rest)
            case ">!":
                steps[-1][2].absent.append(rest)
            case "=":
                steps[-1][2].status = int(rest)
            case _:
                steps.append((number, line, Expectation()))
    return Scenario(path.stem, backends, steps, dict(zip(sections[::2], sections[1::2])))


class Stage:
    """Where a scenario plays: a directory and a database."""

    def __init__(self, directory: Path, url: str, command: Sequence[str] | None = None) -> None:
        self.directory = directory
        self.url = url
        self.command = list(command or [sys.executable, "-m", "limbeck"])
        self.transcript: list[str] = []
        self.environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "120"}

    def play(self, scenario: Scenario) -> None:
        """Do what the scenario says; raises ScenarioFailed at the first step that is not as expected."""
        for name, content in scenario.files.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.replace("{url}", self.url), encoding="utf-8")
        for number, step, expected in scenario.steps:
            word, _, rest = step.partition(" ")
            action = self.actions.get(word)
            if action is None:
                raise ValueError(f"{scenario.name}:{number}: what is {step!r}?")
            try:
                action(self, rest, expected)
            except ScenarioFailed as failure:
                story = "\n".join(self.transcript)
                raise ScenarioFailed(f"{scenario.name}:{number}: {step}\n{failure}\n\n{story}") from None

    # --- steps --------------------------------------------------------------------------------------------

    def run(self, line: str, expected: Expectation) -> None:
        """Type a command."""
        program, *arguments = shlex.split(line.replace("{url}", self.url))
        assert program == "limbeck", line
        finished = subprocess.run(
            [*self.command, *arguments],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            env=self.environ,
        )
        said = finished.stdout + finished.stderr
        self.transcript += [f"$ {line}", said.rstrip(), f"exit status {finished.returncode}"]
        problems = [
            *([] if finished.returncode == expected.status else [f"exit status {finished.returncode}"]),
            *missing_lines(expected.output, finished.stdout, "standard output"),
            *missing_lines(expected.errors, finished.stderr, "standard error"),
            *(
                f"it says {line}"
                for line in said.splitlines()
                if any(fnmatchcase(line, a) for a in expected.absent)
            ),
        ]
        if "Traceback (most recent call last)" in said:
            problems.append("a traceback")
        password = sa.make_url(self.url).password if self.url else None
        if password and str(password) in said:
            problems.append("the password of the database")
        if problems:
            raise ScenarioFailed("; ".join(problems))

    def set_variable(self, line: str, _: Expectation) -> None:
        """Set a variable of the environment, or take it away."""
        name, _, value = line.partition("=")
        if value:
            self.environ[name] = value.replace("{url}", self.url)
        else:
            self.environ.pop(name, None)

    def edit(self, line: str, _: Expectation) -> None:
        """Replace a passage that stands in a file once."""
        name, _, change = line.partition(": ")
        before, arrow, after = change.partition(" => ")
        assert arrow, line
        path = self.directory / name
        url = self.url.replace("%", "%%") if path.suffix == ".ini" else self.url
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise ScenarioFailed(f"{before!r} stands {text.count(before)} times in {name}:\n{text}")
        after = after.replace("{url}", url).replace("\\n", "\n")
        path.write_text(text.replace(before, after), encoding="utf-8")

    def copy(self, line: str, _: Expectation) -> None:
        """Put one file in the place of another."""
        source, target = line.split()
        shutil.copyfile(self.directory / source, self.directory / target)

    def tables(self, line: str, _: Expectation) -> None:
        """Compare the database's tables, but for those that limbeck keeps beside the version table."""
        self.compare(
            "tables",
            line,
            lambda inspector: [
                name for name in inspector.get_table_names() if not name.endswith(("_journal", "_lock"))
            ],
        )

    def enums(self, line: str, _: Expectation) -> None:
        """Compare the database's enum types, if it has such a thing."""
        if sa.make_url(self.url).get_backend_name() == "postgresql":
            self.compare("enums", line, lambda inspector: [enum["name"] for enum in inspector.get_enums()])

    def files(self, line: str, _: Expectation) -> None:
        """Count the Python files of a directory."""
        name, _, number = line.partition(": ")
        found = sorted(path.name for path in (self.directory / name).glob("*.py"))
        if len(found) != int(number):
            raise ScenarioFailed(f"{name} holds {found}")

    def compare(self, what: str, line: str, look: Callable[[sa.Inspector], list[str]]) -> None:
        wanted = sorted(name.strip() for name in line.split(",") if name.strip() != "none")
        with opened(self.url) as engine:
            found = sorted(look(sa.inspect(engine)))
        if found != wanted:
            raise ScenarioFailed(f"the database's {what} are {found}")

    actions = {
        "$": run,
        "env": set_variable,
        "edit": edit,
        "copy": copy,
        "tables:": tables,
        "enums:": enums,
        "files": files,
    }


def missing_lines(patterns: list[str], text: str, where: str) -> Iterator[str]:
    """Patterns that no line matches, each searched below the line of the one before."""
    lines = iter(text.splitlines())
    for pattern in patterns:
        if not any(fnmatchcase(line, pattern) for line in lines):
            yield f"{where} lacks `{pattern}`"
            return
