"""Plugins of installed packages, in a process that finds them by their entry points (PLG-*)."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import create_engine, inspect

from tests.backends.victim import Contents, Victim, contents

MODULE = """
from limbeck.autogenerate import renderers
from limbeck.operations import MigrateOperation, Operations
from limbeck.runtime.plugins import Plugin
from limbeck.util import PriorityDispatchResult


@Operations.register_operation("shout")
class Shout(MigrateOperation):
    def __init__(self, word):
        self.word = word

    @classmethod
    def shout(cls, operations, word):
        return operations.invoke(cls(word))


def setup(plugin: Plugin):
    @Operations.implementation_for(Shout)
    def shout(operations, operation):
        operations.execute(f"CREATE TABLE {operation.word} (x INTEGER)")

    def compare(autogen_context, upgrade_ops, schemas):
        print(f"{plugin.name} compares")
        return PriorityDispatchResult.CONTINUE

    plugin.add_autogenerate_comparator(compare, "schema", "shouts")
"""
METADATA = "Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n"
ENTRY_POINTS = "[alembic.plugins]\nshouting.plugin = shouting_plugin\n"


def installed(directory: Path) -> dict[str, str]:
    """A package with a plugin, installed in a directory; the variables that let Python find it."""
    information = directory / "shouting-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    (directory / "shouting_plugin.py").write_text(MODULE)
    paths = [str(directory), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def test_a_plugin_of_an_installed_package_teaches_operations_and_comparisons(
    tmp_path: Path, sqlite_url: str
) -> None:
    """PLG-3, PLG-6, PLG-11: patterns choose comparisons; its operations are there in any case."""
    environ = installed(tmp_path / "site")
    project = tmp_path / "project"
    project.mkdir()
    victim = Victim(project, sqlite_url)
    victim.add("r1", 'op.shout("loud")')
    victim.edit_env(
        "options = eval", "from sqlalchemy import MetaData, Table, Column, Integer\noptions = eval"
    )
    assert victim.run("upgrade", "head", environ=environ).status == 0
    assert contents(sqlite_url) == Contents(("loud",), ("r1",))
    models = "'target_metadata': MetaData(), 'include_name': lambda name, kind, parents: kind != 'table'"
    for patterns, compares in (
        (["alembic.autogenerate.*"], 0),
        (["alembic.autogenerate.*", "shouting.*"], 1),
        (["*", "~shouting.plugin"], 0),
    ):
        options = f"{{{models}, 'autogenerate_plugins': {patterns}}}"
        done = victim.run("check", environ={**environ, "OPTIONS": options})
        assert (done.status, done.err) == (0, "")
        assert done.out.count("shouting.plugin compares\n") == compares
    assert inspect(create_engine(sqlite_url)).has_table("loud")


def test_a_plugin_that_is_not_there_is_told_with_the_ones_that_are(tmp_path: Path, sqlite_url: str) -> None:
    """PLG-7"""
    environ = installed(tmp_path / "site")
    project = tmp_path / "project"
    project.mkdir()
    victim = Victim(project, sqlite_url)
    victim.edit_env("options = eval", "from sqlalchemy import MetaData\noptions = eval")
    options = "{'target_metadata': MetaData(), 'autogenerate_plugins': ['shouting.plug']}"
    done = victim.run("check", environ={**environ, "OPTIONS": options})
    assert done.status == 255
    assert done.out == "FAILED: Did not locate plugins: shouting.plug\n"
    assert "shouting.plugin" in str(done.fact("fix"))
