"""Who begins and who commits: the table of runtime.md §4.2, on live databases (TXN-*)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect, text

from limbeck.errors import AutocommitImpossible
from limbeck.migration import MigrationContext
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables

LINE = "r1 <- r2, r2 <- r3"
LOG = "op.get_context().opts['seen'].append({!r})"


def create(number: int) -> str:
    return f"op.execute('CREATE TABLE t{number} (x INTEGER)')"


@pytest.fixture
def line(tmp_path: Path) -> History:
    """Three revisions; each creates a table."""
    return History(tmp_path / "m", LINE, upgrade={f"r{number}": create(number) for number in (1, 2, 3)})


def failing(directory: Path, at: int) -> History:
    """Three revisions; one of them fails after it has created its table."""
    bodies = {f"r{number}": create(number) for number in (1, 2, 3)}
    bodies[f"r{at}"] += "\nraise RuntimeError('stop')"
    return History(directory, LINE, upgrade=bodies)


@contextmanager
def watched(connection: Connection, seen: list[str]) -> Iterator[None]:
    """Note what happens to the transaction of a connection."""
    for name in ("begin", "commit", "rollback"):
        event.listen(connection, name, lambda connection, name=name: seen.append(name))
    yield
    connection.rollback()


def backend(url: str) -> str:
    return url.partition(":")[0].partition("+")[0]


# --- the table (§4.2) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("transactional", [False, True])
@pytest.mark.parametrize("external", [False, True])
def test_where_transactions_begin_and_end(
    tmp_path: Path, database_url: str, external: bool, transactional: bool, per_migration: bool
) -> None:
    """§4.2 online, MIG-9, MIG-11, STEP-2, TXN-8"""
    names = ("r1", "r2", "r3")
    history = History(tmp_path / "m", LINE, upgrade={name: LOG.format(name) for name in names})
    seen: list[str] = []
    with connected(database_url) as connection, watched(connection, seen):
        if external:
            connection.execute(text("SELECT 1"))
        history.run(
            connection, "r3", seen=seen, transactional_ddl=transactional,
            transaction_per_migration=per_migration,
            on_version_apply=lambda step, **kw: seen.append(f"row {step.up_revision_id}"),
        )  # fmt: skip
    looking = ["begin", "rollback"]  # nobody waits for the run lock inside a transaction
    if external:
        expected = ["begin", *_run(names), "rollback"]
    elif transactional and not per_migration:
        expected = [*looking, "begin", *_run(names), "commit"]
    else:
        # The rows are read again, and that transaction is used to create the table (MIG-11).
        expected = [*looking, "begin", "commit"]
        for name in names:
            expected += ["begin", *_run([name]), "commit"]
    assert seen == expected


def _run(names: Any) -> list[str]:
    return [word for name in names for word in (name, f"row {name}")]


@pytest.mark.parametrize(
    ("dialect", "outer", "step"),
    [
        ("postgresql", True, True), ("mssql", True, True),
        ("sqlite", False, False), ("mysql", False, False), ("mariadb", False, False), ("oracle", False, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("per_migration", [False, True])
def test_what_stands_around_the_steps_of_a_script(
    line: History, dialect: str, outer: bool, step: bool, per_migration: bool
) -> None:
    """§4.2 offline"""
    written = line.write(dialect, "r3", transaction_per_migration=per_migration)
    begins = written.count("BEGIN")
    assert begins == written.count("COMMIT") == (3 * step if per_migration else 1 * outer)


def test_the_value_of_the_block_is_the_transaction_or_none(database_url: str) -> None:
    """TXN-1"""
    with connected(database_url) as connection:
        context = MigrationContext.configure(connection)
        around_run = backend(database_url) != "mysql"
        with context.begin_transaction() as transaction:
            assert (transaction is not None) is around_run
            with context.begin_transaction(_per_migration=True) as inner:
                assert (inner is None) is around_run
        with context.begin_transaction(_per_migration=True) as transaction:
            assert (transaction is None) is (backend(database_url) == "postgresql")
        connection.begin()
        context = MigrationContext.configure(connection)
        for per_migration in (False, True):
            with context.begin_transaction(_per_migration=per_migration) as transaction:
                assert transaction is None


@pytest.mark.parametrize(("ending", "kept"), [("commit", ["t1"]), ("rollback", [])])
def test_a_block_ended_from_inside_is_left_as_it_is(
    postgresql_url: str, ending: str, kept: list[str]
) -> None:
    """TXN-1"""
    with connected(postgresql_url) as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction() as transaction:
            context.execute("CREATE TABLE t1 (x INTEGER)")
            getattr(transaction, ending)()
            context.execute("CREATE TABLE t2 (x INTEGER)")
    assert tables(postgresql_url) == kept


def test_a_written_transaction_ends_once(line: History) -> None:
    """TXN-1 offline"""

    output = io.StringIO()
    with line.environment("upgrade", "r1", as_sql=True) as environment:
        environment.configure(dialect_name="postgresql", output_buffer=output)
        with environment.begin_transaction() as transaction:
            assert transaction is not None
            transaction.commit()
    assert output.getvalue() == "BEGIN;\n\nCOMMIT;\n\n"


def test_an_inner_block_leaves_the_end_to_the_outer_one(postgresql_url: str) -> None:
    with connected(postgresql_url) as connection:
        context = MigrationContext.configure(connection)
        seen: list[str] = []
        with watched(connection, seen), context.begin_transaction() as outer:
            with context.begin_transaction() as inner:
                assert inner is outer
            seen.append("left")
        assert seen == ["begin", "left", "commit"]


def test_a_transaction_begun_after_configure_is_taken_over(postgresql_url: str) -> None:
    """TXN-3: what counts is the moment of configure()."""
    with connected(postgresql_url) as connection:
        context = MigrationContext.configure(connection)
        connection.execute(text("SELECT 1"))
        with context.begin_transaction():
            context.execute("CREATE TABLE t (x INTEGER)")
    assert tables(postgresql_url) == ["t"]


def test_the_owner_of_an_external_transaction_runs_several_commands_in_it(
    line: History, postgresql_url: str
) -> None:
    """TXN-4"""
    with connected(postgresql_url) as connection:
        with connection.begin() as transaction:
            line.run(connection, "r1")
            line.run(connection, "r3")
            transaction.rollback()
        assert tables(postgresql_url) == []
        with connection.begin():
            line.run(connection, "r1")
            line.run(connection, "r3")
    assert rows(postgresql_url) == ("r3",)


def test_a_migration_that_commits_by_itself_is_recorded_nevertheless(
    tmp_path: Path, database_url: str
) -> None:
    """TXN-8: the row change then is in the transaction that follows."""
    body = f"{create(1)}\nop.get_bind().commit()"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(database_url) as connection:
        history.run(connection, "head")
    assert rows(database_url) == ("a",)
    assert "t1" in tables(database_url)


def test_a_session_on_the_bind_leaves_the_transaction_alone(tmp_path: Path, postgresql_url: str) -> None:
    """PY-11"""
    body = (
        "from sqlalchemy.orm import Session\n"
        "with Session(bind=op.get_bind()) as session:\n"
        "    session.execute(sa.text('CREATE TABLE t1 (x INTEGER)'))\n"
        "    session.commit()"
    )
    history = History(tmp_path / "m", "a <- b", upgrade={"a": body, "b": "raise RuntimeError('stop')"})
    with connected(postgresql_url) as connection, pytest.raises(RuntimeError):
        history.run(connection, "head")
    assert tables(postgresql_url) == []
    with connected(postgresql_url) as connection:
        history.run(connection, "a")
    assert tables(postgresql_url) == ["alembic_version", "t1"]


# --- failing steps (TXN-2, TXN-6, TXN-7, TXN-8) ------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("transactional", [None, False, True])
@pytest.mark.parametrize("external", [False, True])
def test_what_a_failing_step_leaves_behind(
    tmp_path: Path,
    database_url: str,
    external: bool,
    transactional: bool | None,
    per_migration: bool,
    at: int,
) -> None:
    """TXN-6, TXN-7, §12: the report and the rows say what is applied."""
    history = failing(tmp_path / "m", at)
    known = backend(database_url) == "postgresql" or (
        backend(database_url) == "sqlite" and transactional is not False
    )
    around_step = per_migration or not (known if transactional is None else transactional)
    with connected(database_url) as connection:
        if external:
            connection.begin()
        with pytest.raises(RuntimeError, match="stop") as caught:
            history.run(
                connection,
                "r3",
                transactional_ddl=transactional,
                transaction_per_migration=per_migration,
                journal=False,
            )
    assert caught.value.__notes__[1] == told(
        external=external, around_step=around_step, undoes_ddl=known, before=at - 1
    )
    # MariaDB commits whatever is open before each DDL statement.
    keeps_earlier = backend(database_url) == "mysql" or (around_step and not external)
    assert rows(database_url) == ((f"r{at - 1}",) if keeps_earlier and at > 1 else ())
    if known:
        created = [f"t{number}" for number in range(1, at)]
        assert tables(database_url) == (["alembic_version", *created] if keeps_earlier else [])
    if backend(database_url) == "mysql":
        assert tables(database_url) == ["alembic_version", *(f"t{number}" for number in range(1, at + 1))]


def told(*, external: bool, around_step: bool, undoes_ddl: bool, before: int) -> str:
    """What is said of a step that has created a table and then raised an exception."""
    steps = "1 step" if before == 1 else f"{before} steps"
    stays = (
        f"{steps} before it {'stays' if before == 1 else 'stay'} applied"
        if before
        else "nothing ran before it"
    )
    if external:
        owner = "the connection was in a transaction before: what becomes of it is up to its owner"
        return owner if undoes_ddl else f"{owner}, apart from DDL, which this database cannot roll back"
    if around_step and undoes_ddl:
        return f"this step is rolled back; {stays}"
    if around_step:
        return (
            "this database cannot roll back DDL: what this step did before it failed (1 statement) may be there, "
            f"and the version table does not say so; {stays}"
        )
    if undoes_ddl:
        return "the transaction around the run is rolled back" + (
            f", and with it {steps} before" if before else ""
        )
    return (
        "the transaction around the run is rolled back, but this database cannot roll back DDL: what ran may be "
        "there, with or without its row in the version table; look with `limbeck current`"
    )


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("transactional", [None, False, True])
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mysql", "mariadb", "mssql", "oracle"])
def test_a_failing_script_is_not_committed(
    tmp_path: Path, dialect: str, transactional: bool | None, per_migration: bool, at: int
) -> None:
    """TXN-2, TXN-7, §12: it ends where the step failed, without its row and without COMMIT."""
    history = failing(tmp_path / "m", at)
    output = io.StringIO()
    with history.environment("upgrade", "r3", as_sql=True) as environment:
        environment.configure(
            dialect_name=dialect,
            output_buffer=output,
            transactional_ddl=transactional,
            transaction_per_migration=per_migration,
        )
        with pytest.raises(RuntimeError) as caught, environment.begin_transaction():
            environment.run_migrations()
    script = output.getvalue()
    assert caught.value.__notes__[1] == "the script is not complete: do not run it"
    steps = [line for line in script.splitlines() if line.startswith("-- Running")]
    assert [line.rpartition(" ")[2] for line in steps] == [f"r{number}" for number in range(1, at + 1)]
    assert script.count("version_num) VALUES") + script.count("SET version_num=") == at - 1
    has_text = dialect in ("postgresql", "mssql") if transactional is None else transactional
    begin = "SET TRANSACTION" if dialect == "oracle" else "BEGIN"
    assert script.count(begin) == has_text * (at if per_migration else 1)
    assert script.count("COMMIT") == has_text * (at - 1 if per_migration else 0)


def test_a_lost_connection_does_not_hide_what_happened(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-2: the first error is the one to read."""
    body = "op.get_bind().exec_driver_sql('SELECT pg_terminate_backend(pg_backend_pid())')"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(postgresql_url) as connection, pytest.raises(Exception, match="terminat") as caught:
        history.run(connection, "head")
    assert caught.value.__notes__[0].startswith("while running upgrade  -> a")
    assert tables(postgresql_url) == []


