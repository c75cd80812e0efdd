"""Several databases that are committed in two phases: the template `multidb` with its option, on real servers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.backends import databases, servers
from tests.backends.victim import Contents, Outcome, contents

CREATE = "op.execute('CREATE TABLE t1 (x INTEGER)')"
FAIL_IN_THE_SECOND = f"{CREATE}\n    if engine_name == 'engine2':\n        op.execute('nonsense')"
INSERT = "op.execute('INSERT INTO t VALUES (1)')"
FAIL_AFTER_INSERT = f"{INSERT}\n    if engine_name == 'engine2':\n        op.execute('nonsense')"
ENV_OF_OLD = """
from limbeck import context
from sqlalchemy import create_engine

connections = [create_engine(context.config.get_section_option(name, "sqlalchemy.url")).connect()
               for name in ("engine1", "engine2")]
transactions = [connection.begin_twophase() for connection in connections]
try:
    for connection in connections:
        context.configure(connection=connection)
        context.run_migrations(engine_name="")
    for transaction in transactions:
        transaction.prepare()
    for transaction in transactions:
        transaction.commit()
except:
    for transaction in transactions:
        transaction.rollback()
    raise
"""


class TwoDatabases:
    """A project of the template, with one revision for both databases."""

    def __init__(self, directory: Path, urls: tuple[str, str], upgrade: str = CREATE) -> None:
        self.directory = directory
        self.run("init", "-t", "multidb", "migrations")
        ini = directory / "alembic.ini"
        given = iter(urls)
        ini.write_text(
            re.sub(
                r"(?m)^sqlalchemy\.url = .*$", lambda _: f"sqlalchemy.url = {next(given)}", ini.read_text()
            )
        )
        self.env = directory / "migrations" / "env.py"
        text = self.env.read_text()
        assert "USE_TWO_PHASE = False" in text
        self.env.write_text(text.replace("USE_TWO_PHASE = False", "USE_TWO_PHASE = True"))
        (directory / "migrations" / "versions" / "r1.py").write_text(
            f'from limbeck import op\nrevision = "r1"\ndown_revision = None\n\n\n'
            f"def upgrade(engine_name):\n    {upgrade}\n\n\ndef downgrade(engine_name):\n    pass\n"
        )

    def run(self, *words: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "limbeck", *words],
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def another_database(url: str) -> Iterator[str]:
    """One more empty database on the server of a URL."""
    made = databases.create(url, databases.new_prefix())
    try:
        yield made
    finally:
        databases.drop(made)


def allowed(url: str) -> int:
    """How many prepared transactions a PostgreSQL server allows."""
    engine = create_engine(url)
    with engine.connect() as connection:
        number = int(connection.execute(text("SHOW max_prepared_transactions")).scalar_one())
    engine.dispose()
    return number


def test_both_databases_or_none(tmp_path: Path) -> None:
    """TXN-4: env.py owns the transactions."""
    installation = servers.find_installed_postgresql() or servers.find_postgresql_wheel()
    if installation is None:
        pytest.skip("PostgreSQL is not installed")
    server = servers.start_postgresql(installation, "max_prepared_transactions=10")
    try:
        one, two = (databases.create(server.url, databases.new_prefix()) for _ in "12")
        for name in ("good", "bad"):
            (tmp_path / name).mkdir()
        outcome = TwoDatabases(tmp_path / "bad", (one, two), FAIL_IN_THE_SECOND).run("upgrade", "head")
        assert outcome.status == 1
        assert outcome.report[0] == 'Migration failed: syntax error at or near "nonsense"'
        assert contents(one) == contents(two) == Contents((), ())
        assert TwoDatabases(tmp_path / "good", (one, two)).run("upgrade", "head").status == 0
        assert contents(one) == contents(two) == Contents(("t1",), ("r1",))
    finally:
        server.keeper.close()


@pytest.mark.parametrize("env", ["ours", "of old"])
def test_a_server_that_prepares_no_transactions(tmp_path: Path, postgresql_url: str, env: str) -> None:
    """The rollback fails, too, for there is nothing prepared; that must not hide the reason (TXN-2)."""
    if allowed(postgresql_url):
        pytest.skip("this server allows prepared transactions")
    with another_database(postgresql_url) as other:
        project = TwoDatabases(tmp_path, (postgresql_url, other))
        if env == "of old":
            project.env.write_text(ENV_OF_OLD)
        outcome = project.run("upgrade", "head")
        assert contents(postgresql_url) == contents(other) == Contents((), ())
    assert outcome.status == 1
    assert outcome.report[0] == "migrations/env.py failed: prepared transactions are disabled"
    assert str(outcome.fact("where")).endswith("transaction.prepare()")
    assert outcome.fact("fix") == (
        "let the server allow them (max_prepared_transactions above 0), or do without two-phase commits in env.py"
    )


def test_mariadb_changes_no_tables_in_two_phases(tmp_path: Path, mariadb_url: str) -> None:
    """XA transactions take no DDL there."""
    with another_database(mariadb_url) as other:
        outcome = TwoDatabases(tmp_path, (mariadb_url, other)).run("upgrade", "head")
        assert contents(mariadb_url) == contents(other) == Contents((), ())
    assert outcome.status == 1
    assert outcome.report[0].startswith("The version table cannot be created: XAER_RMFAIL: ")
    assert outcome.fact("fix") == (
        "this database changes no tables in a two-phase transaction: do without two-phase commits in env.py"
    )


@pytest.mark.parametrize(("upgrade", "status", "rows"), [(INSERT, 0, ("r1",)), (FAIL_AFTER_INSERT, 1, ())])
def test_mariadb_changes_rows_in_two_phases(
    tmp_path: Path, mariadb_url: str, upgrade: str, status: int, rows: tuple[str, ...]
) -> None:
    """The version table and the others are there already."""
    with another_database(mariadb_url) as other:
        for url in (mariadb_url, other):
            with databases.connected(url) as cursor:
                cursor.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
                cursor.execute("CREATE TABLE t (x INTEGER)")
        assert TwoDatabases(tmp_path, (mariadb_url, other), upgrade).run("upgrade", "head").status == status
        assert contents(mariadb_url) == contents(other) == Contents(("t",), rows)
