"""Migrations from a program: any kind of database, no ini file, no env.py, and results that are values."""

from __future__ import annotations

import io
import logging
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, create_engine, make_url

import limbeck
from limbeck import command
from limbeck.command.results import Difference, Plan, Run, Step
from limbeck.config import Config
from limbeck.errors import (
    CommandError,
    NoConfigFile,
    NoMigrationsNamed,
    NoTargetMetadata,
    NotUpToDate,
    UnknownRevision,
)
from tests.backends import databases
from tests.command.bare import Migrations
from tests.command.project import Project
from tests.conftest import FLEET
from tests.runtime.history import rows, tables
from tests.runtime.round_trips import counted

R = TypeVar("R")


@pytest.fixture
def shop(tmp_path: Path) -> Migrations:
    """Two revisions, one above the other."""
    return Migrations(tmp_path / "shop", "a1", "b1")


def step(migrations: Migrations, revision: str, direction: Any = "upgrade") -> Step:
    return Step(revision, direction, f"make {revision}", migrations.path(revision))


# --- what they do, and what they say --------------------------------------------------------------------------


def test_an_upgrade_says_from_where_to_where_and_by_which_steps(shop: Migrations, database_url: str) -> None:
    """PY-1: no configuration file is needed."""
    done = limbeck.upgrade(database_url, script_location=shop.location)
    assert done == Run(before=(), after=("b1",), steps=(step(shop, "a1"), step(shop, "b1")))
    assert (rows(database_url), tables(database_url)) == (("b1",), ["a1", "alembic_version", "b1"])
    assert limbeck.upgrade(database_url, script_location=shop.location) == Run(("b1",), ("b1",))


def test_a_downgrade_says_the_same(shop: Migrations, database_url: str) -> None:
    limbeck.upgrade(database_url, script_location=shop.location)
    done = limbeck.downgrade(database_url, "-1", script_location=shop.location)
    assert done == Run(("b1",), ("a1",), (step(shop, "b1", "downgrade"),))
    done = limbeck.downgrade(database_url, "base", script_location=shop.location)
    assert done == Run(("a1",), (), (step(shop, "a1", "downgrade"),))
    assert (rows(database_url), tables(database_url)) == ((), ["alembic_version"])


def test_a_stamp_moves_the_rows_and_runs_nothing(shop: Migrations, database_url: str) -> None:
    assert limbeck.stamp(database_url, "head", script_location=shop.location) == Run((), ("b1",))
    assert limbeck.stamp(database_url, ["a1"], script_location=shop.location) == Run(("b1",), ("a1",))
    purged = limbeck.stamp(database_url, "b1", purge=True, script_location=shop.location)
    assert purged == Run((), ("b1",))
    assert (rows(database_url), tables(database_url)) == (("b1",), ["alembic_version"])


def test_an_unknown_revision_is_refused_before_rows_are_purged(shop: Migrations, sqlite_url: str) -> None:
    limbeck.stamp(sqlite_url, "head", script_location=shop.location)
    with pytest.raises(UnknownRevision):
        limbeck.stamp(sqlite_url, "nothing", purge=True, script_location=shop.location)
    assert rows(sqlite_url) == ("b1",)


def test_where_the_database_is_is_told_without_writing(shop: Migrations, database_url: str) -> None:
    assert limbeck.current(database_url, script_location=shop.location) == ()
    assert limbeck.at_head(database_url, script_location=shop.location) is False
    assert tables(database_url) == []
    limbeck.upgrade(database_url, "a1", script_location=shop.location)
    assert limbeck.current(database_url, script_location=shop.location) == ("a1",)
    assert limbeck.at_head(database_url, script_location=shop.location) is False
    limbeck.upgrade(database_url, script_location=shop.location)
    assert limbeck.at_head(database_url, script_location=shop.location) is True


def test_a_plan_is_what_a_run_would_do(shop: Migrations, database_url: str) -> None:
    planned = limbeck.plan(database_url, script_location=shop.location)
    assert planned == Plan((), ("b1",), (step(shop, "a1"), step(shop, "b1")))
    assert tables(database_url) == []
    limbeck.upgrade(database_url, script_location=shop.location)
    back = limbeck.plan(database_url, "base", direction="downgrade", script_location=shop.location)
    assert back == Plan(("b1",), (), (step(shop, "b1", "downgrade"), step(shop, "a1", "downgrade")))
    assert rows(database_url) == ("b1",)


