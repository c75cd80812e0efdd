"""What the command line says when a database fails it, and that it is true (TXN-2, TXN-6, UX-2).

Every test runs a process on a real database and then looks into that database.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from limbeck import command
from limbeck.config import Config
from limbeck.runtime.aftermath import BEFORE_THE_FIRST_STEP, COMMIT_IN_DOUBT, LOST_IN_COMMIT
from tests.backends import databases
from tests.backends.victim import Contents, MutedServer, Outcome, Victim, contents, empty

PASSWORD = "c4nary:pass/word"
ROLLED_BACK = "the transaction around the run is rolled back"
WITH_ONE = f"{ROLLED_BACK}, and with it 1 step before"
STEP_ROLLED_BACK = "this step is rolled back"
NONE_BEFORE = "nothing ran before it"
ONE_BEFORE = "1 step before it stays applied"


def no_rollback(done: str, *, is_lost: bool = True) -> str:
    """What is said of a step on a database that cannot roll back DDL."""
    last = ", and perhaps the last statement," if is_lost else ""
    return (
        f"this database cannot roll back DDL: what this step did before it failed ({done}){last} may be there, "
        "and the version table does not say so"
    )


NOTHING_DONE = "this database cannot roll back DDL: no statement of this step was carried out"

BEGINNING = Contents((), ())
FIRST = Contents(("t1",), ("r1",))
BOTH = Contents(("t1", "t2"), ("r2",))
NOT_CARRIED_OUT = f"{LOST_IN_COMMIT}, and the database has not carried it out: it is at"
CLAIMS: dict[str, tuple[Contents, ...]] = {
    BEFORE_THE_FIRST_STEP: (BEGINNING,),
    ROLLED_BACK: (BEGINNING,),
    WITH_ONE: (BEGINNING,),
    f"{NOT_CARRIED_OUT} base": (BEGINNING,),
    f"{STEP_ROLLED_BACK}; {NONE_BEFORE}": (BEGINNING,),
    f"{STEP_ROLLED_BACK}; {ONE_BEFORE}": (FIRST,),
    f"{NOT_CARRIED_OUT} base; {NONE_BEFORE}": (BEGINNING, Contents(("t1",), ())),
    f"{NOT_CARRIED_OUT} r1; {ONE_BEFORE}": (FIRST, Contents(("t1", "t2"), ("r1",))),
}
for done in ("0 statements", "1 statement", "2 statements"):
    CLAIMS[f"{no_rollback(done)}; {NONE_BEFORE}"] = (BEGINNING, Contents(("t1",), ()))
    CLAIMS[f"{no_rollback(done)}; {ONE_BEFORE}"] = (FIRST, Contents(("t1", "t2"), ("r1",)))
"""What a report may say about two revisions that create t1 and t2, and what the database then may hold."""


def told(outcome: Outcome, *, secret: str | None = None) -> list[str]:
    """The lines of the report, after checking what holds for all of them (UX-2, UX-3, UX-7)."""
    everything = outcome.out + outcome.err
    assert outcome.status not in (0, 130), everything
    assert "Traceback" not in everything
    assert 0 < len(outcome.report) <= 25, everything
    assert outcome.fact("fix"), everything
    if secret is not None:
        assert secret not in everything
    return outcome.report


def two_tables(directory: Path, url: str) -> Victim:
    """Two revisions; each creates a table and puts a row into it."""
    victim = Victim(directory, url)
    for number in (1, 2):
        victim.add(
            f"r{number}",
            f'op.execute("CREATE TABLE t{number} (x INTEGER)")\nop.execute("INSERT INTO t{number} VALUES (1)")',
        )
    return victim


# --- a lost connection ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "options", "states"),
    [
        (
            "postgresql",
            "{}",
            [BEFORE_THE_FIRST_STEP, ROLLED_BACK, WITH_ONE, f"{NOT_CARRIED_OUT} base"],
        ),
        (
            "postgresql",
            "{'transaction_per_migration': True}",
            [
                BEFORE_THE_FIRST_STEP,
                f"{STEP_ROLLED_BACK}; {NONE_BEFORE}",
                f"{NOT_CARRIED_OUT} base; {NONE_BEFORE}",
                f"{STEP_ROLLED_BACK}; {ONE_BEFORE}",
                f"{NOT_CARRIED_OUT} r1; {ONE_BEFORE}",
            ],
        ),
        (
            "mariadb",
            "{'journal': False}",
            [
                BEFORE_THE_FIRST_STEP,
                f"{no_rollback('0 statements')}; {NONE_BEFORE}",
                f"{no_rollback('1 statement')}; {NONE_BEFORE}",
                f"{no_rollback('2 statements')}; {NONE_BEFORE}",
                f"{NOT_CARRIED_OUT} base; {NONE_BEFORE}",
                f"{no_rollback('0 statements')}; {ONE_BEFORE}",
                f"{no_rollback('1 statement')}; {ONE_BEFORE}",
                f"{no_rollback('2 statements')}; {ONE_BEFORE}",
                f"{NOT_CARRIED_OUT} r1; {ONE_BEFORE}",
            ],
        ),
    ],
    ids=["postgresql", "postgresql per migration", "mariadb"],
)
def test_a_connection_lost_anywhere_in_a_run_is_told_with_what_is_true_now(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
    options: str,
    states: list[str],
) -> None:
    """TXN-2, TXN-6: before each BEGIN, statement and COMMIT in turn; where nothing is left, a second run mends it."""
    victim = two_tables(tmp_path, request.getfixturevalue(f"{backend}_url"))
    monkeypatch.setenv("URL", victim.url)
    monkeypatch.setenv("OPTIONS", options)
    events = victim.events(options)
    assert events[0] == "BEGIN"
    assert events[-1] == "COMMIT"
    said: list[str] = []
    for number, event in enumerate(events, start=1):
        empty(victim.url)
        outcome = victim.run("upgrade", "head", environ={"LOSE_AT": str(number)})
        lines = told(outcome)
        assert ": the connection to the database was lost: " in lines[0], event
        state = outcome.fact("state")
        assert state is not None
        assert contents(victim.url) in CLAIMS[state], (event, state)
        if state.startswith(LOST_IN_COMMIT):
            assert event == "COMMIT"
            assert "limbeck current" in str(outcome.fact("fix"))
        if re.match(r"(CREATE TABLE|INSERT INTO) t\d", event):
            assert outcome.fact("sql") == event
            assert re.match(r"migrations/versions/r\d\.py:\d+ op\.execute", str(outcome.fact("where")))
        if re.match(r"(INSERT INTO|UPDATE) alembic_version", event):
            assert re.fullmatch(
                r"migrations/versions/r\d\.py, after its upgrade\(\)", str(outcome.fact("where"))
            )
        said += [state] if state not in said[-1:] else []
        if backend == "postgresql":
            command.upgrade(Config(victim.directory / "alembic.ini"), "head")
            assert contents(victim.url) == BOTH
    assert said == states


@pytest.mark.parametrize(("backend", "number"), [("postgresql", 1), ("mariadb", 2)])
def test_a_commit_without_an_answer_is_not_taken_for_a_failure(
    tmp_path: Path, request: pytest.FixtureRequest, backend: str, number: int
) -> None:
    """TXN-2: the server carries it out, and the client does not get to know.

    On MariaDB it is the second one: before the row is inserted, the journal makes a line for the table permanent.
    """
    url = request.getfixturevalue(f"{backend}_url")
    victim = two_tables(tmp_path, url)
    victim.run("upgrade", "r1")
    with MutedServer(url, number=number) as muted:
        outcome = victim.run("upgrade", "head", environ={"URL": muted.url})
    told(outcome)
    assert str(outcome.fact("state")).startswith(
        f"{LOST_IN_COMMIT}, but the database has carried it out: it is at r2"
    )
    assert str(outcome.fact("fix")).startswith("run `limbeck current`")
    assert contents(url) == BOTH
    assert victim.run("current").out == "r2 (head)\n"


def test_a_lost_commit_of_env_py_itself_is_told_likewise(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-4: the connection was in a transaction before, and env.py commits it."""
    victim = two_tables(tmp_path, postgresql_url)
    configure = "context.configure(connection=connection, **options)"
    victim.edit_env(configure, f"connection.begin()\n        {configure}")
    victim.edit_env("        events = list(seen)", "        connection.commit()\n        events = list(seen)")
    with MutedServer(postgresql_url) as muted:
        outcome = victim.run("upgrade", "head", environ={"URL": muted.url})
    lines = told(outcome)
    assert lines[0].startswith("migrations/env.py failed: the connection to the database was lost: ")
    assert outcome.fact("state") == COMMIT_IN_DOUBT
    assert contents(postgresql_url) == BOTH


