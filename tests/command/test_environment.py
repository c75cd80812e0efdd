"""How commands run env.py, and what programs do with commands, environments and contexts of their own."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine, inspect

from limbeck import command, context, op
from limbeck.config import Config
from limbeck.migration import MigrationContext
from limbeck.operations.base import Operations
from limbeck.runtime.environment import EnvironmentContext
from limbeck.script.base import ScriptDirectory
from tests.backends.engines import connected
from tests.command.project import ENV, Project
from tests.runtime.history import rows, tables

SHARED = """
from limbeck import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """The database beside the project, as a program opens it."""
    made = create_engine(f"sqlite:///{tmp_path}/app.db")
    yield made
    made.dispose()


def write_env_py(project: Project, text: str) -> None:
    (project.directory / "migrations" / "env.py").write_text(text)


def make_line(project: Project) -> Project:
    """Two revisions that make a table each."""
    project.add("a1", up="op.execute('CREATE TABLE a1 (x INTEGER)')", down="op.execute('DROP TABLE a1')")
    project.add(
        "b1", "a1", up="op.execute('CREATE TABLE b1 (x INTEGER)')", down="op.execute('DROP TABLE b1')"
    )
    return project


# --- env.py ---------------------------------------------------------------------------------------------------


def test_each_command_runs_env_py_as_a_fresh_module_inside_its_environment(project: Project) -> None:
    """RUN-1"""
    look = (
        "import sys\n"
        "from limbeck.base import current\n"
        "given = {name: one for name, one in current.environment.find().context_opts.items() if name != 'fn'}\n"
        "is_left_behind = '_left_behind' in globals()\n"
        "_left_behind = True\n"
        "config.attributes['seen'].append((__name__, __name__ in sys.modules, is_left_behind, given))\n"
    )
    write_env_py(project, ENV.replace("\n\ndef run", f"\n{look}\n\ndef run", 1))
    make_line(project)
    seen: list[Any] = []
    project.attributes["seen"] = seen
    command.upgrade(project.config(), "head", tag="t")
    command.stamp(project.config(), "a1", purge=True)
    command.current(project.config(stdout=io.StringIO()))
    assert [entry[:3] for entry in seen] == [("env_py", False, False)] * 3
    assert [entry[3] for entry in seen] == [
        {"as_sql": False, "starting_rev": None, "destination_rev": "head", "tag": "t"},
        {"as_sql": False, "starting_rev": None, "destination_rev": ("a1",), "tag": None, "purge": True},
        {"dont_mutate": True},
    ]
    with pytest.raises(NameError, match="only while env.py runs"):
        context.get_context()


def test_env_py_does_what_it_likes_before_and_after(project: Project) -> None:
    """RUN-8"""
    write_env_py(project, "config_before = 1\n" + ENV + "\nlog.append(config_before)\n")
    make_line(project)
    command.upgrade(project.config(), "head")
    assert project.attributes["log"] == [("online", None), 1]


@pytest.mark.parametrize("place", ["before", "after"])
def test_an_exception_in_env_py_propagates_as_it_is(project: Project, place: str) -> None:
    """RUN-8: and what was committed before it stays."""
    class_of_its_own = "class Strange(Exception): ...\n"
    failing = "raise Strange('mine')\n"
    write_env_py(project, class_of_its_own + (failing + ENV if place == "before" else ENV + "\n" + failing))
    make_line(project)
    with pytest.raises(Exception, match="^mine$") as raised:
        command.upgrade(project.config(), "head")
    assert type(raised.value).__name__ == "Strange"
    assert project.directory.joinpath("app.db").exists() is (place == "after")
    with pytest.raises(NameError):
        context.get_context()
    with pytest.raises(NameError):
        op.get_context()


# --- commands from Python -------------------------------------------------------------------------------------