def test_rows_of_several_branches_are_told_in_the_order_of_the_table(tmp_path: Path, sqlite_url: str) -> None:
    migrations = Migrations(tmp_path / "m", "a1")
    migrations.add("c1")
    done = limbeck.upgrade(sqlite_url, "heads", script_location=migrations.location)
    assert (done.before, done.after) == ((), ("a1", "c1"))
    assert limbeck.downgrade(sqlite_url, "a1@base", script_location=migrations.location).after == ("c1",)


def test_differences_to_the_models_are_returned_not_raised(shop: Migrations, database_url: str) -> None:
    """AUT-3: the kinds are those of `compare_metadata`; an empty tuple means that they agree."""
    limbeck.upgrade(database_url, script_location=shop.location)
    models = MetaData()
    for name in ("a1", "b1"):
        Table(name, models, Column("id", Integer, primary_key=True))
    assert limbeck.check(database_url, script_location=shop.location, target_metadata=models) == ()
    wanted = Column("size", Integer, nullable=False)
    models.tables["a1"].append_column(wanted)
    Table("c1", models, Column("id", Integer, primary_key=True))
    found = limbeck.check(database_url, script_location=shop.location, target_metadata=models)
    assert [one.kind for one in found] == ["add_table", "add_column"]
    assert all(isinstance(one, Difference) for one in found)
    (table,) = found[0].details
    assert (table.name, *found[1].details[:2]) == ("c1", None, "a1")


def test_each_change_of_a_column_is_a_difference_of_its_own(shop: Migrations, sqlite_url: str) -> None:
    limbeck.upgrade(sqlite_url, script_location=shop.location)
    models = MetaData()
    Table("a1", models, Column("id", sa.String(5), primary_key=True))
    Table("b1", models, Column("id", Integer, primary_key=True))
    (found,) = limbeck.check(sqlite_url, script_location=shop.location, target_metadata=models)
    assert (found.kind, found.details[:3]) == ("modify_type", (None, "a1", "id"))


def test_models_are_compared_only_with_a_database_at_head(shop: Migrations, sqlite_url: str) -> None:
    with pytest.raises(NotUpToDate):
        limbeck.check(sqlite_url, script_location=shop.location, target_metadata=MetaData())
    limbeck.upgrade(sqlite_url, script_location=shop.location)
    with pytest.raises(NoTargetMetadata):
        limbeck.check(sqlite_url, script_location=shop.location)


def test_a_failure_is_raised_and_rolled_back(shop: Migrations, postgresql_url: str) -> None:
    shop.add("c1", "b1", up="op.execute('SELECT nothing')")
    with pytest.raises(sa.exc.ProgrammingError):
        limbeck.upgrade(postgresql_url, script_location=shop.location)
    assert tables(postgresql_url) == []


def test_where_the_migrations_are_has_to_be_said(sqlite_url: str, tmp_path: Path) -> None:
    """PY-1"""
    with pytest.raises(NoMigrationsNamed, match="Neither script_location nor config was given"):
        limbeck.upgrade(sqlite_url)
    with pytest.raises(NoConfigFile, match=r"^No config file 'nothing\.ini' found$"):
        limbeck.upgrade(sqlite_url, config="nothing.ini")
    with pytest.raises(CommandError, match="Path doesn't exist"):
        limbeck.upgrade(sqlite_url, script_location=tmp_path / "nothing")


def test_a_range_makes_no_sense_online(shop: Migrations, sqlite_url: str) -> None:
    with pytest.raises(CommandError, match="Range revision not allowed"):
        limbeck.upgrade(sqlite_url, "a1:b1", script_location=shop.location)


# --- the options of configure() -------------------------------------------------------------------------------


def test_options_of_configure_are_keywords(shop: Migrations, postgresql_url: str) -> None:
    """ENV-5"""
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA book"))
    limbeck.upgrade(engine, script_location=shop.location, version_table="kept", version_table_schema="book")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM book.kept")).scalars().all() == ["b1"]
    assert limbeck.current(engine, script_location=shop.location) == ()
    engine.dispose()