def test_a_connection_lost_in_autocommit_mode_rolls_nothing_back(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-6"""
    victim = Victim(tmp_path, postgresql_url)
    victim.add(
        "r1",
        'op.execute("CREATE TABLE t1 (x INTEGER)")\nop.execute("SELECT pg_terminate_backend(pg_backend_pid())")',
    )
    victim.edit_env("poolclass=NullPool)", 'poolclass=NullPool, isolation_level="AUTOCOMMIT")')
    outcome = victim.run("upgrade", "head", "--no-journal")
    told(outcome)
    assert outcome.fact("state") == (
        "the connection is in autocommit mode, so nothing of this step is rolled back: what this step did before it "
        "failed (1 statement), and perhaps the last statement, may be there, and the version table does not say so; "
        f"{NONE_BEFORE}"
    )
    assert str(outcome.fact("fix")).startswith("undo by hand what upgrade() of r1 has done already")
    assert contents(postgresql_url) == Contents(("t1",), ())


def test_a_refused_commit_is_no_lost_connection(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-2: a constraint that is checked at the end."""
    victim = Victim(tmp_path, postgresql_url)
    victim.add(
        "r1",
        'op.execute("CREATE TABLE t1 (x INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)")\n'
        'op.execute("INSERT INTO t1 VALUES (1), (1)")',
    )
    outcome = victim.run("upgrade", "head")
    lines = told(outcome)
    assert lines[0] == (
        'The run cannot be committed: duplicate key value violates unique constraint "t1_x_key"'
    )
    assert outcome.fact("state") == ROLLED_BACK
    assert contents(postgresql_url) == BEGINNING
    outcome = victim.run("upgrade", "head", environ={"OPTIONS": "{'transaction_per_migration': True}"})
    assert told(outcome)[0] == ('Migration failed: duplicate key value violates unique constraint "t1_x_key"')
    assert outcome.fact("where") == "migrations/versions/r1.py, after its upgrade()"
    assert outcome.fact("state") == f"{STEP_ROLLED_BACK}; {NONE_BEFORE}"
    assert contents(postgresql_url) == BEGINNING


# --- a database that cannot be written ----------------------------------------------------------------------------


def test_a_read_only_session(tmp_path: Path, postgresql_url: str) -> None:
    victim = two_tables(tmp_path, postgresql_url)
    url = with_query(postgresql_url, options="-c default_transaction_read_only=on")
    outcome = victim.run("upgrade", "head", environ={"URL": url})
    assert told(outcome)[0] == (
        "The version table cannot be created: cannot execute CREATE TABLE in a read-only transaction"
    )
    assert outcome.fact("state") == BEFORE_THE_FIRST_STEP
    assert str(outcome.fact("fix")).startswith("nothing can be written there: ")
    assert contents(postgresql_url) == BEGINNING


def test_a_user_who_may_only_read(tmp_path: Path, mariadb_url: str) -> None:
    victim = two_tables(tmp_path, mariadb_url)
    victim.run("upgrade", "r1")
    with stranger(mariadb_url, "GRANT SELECT ON `{database}`.* TO `{user}`@`%`") as url:
        refused = victim.run("upgrade", "head", environ={"URL": url})
        outcome = victim.run("upgrade", "head", "--no-journal", environ={"URL": url})
    assert "INSERT command denied" in refused.out
    assert "--no-journal" in str(refused.fact("fix"))
    lines = told(outcome, secret=PASSWORD)
    assert lines[0].startswith("Migration failed: CREATE command denied to user 'limbeck_")
    assert outcome.fact("where") == 'migrations/versions/r2.py:9 op.execute("CREATE TABLE t2 (x INTEGER)")'
    assert outcome.fact("state") == f"{NOTHING_DONE}; {NONE_BEFORE}"
    assert outcome.fact("fix") == "give the user of the URL the right to do this, or use another user"
    assert contents(mariadb_url) == FIRST


def test_a_file_that_may_only_be_read(tmp_path: Path, sqlite_url: str) -> None:
    victim = two_tables(tmp_path, sqlite_url)
    victim.run("upgrade", "r1")
    path = make_url(sqlite_url).database
    outcome = victim.run("upgrade", "head", environ={"URL": f"sqlite:///file:{path}?mode=ro&uri=true"})
    assert told(outcome)[0] == "Migration failed: attempt to write a readonly database"
    assert outcome.fact("state") == ROLLED_BACK
    assert str(outcome.fact("fix")).startswith("nothing can be written there: ")
    assert contents(sqlite_url) == FIRST


def test_a_directory_that_may_only_be_read(tmp_path: Path, small_disk: Path) -> None:
    victim = two_tables(tmp_path, f"sqlite:///{small_disk}/app.db")
    victim.run("upgrade", "r1")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    outcome = victim.run("upgrade", "head")
    assert told(outcome)[0] == "Migration failed: attempt to write a readonly database"
    assert outcome.fact("state") == ROLLED_BACK
    assert contents(victim.url) == FIRST
    outcome = victim.run("upgrade", "head", environ={"URL": f"sqlite:///{small_disk}/new.db"})
    assert told(outcome)[0] == "Cannot connect to the database: unable to open database file"
    assert outcome.fact("fix") == "check that the directory exists and that you may write there"
    assert list(small_disk.iterdir()) == [small_disk / "app.db"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_and_a_directory_without_the_right_to_write(tmp_path: Path, sqlite_url: str) -> None:
    victim = two_tables(tmp_path, sqlite_url)
    victim.run("upgrade", "r1")
    file = Path(str(make_url(sqlite_url).database))
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        outcome = victim.run("upgrade", "head")
        assert told(outcome)[0] == "Migration failed: attempt to write a readonly database"
        assert contents(sqlite_url) == FIRST
    finally:
        file.parent.chmod(0o700)


def test_a_full_disk_below_sqlite(tmp_path: Path, small_disk: Path) -> None:
    victim = two_tables(tmp_path, f"sqlite:///{small_disk}/app.db")
    victim.add("r3", 'op.execute("CREATE TABLE t3 AS SELECT randomblob(4000000) AS x")')
    outcome = victim.run("upgrade", "head")
    assert told(outcome)[0] == "Migration failed: database or disk is full"
    assert outcome.fact("state") == f"{ROLLED_BACK}, and with it 2 steps before"
    assert outcome.fact("fix") == "make room where the database stores its files, and run the command again"
    assert contents(victim.url) == BEGINNING


def test_a_full_disk_below_postgresql(tmp_path: Path, small_disk: Path, postgresql_url: str) -> None:
    with tablespace(postgresql_url, small_disk) as name:
        victim = two_tables(tmp_path, postgresql_url)
        fill = "INSERT INTO t3 SELECT repeat(md5(n::text), 20) FROM generate_series(1, 20000) AS n"
        victim.add("r3", f'op.execute("CREATE TABLE t3 (x TEXT) TABLESPACE {name}")\nop.execute("{fill}")')
        outcome = victim.run("upgrade", "head")
        assert "No space left on device" in told(outcome)[0]
        assert outcome.fact("where") == f'migrations/versions/r3.py:10 op.execute("{fill}")'
        assert outcome.fact("state") == f"{ROLLED_BACK}, and with it 2 steps before"
        assert (
            outcome.fact("fix") == "make room where the database stores its files, and run the command again"
        )
        assert contents(postgresql_url) == BEGINNING


# --- schemas and rights -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("sqlite", "unknown database nowhere"),
        ("postgresql", 'schema "nowhere" does not exist'),
        ("mariadb", "Unknown database 'nowhere' (error 1049)"),
    ],
)
def test_the_schema_of_the_version_table_does_not_exist(
    tmp_path: Path, request: pytest.FixtureRequest, backend: str, reason: str
) -> None:
    """VER-1"""
    victim = two_tables(tmp_path, request.getfixturevalue(f"{backend}_url"))
    outcome = victim.run("upgrade", "head", environ={"OPTIONS": "{'version_table_schema': 'nowhere'}"})
    assert told(outcome)[0] == f"The version table cannot be created: {reason}"
    assert outcome.fact("state") == BEFORE_THE_FIRST_STEP
    assert outcome.fact("fix") == (
        "create the schema that env.py passes as `version_table_schema`, or correct its name there"
    )
    assert contents(victim.url) == BEGINNING


