"""Law 3: commands that only read files start without SQLAlchemy, Mako and rich, and with few modules at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from limbeck.script.base import ScriptDirectory
from limbeck.script.last_run import find_last_run

HEAVY = ("sqlalchemy", "mako", "rich")
MOST_MODULES = 120
"""How many modules `heads` may load beyond those that Python itself starts with."""
LOADED_BY_HEADS = """
limbeck limbeck.base limbeck.base.alias limbeck.base.answer limbeck.base.console limbeck.base.current
limbeck.base.garbage limbeck.base.lazy limbeck.base.look limbeck.base.postponed limbeck.base.progress
limbeck.base.settings limbeck.base.signals limbeck.base.voice limbeck.cli limbeck.cli.commandline
limbeck.cli.commands limbeck.cli.defaults limbeck.cli.interruption limbeck.cli.look limbeck.cli.main
limbeck.cli.parser limbeck.cli.progress limbeck.cli.voice limbeck.command limbeck.command.environment
limbeck.command.listing limbeck.config limbeck.errors limbeck.errors.base limbeck.graph limbeck.graph.ancestry
limbeck.graph.graph limbeck.graph.history limbeck.graph.plan limbeck.graph.revision limbeck.graph.target
limbeck.graph.walk limbeck.script limbeck.script.base limbeck.script.edge limbeck.script.facts
limbeck.script.files limbeck.script.index limbeck.script.listing limbeck.script.load limbeck.script.module
limbeck.script.revision limbeck.script.revision_file limbeck.script.steps
"""
"""Our own modules that `heads` loads where the index of headers is there."""
REVISION = '''"""{message}

Revision ID: {revision}
Revises: {parent}
Create Date: 2024-01-01 00:00:00.000000

"""
from alembic import op
import sqlalchemy as sa

revision = {revision!r}
down_revision = {parent!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("t_{revision}", sa.Column("id", sa.Integer))


def downgrade() -> None:
    op.drop_table("t_{revision}")
'''
RUN = """
import json, sys
from limbeck.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as leaving:
    code = leaving.code
else:
    code = 0
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


