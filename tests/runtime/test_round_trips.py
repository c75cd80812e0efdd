"""How often a command asks the database, counted where it leaves SQLAlchemy and where it leaves the driver."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from limbeck import command
from limbeck.config import Config
from limbeck.errors import DatabaseNotAtHead
from limbeck.migration import MigrationContext
from limbeck.script import ScriptDirectory
from tests.backends.engines import connected
from tests.runtime.history import History, rows
from tests.runtime.roles import acting_as_guest
from tests.runtime.round_trips import counted

READ = "SELECT alembic_version.version_num \nFROM alembic_version"
READ_SQLITE = "SELECT main.alembic_version.version_num \nFROM main.alembic_version"


LOOK = re.compile(r"SELECT c.relname FROM pg_catalog.pg_class .*", re.DOTALL)


def read_by(url: str) -> str:
    """The statement that reads the rows."""
    return READ_SQLITE if url.startswith("sqlite") else READ


def are_reading(statements: list[str], url: str) -> bool:
    """Whether the rows are read and nothing else; PostgreSQL is asked for the tables first, since its log would have
    an error for each statement on one that is missing."""
    looked, read = (statements[:1], statements[1:]) if url.startswith("postgresql") else ([], statements)
    return all(LOOK.fullmatch(one) for one in looked) and read == [read_by(url)]


def assert_journal_looked_for(statements: list[str], url: str) -> None:
    """After the rows: in two statements at most, and in none where it is known already that it is not there."""
    looking = [one for one in statements if "alembic_version_journal" in one]
    assert are_reading([one for one in statements if one not in looking], url)
    assert not looking if url.startswith("postgresql") else len(looking) in (1, 2)


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Config:
    """A project as `init` makes it, with revisions a and b, and the database at b."""
    config = Config(tmp_path / "alembic.ini", stdout=io.StringIO())
    command.init(config, str(tmp_path / "migrations"))
    for number, (id, parent) in enumerate([("a", None), ("b", "a")]):
        (tmp_path / "migrations" / "versions" / f"{number}_{id}.py").write_text(
            f"revision = {id!r}\ndown_revision = {parent!r}\n"
            "def upgrade():\n    pass\ndef downgrade():\n    pass\n"
        )
    ini = tmp_path / "alembic.ini"
    lines = ini.read_text().splitlines()
    ini.write_text(
        "\n".join(
            f"sqlalchemy.url = {database_url}" if line.startswith("sqlalchemy.url") else line
            for line in lines
        )
    )
    command.upgrade(Config(ini, stdout=io.StringIO()), "head")
    return Config(ini, stdout=io.StringIO())


def test_a_probe_reads_the_rows(project: Config, database_url: str) -> None:
    """MIG-11: where the driver begins and ends a transaction around it, these are two messages more."""
    with counted() as traffic:
        command.current(project, check_heads=True)
    assert are_reading(traffic.statements, database_url)
    assert (
        traffic.round_trips
        == {"sqlite": 1, "mysql+pymysql": 2, "postgresql+psycopg": 4}[make_url(database_url).drivername]
    )


def test_an_upgrade_that_finds_nothing_to_do_looks_whether_something_was_left_in_the_middle(
    project: Config, database_url: str
) -> None:
    """MIG-11: on PostgreSQL the question for the tables says that there is no journal."""
    with counted() as traffic:
        command.upgrade(project, "head")
    assert_journal_looked_for(traffic.statements, database_url)


def test_current_asks_besides_whether_there_is_a_journal(project: Config, database_url: str) -> None:
    """MIG-11: a revision that has stopped in the middle is to be told."""
    with counted() as traffic:
        command.current(project)
    assert_journal_looked_for(traffic.statements, database_url)


def test_a_probe_of_a_database_behind_asks_once(project: Config, database_url: str) -> None:
    """CLI-57"""
    command.downgrade(project, "a")
    with counted() as traffic, pytest.raises(DatabaseNotAtHead):
        command.current(project, check_heads=True)
    assert are_reading(traffic.statements, database_url)


def test_a_probe_from_a_program_only_reads(project: Config, database_url: str) -> None:
    """CLI-57, PY-4: in autocommit there is nothing but the question; MariaDB's driver says ROLLBACK at the end."""
    script = ScriptDirectory.from_config(project)
    answers = []
    with counted() as traffic, connected(database_url, isolation_level="AUTOCOMMIT") as connection:
        context = MigrationContext.configure(connection)
        answers.append(context.is_at_heads(script))
    assert are_reading(traffic.statements, database_url)
    assert traffic.round_trips == (1 if database_url.startswith("sqlite") else 2)
    command.downgrade(project, "a")
    with connected(database_url) as connection:
        answers.append(MigrationContext.configure(connection).is_at_heads(script))
    assert answers == [True, False]


def test_a_head_that_others_depend_on_is_not_asked_for(tmp_path: Path, sqlite_url: str) -> None:
    """CLI-57, GRA-2"""
    history = History(tmp_path / "m", "a <- b, n ~ b")
    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection)
        assert not context.is_at_heads(history.script)
        history.run(connection, "heads")
        assert context.is_at_heads(history.script)


# --- no table (MIG-4) -------------------------------------------------------------------------------------------