@pytest.mark.parametrize(
    ("grants", "reason", "where"),
    [
        (
            "SELECT 1",
            "The version table cannot be read: permission denied for table alembic_version",
            "migrations/env.py",
        ),
        (
            "GRANT SELECT ON alembic_version TO {user}",
            "Migration failed: permission denied for schema public",
            "migrations/versions/r2.py:9",
        ),
        (
            "GRANT SELECT ON alembic_version TO {user}; GRANT CREATE ON SCHEMA public TO {user}",
            "Migration failed: permission denied for table alembic_version",
            "migrations/versions/r2.py, after its upgrade()",
        ),
    ],
    ids=["reading", "creating", "recording"],
)
def test_a_role_without_rights(
    tmp_path: Path, postgresql_url: str, grants: str, reason: str, where: str
) -> None:
    """TXN-8: what the migration did goes with the row that cannot be written."""
    victim = two_tables(tmp_path, postgresql_url)
    victim.run("upgrade", "r1")
    with databases.connected(postgresql_url) as cursor:
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    with stranger(postgresql_url, grants) as url:
        outcome = victim.run("upgrade", "head", environ={"URL": url})
    assert told(outcome, secret=PASSWORD)[0] == reason
    assert str(outcome.fact("where")).startswith(where)
    assert outcome.fact("state") == (BEFORE_THE_FIRST_STEP if where.endswith("env.py") else ROLLED_BACK)
    assert outcome.fact("fix") == "give the user of the URL the right to do this, or use another user"
    assert contents(postgresql_url) == FIRST


