"""Runs the migrations of whole projects with the original and with limbeck, and compares what they leave.

    python -m tests.compat.histories [NAME ...] [--postgresql URL] [--mariadb URL]

For each project and database: up from nothing, back as far as the project's own downgrades go, up again; as a script
from each revision to the next; and half by the one, finished by the other, in both directions. What is compared is the
reflected schema, SQLite's own text of it, the rows of the version table, and the scripts. The projects come from the
package index, into `limbeck-compat` in the directory for temporary files. The exit status tells whether anything
differs that `histories.toml` does not list.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.backends import databases

ROOT = Path(__file__).parents[2]
WORK = Path(tempfile.gettempdir(), "limbeck-compat", "histories")
SETTINGS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)
LISTED: list[dict[str, Any]] = SETTINGS.pop("difference", [])  # type: ignore[arg-type]  # a list, unlike the projects
ORIGINAL, LIMBECK = "original", "limbeck"
FIRST = {ORIGINAL: "", LIMBECK: "import limbeck.as_alembic"}
INI = """\
[alembic]
script_location = {location}
version_locations = {versions}
path_separator = newline
sqlalchemy.url = {url}
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
formatter = plain
[formatter_plain]
format = %(message)s
"""


def main() -> int:
    """Run the histories that are asked for, all if none is; say what differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SETTINGS))
    parser.add_argument("--postgresql", default="postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--mariadb", default="mariadb+pymysql://root@127.0.0.1:3306/mysql")
    arguments = parser.parse_args()
    servers = {"sqlite": None, "postgresql": arguments.postgresql, "mariadb": arguments.mariadb}
    print(
        "| history | database | revisions | steps undone | scripts | differences |",
        "|---|---|---|---|---|---|",
        sep="\n",
    )
    unlisted = 0
    for name in arguments.names or SETTINGS:
        project = Project(name)
        project.install()
        for backend in SETTINGS[name]["databases"]:
            trial = Trial(project, backend, servers[backend])
            trial.run()
            new = [
                line
                for line in trial.differences
                if not any(_is_listed(entry, name, backend, line) for entry in LISTED)
            ]
            unlisted += len(new)
            told = (
                "none"
                if not trial.differences
                else f"{len(trial.differences) - len(new)} listed, {len(new)} new"
            )
            print(
                f"| {name} | {backend} | {trial.revisions} | {trial.undone} | {trial.scripts} | {told} |",
                flush=True,
            )
            for line in new:
                print(f"    {line}", file=sys.stderr)
    return bool(unlisted)


def _is_listed(entry: dict[str, Any], name: str, backend: str, line: str) -> bool:
    return (
        name in entry["histories"] and backend in entry["databases"] and bool(re.search(entry["line"], line))
    )


class Project:
    """A package whose migrations are run, in an environment of its own beside limbeck and the original."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings = SETTINGS[name]
        self.home = WORK / name
        self.python = self.home / "venv" / "bin" / "python"

    def install(self) -> None:
        """Fetch the package and what it needs."""
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self.home / "venv")], check=True)
        needs = ["-e", str(ROOT), "alembic", "psycopg[binary]", "pymysql", *self.settings["needs"]]
        subprocess.run(
            [self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *needs], check=True
        )

    def command(self, which: str, url: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command with the original or with limbeck."""
        (location,) = (self.home / "venv").glob(f"lib/*/site-packages/{self.settings['location']}")
        folders = sorted({path.parent for path in (location / "versions").rglob("*.py")})
        ini = self.home / "alembic.ini"
        versions = "".join(f"\n    {folder}" for folder in folders)
        ini.write_text(
            INI.format(location=location, versions=versions, url=url.replace("%", "%%")), encoding="utf-8"
        )
        program = f"{FIRST[which]}\n{self.settings['before']}\nfrom alembic.config import main; main()"
        return subprocess.run(
            [self.python, "-W", "ignore", "-c", program, "-c", str(ini), *words],
            capture_output=True, text=True, check=False, cwd=self.home, env=os.environ | {"PYTHONHASHSEED": "0"},
        )  # fmt: skip


