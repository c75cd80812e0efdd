"""MigrationContext: what it is made of, current revisions, stamp, running (MIG-*)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import default

from limbeck.errors import (
    NotConnected,
    NothingToRun,
    PurgeOffline,
    SeveralHeads,
    SeveralRows,
    StartingRevisionOnline,
    UnknownRevision,
)
from limbeck.migration import MigrationContext
from limbeck.operations.base import Operations
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables


def nothing(rows: tuple[str, ...], context: MigrationContext) -> list[Any]:
    return []


def put_rows(connection: Connection, *ids: str) -> None:
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(40))"))
    for id in ids:
        connection.execute(text("INSERT INTO alembic_version VALUES (:id)"), {"id": id})
    connection.commit()


# --- what it is made of (MIG-1, MIG-2, MIG-3) ----------------------------------------------------------------


def test_a_context_for_a_connection_needs_nothing_else(sqlite_url: str) -> None:
    """MIG-1, MIG-2"""
    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection)
        assert context.connection is connection
        assert context.bind is connection
        assert context.dialect is connection.dialect
        assert (context.as_sql, context.purge) == (False, False)
        assert (context.script, context.config, context.environment_context) == (None, None, None)
        assert (context.version_table, context.version_table_schema) == ("alembic_version", None)
        assert (context.transactional_ddl, context.impl.transactional_ddl) == (None, True)
        assert context.get_current_heads() == ()


def test_the_environment_gives_config_and_script(tmp_path: Path) -> None:
    """MIG-2, PY-10"""
    history = History(tmp_path / "m", "a")
    with history.environment("upgrade", "head") as environment:
        environment.configure(dialect_name="sqlite")
        context = environment.get_context()
        assert context.environment_context is environment
        assert (context.config, context.script) == (history.config, history.script)


def test_a_dialect_object_is_enough() -> None:
    dialect = sqlite.dialect()  # type: ignore[no-untyped-call]  # an alias of the dialect's class
    assert MigrationContext.configure(dialect=dialect).dialect is dialect


def test_a_dialect_nobody_knows_speaks_standard_sql() -> None:
    output = io.StringIO()
    context = MigrationContext.configure(
        dialect=default.DefaultDialect(), opts={"as_sql": True, "output_buffer": output}
    )
    context._ensure_version_table()
    assert type(context.impl).__name__ == "DefaultImpl"
    assert output.getvalue().startswith("CREATE TABLE alembic_version (")


def test_a_context_can_be_made_around_a_mock() -> None:
    """ECO-3"""

    class Mine(MigrationContext):
        pass

    context = Mine(sqlite.dialect(), mock.Mock(dialect=sqlite.dialect()), {})  # type: ignore[no-untyped-call]
    with context.begin_transaction(_per_migration=True) as transaction:
        assert transaction is None


def test_without_a_connection_there_is_no_bind_and_execution_fails() -> None:
    """MIG-3"""
    context = MigrationContext.configure(dialect_name="sqlite")
    assert context.bind is None
    for fails in (
        lambda: context.execute("SELECT 1"),
        context.get_current_heads,
        lambda: context.autocommit_block().__enter__(),
    ):
        with pytest.raises(NotConnected):
            fails()


def test_offline_the_bind_writes_and_returns_nothing() -> None:
    """MIG-3, OFF-12"""
    output = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": output}
    )
    assert context.bind is not None
    assert context.bind.execute(text("SELECT 1")) is None
    assert Operations(context).get_bind().execute(text("SELECT 2")) is None
    assert output.getvalue() == "SELECT 1;\n\nSELECT 2;\n\n"


def test_operations_work_on_a_context_without_env_py(sqlite_url: str) -> None:
    """PY-6"""
    with connected(sqlite_url) as connection:
        Operations(MigrationContext.configure(connection)).execute("CREATE TABLE t (x INTEGER)")
        assert inspect(connection).get_table_names() == ["t"]


def test_execute_takes_text_and_constructs(sqlite_url: str) -> None:
    """MIG-6"""
    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection)
        assert context.execute("CREATE TABLE t (x VARCHAR)") is None  # type: ignore[func-returns-value]
        context.execute(r"INSERT INTO t VALUES ('a\:b')")
        context.execute(text("INSERT INTO t VALUES (:x)").bindparams(x="c"), execution_options={"a": 1})
        assert connection.execute(text("SELECT x FROM t ORDER BY x")).scalars().all() == ["a:b", "c"]


# --- current revisions (MIG-4, MIG-5) ---------------------------------------------------------------------------


def test_reading_never_creates_the_table(database_url: str) -> None:
    """MIG-4"""
    with connected(database_url) as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_heads() == ()
        assert context.get_current_revision() is None
        assert inspect(connection).get_table_names() == []


def test_current_heads_are_the_rows_duplicates_too(database_url: str) -> None:
    """MIG-4, VER-14"""
    with connected(database_url) as connection:
        put_rows(connection, "a", "b", "a")
        assert sorted(MigrationContext.configure(connection).get_current_heads()) == ["a", "a", "b"]


def test_a_single_current_revision_is_none_one_or_an_error(sqlite_url: str) -> None:
    """MIG-5"""
    with connected(sqlite_url) as connection:
        put_rows(connection, "a")
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == "a"
        connection.execute(text("INSERT INTO alembic_version VALUES ('b')"))
        with pytest.raises(SeveralRows, match="please use get_current_heads") as caught:
            context.get_current_revision()
        assert caught.value.rows == ("a", "b")


def test_the_table_is_looked_for_in_its_schema(postgresql_url: str) -> None:
    """MIG-4, VER-1"""
    with connected(postgresql_url) as connection:
        connection.execute(text("CREATE SCHEMA other"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('public')"))
        connection.commit()
        context = MigrationContext.configure(connection, opts={"version_table_schema": "other"})
        assert context.get_current_heads() == ()
        context._ensure_version_table()
        assert inspect(connection).get_table_names(schema="other") == ["alembic_version"]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (None, ()),
        ("base", ()),
        ("", ()),
        ("ae10", ("ae10",)),
        ("ae", ("ae10",)),
        ("head", ("c300",)),
        ("ae10, b200", ("ae10", "b200")),
        (("ae10", "b"), ("ae10", "b200")),
    ],
)
def test_a_script_starts_where_it_was_told(tmp_path: Path, start: Any, expected: tuple[str, ...]) -> None:
    """MIG-4, OFF-3: partial identifiers are resolved, several starts are understood."""
    history = History(tmp_path / "m", "ae10 <- b200, b200 <- c300")
    with history.environment("upgrade", "head", as_sql=True, starting_rev=start) as environment:
        environment.configure(dialect_name="sqlite", output_buffer=io.StringIO())
        assert environment.get_context().get_current_heads() == expected


def test_a_script_cannot_start_from_what_no_file_knows(tmp_path: Path) -> None:
    history = History(tmp_path / "m", "ae10 <- b200")
    with history.environment("upgrade", "head", as_sql=True, starting_rev="zz") as environment:
        environment.configure(dialect_name="sqlite", output_buffer=io.StringIO())
        with pytest.raises(UnknownRevision):
            environment.get_context().get_current_heads()


def test_without_scripts_the_start_is_taken_as_it_is() -> None:
    """MIG-4"""
    opts = {"as_sql": True, "starting_rev": "ae", "output_buffer": io.StringIO()}
    assert MigrationContext.configure(dialect_name="sqlite", opts=opts).get_current_heads() == ("ae",)


def test_online_the_start_is_read_from_the_database(sqlite_url: str) -> None:
    """MIG-4"""
    with connected(sqlite_url) as connection, pytest.raises(StartingRevisionOnline):
        MigrationContext.configure(connection, opts={"starting_rev": "a"}).get_current_heads()


# --- stamp (MIG-7) ----------------------------------------------------------------------------------------------


def test_stamp_writes_rows_in_the_transaction_of_its_caller(
    tmp_path: Path, postgresql_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """MIG-7: it creates the table, logs no step, calls nobody back, and does not commit."""
    caplog.set_level("INFO")
    history = History(tmp_path / "m", "a <- b, a <- c")
    called: list[Any] = []
    with connected(postgresql_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"on_version_apply": lambda **kw: called.append(kw)}
        )
        connection.begin()
        context.stamp(history.script, "heads")
        assert sorted(context.get_current_heads()) == ["b", "c"]
        context.stamp(history.script, "a")
        assert context.get_current_heads() == ("a",)
        connection.rollback()
    assert tables(postgresql_url) == []
    assert called == []
    assert [message for message in caplog.messages if "Running" in message] == []


def test_stamp_to_one_head_needs_one_head(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", "a <- b, a <- c")
    with connected(sqlite_url) as connection, pytest.raises(SeveralHeads):
        MigrationContext.configure(connection).stamp(history.script, "head")


def test_stamp_can_be_written_as_a_script(tmp_path: Path) -> None:
    history = History(tmp_path / "m", "a <- b")
    output = io.StringIO()
    opts = {"as_sql": True, "output_buffer": output, "starting_rev": "a"}
    MigrationContext.configure(dialect_name="sqlite", opts=opts).stamp(history.script, "b")
    assert output.getvalue() == (
        "UPDATE alembic_version SET version_num='b' WHERE alembic_version.version_num = 'a';\n\n"
    )


# --- running (MIG-8, MIG-9, MIG-10, MIG-11) -----------------------------------------------------------------------


def test_running_needs_a_function_that_gives_steps(sqlite_url: str) -> None:
    """MIG-8"""
    with connected(sqlite_url) as connection, pytest.raises(NothingToRun):
        MigrationContext.configure(connection).run_migrations()


@pytest.mark.parametrize("dont_mutate", [False, True])
def test_the_table_is_created_even_if_there_is_nothing_to_run(database_url: str, dont_mutate: bool) -> None:
    """MIG-8, MIG-9"""
    with connected(database_url) as connection:
        context = MigrationContext.configure(connection, opts={"fn": nothing, "dont_mutate": dont_mutate})
        with context.begin_transaction():
            context.run_migrations()
    assert tables(database_url) == ([] if dont_mutate else ["alembic_version"])


def test_the_table_is_made_for_good_unless_a_transaction_is_open(postgresql_url: str) -> None:
    """MIG-9: in a transaction of its own, or in the one there is, whose owner may roll it back."""
    with connected(postgresql_url) as connection:
        connection.begin()
        MigrationContext.configure(connection)._ensure_version_table()
        assert inspect(connection).get_table_names() == ["alembic_version"]
        connection.rollback()
    assert tables(postgresql_url) == []
    with connected(postgresql_url) as connection:
        MigrationContext.configure(connection)._ensure_version_table()
        assert not connection.in_transaction()
    assert tables(postgresql_url) == ["alembic_version"]


def test_keywords_go_to_every_function(tmp_path: Path, sqlite_url: str) -> None:
    """MIG-10"""
    body = "op.get_context().opts['seen'].append((size, rest))"
    history = History(tmp_path / "m", "a <- b", upgrade={"a": body, "b": body}, parameters="size=0, **rest")
    seen: list[Any] = []
    with connected(sqlite_url) as connection:
        history.run(connection, "head", run_args={"size": 5, "colour": "red"}, seen=seen)
    assert seen == [(5, {"colour": "red"})] * 2


def test_a_function_that_does_not_take_the_keywords_fails(tmp_path: Path, sqlite_url: str) -> None:
    """MIG-10"""
    history = History(tmp_path / "m", "a")
    with connected(sqlite_url) as connection, pytest.raises(TypeError, match="unexpected keyword"):
        history.run(connection, "head", run_args={"size": 5})
    assert rows(sqlite_url) == ()


def test_purge_deletes_all_rows_and_starts_from_nothing(tmp_path: Path, database_url: str) -> None:
    """MIG-8, CLI-52"""
    history = History(tmp_path / "m", "a <- b, a <- c")
    with connected(database_url) as connection:
        put_rows(connection, "gone", "b", "b")
    with connected(database_url) as connection:
        history.run(connection, "a", direction="stamp", keywords={"purge": True})
    assert rows(database_url) == ("a",)


def test_purge_to_base_leaves_an_empty_table(tmp_path: Path, database_url: str) -> None:
    """CLI-52: there is no step whose transaction could commit it."""
    history = History(tmp_path / "m", "a")
    with connected(database_url) as connection:
        put_rows(connection, "gone")
    with connected(database_url) as connection:
        history.run(connection, "base", direction="stamp", keywords={"purge": True})
    assert rows(database_url) == ()
    assert tables(database_url) == ["alembic_version"]


def test_purge_keeps_the_rows_if_it_leads_nowhere(tmp_path: Path, database_url: str) -> None:
    """CLI-52: resolved first."""
    history = History(tmp_path / "m", "a")
    with connected(database_url) as connection:
        put_rows(connection, "gone")
    with connected(database_url) as connection, pytest.raises(UnknownRevision):
        history.run(connection, "unheard", direction="stamp", keywords={"purge": True})
    assert rows(database_url) == ("gone",)


def test_a_script_cannot_purge() -> None:
    """MIG-8"""
    opts = {"as_sql": True, "fn": nothing, "purge": True, "output_buffer": io.StringIO()}
    with pytest.raises(PurgeOffline, match="Can't use --purge with --sql mode"):
        MigrationContext.configure(dialect_name="sqlite", opts=opts).run_migrations()


def test_the_dialect_is_told_when_a_run_begins(sqlite_url: str) -> None:
    """MIG-8"""
    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection, opts={"fn": nothing})
        with mock.patch.object(context.impl, "start_migrations") as started:
            context.run_migrations()
        started.assert_called_once_with()


def test_steps_may_be_made_lazily(tmp_path: Path, sqlite_url: str) -> None:
    """RUN-6"""
    history = History(tmp_path / "m", "a <- b")

    def work(current: tuple[str, ...], context: MigrationContext) -> Any:
        yield from history.script._upgrade_revs("head", current)  # type: ignore[arg-type]  # rows are what it takes

    with connected(sqlite_url) as connection:
        context = MigrationContext.configure(connection, opts={"fn": work})
        with Operations.context(context):
            context.run_migrations()
    assert rows(sqlite_url) == ("b",)


def test_a_database_in_memory_is_migrated_through_its_one_connection(tmp_path: Path) -> None:
    """PY-2, PY-3"""
    history = History(tmp_path / "m", "a", upgrade={"a": "op.execute('CREATE TABLE t (x INTEGER)')"})
    with connected() as connection:
        history.run(connection, "head")
        assert sorted(inspect(connection).get_table_names()) == ["alembic_version", "t"]
        assert MigrationContext.configure(connection).get_current_heads() == ("a",)