def test_a_row_that_may_not_be_written_leaves_the_ddl_of_its_step(tmp_path: Path, mariadb_url: str) -> None:
    """TXN-6"""
    victim = two_tables(tmp_path, mariadb_url)
    victim.run("upgrade", "r1")
    grants = "GRANT SELECT ON `{database}`.* TO `{user}`@`%`; GRANT CREATE, INSERT ON `{database}`.t2 TO `{user}`@`%`"
    with stranger(mariadb_url, grants) as url:
        outcome = victim.run("upgrade", "head", "--no-journal", environ={"URL": url})
    assert told(outcome, secret=PASSWORD)[0].startswith(
        "Migration failed: UPDATE command denied to user 'limbeck_"
    )
    assert outcome.fact("where") == "migrations/versions/r2.py, after its upgrade()"
    assert outcome.fact("state") == f"{no_rollback('2 statements', is_lost=False)}; {NONE_BEFORE}"
    assert outcome.fact("fix") == (
        "undo by hand what upgrade() of r2 has done already "
        "give the user of the URL the right to do this, or use another user"
    )
    assert contents(mariadb_url) == Contents(("t1", "t2"), ("r1",))


# --- locks and limits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lock", "reason", "state"),
    [
        ("BEGIN IMMEDIATE", "Migration failed", ROLLED_BACK),
        ("BEGIN EXCLUSIVE", "The version table cannot be read", BEFORE_THE_FIRST_STEP),
    ],
)
def test_a_sqlite_file_that_another_process_has_locked(
    tmp_path: Path, sqlite_url: str, lock: str, reason: str, state: str
) -> None:
    victim = two_tables(tmp_path, sqlite_url)
    victim.run("upgrade", "r1")
    with closing(sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)) as other:
        other.execute(lock)
        outcome = victim.run("upgrade", "head", environ={"URL": with_query(sqlite_url, timeout="0.2")})
        other.execute("ROLLBACK")
    assert told(outcome)[0] == f"{reason}: database is locked"
    assert outcome.fact("state") == state
    assert str(outcome.fact("fix")).startswith("another connection holds a lock: ")
    assert contents(sqlite_url) == FIRST


