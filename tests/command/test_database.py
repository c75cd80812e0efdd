"""upgrade, downgrade, stamp, current, ensure_version on a real SQLite file."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from limbeck import command
from limbeck.errors import CommandError, DatabaseNotAtHead
from tests.command.bare import Migrations
from tests.command.project import Project


@pytest.fixture
def line(project: Project) -> Project:
    """Three revisions in a row, each with a table."""
    parents: tuple[str, ...] = ()
    for name in ("a1", "a2", "a3"):
        project.add(
            name,
            *parents,
            message=f"make {name}",
            up=f'op.create_table("t_{name}", sa.Column("id", sa.Integer(), primary_key=True))',
            down=f'op.drop_table("t_{name}")',
        )
        parents = (name,)
    return project


def tables(project: Project) -> list[str]:
    rows = project.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if name.startswith("t_")]


# --- upgrade, downgrade -------------------------------------------------------------------------------------


def test_upgrade_runs_what_is_pending_and_prints_nothing(line: Project) -> None:
    """CLI-40, CLI-44."""
    assert line.out("upgrade", "a2") == ""
    assert (tables(line), line.rows()) == (["t_a1", "t_a2"], ["a2"])
    line.out("upgrade", "+1")
    assert (tables(line), line.rows()) == (["t_a1", "t_a2", "t_a3"], ["a3"])


@pytest.mark.parametrize("target", ["head", "heads", "a3", "a1", "base"])
def test_upgrade_to_where_the_database_is_or_was_does_nothing(line: Project, target: str) -> None:
    """CLI-45."""
    command.upgrade(line.config(), "head")
    command.upgrade(line.config(), target)
    assert (tables(line), line.rows()) == (["t_a1", "t_a2", "t_a3"], ["a3"])


@pytest.mark.parametrize(("target", "left"), [("-1", ["a2"]), ("a1", ["a1"]), ("base", []), ("-3", [])])
def test_downgrade_undoes(line: Project, target: str, left: list[str]) -> None:
    """CLI-40."""
    command.upgrade(line.config(), "head")
    command.downgrade(line.config(), target)
    assert line.rows() == left
    assert tables(line) == [f"t_{name}" for name in ("a1", "a2", "a3") if left and name <= left[0]]


@pytest.mark.parametrize("name", ["upgrade", "downgrade"])
def test_a_range_is_for_sql_only(line: Project, name: str) -> None:
    """CLI-41."""
    with pytest.raises(CommandError, match="Range revision not allowed"):
        getattr(command, name)(line.config(), "a1:a2")
    assert line.attributes == {}


@pytest.mark.parametrize("target", ["a1:a2:a3", "a1:", ":a2", ""])
def test_what_is_no_revision_and_no_range_is_refused(line: Project, target: str) -> None:
    """CLI-41."""
    with pytest.raises(CommandError, match="is not a revision or a range"):
        line.sql("upgrade", target)
    with pytest.raises(CommandError):
        command.upgrade(line.config(), target)


def test_downgrade_prints_sql_only_for_a_range(line: Project) -> None:
    """CLI-42."""
    with pytest.raises(CommandError, match="requires <fromrev>:<torev>") as raised:
        line.sql("downgrade", "a1")
    assert raised.value.hint == ("say where the database is, for example `limbeck downgrade --sql head:a1`")


def test_upgrade_prints_sql_from_base(line: Project) -> None:
    """CLI-42, CLI-44."""
    script = line.sql("upgrade", "a1")
    assert script.startswith("CREATE TABLE alembic_version (")
    assert "-- Running upgrade  -> a1\n\nCREATE TABLE t_a1 (" in script
    assert script.rstrip().endswith("INSERT INTO alembic_version (version_num) VALUES ('a1');")
    assert not (line.directory / "app.db").exists()


def test_a_range_of_sql_starts_where_it_says(line: Project) -> None:
    """CLI-41."""
    script = line.sql("upgrade", "a1:a2")
    assert "CREATE TABLE alembic_version" not in script
    assert "-- Running upgrade a1 -> a2\n" in script
    script = line.sql("downgrade", "a3:a2")
    assert "-- Running downgrade a3 -> a2\n\nDROP TABLE t_a3;" in script


@pytest.mark.parametrize("sql", [False, True])
@pytest.mark.parametrize(("name", "target"), [("upgrade", "a1"), ("downgrade", "a1:base"), ("stamp", "a1")])
def test_the_tag_reaches_env_py(line: Project, name: str, target: str, sql: bool) -> None:
    config = line.config(output_buffer=io.StringIO())
    if name == "downgrade" and not sql:
        command.upgrade(line.config(), "a1")
        target = "base"
    getattr(command, name)(config, target, sql=sql, tag="blue")
    assert line.attributes["log"][-1] == ("offline" if sql else "online", "blue")


# --- stamp --------------------------------------------------------------------------------------------------


def test_stamp_records_without_running(line: Project) -> None:
    """CLI-50."""
    line.out("stamp", "head")
    assert (tables(line), line.rows()) == ([], ["a3"])
    line.out("stamp", "a1")
    assert line.rows() == ["a1"]
    line.out("stamp", "base")
    assert line.rows() == []


def test_stamp_takes_several_revisions(garden: Project) -> None:
    """CLI-50."""
    garden.out("stamp", ["c1", "x1"])
    assert garden.rows() == ["c1", "x1"]


def test_stamp_with_purge_repairs_a_table_with_unknown_rows(line: Project) -> None:
    """CLI-52, STAMP-6."""
    line.out("stamp", "a1")
    line.query("SELECT 1")
    _write_row(line, "unknown")
    with pytest.raises(CommandError, match="unknown"):
        line.out("stamp", "a2")
    line.out("stamp", "a2", purge=True)
    assert line.rows() == ["a2"]


def test_stamp_with_purge_to_an_unknown_revision_purges_nothing(line: Project) -> None:
    """CLI-52: the target is resolved first."""
    line.out("stamp", "a2")
    with pytest.raises(CommandError, match="zzzz"):
        line.out("stamp", "zzzz", purge=True)
    assert line.rows() == ["a2"]
    assert len(line.attributes["log"]) == 1


def test_stamp_cannot_purge_in_sql(line: Project) -> None:
    """CLI-51."""
    with pytest.raises(CommandError, match="Can't use --purge with --sql mode"):
        line.sql("stamp", "a1", purge=True)


def test_stamp_prints_sql_from_one_start(line: Project) -> None:
    """CLI-51."""
    script = line.sql("stamp", ["a1:a2"])
    assert "-- Running stamp_revision a1 -> a2\n" in script
    assert "UPDATE alembic_version SET version_num='a2' WHERE alembic_version.version_num = 'a1';" in script
    with pytest.raises(CommandError, match="only supports a single starting revision"):
        line.sql("stamp", ["a1:a2", "a2:a3"])
    line.add("z1")
    script = line.sql("stamp", ["a1:a2", "a1:z1"])
    assert [each for each in script.splitlines() if each.startswith("-- Running")] == [
        "-- Running stamp_revision a1 -> a2",
        "-- Running stamp_revision  -> z1",
    ]


@pytest.mark.parametrize("target", ["+1", "a1+1", "current"])
def test_stamp_counts_from_nowhere(line: Project, target: str) -> None:
    """ID-1, ID-14, STAMP-1."""
    with pytest.raises(CommandError, match="Can't locate revision identified by"):
        line.out("stamp", target)


@pytest.mark.parametrize("name", ["upgrade", "downgrade"])
def test_current_is_no_target(line: Project, name: str) -> None:
    """ID-1."""
    with pytest.raises(CommandError, match="Can't locate revision identified by 'current'"):
        line.out(name, "current")


def test_a_script_may_end_at_a_relative_revision_and_not_start_there(line: Project) -> None:
    """ID-14."""
    script = line.sql("upgrade", "a1:+1")
    assert "-- Running upgrade a1 -> a2\n" in script
    assert "a2 -> a3" not in script
    assert "-- Running downgrade a3 -> a2" in line.sql("downgrade", "a3:a3-1")
    for start in ("+1", "a1+1"):
        with pytest.raises(CommandError):
            line.sql("upgrade", f"{start}:a3")


def test_stamping_down_over_a_dependency_forgets_the_branch_that_needed_it(project: Project) -> None:
    """STAMP-4; stamping up again takes in the rows of both branches."""
    project.add("a1")
    project.add("a2", "a1")
    project.add("n1")
    project.add("n2", "n1", depends_on="a2")
    rows = []
    for destination in ("n2", "a1", "n1", "n2"):
        project.out("stamp", destination)
        rows.append(project.rows())
    assert rows == [["n2"], ["a1"], ["a1", "n1"], ["n2"]]


def test_a_table_with_rows_below_others_is_read_as_if_they_were_not_there(project: Project) -> None:
    """BUG-11, PLAN-5: with a warning that says how to take them out; steps that pass over them do, too."""
    project.add("a")
    project.add("b", "a")
    project.add("m", "b", "a")
    project.add("o")
    project.out("stamp", ["b", "o"])
    _write_row(project, "a")
    assert project.out("current") == "b\no (head)\n"
    with pytest.warns(
        UserWarning, match="others imply, which are passed over: a; `limbeck stamp b` takes them out"
    ):
        project.out("upgrade", "heads")
    assert project.rows() == ["m", "o"]
    project.out("current", check_heads=True)


def test_a_stamp_takes_out_the_rows_below_it(project: Project) -> None:
    """BUG-11, STAMP-3: and nothing else."""
    project.add("a")
    project.add("b", "a")
    project.add("o")
    project.out("stamp", ["b", "o"])
    _write_row(project, "a")
    project.out("current", check_heads=True)
    project.out("stamp", "b")
    assert project.rows() == ["b", "o"]


def test_without_a_command_line_there_are_no_x_arguments_and_nothing_is_quiet(line: Project) -> None:
    """API-4."""
    env = line.directory / "migrations" / "env.py"
    env.write_text(env.read_text() + "\nlog.append(context.get_x_argument())\n")
    assert line.config().messaging_opts == {"quiet": False}
    line.out("upgrade", "a1")
    assert line.attributes["log"] == [("online", None), []]


def test_the_order_of_sql_is_the_order_of_history(garden: Project) -> None:
    """PERF-3, PLAN-30, PLAN-31: reading the files instead of running them changes no order."""
    lines = garden.sql("upgrade", "heads").splitlines()
    told = [line.removeprefix("-- Running upgrade ") for line in lines if line.startswith("-- Running")]
    assert told == [" -> a1", "a1 -> c1", "a1 -> b1", " -> x1", "x1 -> x2", "b1, c1 -> m1", "m1 -> n1"]


# --- ensure_version -----------------------------------------------------------------------------------------


def test_ensure_version_creates_the_table_and_nothing_else(line: Project) -> None:
    """CLI-53."""
    line.out("ensure_version")
    assert line.rows() == []
    line.out("ensure_version")
    assert (line.rows(), tables(line)) == ([], [])


def test_ensure_version_prints_its_sql(line: Project) -> None:
    """CLI-53, OFF-2."""
    script = line.sql("ensure_version")
    assert script.startswith("CREATE TABLE alembic_version (")
    assert script.count("CREATE") == 1
    assert not (line.directory / "app.db").exists()


# --- current ------------------------------------------------------------------------------------------------


def test_current_shows_nothing_for_an_empty_database_and_creates_nothing(line: Project) -> None:
    """CLI-55, table 6.1."""
    assert line.out("current") == ""
    assert line.query("SELECT name FROM sqlite_master") == []


def test_current_shows_ids_and_marks(garden: Project) -> None:
    """CLI-55: no labels, no messages."""
    garden.out("stamp", "c1")
    assert garden.out("current") == "c1\n"
    garden.out("stamp", "m1")
    assert garden.out("current") == "m1 (mergepoint)\n"
    garden.out("stamp", "a1")
    assert garden.out("current") == "a1 (branchpoint)\n"
    garden.out("stamp", "n1")
    assert garden.out("current") == "n1 (head)\n"


def test_current_shows_branches_that_are_only_depended_on(project: Project) -> None:
    """CLI-55, GRA-42, CLI-58: in the order in which files are loaded."""
    project.add("a1")
    project.add("a2", "a1")
    project.add("n1", depends_on="a2")
    project.out("stamp", "n1")
    assert project.rows() == ["n1"]
    assert project.out("current") == "a2 (effective head)\nn1 (head)\n"


def test_verbose_current_names_the_database_without_its_password(line: Project) -> None:
    """CLI-56, UX-3."""
    ini = line.directory / "alembic.ini"
    line.out("stamp", "a3")
    ini.write_text(
        ini.read_text().replace("sqlite:///%(here)s/app.db", "sqlite:///%(here)s/app.db?timeout=9")
    )
    first, *block = line.out("current", verbose=True).splitlines()
    assert first == f"Current revision(s) for sqlite:///{line.directory}/app.db?timeout=9:"
    assert block[:3] == ["Rev: a3 (head)", "Parent: a2", f"Path: {line.versions}/a3.py"]


def test_verbose_current_masks_the_password_of_a_server(line: Project, postgresql_url: str) -> None:
    """CLI-56, UX-3."""
    from sqlalchemy import make_url

    url = make_url(postgresql_url).set(password="c4nary").render_as_string(hide_password=False)
    ini = line.directory / "alembic.ini"
    ini.write_text(ini.read_text().replace("sqlite:///%(here)s/app.db", url.replace("%", "%%")))
    line.out("stamp", "a3")
    out = line.out("current", verbose=True)
    assert out.startswith(f"Current revision(s) for {url.replace('c4nary', '***')}:\nRev: a3 (head)\n")
    assert "c4nary" not in out


def test_current_refuses_a_row_that_no_file_has(line: Project) -> None:
    """CLI-59."""
    line.out("stamp", "a1")
    _write_row(line, "unknown")
    with pytest.raises(CommandError, match="Can't locate revision identified by 'unknown'"):
        line.out("current")


def test_check_heads_lists_only_if_the_database_is_at_all_heads(garden: Project) -> None:
    """CLI-57."""
    garden.out("stamp", "n1")
    out = io.StringIO()
    with pytest.raises(DatabaseNotAtHead, match="Database is not on all head revisions") as raised:
        command.current(garden.config(stdout=out), check_heads=True)
    assert out.getvalue() == ""
    assert raised.value.hint == (
        "the database is at n1, the heads are n1, x2; `limbeck upgrade heads` brings it there"
    )
    garden.out("stamp", "heads")
    assert garden.out("current", check_heads=True) == "n1 (head)\nx2 (head)\n"


def test_check_heads_compares_with_the_real_heads(project: Project) -> None:
    """CLI-57: a head that another revision depends on is never a row."""
    project.add("a1")
    project.add("b1", depends_on="a1")
    project.out("stamp", "heads")
    assert project.out("current", check_heads=True) == "a1 (effective head)\nb1 (head)\n"


# --- all ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("upgrade", ("head",)), ("downgrade", ("base",)), ("stamp", ("head",)), ("current", ()), ("check", ())],
)
def test_an_env_py_that_runs_no_migrations_makes_commands_do_nothing(
    line: Project, name: str, arguments: tuple[Any, ...]
) -> None:
    """CLI-10."""
    (line.directory / "migrations" / "env.py").write_text("from limbeck import context\n")
    expected = "No new upgrade operations detected.\n" if name == "check" else ""
    assert line.out(name, *arguments) == expected


def test_commands_leave_the_attributes_alone(line: Project) -> None:
    """CFG-5."""
    marker = object()
    config = line.config()
    config.attributes["marker"] = marker
    for name, arguments in (("upgrade", ("head",)), ("current", ()), ("downgrade", ("base",))):
        getattr(command, name)(config, *arguments)
    assert config.attributes is line.attributes
    assert config.attributes["marker"] is marker
    assert config.attributes["log"] == [("online", None)] * 3


def test_a_quiet_command_still_prints_its_script(line: Project) -> None:
    """CLI-5."""
    from argparse import Namespace

    buffer = io.StringIO()
    config = line.config(output_buffer=buffer, cmd_opts=Namespace(quiet=True))
    command.upgrade(config, "a1", sql=True)
    assert buffer.getvalue() == line.sql("upgrade", "a1")


def test_each_command_reads_the_files_again(line: Project) -> None:
    """API-5."""
    config = line.config()
    command.upgrade(config, "head")
    line.add("a4", "a3")
    command.upgrade(config, "head")
    assert line.rows() == ["a4"]


def _write_row(project: Project, revision: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(project.directory / "app.db")) as connection, connection:
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))


def test_nothing_is_logged_unless_logging_is_set_up() -> None:
    """TPL-6: Python would print warnings of loggers that have no handler at all."""
    code = "import limbeck.runtime.migration, logging; logging.getLogger('alembic.x').warning('text')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


# --- time limits --------------------------------------------------------------------------------------------

SHOW = 'open("seen", "w").write(str(op.get_bind().exec_driver_sql("SHOW statement_timeout").scalar()))'


@pytest.mark.parametrize(
    ("options", "setting", "seen"),
    [
        (["--statement-timeout", "7"], "", "7s"),
        ([], "statement_timeout = 8.5\n", "8500ms"),
        (["--statement-timeout=0"], "statement_timeout = 8\n", "0"),
        ([], "", "0"),
    ],
)
@pytest.mark.parametrize("name", ["upgrade", "downgrade"])
def test_the_time_of_statements_can_be_bounded(
    tmp_path: Path, postgresql_url: str, name: str, options: list[str], setting: str, seen: str
) -> None:
    bare = Migrations(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f'[tool.limbeck]\nscript_location = "migrations"\n{setting}')
    bare.add("a1", up=SHOW, down=SHOW)
    if name == "downgrade":
        limbeck(tmp_path, postgresql_url, "upgrade", "head")
    finished = limbeck(tmp_path, postgresql_url, name, {"upgrade": "head"}.get(name, "base"), *options)
    assert (finished.returncode, (tmp_path / "seen").read_text()) == (0, seen), finished.stderr


def test_what_takes_too_long_says_which_option_that_was(tmp_path: Path, postgresql_url: str) -> None:
    bare = Migrations(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.limbeck]\nscript_location = "migrations"\n')
    bare.add("a1", up="op.execute('SELECT pg_sleep(30)')")
    finished = limbeck(tmp_path, postgresql_url, "upgrade", "head", "--statement-timeout", "0.2")
    assert finished.returncode == 1
    assert "LBK-DB-SLOW" in finished.stderr + finished.stdout
    assert "--statement-timeout" in finished.stderr + finished.stdout


def limbeck(directory: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "LIMBECK_URL": url}
    command = [sys.executable, "-m", "limbeck", *words]
    return subprocess.run(command, cwd=directory, env=environ, capture_output=True, text=True)