def test_an_error_at_commit_is_told_with_its_step(tmp_path: Path, postgresql_url: str) -> None:
    body = (
        "op.execute('CREATE TABLE t (x INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)')\n"
        "op.execute('INSERT INTO t VALUES (1), (1)')"
    )
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(postgresql_url) as connection, pytest.raises(Exception, match="unique") as caught:
        history.run(connection, "head", transaction_per_migration=True)
    assert caught.value.__notes__[0].startswith("while running upgrade  -> a")
    assert rows(postgresql_url) == ()


# --- autocommit_block() (TXN-10 to TXN-14) -----------------------------------------------------------------------

VACUUM = "op.execute('CREATE TABLE t{0} (x INTEGER)')\nwith op.get_context().autocommit_block():\n    op.execute('{1}')"
AUTOCOMMIT_ONLY = {"postgresql": "VACUUM", "sqlite": "VACUUM", "mysql": "CREATE TABLE inside (x INTEGER)"}


@pytest.mark.parametrize("per_migration", [False, True])
def test_an_autocommit_block_runs_outside_any_transaction(
    tmp_path: Path, database_url: str, per_migration: bool
) -> None:
    """TXN-10, TXN-11, TXN-14: `VACUUM` fails in a transaction."""
    body = VACUUM.format(2, AUTOCOMMIT_ONLY[backend(database_url)])
    history = History(
        tmp_path / "m", LINE, upgrade={"r1": create(1), "r2": body, "r3": "raise RuntimeError('stop')"}
    )
    with connected(database_url) as connection:
        with pytest.raises(RuntimeError):
            history.run(connection, "r3", transaction_per_migration=per_migration)
        assert not connection.in_transaction()
    around_step = per_migration or backend(database_url) == "mysql"
    assert rows(database_url) == (("r2",) if around_step else ("r1",))
    assert {"t1", "t2"} <= set(tables(database_url))