@pytest.mark.parametrize(
    ("backend", "lock", "limit", "reason"),
    [
        (
            "postgresql",
            "BEGIN; LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE",
            {"options": "-c lock_timeout=200ms"},
            "canceling statement due to lock timeout",
        ),
        (
            "mariadb",
            "LOCK TABLES `{database}`.alembic_version WRITE",
            {"init_command": "SET SESSION lock_wait_timeout=1"},
            "Lock wait timeout exceeded; try restarting transaction (error 1205)",
        ),
    ],
    ids=["postgresql", "mariadb"],
)
def test_a_table_that_another_connection_has_locked(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    backend: str,
    lock: str,
    limit: dict[str, str],
    reason: str,
) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    victim = two_tables(tmp_path, url)
    victim.run("upgrade", "r1")
    with databases.connected(url) as cursor:
        cursor.execute(lock.format(database=make_url(url).database))
        outcome = victim.run("upgrade", "head", environ={"URL": with_query(url, **limit)})
    assert told(outcome)[0] == f"The version table cannot be read: {reason}"
    assert outcome.fact("state") == BEFORE_THE_FIRST_STEP
    assert str(outcome.fact("fix")).startswith("another connection holds a lock: ")
    assert contents(url) == FIRST


@pytest.mark.parametrize(
    ("backend", "slow", "limit", "reason", "state", "left"),
    [
        (
            "postgresql",
            "SELECT pg_sleep(20)",
            {"options": "-c statement_timeout=300ms"},
            "canceling statement due to statement timeout",
            f"{ROLLED_BACK}, and with it 2 steps before",
            BEGINNING,
        ),
        (
            "mariadb",
            "SELECT SLEEP(20)",
            {"init_command": "SET SESSION max_statement_time=0.3"},
            "Query execution was interrupted (max_statement_time exceeded) (error 1969)",
            f"{NOTHING_DONE}; 2 steps before it stay applied",
            BOTH,
        ),
    ],
    ids=["postgresql", "mariadb"],
)
def test_a_statement_that_takes_longer_than_the_database_allows(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    backend: str,
    slow: str,
    limit: dict[str, str],
    reason: str,
    state: str,
    left: Contents,
) -> None:
    url = request.getfixturevalue(f"{backend}_url")
    victim = two_tables(tmp_path, url)
    victim.add("r3", f'op.execute("{slow}")')
    outcome = victim.run("upgrade", "head", environ={"URL": with_query(url, **limit)})
    assert told(outcome)[0] == f"Migration failed: {reason}"
    assert outcome.fact("sql") == slow
    assert outcome.fact("state") == state
    assert str(outcome.fact("fix")).startswith("the statement took longer than the database allows: ")
    assert contents(url) == left