@dataclass
class Trial:
    """One project on one database."""

    project: Project
    backend: str
    server: str | None
    differences: list[str] = field(default_factory=list)
    revisions: int = 0
    undone: int = 0
    scripts: int = 0

    def run(self) -> None:
        """Do everything with both, and note what differs."""
        with self._database() as url:
            order = self._order(url)
        self.revisions = len(order)
        left = self._compare("up", lambda which: self._up(which, "heads"))
        self._compare("down", self._down_and_up)
        for start, end in zip(["base", *order], order, strict=False):
            self._compare_scripts(start, end)
        middle = order[len(order) // 2]
        for first, second in ((ORIGINAL, LIMBECK), (LIMBECK, ORIGINAL)):
            found = self._up(first, middle, then=second)
            self._note(f"up to {middle} by {first}, then by {second}", left, found)

    def _compare(self, what: str, act: Callable[[str], list[str]]) -> list[str]:
        original, ours = act(ORIGINAL), act(LIMBECK)
        self._note(what, original, ours)
        return original

    def _note(self, what: str, original: list[str], ours: list[str]) -> None:
        lines = difflib.unified_diff(original, ours, n=0, lineterm="")
        self.differences += [f"{what}: {line}" for line in lines if line[:3] not in ("---", "+++", "@@ ")]

    def _order(self, url: str) -> list[str]:
        """The revisions, parents first."""
        done = self._checked(ORIGINAL, url, "history")
        return [line.split(" -> ")[1].split(" ")[0].split(",")[0] for line in reversed(done.splitlines())]

    def _up(self, which: str, target: str, then: str | None = None) -> list[str]:
        with self._database() as url:
            self._checked(which, url, "upgrade", target)
            if then is not None:
                self._checked(then, url, "upgrade", "heads")
            return snapshot(url)

    def _down_and_up(self, which: str) -> list[str]:
        """What each step back leaves, up to the first that fails, and what going up from there leaves."""
        with self._database() as url:
            self._checked(which, url, "upgrade", "heads")
            found: list[str] = []
            for count in range(self.revisions if self.project.settings["downgrade"] else 0):
                done = self.project.command(which, url, "downgrade", "-1")
                found += [
                    f"{count + 1} back: {line}" for line in [*snapshot(url), f"status {done.returncode}"]
                ]
                if done.returncode:
                    break
                self.undone = count + 1
            self._checked(which, url, "upgrade", "heads")
            return found + snapshot(url)

    def _compare_scripts(self, start: str, end: str) -> None:
        with self._database() as url:
            texts = {}
            for which in (ORIGINAL, LIMBECK):
                done = self.project.command(which, url, "upgrade", f"{start}:{end}", "--sql")
                texts[which] = _statements(done.stdout) if done.returncode == 0 else ["refused"]
            self.scripts += texts[ORIGINAL] != ["refused"]
            self._note(f"script {start}:{end}", texts[ORIGINAL], texts[LIMBECK])

    def _checked(self, which: str, url: str, *words: str) -> str:
        done = self.project.command(which, url, *words)
        if done.returncode:
            sys.exit(
                f"{self.project.name} on {self.backend}, {which} {' '.join(words)}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    @contextmanager
    def _database(self) -> Iterator[str]:
        """The URL of an empty database, which is dropped afterwards."""
        if self.server is None:
            with tempfile.TemporaryDirectory() as directory:
                yield f"sqlite:///{directory}/database.sqlite"
            return
        url = databases.create(self.server, databases.new_prefix())
        try:
            yield url
        finally:
            databases.drop(url)


def _statements(script: str) -> list[str]:
    """The statements of a script, white space folded, without comments."""
    text = re.sub(r"(?m)^--.*$", "", script)
    return [" ".join(statement.split()) for statement in re.split(r";\n", text) if statement.strip()]


def snapshot(url: str) -> list[str]:
    """Everything that the database says about its schema, and the rows of the version table, a line for each fact."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        lines = []
        for table in sorted(inspector.get_table_names()):
            lines += [f"{table}: column {_shown(column)}" for column in inspector.get_columns(table)]
            lines.append(f"{table}: key {_shown(inspector.get_pk_constraint(table))}")
            for kind in ("foreign_keys", "indexes", "unique_constraints", "check_constraints"):
                facts = getattr(inspector, f"get_{kind}")(table)
                lines += sorted(f"{table}: {kind} {_shown(fact)}" for fact in facts)
        if engine.dialect.name == "postgresql":
            lines += [f"enum {_shown(enum)}" for enum in inspector.get_enums()]  # type: ignore[attr-defined]  # it has
            lines += [f"sequence {name}" for name in sorted(inspector.get_sequence_names())]
        if engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
            )
            # In which order the original writes the constraints of a rebuilt table changes from run to run.
            lines += [f"text {sorted(_clauses(' '.join(sql.split())))}" for (sql,) in rows]
        rows = connection.exec_driver_sql("SELECT version_num FROM alembic_version ORDER BY 1")
        lines += [f"version {identifier}" for (identifier,) in rows]
    engine.dispose()
    return lines


def _clauses(sql: str) -> Iterator[str]:
    """The parts of a CREATE statement between the commas of its outermost parentheses."""
    depth, part = 0, ""
    for character in sql:
        depth += (character == "(") - (character == ")")
        if (character == "," and depth == 1) or (character == "(" and depth == 1):
            yield part.strip()
            part = ""
        else:
            part += character
    yield part.strip().removesuffix(")").strip()


def _shown(fact: Any) -> str:
    return repr({key: repr(fact[key]) for key in sorted(fact)})


if __name__ == "__main__":
    sys.exit(main())
