"""The example of each command in the reference runs, where a database takes part on all of them."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from limbeck.cli.commands import COMMANDS
from tests.command.project import Project
from tests.docs.running import commands_of, run, succeed, use

PAGE = "docs/reference/commands.md"
EXAMPLES = {shlex.split(command)[1]: command for command in commands_of(PAGE)}
ELSEWHERE = {
    "demo": "tests/command/test_demonstration.py runs it as it stands there",
    "init": "below: it wants a directory without a project",
    "repair": "below: it wants a run that has stopped",
    "resume": "below, likewise",
}
OFFLINE = (
    *("branches", "completion", "doctor", "edit", "explain", "graph", "heads", "list_templates", "merge"),
    "show",
)
ONLINE = (
    *("ensure_version", "plan", "upgrade", "wait", "current", "history", "status", "lock", "check"),
    *("downgrade", "stamp", "revision"),
)
"""In an order in which each finds what it needs."""

MODELS = """import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""
CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
WRONG = "op.execute('ALTER TABLE nowhere ADD y INT')"


def test_every_command_has_an_example_here() -> None:
    assert sorted(EXAMPLES) == sorted(command.name for command in COMMANDS)
    assert sorted(EXAMPLES) == sorted((*ELSEWHERE, *OFFLINE, *ONLINE))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two revisions; the models say the same."""
    made = Project(tmp_path)
    (tmp_path / "models.py").write_text(MODELS)
    env = tmp_path / "migrations" / "env.py"
    env.write_text(
        env.read_text().replace('config.attributes.get("target_metadata")', '__import__("models").metadata')
    )
    ini = tmp_path / "alembic.ini"
    ini.write_text(ini.read_text() + "prepend_sys_path = .\n")
    made.add("a1", message="start", up=CREATE, down="op.drop_table('t')")
    made.add("b1", "a1", message="more")
    return made


@pytest.mark.parametrize("name", OFFLINE)
def test_an_example_without_a_database(project: Project, name: str) -> None:
    if name == "merge":
        project.add("c1", "a1")
    succeed(project.directory, EXAMPLES[name], EDITOR="true")


def test_the_examples_with_a_database(project: Project, database_url: str) -> None:
    use(project, database_url)
    for name in ONLINE:
        succeed(project.directory, EXAMPLES[name])
    assert len(list(project.versions.glob("*.py"))) == 3


def test_the_example_of_init(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "models.py").write_text(MODELS)
    assert "1 table in shop.models" in succeed(tmp_path, EXAMPLES["init"]).stdout


@pytest.mark.parametrize("name", ["repair", "resume"])
def test_an_example_after_a_run_that_has_stopped(project: Project, mariadb_url: str, name: str) -> None:
    use(project, mariadb_url)
    path = project.add("a1", up=f"{CREATE}\n    {WRONG}")
    assert run(project.directory, "limbeck upgrade head").returncode == 5
    if name == "resume":
        path.write_text(path.read_text().replace(WRONG, "pass"))
    succeed(project.directory, EXAMPLES[name])