# --- surroundings -------------------------------------------------------------------------------------------------


def with_query(url: str, **query: str) -> str:
    """The URL with settings for the driver."""
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


@contextmanager
def stranger(url: str, grants: str) -> Iterator[str]:
    """The URL of the database for a new user, who has these rights and a telling password."""
    user = f"{databases.NAME}{secrets.token_hex(4)}"
    is_postgresql = url.startswith("postgresql")
    names = {"user": user, "database": make_url(url).database}
    create, drop = (
        (f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'", f"DROP OWNED BY {user}; DROP ROLE {user}")
        if is_postgresql
        else (f"CREATE USER `{user}`@`%` IDENTIFIED BY '{PASSWORD}'", f"DROP USER `{user}`@`%`")
    )
    with databases.connected(url) as cursor:
        cursor.execute(create)
        try:
            for grant in grants.format(**names).split("; "):
                cursor.execute(grant)
            yield make_url(url).set(username=user, password=PASSWORD).render_as_string(hide_password=False)
        finally:
            for statement in drop.split("; "):
                cursor.execute(statement)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A directory on a file system of a megabyte."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small disk needs a Linux and its root")
    with tempfile.TemporaryDirectory(prefix=databases.NAME) as directory:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", directory],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
        try:
            yield Path(directory)
        finally:
            subprocess.run(["umount", directory], check=True)


@contextmanager
def tablespace(url: str, directory: Path) -> Iterator[str]:
    """A tablespace in a directory, which must be on the machine of the server."""
    name = f"{databases.NAME}{secrets.token_hex(4)}"
    place = directory / "tablespace"
    place.mkdir()
    with databases.connected(url) as cursor:
        cursor.execute("SELECT current_setting('data_directory')")
        data = Path(cursor.fetchone()[0])
        if not data.exists():
            pytest.skip("the PostgreSQL server is on another machine")
        os.chown(place, data.stat().st_uid, data.stat().st_gid)
        cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
        try:
            yield name
        finally:
            cursor.execute(f"DROP TABLESPACE {name}")