LAST_RUN = {
    "v": 2, "command": "upgrade", "target": "head", "host": "web-3", "user": "app", "process": 812,
    "program": "limbeck", "databases": [], "began": "2026-03-02T14:11:05+00:00", "seconds": 1.0,
    "failure": None, "steps": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two revisions, written by hand."""
    directory = tmp_path_factory.mktemp("project")
    versions = directory / "migrations" / "versions"
    versions.mkdir(parents=True)
    (directory / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (directory / "migrations" / "env.py").write_text("raise AssertionError('env.py was run')\n")
    (directory / "migrations" / "script.py.mako").write_text("")
    for revision, parent, message in (("a1f0c3", None, "first"), ("b2e1d4", "a1f0c3", "second")):
        text = REVISION.format(revision=revision, parent=parent, message=message)
        (versions / f"{revision}_{message}.py").write_text(text)
    last_run = Path(find_last_run(ScriptDirectory(str(directory / "migrations"))))
    last_run.parent.mkdir()
    last_run.write_text(json.dumps(LAST_RUN))
    return directory


@pytest.mark.parametrize(
    "command",
    ["--help", "--version", "heads", "heads --verbose", "branches", "history", "history --verbose",
     "history -r a1f0c3:head", "graph", "graph --format svg",
     "graph --format mermaid", "show head", "show b2e1", "show --last-run", "doctor --files-only",
     "explain", "explain LBK-NAME", "completion bash"],
)  # fmt: skip
def test_a_light_command_loads_nothing_heavy(project: Path, command: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", RUN, *command.split()], cwd=project, capture_output=True, text=True, check=True
    )
    code, loaded = json.loads(finished.stdout.splitlines()[-1])
    assert code in (0, None), finished.stdout + finished.stderr
    assert [name for name in HEAVY if name in loaded] == []


def test_importing_the_package_and_its_settings_is_light_too() -> None:
    code = "import limbeck, limbeck.config, limbeck.script, limbeck.command, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert [name for name in HEAVY if name in loaded.split()] == []


ALL_MODULES = RUN.replace('{name.partition(".")[0] for name in sys.modules}', "sys.modules")
"""The same, with the whole names."""


def run_python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=True, env=environment
    )


def modules_loaded_by(*command: str, cwd: Path) -> set[str]:
    """All modules that are there when a command has run."""
    loaded = run_python("-c", ALL_MODULES, *command, cwd=cwd).stdout.splitlines()[-1]
    return set(json.loads(loaded)[1])


def modules_timed(*arguments: str, cwd: Path) -> set[str]:
    """The modules that Python says to have imported; not those that a program imports by `import_module()`."""
    report = run_python("-X", "importtime", *arguments, cwd=cwd).stderr.splitlines()
    lines = [line.rpartition("|")[2].strip() for line in report if line.startswith("import time:")]
    return set(lines[1:])


def test_heads_loads_few_modules_and_of_our_own_only_these(project: Path) -> None:
    for path in project.glob("migrations/versions/*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    loaded = modules_loaded_by("heads", cwd=project)
    deadline = time.monotonic() + 10
    while "limbeck.script.header" in loaded and time.monotonic() < deadline:
        time.sleep(0.5)  # the index trusts only files that were not changed a moment ago
        loaded = modules_loaded_by("heads", cwd=project)
    assert sorted(name for name in loaded if name.partition(".")[0] == "limbeck") == LOADED_BY_HEADS.split()
    own = set(
        json.loads(
            run_python("-c", "import json, sys; print(json.dumps([*sys.modules]))", cwd=project).stdout
        )
    )
    assert len(loaded - own) < MOST_MODULES, sorted(loaded - own)


def test_python_times_few_imports_for_heads(project: Path) -> None:
    of_python = modules_timed("-c", "pass", cwd=project)
    for _ in ("without the index", "with it"):
        timed = modules_timed("-m", "limbeck", "heads", cwd=project) - of_python
        assert "limbeck.graph.graph" in timed
        assert len(timed) < MOST_MODULES, sorted(timed)


def test_graph_loads_little_more_than_history(project: Path) -> None:
    for _ in ("without the index", "with it"):
        more = modules_loaded_by("graph", cwd=project) - modules_loaded_by("history", cwd=project)
    assert sorted(more) == [
        "limbeck.command.drawing",
        "limbeck.command.drawing.nodes",
        "limbeck.command.drawing.text",
        "limbeck.command.picture",
        "limbeck.graph.lanes",
    ]


WATCHING = """
import sys, typing
compiled = []
original = typing.ForwardRef.__init__
def note(self, text, *args, **kw):
    compiled.append(text)
    original(self, text, *args, **kw)
typing.ForwardRef.__init__ = note
import argparse
made = []
make = argparse.ArgumentParser.__init__
def count(self, *args, **kw):
    make(self, *args, **kw)
    made.append(self.prog)
argparse.ArgumentParser.__init__ = count
sys.argv[1:] = ["heads"]
from limbeck.cli.main import main
main()
print(compiled, made, "logging" in sys.modules)
"""
"""Runs `heads` and tells which annotations Python has compiled, and which parsers it has made."""


def test_heads_compiles_no_annotations_and_makes_its_own_parser_only(project: Path) -> None:
    """Each of the two would take as long as a thousand revisions; the log is for those who ask a database."""
    told = run_python("-c", WATCHING, cwd=project).stdout.splitlines()[-1]
    assert told == "[] ['limbeck', 'limbeck heads'] False"


UNNEEDED_AT_HEAD = """
limbeck.ddl.apply limbeck.ddl.compare.types limbeck.ddl.facts limbeck.ddl.plain limbeck.op limbeck.operations.base
limbeck.operations.ops limbeck.runtime.executor limbeck.runtime.journal.recorder limbeck.runtime.journal.watch
limbeck.runtime.lock_session limbeck.sqla.copies
"""
"""What only runs need that have something to do."""


def test_a_run_that_finds_nothing_to_do_makes_no_operations(tmp_path: Path) -> None:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (tmp_path / "migrations" / "env.py").write_text(
        "from sqlalchemy import create_engine\nfrom limbeck import context\n"
        "with create_engine('sqlite:///database.sqlite').connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )
    (versions / "a1f0c3.py").write_text(REVISION.format(revision="a1f0c3", parent=None, message="first"))
    unneeded = set(UNNEEDED_AT_HEAD.split())
    first, second = (modules_loaded_by("upgrade", "head", cwd=tmp_path) & unneeded for _ in range(2))
    assert {"limbeck.ddl.plain", "limbeck.operations.ops", "limbeck.runtime.executor"} <= first
    assert second == set()