def test_a_transaction_for_each_migration_keeps_what_went_well(shop: Migrations, postgresql_url: str) -> None:
    shop.add("c1", "b1", up="op.execute('SELECT nothing')")
    with pytest.raises(sa.exc.ProgrammingError):
        limbeck.upgrade(postgresql_url, script_location=shop.location, transaction_per_migration=True)
    assert rows(postgresql_url) == ("b1",)


def test_callbacks_are_called(shop: Migrations, sqlite_url: str) -> None:
    seen: list[set[str]] = []
    limbeck.upgrade(
        sqlite_url, script_location=shop.location, on_version_apply=lambda heads, **kw: seen.append(heads)
    )
    assert seen == [{"a1"}, {"b1"}]


# --- transactions and connections that are given --------------------------------------------------------------


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine with a pool of one connection, for which nobody has to wait."""
    made = create_engine(database_url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0)
    yield made
    made.dispose()


def test_one_connection_in_the_pool_is_enough(shop: Migrations, engine: Engine) -> None:
    limbeck.upgrade(engine, script_location=shop.location)
    assert limbeck.at_head(engine, script_location=shop.location)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool has it


def test_a_connection_is_left_as_it_was_found(shop: Migrations, engine: Engine) -> None:
    with engine.connect() as connection:
        for ask in (limbeck.plan, limbeck.upgrade, limbeck.current, limbeck.at_head):
            ask(connection, script_location=shop.location)
            assert not connection.in_transaction()
        assert not connection.closed
    assert limbeck.current(engine, script_location=shop.location) == ("b1",)


def test_who_began_a_transaction_ends_it(shop: Migrations, postgresql_url: str) -> None:
    """PY-2, TXN-4: several calls in one transaction."""
    engine = create_engine(postgresql_url)
    with engine.connect() as connection, connection.begin() as transaction:
        assert limbeck.upgrade(connection, "a1", script_location=shop.location).after == ("a1",)
        assert limbeck.upgrade(connection, script_location=shop.location).before == ("a1",)
        transaction.rollback()
    assert tables(postgresql_url) == []
    with engine.begin() as connection:
        limbeck.upgrade(connection, script_location=shop.location)
        assert connection.in_transaction()
    assert rows(postgresql_url) == ("b1",)
    engine.dispose()


def test_a_failed_run_leaves_a_connection_that_can_be_used(shop: Migrations, postgresql_url: str) -> None:
    shop.add("c1", "b1", up="op.execute('SELECT nothing')")
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError):
            limbeck.upgrade(connection, script_location=shop.location)
        assert not connection.in_transaction()
        assert connection.scalar(sa.text("SELECT 1")) == 1
    engine.dispose()


@pytest.mark.parametrize("pool", [sa.StaticPool, sa.pool.SingletonThreadPool])
def test_a_database_in_memory_is_migrated(shop: Migrations, pool: type[sa.Pool]) -> None:
    """PY-3"""
    engine = create_engine("sqlite://", poolclass=pool)
    limbeck.upgrade(engine, script_location=shop.location)
    assert sa.inspect(engine).get_table_names() == ["a1", "alembic_version", "b1"]
    with engine.connect() as connection:
        assert limbeck.at_head(connection, script_location=shop.location)
    engine.dispose()


def test_a_url_may_be_an_object(shop: Migrations, sqlite_url: str) -> None:
    assert limbeck.upgrade(make_url(sqlite_url), script_location=shop.location).after == ("b1",)


# --- side by side ---------------------------------------------------------------------------------------------


def side_by_side(do: Callable[[str], R], urls: list[str]) -> list[R]:
    """Begin in as many threads as there are databases, at once."""
    ready = threading.Barrier(len(urls))

    def begin(url: str) -> R:
        ready.wait(timeout=60)
        return do(url)

    with ThreadPoolExecutor(len(urls)) as threads:
        return list(threads.map(begin, urls))


def test_64_threads_migrate_64_databases(shop: Migrations, tmp_path: Path) -> None:
    """RUN-9, PY-12: none sees anything of another."""
    mark = "op.execute('CREATE TABLE ' + op.get_bind().engine.url.query['mark'] + ' (x INTEGER)')"
    shop.add("c1", "b1", message="make c1", up=mark)
    urls = [f"sqlite:///file:{tmp_path}/{n}.db?uri=true&mark=t{n}" for n in range(64)]
    done = side_by_side(lambda url: limbeck.upgrade(url, script_location=shop.location), urls)
    assert done == [Run((), ("c1",), tuple(step(shop, revision) for revision in ("a1", "b1", "c1")))] * 64
    found = [tables(url) for url in urls]
    assert found == [sorted(["a1", "alembic_version", "b1", f"t{n}"]) for n in range(64)]


def test_16_threads_migrate_16_databases_on_a_server(
    shop: Migrations, pytestconfig: pytest.Config, postgresql_url: str
) -> None:
    """RUN-9, PY-12"""
    fleet = pytestconfig.stash[FLEET]
    urls = [databases.create(fleet.find("postgresql").url, fleet.prefix) for _ in range(16)]
    try:
        done = side_by_side(lambda url: limbeck.upgrade(url, script_location=shop.location), urls)
        assert done == [Run((), ("b1",), (step(shop, "a1"), step(shop, "b1")))] * 16
        assert [rows(url) for url in urls] == [("b1",)] * 16
    finally:
        for url in urls:
            databases.drop(url)


def test_commands_in_64_threads_run_one_env_py_for_64_databases(tmp_path: Path) -> None:
    """RUN-9, PY-12: each with a Config of its own, whose output is not mixed with another's."""
    project = Project(tmp_path)
    project.add(
        "a1", up="op.execute('CREATE TABLE ' + op.get_context().config.attributes['name'] + ' (x INT)')"
    )

    def migrate(url: str) -> str:
        listed = io.StringIO()
        name = Path(url).stem
        config = Config(project.directory / "alembic.ini", stdout=listed, attributes={"name": name})
        config.set_main_option("sqlalchemy.url", url)
        command.upgrade(config, "head")
        command.current(config, verbose=True)
        return listed.getvalue()

    urls = [f"sqlite:///{tmp_path}/t{number}.db" for number in range(64)]
    listed = side_by_side(migrate, urls)
    assert [text.splitlines()[0] for text in listed] == [f"Current revision(s) for {url}:" for url in urls]
    assert {text.replace(url, "*") for text, url in zip(listed, urls)} == {listed[0].replace(urls[0], "*")}
    assert [tables(url) for url in urls] == [["alembic_version", f"t{number}"] for number in range(64)]


