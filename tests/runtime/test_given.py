"""Migrating a database that is given: an env.py is honoured, and cannot turn to another one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, create_engine, make_url

import limbeck
from limbeck import command
from limbeck.config import Config
from limbeck.errors import AnotherDatabase, ConnectionNotTaken, EnvironmentFileError, NothingConfigured
from limbeck.runtime.given import GivenDatabase, config_for, is_same_place, run_given
from limbeck.script.base import ScriptDirectory
from tests.command.bare import Migrations
from tests.runtime.history import rows, tables

TAKES = """
from limbeck import context

seen = context.config.attributes["seen"]
connection = context.config.attributes["connection"]
seen.append((connection, context.config.get_main_option("sqlalchemy.url")))
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""
CONNECTS = """
from sqlalchemy import NullPool, create_engine
from limbeck import context

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def elsewhere(url: str) -> str:
    """An env.py with a URL of its own."""
    return CONNECTS.replace('context.config.get_main_option("sqlalchemy.url")', repr(url))


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    made = create_engine(sqlite_url)
    yield made
    made.dispose()


# --- an env.py ------------------------------------------------------------------------------------------------


def test_env_py_is_handed_the_connection_and_the_url(tmp_path: Path, engine: sa.Engine) -> None:
    """PY-2"""
    seen: list[tuple[Connection, str]] = []
    migrations = Migrations(tmp_path, "a1", env_py=TAKES)
    config = Config(attributes={"seen": seen})
    with engine.connect() as connection:
        limbeck.upgrade(connection, script_location=migrations.location, config=config)
        assert seen == [(connection, str(engine.url))]
    assert config.attributes == {"seen": seen}
    assert config.get_main_option("sqlalchemy.url") is None
    assert rows(str(engine.url)) == ("a1",)


def test_the_url_reaches_env_py_with_its_password() -> None:
    """PY-2: percent signs are escaped for the ini file's rules."""
    url = make_url("postgresql://app:p%40ss%25word@db:5433/shop?options=-csearch_path%3Dx")
    config = config_for(GivenDatabase(url), Config())
    assert make_url(config.get_main_option("sqlalchemy.url", "")) == url
    assert config.attributes == {}


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", "postgresql+asyncpg://app:p%40ss@db/shop?ssl=require"),
        ("no url", "postgresql+asyncpg://app:p%40ss@db/shop?ssl=require"),
        ("driver://user:pass@localhost/dbname", "postgresql+asyncpg://app:p%40ss@db/shop?ssl=require"),
        ("postgresql://db/other", "postgresql+asyncpg://app:p%40ss@db/shop?ssl=require"),
        ("postgresql+asyncpg://x:%40@db/shop", "postgresql+asyncpg://app:p%40ss@db/shop?ssl=require"),
        ("postgresql+psycopg://db:5432/shop", "postgresql+psycopg://app:p%40ss@db/shop"),
        (
            "postgresql+psycopg://x:%%40@db/shop?sslmode=require",
            "postgresql+psycopg://app:p%40ss@db/shop?sslmode=require",
        ),
    ],
)
def test_env_py_keeps_the_driver_that_it_is_made_for(tmp_path: Path, configured: str, expected: str) -> None:
    """PY-2: where its configuration leads to the same database; a synchronous one stays so."""
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"[alembic]\nsqlalchemy.url = {configured}\n")
    url = make_url("postgresql+asyncpg://app:p%40ss@db/shop?ssl=require")
    assert config_for(GivenDatabase(url), Config(ini)).get_main_option("sqlalchemy.url") == expected


def test_an_env_py_that_looks_at_no_attributes_connects_by_itself(tmp_path: Path, sqlite_url: str) -> None:
    """PY-2: none is opened in vain, so that a pool of one is enough, even if env.py imports the same engine."""
    migrations = Migrations(tmp_path, "a1", env_py=CONNECTS)
    engine = create_engine(sqlite_url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0)
    opened: list[Any] = []
    sa.event.listen(engine, "checkout", lambda *args: opened.append(args))
    limbeck.upgrade(engine, script_location=migrations.location)
    assert (rows(sqlite_url), opened) == (("a1",), [])
    engine.dispose()


@pytest.mark.parametrize("template", ["generic", "pyproject", "async", "pyproject_async"])
def test_the_env_py_of_a_new_project_takes_the_connection_and_leaves_logging_alone(
    tmp_path: Path, template: str, sqlite_url: str
) -> None:
    """PY-2, PY-8, PY-9: in an event loop, too, since it begins none of its own."""
    ini = tmp_path / "alembic.ini"
    command.init(
        Config(ini, toml_file=tmp_path / "pyproject.toml", cmd_opts=quiet()),
        str(tmp_path / "migrations"),
        template=template,
    )
    migrations = Migrations.__new__(Migrations)
    migrations.versions = tmp_path / "migrations" / "versions"
    migrations.add("a1")
    code = f"""
import logging, limbeck
from sqlalchemy import create_engine
engine = create_engine({sqlite_url!r})
with engine.begin() as connection:
    print(limbeck.upgrade(connection, config={str(ini)!r}).after, logging.getLogger().handlers)
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (finished.stdout, finished.stderr) == ("('a1',) []\n", "")
    assert rows(sqlite_url) == ("a1",)


def quiet() -> Any:
    from argparse import Namespace

    return Namespace(quiet=True)


def test_what_env_py_says_goes_before_what_the_program_says(tmp_path: Path, sqlite_url: str) -> None:
    """ENV-5, ENV-11"""
    says = TAKES.replace("connection=connection)", "connection=connection, version_table='mine')")
    migrations = Migrations(tmp_path, "a1", env_py=says)
    config = Config(attributes={"seen": []})
    limbeck.upgrade(sqlite_url, config=config, script_location=migrations.location, version_table="yours")
    assert tables(sqlite_url) == ["a1", "mine"]


def test_env_py_may_run_for_several_version_tables(tmp_path: Path, sqlite_url: str) -> None:
    """RUN-7"""
    twice = """
