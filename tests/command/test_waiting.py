"""A database that does not answer yet is waited for, and so is a revision."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import command
from limbeck.command.environment import read_seconds, waiting_options
from limbeck.command.waiting import is_unreachable, wait_for_database
from limbeck.config import Config
from limbeck.errors import CommandError, DatabaseNotAtHead, UnknownRevision
from limbeck.script.base import ScriptDirectory
from tests.backends import databases
from tests.command.project import Project


class Clock:
    """A clock that goes on only while somebody sleeps, and lets something happen then."""

    def __init__(self, then: Callable[[], object] = lambda: None, *, at: float = 0.0) -> None:
        self.time = 0.0
        self.pauses: list[float] = []
        self._then = then
        self._at = at

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        before, self.time = self.time, self.time + seconds
        self.pauses.append(round(seconds, 3))
        if before <= self._at < self.time:
            self._then()


def config_at(project: Project, url: str) -> Config:
    config = project.config()
    config.given["url"] = url
    return config


def wait(project: Project, url: str, clock: Clock, *, seconds: float = 60, at: str | None = None) -> object:
    config = config_at(project, url)
    script = ScriptDirectory.from_config(config)
    return wait_for_database(config, script, seconds, at=at, now=clock.now, sleep=clock.sleep)


def test_a_database_that_answers_is_not_waited_for(project: Project, database_url: str) -> None:
    clock = Clock()
    assert wait(project, database_url, clock) == ()
    assert clock.pauses == []


def test_a_database_that_is_made_meanwhile(project: Project, server_url: str) -> None:
    """The server refuses until it is there; the pauses grow."""
    databases.drop(server_url)
    name = sa.make_url(server_url).database
    clock = Clock(lambda: _make_again(server_url, str(name)), at=1.0)
    assert wait(project, server_url, clock) == ()
    assert clock.pauses == [0.1, 0.2, 0.4, 0.8]


def _make_again(url: str, name: str) -> None:
    server = sa.make_url(url)
    if server.get_backend_name() == "postgresql":
        server = server.set(database="postgres")
        databases._run(server, f'CREATE DATABASE "{name}" TEMPLATE template0')
    else:
        databases._run(server.set(database=""), f"CREATE DATABASE `{name}`")


def test_what_the_last_attempt_says_is_raised(project: Project, tmp_path: Path) -> None:
    clock = Clock()
    with pytest.raises(sa.exc.OperationalError) as caught:
        wait(project, f"sqlite:///{tmp_path}/no/such/place.db", clock, seconds=3)
    assert clock.pauses == [0.1, 0.2, 0.4, 0.8, 1.5]
    assert caught.value.__notes__[-1] == "the database was waited for 3 s"


def test_what_waiting_does_not_mend_is_raised_at_once(project: Project, sqlite_url: str) -> None:
    project.add("a1")
    clock = Clock()
    with pytest.raises(UnknownRevision):
        wait(project, sqlite_url, clock, at="nothing")
    (project.directory / "migrations" / "env.py").write_text("raise KeyError('mine')\n")
    with pytest.raises(KeyError):
        wait(project, sqlite_url, clock)
    assert clock.pauses == []


def test_a_revision_that_is_applied_meanwhile(project: Project, sqlite_url: str) -> None:
    project.add("a1")
    project.add("b1", "a1")
    clock = Clock(lambda: command.stamp(config_at(project, sqlite_url), "head"), at=0.25)
    assert wait(project, sqlite_url, clock, at="a1") == ("b1",)
    assert clock.pauses == [0.1, 0.2]


def test_a_revision_that_is_not_applied_in_time(project: Project, sqlite_url: str) -> None:
    project.add("a1")
    with pytest.raises(DatabaseNotAtHead, match=r"After 1 s the database is still at base, not at head"):
        wait(project, sqlite_url, Clock(), seconds=1, at="head")


def test_the_command_says_what_it_found(project: Project) -> None:
    project.add("a1")
    out = io.StringIO()
    command.upgrade(project.config(), "head")
    command.wait(project.config(stdout=out), timeout="5", at="head")
    assert out.getvalue() == "The database answers; it is at a1.\n"


def test_upgrade_can_wait(project: Project, tmp_path: Path) -> None:
    project.add("a1")
    config = config_at(project, f"sqlite:///{tmp_path}/no/such/place.db")
    with pytest.raises(sa.exc.OperationalError) as caught:
        command.upgrade(config, "head", wait_db="0.05")
    assert caught.value.__notes__[-1] == "the database was waited for 0.05 s"
    command.upgrade(project.config(), "head", wait_db=5)


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf", ""])
def test_seconds_are_a_number(text: str) -> None:
    with pytest.raises(CommandError, match=r"--timeout must be a number of seconds, not '"):
        read_seconds("--timeout", text)
    assert read_seconds("--timeout", "1.5") == 1.5


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (sa.exc.OperationalError(None, None, Exception()), True),
        (sa.exc.OperationalError("SELECT 1", None, Exception()), False),
        (PermissionError(), False),
        (KeyError(), False),
    ],
)
def test_what_can_be_waited_for(error: Exception, is_it: bool) -> None:
    assert is_unreachable(error) is is_it


@pytest.mark.parametrize("option", ["lock_timeout", "statement_timeout"])
def test_a_limit_that_is_no_number_is_laid_to_the_option_and_not_to_a_file(option: str) -> None:
    limits: Any = {"lock_timeout": None, "statement_timeout": None, option: "-1"}
    with pytest.raises(CommandError, match=f"--{option.replace('_', '-')} must be a number of seconds"):
        waiting_options(**limits, no_lock=False)