def test_scripts_written_side_by_side_are_not_mixed(tmp_path: Path) -> None:
    """RUN-9: with env.py and `sql=True`, and each in an output of its own."""
    project = Project(tmp_path)
    project.add("a1", up="op.execute('-- ' + op.get_context().opts['tag'] * 50)")

    def write(name: str) -> str:
        output = io.StringIO()
        config = project.config(output_buffer=output)
        command.upgrade(config, "head", sql=True, tag=name)
        return output.getvalue()

    names = "abcdefghijklmnop"
    written = side_by_side(write, list(names))
    assert [text.replace(name * 50, "*") for name, text in zip(names, written)] == [
        written[0].replace("a" * 50, "*")
    ] * 16
    assert [text.count(name * 50) for name, text in zip(names, written)] == [1] * 16


def test_a_migration_may_migrate_another_database(shop: Migrations, tmp_path: Path) -> None:
    """RUN-3: the doors of the outer run are back when the inner one has ended."""
    inner, outer = f"sqlite:///{tmp_path}/inner.db", f"sqlite:///{tmp_path}/outer.db"
    migrations = Migrations(tmp_path / "outer")
    call = f"import limbeck; limbeck.upgrade({inner!r}, script_location={str(shop.location)!r})"
    migrations.add("o1", up=f"{call}; op.execute('CREATE TABLE o1 (x INTEGER)')")
    limbeck.upgrade(outer, script_location=migrations.location)
    assert (tables(inner), tables(outer)) == (["a1", "alembic_version", "b1"], ["alembic_version", "o1"])


