"""repair: what has stopped in the middle is shown, settled, undone or left, on MariaDB."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from limbeck import command
from limbeck.config import Config
from limbeck.errors import CommandError, NothingToRepair, NotUndoable, RunLockBusy
from tests.backends.engines import connected
from tests.command.project import Project
from tests.command.test_locking import held
from tests.runtime.history import rows, tables

CREATE = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
FILL = 'op.bulk_insert(sa.table("t", sa.column("id")), [{"id": 1}])'
WIDEN = 'op.add_column("t", sa.Column("x", sa.Integer()))'
REBUILD = (
    'with op.batch_alter_table("t", recreate="always") as batch:\n'
    '        batch.add_column(sa.Column("y", sa.Integer()))'
)
WRONG = 'op.execute("ALTER TABLE nowhere ADD y INT")'


class Stopped:
    """A project whose revision `a1` has stopped in the middle."""

    def __init__(self, directory: Path, url: str, *statements: str) -> None:
        self.project = Project(directory)
        self.project.add("a1", message="first", up="\n    ".join([*statements, WRONG]))
        self.url = url
        with pytest.raises(DBAPIError):
            command.upgrade(self.config(), "head")

    def config(self) -> Config:
        config = self.project.config(stdout=io.StringIO())
        config.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        return config

    def repair(self, **ways: Any) -> list[str]:
        config = self.config()
        command.repair(config, **ways)
        output: Any = config.stdout
        return [line.strip() for line in output.getvalue().splitlines()]


def test_it_shows_what_is_in_the_database_and_the_ways_out(tmp_path: Path, mariadb_url: str) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE, WIDEN)
    first, *lines = stopped.repair()
    assert first.startswith("The upgrade of revision a1 has stopped in the middle (by ")
    assert lines == [
        "1  done     CREATE TABLE t ( id INTEGER NOT NULL AUTO_INCREMENT, PRIMARY KEY (id) )",
        "2  done     ALTER TABLE t ADD COLUMN x INTEGER",
        "to go on         limbeck resume",
        "to undo it       limbeck repair --undo",
        "to leave it so   limbeck repair --abandon",
    ]
    assert stopped.repair() == [first, *lines]


def test_undo_goes_back_to_where_it_began(tmp_path: Path, mariadb_url: str) -> None:
    """Rows need no undoing if their table goes."""
    stopped = Stopped(tmp_path, mariadb_url, CREATE, FILL, WIDEN)
    assert stopped.repair(undo=True) == ["2 operations are undone; revision a1 is as it was before."]
    assert (tables(mariadb_url), rows(mariadb_url)) == (["alembic_version"], ())
    with pytest.raises(NothingToRepair):
        stopped.repair(undo=True)


def test_undo_finds_what_was_created_last_before_the_process_was_killed(
    tmp_path: Path, mariadb_url: str
) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE, CREATE.replace('"t"', '"u"'))
    with connected(mariadb_url) as connection:
        connection.execute(text("DELETE FROM alembic_version_journal WHERE position > 0"))
        connection.execute(text("UPDATE alembic_version_journal SET state = 'running', ended = NULL"))
        connection.commit()
    assert stopped.repair()[1] == "perhaps  tables and indexes that were created after that"
    assert stopped.repair(undo=True) == ["2 operations are undone; revision a1 is as it was before."]
    assert tables(mariadb_url) == ["alembic_version"]


def test_undo_takes_a_rebuild_back(tmp_path: Path, mariadb_url: str) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE, FILL, REBUILD)
    stopped.repair(undo=True)
    assert tables(mariadb_url) == ["alembic_version"]


def test_undo_refuses_before_it_does_anything_if_an_opposite_is_not_known(
    tmp_path: Path, mariadb_url: str
) -> None:
    with connected(mariadb_url) as connection:
        connection.execute(text("CREATE TABLE old (id INTEGER)"))
    stopped = Stopped(tmp_path, mariadb_url, 'op.execute("UPDATE old SET id = 2")', CREATE)
    with pytest.raises(NotUndoable, match="UPDATE old SET id = 2"):
        stopped.repair(undo=True)
    assert tables(mariadb_url) == ["alembic_version", "old", "t"]
    assert len(stopped.repair()) == 6


def test_abandoning_leaves_the_database_as_it_is(tmp_path: Path, mariadb_url: str) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE)
    assert stopped.repair(abandon=True) == [
        "What was noted of revision a1 is forgotten; the database is as it is."
    ]
    assert tables(mariadb_url) == ["alembic_version", "t"]
    with pytest.raises(NothingToRepair):
        stopped.repair()


@pytest.mark.parametrize(("is_done", "runs_again"), [(True, False), (False, True)])
def test_the_users_word_decides_where_the_catalogue_cannot(
    tmp_path: Path, mariadb_url: str, is_done: bool, runs_again: bool
) -> None:
    with connected(mariadb_url) as connection:
        connection.execute(text("CREATE TABLE calls (id INTEGER)"))
        connection.execute(text("CREATE PROCEDURE note() INSERT INTO calls VALUES (1)"))
    stopped = Stopped(tmp_path, mariadb_url, CREATE, 'op.execute("CALL note()")', WIDEN)
    with connected(mariadb_url) as connection:
        connection.execute(
            text("UPDATE alembic_version_journal SET state = 'begun' WHERE statement LIKE 'CALL%'")
        )
        connection.execute(text("DELETE FROM alembic_version_journal WHERE statement LIKE 'ALTER%'"))
        connection.execute(text("ALTER TABLE t DROP COLUMN x"))
        connection.execute(text("DELETE FROM calls"))
        connection.commit()
    number = "done" if is_done else "not done"
    (said,) = stopped.repair(done=is_done, not_done=not is_done)
    assert said == f"Statement 2 of revision a1 counts as {number}."
    path = stopped.project.versions / "a1.py"
    path.write_text(path.read_text().replace(WRONG, "pass"))
    command.upgrade(stopped.config(), "head")
    with connected(mariadb_url) as connection:
        assert (len(connection.execute(text("SELECT * FROM calls")).all()) == 1) is runs_again


def test_only_one_way_out_at_a_time(tmp_path: Path, mariadb_url: str) -> None:
    with pytest.raises(CommandError, match="Only one way out"):
        Stopped(tmp_path, mariadb_url, CREATE).repair(undo=True, abandon=True)


def test_current_says_what_has_stopped(
    tmp_path: Path, mariadb_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE)
    command.current(stopped.config())
    assert capsys.readouterr().err == (
        "The upgrade of revision a1 has stopped in the middle; `limbeck repair` shows what is in the database\n"
    )


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_there_is_nothing_to_repair_where_ddl_is_rolled_back(
    tmp_path: Path, backend: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NothingToRepair):
        Stopped(tmp_path, request.getfixturevalue(f"{backend}_url"), CREATE).repair()


def test_it_waits_for_a_run_that_is_under_way(tmp_path: Path, mariadb_url: str) -> None:
    """To look is free; what changes something would come between the run and its journal."""
    stopped = Stopped(tmp_path, mariadb_url, CREATE)
    with held(mariadb_url, lease=False):
        assert stopped.repair()
        with pytest.raises(RunLockBusy):
            stopped.repair(abandon=True, lock_timeout=0)
        stopped.repair(abandon=True, no_lock=True)
    with pytest.raises(NothingToRepair):
        stopped.repair()


def test_status_says_where_it_has_stopped_and_who_is_running(tmp_path: Path, mariadb_url: str) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE, WIDEN)
    config = stopped.config()
    with held(mariadb_url, lease=False):
        command.status(config)
    output: Any = config.stdout
    lines = [line.strip() for line in output.getvalue().splitlines()]
    assert "unfinished the upgrade of a1: 2 statements in the database" in lines
    assert any(line.startswith("running    named lock held by host ") for line in lines)
    assert lines[-1] == "next       limbeck repair shows where it has stopped, limbeck resume goes on there"


def test_resume_goes_on_to_the_end_of_the_revision(tmp_path: Path, mariadb_url: str) -> None:
    stopped = Stopped(tmp_path, mariadb_url, CREATE, FILL)
    stopped.project.add("b1", "a1", up=WRONG)
    mend(stopped)
    command.resume(stopped.config())
    assert rows(mariadb_url) == ("a1",)
    with pytest.raises(NothingToRepair):
        command.resume(stopped.config())


def test_resume_goes_on_downwards(tmp_path: Path, mariadb_url: str) -> None:
    project = Project(tmp_path)
    project.add("a1", up=CREATE, down=f'op.drop_table("t")\n    {WRONG}')
    stopped = Stopped.__new__(Stopped)
    stopped.project, stopped.url = project, mariadb_url
    command.upgrade(stopped.config(), "head")
    with pytest.raises(DBAPIError):
        command.downgrade(stopped.config(), "base")
    mend(stopped)
    command.resume(stopped.config())
    assert rows(mariadb_url) == ()


def mend(stopped: Stopped) -> None:
    """Take the statement out that is wrong."""
    path = stopped.project.versions / "a1.py"
    path.write_text(path.read_text().replace(WRONG, "pass"))