def test_where_there_is_no_table_nobody_sees_an_error(tmp_path: Path, database_url: str) -> None:
    """MIG-4"""
    with counted() as traffic, connected(database_url) as connection:
        assert MigrationContext.configure(connection).get_current_heads() == ()
    if database_url.startswith("postgresql"):
        (only,) = traffic.statements  # none fails, so the server's log stays clean
        assert LOOK.fullmatch(only)
    else:
        first, *others = traffic.statements
        assert first == read_by(database_url)
        # SQLite looks at temporary ones, too
        assert len(others) == (2 if database_url.startswith("sqlite") else 1)
    with connected(database_url) as connection:
        assert inspect(connection).get_table_names() == []


def test_a_missing_table_does_not_end_the_transaction_of_another(postgresql_url: str) -> None:
    """MIG-4, TXN-4: what its owner did before stays, and is committed with what comes after."""
    with connected(postgresql_url) as connection:
        with connection.begin():
            connection.execute(text("CREATE TABLE t (x INTEGER)"))
            assert MigrationContext.configure(connection).get_current_heads() == ()
            connection.execute(text("INSERT INTO t VALUES (1)"))
        assert connection.execute(text("SELECT x FROM t")).scalars().all() == [1]


def test_a_transaction_in_which_nothing_happened_goes_on(postgresql_url: str) -> None:
    """MIG-4, TXN-4: its owner's object stays valid."""
    with connected(postgresql_url) as connection:
        with connection.begin() as owned:
            assert MigrationContext.configure(connection).get_current_heads() == ()
            assert owned.is_active
            connection.execute(text("CREATE TABLE t (x INTEGER)"))
        assert inspect(connection).get_table_names() == ["t"]


def test_what_a_driver_s_own_cursor_began_is_not_rolled_back(postgresql_url: str) -> None:
    """MIG-4: settings made when a connection opens are lost with their transaction."""
    with connected(postgresql_url) as connection:
        connection.execute(text("CREATE SCHEMA other"))
        connection.commit()
        connection.connection.cursor().execute("SET search_path TO other")
        assert MigrationContext.configure(connection).get_current_heads() == ()
        assert connection.execute(text("SHOW search_path")).scalar() == "other"


def test_the_first_run_in_a_transaction_creates_the_table_in_it(tmp_path: Path, postgresql_url: str) -> None:
    """MIG-9, TXN-6: env.py's own statements in that transaction count as well."""
    history = History(tmp_path / "m", "a <- b", upgrade={"b": "op.execute('SELECT 1/0')"})

    def run(connection: Connection) -> None:
        with history.environment("upgrade", "head") as environment:
            environment.configure(connection=connection)
            with environment.begin_transaction():
                environment.execute("CREATE TABLE before (x INTEGER)")
                environment.run_migrations()

    with connected(postgresql_url) as connection, pytest.raises(DataError, match="division by zero"):
        run(connection)
    with connected(postgresql_url) as connection:
        assert inspect(connection).get_table_names() == []


def test_a_table_in_an_attached_database_is_another_table(tmp_path: Path, sqlite_url: str) -> None:
    """MIG-4: SQLite would find it under the same name."""
    history = History(tmp_path / "m", "a")
    with connected(sqlite_url) as connection:
        connection.execute(text(f"ATTACH '{tmp_path}/other.sqlite' AS other"))
        connection.execute(text("CREATE TABLE other.alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO other.alembic_version VALUES ('x')"))
        connection.commit()
        assert MigrationContext.configure(connection).get_current_heads() == ()
        attached = MigrationContext.configure(connection, opts={"version_table_schema": "other"})
        assert attached.get_current_heads() == ("x",)
        connection.commit()
        history.run(connection, "head")
        assert attached.get_current_heads() == ("x",)
    assert rows(sqlite_url) == ("a",)


def test_a_table_that_cannot_be_read_is_an_error_and_not_an_empty_one(database_url: str) -> None:
    """MIG-4"""
    with connected(database_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (other INTEGER)"))
        connection.commit()
        with pytest.raises((OperationalError, ProgrammingError), match="version_num"):
            MigrationContext.configure(connection).get_current_heads()


def test_a_table_one_may_not_read_is_an_error_and_not_an_empty_one(postgresql_url: str) -> None:
    """MIG-4"""
    with connected(postgresql_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.commit()
    with acting_as_guest(postgresql_url) as guest, pytest.raises(ProgrammingError, match="permission denied"):
        MigrationContext.configure(guest).get_current_heads()


def test_a_lost_connection_is_told_at_once(postgresql_url: str) -> None:
    """MIG-4"""
    with connected(postgresql_url) as connection, connected(postgresql_url) as other:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        connection.commit()
        other.execute(text(f"SELECT pg_terminate_backend({pid})"))
        with pytest.raises(OperationalError) as caught:
            MigrationContext.configure(connection).get_current_heads()
        assert caught.value.connection_invalidated
        assert LOOK.fullmatch(caught.value.statement or "")


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_an_async_connection_asks_as_seldom(
    tmp_path: Path, request: pytest.FixtureRequest, backend: str
) -> None:
    """MIG-4, PY-8: without a table and with one."""
    url: str = request.getfixturevalue(f"{backend}_url")
    history = History(tmp_path / "m", "a <- b")

    async def ask() -> bool:
        engine = create_async_engine(url.replace("sqlite:", "sqlite+aiosqlite:"))
        async with engine.connect() as connection:
            answer = await connection.run_sync(
                lambda given: MigrationContext.configure(given).is_at_heads(history.script)
            )
        await engine.dispose()
        return answer

    assert asyncio.run(ask()) is False
    with connected(url) as connection:
        history.run(connection, "head")
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert asyncio.run(ask()) is True
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert are_reading(seen, url)