def test_the_isolation_level_is_restored_and_a_transaction_begun(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-10"""
    body = (
        "context = op.get_context()\n"
        "seen = context.opts['seen']\n"
        "level = lambda: context.connection.get_isolation_level()\n"
        "seen.append((level(), context.connection.in_transaction()))\n"
        "with context.autocommit_block():\n"
        "    with context.autocommit_block():\n"
        "        op.execute('VACUUM')\n"
        "    op.execute('VACUUM')\n"
        "seen.append((level(), context.connection.in_transaction()))\n"
        "op.execute('CREATE TABLE after (x INTEGER)')\n"
        "raise RuntimeError('stop')"
    )
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    seen: list[Any] = []
    with connected(postgresql_url, isolation_level="SERIALIZABLE") as connection:
        with pytest.raises(RuntimeError):
            history.run(connection, "a", seen=seen)
        connection.rollback()
        assert connection.get_isolation_level() == "SERIALIZABLE"
    assert seen == [("SERIALIZABLE", True)] * 2
    assert tables(postgresql_url) == ["alembic_version"]


OUTSIDE = {
    "postgresql": "op.execute('VACUUM')",
    "sqlite": "op.execute('VACUUM')",
    "mysql": "op.execute('INSERT INTO t1 VALUES (1)')\n    "
    "assert op.get_bind().exec_driver_sql('SELECT @@in_transaction').scalar() == 0",
}
"""What works, or holds, outside a transaction only."""
LEVELS = {"postgresql": "REPEATABLE READ", "mysql": "READ COMMITTED", "sqlite": "READ UNCOMMITTED"}


@pytest.mark.parametrize("per_migration", [False, True])
@pytest.mark.parametrize("transactional", [None, False, True])
def test_an_autocommit_block_leaves_every_kind_of_transaction_and_comes_back(
    tmp_path: Path, database_url: str, transactional: bool | None, per_migration: bool
) -> None:
    """TXN-10, TXN-11, TXN-14, §12: with an isolation level of its own, which is there again afterwards."""
    kind = backend(database_url)
    body = (
        f"{create(1)}\n"
        "context = op.get_context()\n"
        "with context.autocommit_block():\n"
        f"    {OUTSIDE[kind]}\n"
        "    assert op.get_bind() is context.connection\n"
        "context.opts['seen'].append((context.connection.get_isolation_level(), context.connection.in_transaction()))\n"
        "op.execute('INSERT INTO t1 VALUES (2)')\n"
        "raise RuntimeError('stop')"
    )
    history = History(tmp_path / "m", "r1 <- r2", upgrade={"r2": body})
    seen: list[Any] = []
    with connected(database_url, isolation_level=LEVELS[kind]) as connection:
        with pytest.raises(RuntimeError, match="stop") as caught:
            history.run(
                connection,
                "r2",
                seen=seen,
                transactional_ddl=transactional,
                transaction_per_migration=per_migration,
                journal=False,
            )
        connection.rollback()
        assert connection.get_isolation_level() == LEVELS[kind]
    assert seen == [(LEVELS[kind], True)]
    assert caught.value.__notes__[1] == (
        "what ran up to autocommit_block(), and inside of it, is committed, the version table is not yet changed; "
        "1 step before it stays applied"
    )
    assert rows(database_url) == ("r1",)
    with connected(database_url) as connection:
        written = connection.execute(text("SELECT x FROM t1")).scalars().all()
    assert written == ([1] if kind == "mysql" else [])


def test_an_engine_in_autocommit_mode_stays_so(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-10: drivers name another level then."""
    body = "with op.get_context().autocommit_block():\n    op.execute('VACUUM')\nop.execute('VACUUM')"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(postgresql_url, isolation_level="AUTOCOMMIT") as connection:
        history.run(connection, "a")
    assert rows(postgresql_url) == ("a",)


def test_an_engine_in_autocommit_mode_needs_no_transaction_of_our_own(
    tmp_path: Path, postgresql_url: str
) -> None:
    """TXN-13"""
    body = "with op.get_context().autocommit_block():\n    op.execute('VACUUM')"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(postgresql_url, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT 1"))
        history.run(connection, "a")
    assert rows(postgresql_url) == ("a",)


def test_an_exception_in_the_block_ends_it_too(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-10"""
    body = (
        "try:\n"
        "    with op.get_context().autocommit_block():\n"
        "        op.execute('nonsense')\n"
        "except Exception:\n"
        "    pass\n"
        "op.execute('CREATE TABLE t (x INTEGER)')"
    )
    history = History(tmp_path / "m", "a <- b", upgrade={"a": body, "b": "raise RuntimeError('stop')"})
    with connected(postgresql_url) as connection, pytest.raises(RuntimeError):
        history.run(connection, "b")
    assert tables(postgresql_url) == ["alembic_version"]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("postgresql", "BEGIN;\n\nA;\n\nCOMMIT;\n\nB;\n\nBEGIN;\n\nC;\n\nCOMMIT;\n\n"),
        (
            "mssql",
            "BEGIN TRANSACTION;\n\nA;\n\nGO\n\nCOMMIT;\n\nGO\n\nB;\n\nGO\n\n"
            "BEGIN TRANSACTION;\n\nC;\n\nGO\n\nCOMMIT;\n\nGO\n\n",
        ),
        ("sqlite", "A;\n\nB;\n\nC;\n\n"),
        ("mysql", "A;\n\nB;\n\nC;\n\n"),
        ("oracle", "A\n\n/\n\nB\n\n/\n\nC\n\n/\n\n"),
    ],
)
def test_an_autocommit_block_in_a_script(dialect: str, expected: str) -> None:
    """TXN-12"""

    output = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": output})
    with context.begin_transaction():
        context.execute("A")
        with context.autocommit_block():
            context.execute("B")
        context.execute("C")
    assert output.getvalue() == expected


def test_a_script_without_begin_gets_none_from_an_autocommit_block() -> None:
    """TXN-12: a BEGIN that nobody commits would undo the rest of the script."""

    output = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": output}
    )
    with context.autocommit_block():
        context.execute("B")
    assert output.getvalue() == "B;\n\n"


@pytest.mark.parametrize("external", [True, False])
def test_an_autocommit_block_needs_a_transaction_of_our_own(
    tmp_path: Path, server_url: str, external: bool
) -> None:
    """TXN-13"""
    body = f"{create(1)}\nwith op.get_context().autocommit_block():\n    pass"
    history = History(tmp_path / "m", "a", upgrade={"a": body})
    with connected(server_url) as connection:
        if external:
            connection.begin()
        with history.environment("upgrade", "a") as environment:
            environment.configure(connection=connection, transactional_ddl=True)
            with pytest.raises(AutocommitImpossible, match="autocommit_block") as caught:
                environment.run_migrations()
    assert caught.value.external is external
    assert rows(server_url) == ()


def test_an_autocommit_block_without_any_transaction_begins_none(postgresql_url: str) -> None:
    with connected(postgresql_url) as connection:
        context = MigrationContext.configure(connection)
        with context.autocommit_block():
            context.execute("VACUUM")
        assert not connection.in_transaction()
        context.execute("CREATE TABLE t (x INTEGER)")
    assert tables(postgresql_url) == []


# --- what nobody commits (TXN-3, TXN-5) ---------------------------------------------------------------------------


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]


def test_steps_in_an_external_transaction_that_is_closed_uncommitted_are_warned_about(
    line: History, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """TXN-3: a SELECT before configure() is enough."""
    with connected(database_url) as connection:
        connection.execute(text("SELECT 1"))
        line.run(connection, "r2")
        assert warnings(caplog) == []
    (warning,) = warnings(caplog)
    assert warning.startswith("Not committed: upgrade  -> r1; upgrade r1 -> r2. ")
    assert "before `context.configure()`" in warning
    assert rows(database_url) == (("r1",) if backend(database_url) == "mysql" else ())


def test_steps_outside_of_any_transaction_block_are_warned_about(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """TXN-5"""
    with connected(postgresql_url) as connection, line.environment("upgrade", "r1") as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
    (warning,) = warnings(caplog)
    assert warning.startswith("Not committed: upgrade  -> r1. ")
    assert "with context.begin_transaction()" in warning
    assert tables(postgresql_url) == []


def test_without_a_transaction_block_steps_commit_where_ddl_cannot_be_rolled_back(
    line: History, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """TXN-5"""
    with connected(sqlite_url) as connection, line.environment("upgrade", "r3") as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
    assert rows(sqlite_url) == ("r3",)
    assert warnings(caplog) == []


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_who_ends_the_transaction_is_not_warned(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture, ending: str
) -> None:
    """TXN-4, TXN-5"""
    with connected(postgresql_url) as connection:
        with line.environment("upgrade", "r1") as environment:
            environment.configure(connection=connection)
            environment.run_migrations()
        getattr(connection, ending)()
    assert warnings(caplog) == []
    assert rows(postgresql_url) == (("r1",) if ending == "commit" else ())


def test_an_exception_needs_no_second_word(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def run_and_fail() -> None:
        with connected(postgresql_url) as connection:
            connection.begin()
            line.run(connection, "r1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_and_fail()
    assert warnings(caplog) == []


def test_a_connection_in_autocommit_mode_has_nothing_to_lose(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(postgresql_url, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT 1"))
        line.run(connection, "r1")
    assert warnings(caplog) == []
    assert rows(postgresql_url) == ("r1",)


def test_the_warning_comes_once_for_each_run(
    line: History, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connected(postgresql_url) as connection:
        connection.begin()
        line.run(connection, "r1")
        connection.commit()
        connection.begin()
        line.run(connection, "r2")
        assert inspect(connection).has_table("t2")
    assert [warning.partition(". ")[0] for warning in warnings(caplog)] == ["Not committed: upgrade r1 -> r2"]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transaction_begins_at_once_and_whoever_asked_for_it_may_end_it_without_a_block(
    sqlite_url: str, end: str
) -> None:
    """TXN-1."""
    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection)
        context.impl.transactional_ddl = True
        transaction = context.begin_transaction()
        assert connection.in_transaction()
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        getattr(transaction, end)()
        assert not connection.in_transaction()
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 't'").all()
        rows = connection.exec_driver_sql("SELECT a FROM t").all() if found else []
        assert rows == ([(1,)] if end == "commit" else [])
        connection.rollback()
        with context.begin_transaction():
            assert connection.in_transaction()