def test_nothing_is_printed_and_the_process_is_as_before(
    shop: Migrations, sqlite_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """PY-9, TPL-6: handlers, levels, disabled loggers, the umask, the current directory, `sys.path`, warnings."""
    import sys
    import warnings

    def state() -> Any:
        loggers = [logging.getLogger(), *map(logging.getLogger, sorted(logging.root.manager.loggerDict))]
        umask = os.umask(0o022)
        os.umask(umask)
        return (
            [(one.name, one.level, list(one.handlers), one.disabled, one.propagate) for one in loggers],
            (logging.root.manager.disable, umask, os.getcwd(), list(sys.path), list(warnings.filters)),
        )

    host = logging.getLogger("host.application")
    host.setLevel(logging.ERROR)
    host.propagate = False
    for_imports = f"{sqlite_url}-other"  # what has to be imported is imported
    limbeck.upgrade(for_imports, script_location=shop.location)
    limbeck.check(for_imports, script_location=shop.location, target_metadata=MetaData())
    before = state()
    capfd.readouterr()
    limbeck.upgrade(sqlite_url, script_location=shop.location)
    limbeck.plan(sqlite_url, script_location=shop.location)
    limbeck.check(sqlite_url, script_location=shop.location, target_metadata=MetaData())
    limbeck.downgrade(sqlite_url, "base", script_location=shop.location)
    limbeck.stamp(sqlite_url, "head", script_location=shop.location)
    assert capfd.readouterr() == ("", "")
    assert state() == before


def test_what_a_run_does_can_be_heard_by_loggers(
    shop: Migrations, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "alembic.runtime.migration"):
        limbeck.upgrade(sqlite_url, script_location=shop.location)
    assert [record.message for record in caplog.records if record.message.startswith("Running")] == [
        "Running upgrade  -> a1, make a1",
        "Running upgrade a1 -> b1, make b1",
    ]


def test_a_connection_given_may_be_one_of_many(shop: Migrations, sqlite_url: str) -> None:
    """The connection that is passed is the one that is used."""
    used: list[Connection] = []
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        limbeck.upgrade(
            connection,
            script_location=shop.location,
            on_version_apply=lambda ctx, **kw: used.append(ctx.connection),
        )
        assert used == [connection, connection]
    engine.dispose()


def test_a_readiness_probe_only_reads_the_rows(shop: Migrations, database_url: str) -> None:
    """VER-14: reading what the database is at is no more; PostgreSQL is asked for the table first."""
    engine = create_engine(database_url)
    where: Any = {"script_location": shop.location}
    limbeck.upgrade(engine, **where)
    for ask, told in ((limbeck.at_head, True), (limbeck.current, ("b1",))):
        with counted() as traffic:
            assert ask(engine, **where) == told
        assert len(traffic.statements) == (2 if database_url.startswith("postgresql") else 1)
    engine.dispose()


def test_who_may_only_read_can_ask_everything(shop: Migrations, postgresql_url: str) -> None:
    """MIG-4: before there is a version table, and afterwards."""
    reader = make_url(postgresql_url).update_query_dict({"options": "-cdefault_transaction_read_only=on"})
    models = MetaData()
    for name in ("a1", "b1"):
        Table(name, models, Column("id", Integer, primary_key=True))
    where: Any = {"script_location": shop.location}
    assert (limbeck.current(reader, **where), limbeck.at_head(reader, **where)) == ((), False)
    assert limbeck.plan(reader, **where).after == ("b1",)
    with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        limbeck.upgrade(reader, **where)
    limbeck.upgrade(postgresql_url, **where)
    assert (limbeck.current(reader, **where), limbeck.at_head(reader, **where)) == (("b1",), True)
    assert limbeck.plan(reader, **where).steps == ()
    assert limbeck.check(reader, target_metadata=models, **where) == ()


def test_a_lost_connection_is_what_is_told(shop: Migrations, postgresql_url: str) -> None:
    """TXN-6: not that there was nothing left to roll back."""
    shop.add("c1", "b1", up="op.execute('SELECT pg_terminate_backend(pg_backend_pid())')")
    engine = create_engine(postgresql_url)
    with (
        engine.connect() as connection,
        pytest.raises(sa.exc.OperationalError, match="terminating connection"),
    ):
        limbeck.upgrade(connection, script_location=shop.location)
    assert limbeck.current(engine, script_location=shop.location) == ()
    engine.dispose()