def test_commands_need_a_file_or_settings(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """PY-1: the directory may be that of an installed package."""
    make_line(project)
    command.upgrade(Config(project.directory / "alembic.ini"), "a1")
    assert project.rows() == ["a1"]
    package = project.directory / "warehouse"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (project.directory / "migrations").rename(package / "migrations")
    monkeypatch.syspath_prepend(project.directory)
    config = Config()
    config.set_main_option("script_location", "warehouse:migrations")
    config.set_main_option("sqlalchemy.url", f"sqlite:///{project.directory}/app.db")
    command.upgrade(config, "head")
    assert project.rows() == ["b1"]
    del sys.modules["warehouse"]


def test_commands_share_a_connection_and_its_transaction(project: Project, engine: sa.Engine) -> None:
    """PY-2, TXN-4: the owner of the transaction ends it."""
    write_env_py(project, SHARED)
    make_line(project)
    config = project.config(stdout=io.StringIO())
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        connection.exec_driver_sql("BEGIN")  # Python's driver begins no transaction for DDL
        command.upgrade(config, "a1")
        command.upgrade(config, "head")
        assert MigrationContext.configure(connection).get_current_heads() == ("b1",)
        connection.rollback()
    assert tables(str(engine.url)) == []
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    assert rows(str(engine.url)) == ("b1",)


def test_a_database_in_memory_lives_in_the_connection_that_is_shared(project: Project) -> None:
    """PY-3"""
    write_env_py(project, SHARED)
    make_line(project)
    config = project.config()
    with connected() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert sorted(inspect(connection).get_table_names()) == ["a1", "alembic_version", "b1"]


def test_what_is_applied_and_what_there_is_can_be_compared(project: Project, engine: sa.Engine) -> None:
    """PY-4: information only, without a command and without env.py."""
    make_line(project)
    (project.directory / "migrations" / "env.py").unlink()
    heads = set(ScriptDirectory.from_config(project.config()).get_heads())
    with engine.connect() as connection:
        migration = MigrationContext.configure(connection)
        assert (set(migration.get_current_heads()), heads) == (set(), {"b1"})
        migration.stamp(ScriptDirectory.from_config(project.config()), "head")
        assert set(migration.get_current_heads()) == heads


def test_a_program_may_run_env_py_with_work_of_its_own(project: Project) -> None:
    """PY-5: `fn` may use the plans of the script directory."""
    make_line(project)
    config = project.config()
    script = ScriptDirectory.from_config(config)

    def run(work: Any, destination: str) -> None:
        with EnvironmentContext(config, script, fn=work, destination_rev=destination):
            script.run_env()

    run(lambda rows, _: script._upgrade_revs("head", rows), "head")
    assert (project.rows(), tables(f"sqlite:///{project.directory}/app.db")) == (
        ["b1"],
        ["a1", "alembic_version", "b1"],
    )
    run(lambda rows, _: script._downgrade_revs("a1", rows), "a1")
    assert project.rows() == ["a1"]
    run(lambda rows, _: script._stamp_revs("b1", rows), "b1")
    assert (project.rows(), tables(f"sqlite:///{project.directory}/app.db")) == (
        ["b1"],
        ["a1", "alembic_version"],
    )


def test_operations_work_outside_of_env_py(engine: sa.Engine) -> None:
    """PY-6: on a connection, into a script, and through the door."""
    column: Any = sa.Column("y", sa.Integer)
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table("t", sa.Column("x", sa.Integer))
        operations.add_column("t", column)
        assert [one["name"] for one in inspect(connection).get_columns("t")] == ["x", "y"]
    written = io.StringIO()
    opts = {"as_sql": True, "output_buffer": written}
    migration = MigrationContext.configure(dialect_name="sqlite", opts=opts)
    Operations(migration).drop_table("t")
    with Operations.context(migration) as entered:
        assert entered.get_context() is op.get_context() is migration
        op.drop_table("u")
    assert written.getvalue() == "DROP TABLE t;\n\nDROP TABLE u;\n\n"
    with pytest.raises(NameError):
        op.drop_table("t")


def test_scripts_and_results_can_be_captured(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """PY-7"""
    make_line(project)
    script, results = io.StringIO(), io.StringIO()
    command.upgrade(project.config(output_buffer=script), "a1", sql=True)
    command.upgrade(project.config(), "a1")
    command.current(project.config(stdout=results))
    assert script.getvalue().startswith("CREATE TABLE alembic_version (")
    assert results.getvalue() == "a1\n"
    assert capsys.readouterr().out == ""


def test_a_migration_reaches_its_environment(project: Project) -> None:
    """PY-10"""
    project.add(
        "a1",
        up="c = op.get_context(); c.config.attributes['seen'] += ["
        "c.script, c.config, c.environment_context, c.opts['mine'], op.get_bind() is c.connection]",
    )
    seen: list[Any] = []
    project.attributes.update(seen=seen, configure={"mine": "own option"})
    config = project.config()
    command.upgrade(config, "head")
    script, found, environment, mine, is_bound = seen
    assert isinstance(script, ScriptDirectory)
    assert (found, environment.config, environment.script) == (config, config, script)
    assert (mine, is_bound) == ("own option", True)


def test_several_environments_of_one_process_keep_to_themselves(tmp_path: Path) -> None:
    """PY-12: one after the other, each with its own files of the same names."""
    projects = [Project(tmp_path / name) for name in ("one", "two")]
    for project in projects:
        project.add("a1", up=f"op.execute('CREATE TABLE {project.directory.name} (x INTEGER)')")
    for project in (*projects, *projects):
        command.upgrade(project.config(), "head")
        command.downgrade(project.config(), "base")
        command.stamp(project.config(), "head")
    assert [tables(f"sqlite:///{project.directory}/app.db") for project in projects] == [
        ["alembic_version", "one"],
        ["alembic_version", "two"],
    ]