from limbeck import context

connection = context.config.attributes["connection"]
for name in ("one", "two"):
    context.configure(connection=connection, version_table=name)
    with context.begin_transaction():
        context.run_migrations()
"""
    migrations = Migrations(tmp_path, env_py=twice)
    migrations.add("a1")
    done = limbeck.upgrade(sqlite_url, script_location=migrations.location)
    assert (done.before, done.after, [one.revision for one in done.steps]) == ((), ("a1", "a1"), ["a1", "a1"])
    assert (rows(sqlite_url, "one"), rows(sqlite_url, "two")) == (("a1",), ("a1",))


def test_env_py_without_a_transaction_loses_nothing(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-5: the connection is limbeck's, so limbeck commits."""
    bare = TAKES.replace("with context.begin_transaction():\n    ", "")
    migrations = Migrations(tmp_path, "a1", env_py=bare)
    config = Config(attributes={"seen": []})
    limbeck.upgrade(postgresql_url, config=config, script_location=migrations.location)
    assert rows(postgresql_url) == ("a1",)


# --- an env.py that turns elsewhere ---------------------------------------------------------------------------


def test_env_py_may_not_turn_to_another_database(tmp_path: Path, sqlite_url: str) -> None:
    """PY-2: it is told before anything runs, also what it reads."""
    other = f"sqlite:///{tmp_path}/other.db"
    migrations = Migrations(tmp_path / "m", "a1", env_py=elsewhere(other))
    with pytest.raises(AnotherDatabase) as raised:
        limbeck.upgrade(sqlite_url, script_location=migrations.location)
    assert str(raised.value) == (
        f"{migrations.env_py} connects to {other}, but the database to work on is {sqlite_url}; nothing was run"
    )
    assert (tables(other), tables(sqlite_url)) == ([], [])


def test_passwords_are_not_told() -> None:
    error = AnotherDatabase(
        path="env.py", given="postgresql://a:canary@x/y", configured="mysql://b:canary@x/z"
    )
    assert "canary" not in f"{error} {error.hint} {vars(error)}"


@pytest.mark.parametrize(
    "env_py", [CONNECTS, CONNECTS.replace("engine =", "context.config.attributes\nengine =")]
)
def test_a_database_in_memory_is_reached_by_its_own_connection_only(tmp_path: Path, env_py: str) -> None:
    """PY-3"""
    migrations = Migrations(tmp_path, "a1", env_py=env_py)
    engine = create_engine("sqlite://", poolclass=sa.StaticPool)
    with pytest.raises(AnotherDatabase):
        limbeck.upgrade(engine, script_location=migrations.location)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_transaction_that_was_given_is_used_or_nothing_runs(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-4"""
    migrations = Migrations(tmp_path, "a1", env_py=CONNECTS)
    engine = create_engine(postgresql_url)
    with engine.begin() as connection, pytest.raises(ConnectionNotTaken, match=r"env\.py does not use"):
        limbeck.upgrade(connection, script_location=migrations.location)
    engine.dispose()
    assert tables(postgresql_url) == []


def test_env_py_that_runs_nothing_is_told(tmp_path: Path, sqlite_url: str) -> None:
    migrations = Migrations(tmp_path, "a1", env_py="")
    with pytest.raises(NothingConfigured, match=r"env\.py has not called context\.run_migrations\(\)"):
        limbeck.upgrade(sqlite_url, script_location=migrations.location)


def test_a_command_still_needs_an_env_py(tmp_path: Path) -> None:
    """CLI-11: as long as nobody says which database it is."""
    config = Config()
    config.set_main_option("script_location", str(Migrations(tmp_path, "a1").location))
    with pytest.raises(EnvironmentFileError, match="there is no such file"):
        command.upgrade(config, "head")


def test_a_script_can_be_written_without_env_py(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """OFF-1: the URL gives the dialect."""
    config = Config()
    config.set_main_option("script_location", str(Migrations(tmp_path, "a1").location))
    script = ScriptDirectory.from_config(config)
    given = GivenDatabase(make_url("postgresql+psycopg://nobody@nowhere/x"))
    run_given(given, config, script, lambda rows, _: script._upgrade_revs("head", rows), as_sql=True)
    written = capsys.readouterr().out
    assert written.startswith("BEGIN;\n\nCREATE TABLE alembic_version")
    assert "CREATE TABLE a1 (" in written


# --- where a URL leads ----------------------------------------------------------------------------------------

PG = "postgresql+psycopg://a@db:5432/x"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PG, "postgresql+asyncpg://b:c@db/x", True),
        (PG, "postgresql://db:5433/x", False),
        (PG, "postgresql://dc/x", False),
        (PG, "postgresql://db/y", False),
        (PG, "mysql://db:5432/x", False),
        ("postgresql://localhost/x", "postgresql://127.0.0.1:5432/x", True),
        ("postgresql:///x?host=/run/pg", "postgresql://db/x", True),
        ("sqlite:///x.db", f"sqlite+aiosqlite:///{Path.cwd()}/x.db", True),
        ("sqlite:///x.db", "sqlite:///y/x.db", False),
        ("sqlite:///x.db", "sqlite:///y/../x.db", True),
    ],
)
def test_two_urls_lead_to_one_place(one: str, other: str, same: bool) -> None:
    """As far as they say it: what one leaves to a default is not held against it."""
    assert is_same_place(make_url(one), make_url(other)) is same
    assert is_same_place(make_url(other), make_url(one)) is same
