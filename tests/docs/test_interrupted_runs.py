"""What the guide to interrupted runs shows is what happens after runs that were killed, on databases it is about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.backends.engines import connected
from tests.command.project import Project
from tests.docs.running import commands_of, page, run, succeed, use
from tests.docs.test_tutorial import DOCS, blocks
from tests.runtime.history import rows, tables

GUIDE = "docs/guides/interrupted-runs.md"
AGAIN, LOOK, DONE, NOT_DONE, GO_ON = commands_of(GUIDE)
PARTLY = 5
KILLED = -9
KILL = "'KILLED' in __import__('os').environ and __import__('os').kill(__import__('os').getpid(), 9)"
"""A file that is edited after such a run is another case."""
KILL_SOON = f"__import__('threading').Timer(0.5, lambda: {KILL}).start()"
CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
MORE = "op.add_column('t', sa.Column('x', sa.Integer))"
CUT_SHORT = f"{CREATE}\n    {KILL}\n    {MORE}"
IN_AUTOCOMMIT = (
    "with op.get_context().autocommit_block():\n"
    f"        op.execute('CREATE TABLE t (id INTEGER)')\n        {KILL}\n        {MORE}"
)
PROCEDURE = "CREATE PROCEDURE my_procedure() BEGIN DO SLEEP(1.5); INSERT INTO calls VALUES (1); COMMIT; END"


class Killed:
    """A project whose revision 9d01aa was killed on its way up; the next run is not."""

    def __init__(self, directory: Path, url: str, up: str) -> None:
        project = Project(directory)
        use(project, url)
        env = directory / "migrations" / "env.py"
        env.write_text(
            "import logging\n"
            "logging.basicConfig(level='INFO', format='%(levelname)-5.5s [%(name)s] %(message)s')\n"
            + env.read_text()
        )
        project.add("2f6b1c", message="before")
        project.add("9d01aa", "2f6b1c", up=up, down="op.drop_table('t')")
        assert run(directory, AGAIN, KILLED="1").returncode == KILLED
        self.directory = directory
        self.url = url

    def columns(self) -> list[str]:
        with connected(self.url) as connection:
            return [column["name"] for column in sa.inspect(connection).get_columns("t")]

    def query(self, statement: str) -> int:
        with connected(self.url) as connection:
            found: int = connection.execute(sa.text(statement)).scalar_one()
        return found


@pytest.mark.parametrize(("backend", "up"), [("mariadb", CUT_SHORT), ("postgresql", IN_AUTOCOMMIT)])
@pytest.mark.parametrize("command", [AGAIN, "limbeck resume"])
def test_the_same_command_goes_on(
    tmp_path: Path, request: pytest.FixtureRequest, backend: str, up: str, command: str
) -> None:
    killed = Killed(tmp_path, request.getfixturevalue(f"{backend}_url"), up)
    said = succeed(tmp_path, command).stderr
    (shown,) = re.findall(r"(?m)^    \$ limbeck upgrade head\n    (INFO .*)$", page(GUIDE))
    assert shown in said
    assert killed.columns() == ["id", "x"]
    assert rows(killed.url) == ("9d01aa",)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_where_tables_are_rolled_back_the_next_run_starts_anew(
    tmp_path: Path, request: pytest.FixtureRequest, backend: str
) -> None:
    killed = Killed(tmp_path, request.getfixturevalue(f"{backend}_url"), CUT_SHORT)
    assert "t" not in tables(killed.url)
    assert "Going on" not in succeed(tmp_path, AGAIN).stderr
    assert killed.columns() == ["id", "x"]


@pytest.mark.parametrize("before", [f"{CREATE}\n    ", ""])
@pytest.mark.parametrize(("word", "more_calls"), [(DONE, 0), (NOT_DONE, 1)])
def test_what_no_catalogue_tells_is_asked(
    tmp_path: Path, mariadb_url: str, word: str, more_calls: int, before: str
) -> None:
    """The next run waits for the session of the killed one, which goes on with the procedure to its end."""
    with connected(mariadb_url) as connection:
        connection.execute(sa.text("CREATE TABLE calls (id INTEGER)"))
        connection.execute(sa.text(PROCEDURE))
        if not before:
            connection.execute(sa.text("CREATE TABLE t (id INTEGER)"))
    up = f"{before}{KILL_SOON}\n    op.execute('CALL my_procedure()')\n    {MORE}"
    killed = Killed(tmp_path, mariadb_url, up)
    refused = run(tmp_path, GO_ON)
    assert refused.returncode == PARTLY
    assert "limbeck repair --done" in refused.stderr, refused.stderr
    assert re.search(r"(?m)^ *[12] .* CALL my_procedure\(\)$", succeed(tmp_path, LOOK).stdout)
    calls = killed.query("SELECT count(*) FROM calls")
    succeed(tmp_path, word)
    succeed(tmp_path, GO_ON)
    assert killed.query("SELECT count(*) FROM calls") == calls + more_calls
    assert killed.columns() == ["id", "x"]


@pytest.mark.parametrize(
    ("command", "left"),
    [("limbeck repair --undo", ()), ("limbeck repair --abandon", ("t",)), ("limbeck stamp 9d01aa", ("t",))],
)
def test_the_other_ways_out(tmp_path: Path, mariadb_url: str, command: str, left: tuple[str, ...]) -> None:
    assert f"`{command.removesuffix(' 9d01aa')}`" in page(GUIDE)
    killed = Killed(tmp_path, mariadb_url, CUT_SHORT)
    succeed(tmp_path, command)
    assert [name for name in tables(killed.url) if name == "t"] == list(left)
    assert run(tmp_path, "limbeck repair").returncode == 255  # there is nothing to repair


@pytest.mark.parametrize("command", ["limbeck current", "limbeck status"])
def test_it_is_said_until_it_is_settled(tmp_path: Path, mariadb_url: str, command: str) -> None:
    Killed(tmp_path, mariadb_url, CUT_SHORT)
    said = succeed(tmp_path, command)
    assert re.search(
        r"9d01aa(: (at least )?\d statements? in| has stopped in the middle)", said.stdout + said.stderr
    )
    left_behind = run(tmp_path, "limbeck downgrade base")
    assert left_behind.returncode == PARTLY
    assert "9d01aa" in left_behind.stderr + left_behind.stdout


def test_a_part_that_stays_is_told_by_the_exit_code(tmp_path: Path, mariadb_url: str) -> None:
    project = Project(tmp_path)
    use(project, mariadb_url)
    project.add("9d01aa", up=f"{CREATE}\n    op.execute('ALTER TABLE nowhere ADD y INT')")
    assert run(tmp_path, AGAIN).returncode == PARTLY


def test_the_table_has_another_name_or_is_not_there(tmp_path: Path, mariadb_url: str) -> None:
    (block,) = (
        text for language, text in blocks(DOCS / "guides" / "interrupted-runs.md") if language == "python"
    )
    named, without = block.splitlines()
    for number, (line, expected) in enumerate(((named, ["migration_journal"]), (without, []))):
        project = Project(tmp_path / str(number))
        use(project, mariadb_url)
        env = project.directory / "migrations" / "env.py"
        call = line.partition("  #")[0].replace("context.configure(connection=connection, ", "").rstrip(")")
        env.write_text(env.read_text().replace("context.configure(", f"context.configure({call}, "))
        project.add("9d01aa", up=CREATE, down="op.drop_table('t')")
        succeed(project.directory, AGAIN)
        with connected(mariadb_url) as connection:
            found = [name for name in sa.inspect(connection).get_table_names() if "journal" in name]
            connection.execute(sa.text("DROP TABLE IF EXISTS migration_journal, alembic_version, t"))
        assert found == expected
