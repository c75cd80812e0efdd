"""What env.py finds through `limbeck.context` (RUN-*, ENV-*)."""

from __future__ import annotations

import io
import logging
import threading
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from limbeck import context, op
from limbeck.config import Config
from limbeck.errors import (
    CommandError,
    NoDestination,
    NoDialect,
    NoStartingRevision,
    NotAConnection,
    NotConfigured,
)
from limbeck.runtime.environment import EnvironmentContext
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected
from tests.runtime.history import History


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "line", "ae10 <- ae20, ae20 <- b100")


@pytest.fixture
def forked(tmp_path: Path) -> History:
    return History(tmp_path / "fork", "a <- b, a <- c")


def environment(history: History, **kw: Any) -> EnvironmentContext:
    return EnvironmentContext(history.config, history.script, **kw)


# --- the doors (RUN-2, RUN-3, RUN-4) ------------------------------------------------------------------------


def test_functions_and_attributes_of_context_are_there_while_entered(history: History) -> None:
    """RUN-2"""
    with environment(history, as_sql=True):
        assert context.config is history.config
        assert context.script is history.script
        assert context.is_offline_mode() is True
    with pytest.raises(NameError, match="only while env.py runs"):
        context.is_offline_mode()
    with pytest.raises(AttributeError):
        _ = context.config


def test_contexts_nest(history: History, forked: History) -> None:
    """RUN-3"""
    with environment(history) as outer:
        with environment(forked) as inner:
            assert context.script is forked.script
            with inner:
                assert context.script is forked.script
            assert context.script is forked.script
        assert context.script is outer.script


def test_an_exception_in_env_py_leaves_no_context_behind(history: History) -> None:
    with pytest.raises(ZeroDivisionError), environment(history):
        _ = 1 / 0
    with pytest.raises(NameError):
        context.get_context()


def test_a_thread_that_env_py_starts_sees_its_environment_until_it_has_its_own(history: History) -> None:
    """RUN-9: the doors of a thread lead to where its own run is, else to the only one there is."""
    seen: list[str] = []

    def look() -> None:
        seen.append(str(context.is_offline_mode()))
        with environment(history, as_sql=True):
            seen.append(str(context.is_offline_mode()))

    with environment(history, as_sql=False):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert context.is_offline_mode() is False
    assert seen == ["False", "True"]


def test_op_is_there_only_while_migrations_run(history: History) -> None:
    """RUN-4, RUN-6"""
    seen: list[Any] = []

    def work(rows: tuple[str, ...], migration_context: MigrationContext) -> list[Any]:
        seen.append((rows, op.get_context() is migration_context))
        return []

    with connected() as connection, environment(history, fn=work) as entered:
        entered.configure(connection=connection)
        entered.run_migrations()
        with pytest.raises(NameError):
            op.get_context()
    assert seen == [((), True)]


def test_each_configured_database_is_worked_on(history: History) -> None:
    """RUN-7"""
    seen: list[tuple[str, tuple[str, ...]]] = []

    def work(rows: tuple[str, ...], migration_context: MigrationContext) -> list[Any]:
        seen.append((migration_context.dialect.name, rows))
        return []

    with environment(history, fn=work, as_sql=True, starting_rev="ae10") as entered:
        for dialect in ("sqlite", "postgresql"):
            entered.configure(dialect_name=dialect, output_buffer=io.StringIO())
            with entered.begin_transaction():
                entered.run_migrations()
    assert seen == [("sqlite", ("ae10",)), ("postgresql", ("ae10",))]


# --- arguments of the command (ENV-1, ENV-2, ENV-3) --------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "before", "after"),
    [
        ({"as_sql": True, "starting_rev": "ae"}, "ae", "ae"),
        ({"as_sql": True, "starting_rev": "base"}, None, None),
        ({"as_sql": True, "starting_rev": None}, None, None),
        ({"as_sql": True}, None, None),
        ({}, NoStartingRevision, None),
    ],
)
def test_the_starting_revision_is_given_as_it_was_typed(
    history: History, keywords: dict[str, Any], before: Any, after: Any
) -> None:
    """ENV-1"""
    with environment(history, **keywords) as entered:
        if before is NoStartingRevision:
            with pytest.raises(CommandError, match="No starting revision argument is available"):
                entered.get_starting_revision_argument()
        else:
            assert entered.get_starting_revision_argument() == before
        entered.configure(dialect_name="sqlite", output_buffer=io.StringIO())
        assert entered.get_starting_revision_argument() == after


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("head", "b100"),
        ("heads", ("b100",)),
        ("ae20", "ae20"),
        ("b", "b100"),
        ("base", None),
        ("+1", "+1"),
        ("unheard", "unheard"),
        (("ae10",), "ae10"),
        (("ae10", "b100"), ("ae10", "b100")),
        (("base",), None),
    ],
)
def test_the_destination_is_resolved(history: History, destination: Any, expected: Any) -> None:
    """ENV-2"""
    with environment(history, destination_rev=destination) as entered:
        assert entered.get_revision_argument() == expected


def test_head_as_destination_needs_one_head(forked: History) -> None:
    """ENV-2"""
    with environment(forked, destination_rev="head") as entered, pytest.raises(CommandError):
        entered.get_revision_argument()
    with environment(forked, destination_rev="heads") as entered:
        found = entered.get_revision_argument()
        assert isinstance(found, tuple)
        assert sorted(found) == ["b", "c"]


def test_a_command_without_destination_says_so(history: History) -> None:
    """ENV-2: a KeyError as ever, and a clean message."""
    with environment(history) as entered, pytest.raises(KeyError) as caught:
        entered.get_revision_argument()
    assert isinstance(caught.value, NoDestination)
    assert str(caught.value) == "The command that runs now has no destination revision."


def test_heads_are_those_of_the_scripts(history: History, forked: History) -> None:
    with environment(history) as entered:
        assert (entered.get_head_revision(), entered.get_head_revisions()) == ("b100", ("b100",))
    with environment(forked) as entered:
        assert sorted(entered.get_head_revisions()) == ["b", "c"]
        with pytest.raises(CommandError):
            entered.get_head_revision()


def test_an_environment_without_revisions_has_no_head(tmp_path: Path) -> None:
    empty = History(tmp_path / "empty", "a")
    next((tmp_path / "empty" / "versions").glob("*.py")).unlink()
    script = type(empty.script).from_config(empty.config)
    with EnvironmentContext(empty.config, script) as entered:
        assert (entered.get_head_revision(), entered.get_head_revisions()) == (None, ())


@pytest.mark.parametrize(
    ("options", "listed", "as_dictionary"),
    [
        (None, [], {}),
        (Namespace(), [], {}),
        (Namespace(x=None), [], {}),
        (
            Namespace(x=["a=1", "b", "a=2", "c=x=y"]),
            ["a=1", "b", "a=2", "c=x=y"],
            {"a": "2", "b": "", "c": "x=y"},
        ),
    ],
)
def test_x_arguments(
    history: History, options: Namespace | None, listed: list[str], as_dictionary: dict[str, str]
) -> None:
    """ENV-3"""
    config = Config(cmd_opts=options)
    with EnvironmentContext(config, history.script) as entered:
        assert entered.get_x_argument() == listed
        assert entered.get_x_argument(as_dictionary=True) == as_dictionary


def test_a_tag_comes_from_the_command_or_from_configure(history: History) -> None:
    with environment(history, tag="command") as entered:
        assert entered.get_tag_argument() == "command"
        entered.configure(dialect_name="sqlite", tag="configured")
        assert entered.get_tag_argument() == "configured"
        entered.configure(dialect_name="sqlite")
        assert entered.get_tag_argument() == "command"
    with environment(history) as entered:
        assert entered.get_tag_argument() is None


@pytest.mark.parametrize("as_sql", [True, False])
def test_offline_mode_needs_no_connection(history: History, as_sql: bool) -> None:
    with environment(history, as_sql=as_sql) as entered:
        assert (entered.is_offline_mode(), entered.requires_connection()) == (as_sql, not as_sql)


# --- configure() (ENV-4, ENV-5, ENV-10 to ENV-13) ----------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["begin_transaction", "get_bind", "get_context", "get_impl", "is_transactional_ddl", "run_migrations"],
)
def test_what_needs_configure_says_so(history: History, name: str) -> None:
    """ENV-4"""
    with (
        environment(history) as entered,
        pytest.raises(NotConfigured, match="No context has been configured"),
    ):
        getattr(entered, name)()


@pytest.mark.parametrize("name", ["execute", "static_output"])
def test_what_writes_needs_configure(history: History, name: str) -> None:
    """ENV-4"""
    with environment(history) as entered, pytest.raises(NotConfigured):
        getattr(entered, name)("SELECT 1")


def test_a_dialect_must_be_told(history: History) -> None:
    """ENV-10"""
    with environment(history) as entered:
        with pytest.raises(NoDialect, match="Connection, url, or dialect_name is required"):
            entered.configure(url=None)
        with pytest.raises(NoSuchModuleError):
            entered.configure(dialect_name="nonesuch")


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:secret@h/d", "mysql+pymysql://u:secret@h/d", "mssql+pyodbc://h", "oracle://h"],
)
def test_a_url_gives_the_dialect_without_its_driver(history: History, url: str) -> None:
    """§2.1: no DBAPI is imported."""
    with environment(history, as_sql=True) as entered:
        entered.configure(url=url, output_buffer=io.StringIO(), dialect_opts={"paramstyle": "named"})
        assert entered.get_context().dialect.name == url.partition(":")[0].partition("+")[0]
        assert entered.get_context().dialect.paramstyle == "named"


def test_a_connection_comes_before_a_url_and_a_url_before_a_name(history: History) -> None:
    with environment(history) as entered:
        entered.configure(url="mysql://", dialect_name="postgresql")
        assert entered.get_impl().__dialect__ == "mysql"
        with connected() as connection:
            entered.configure(connection=connection, url="mysql://", dialect_name="postgresql")
            assert entered.get_impl().__dialect__ == "sqlite"
            assert entered.get_bind() is connection


def test_what_is_no_connection_is_refused_without_its_password(history: History) -> None:
    url = "postgresql+psycopg://me:s3cret@localhost/d"
    async_engine = create_async_engine(url)
    wrong: list[Any] = [
        create_engine(url),
        async_engine,
        async_engine.connect(),
        Session(create_engine(url)),
        url,
    ]
    for given in wrong:
        with environment(history) as entered, pytest.raises(NotAConnection) as caught:
            entered.configure(connection=given)
        assert "s3cret" not in str(caught.value) + str(caught.value.hint) + repr(vars(caught.value))
        assert str(caught.value).startswith(
            "'connection' argument to configure() is expected to be a sqlalchemy.engine.Connection instance, got "
        )


def test_keywords_of_the_environment_hold_where_configure_says_nothing(history: History) -> None:
    """ENV-5, ENV-11"""
    with environment(history, compare_type=False, version_table="kept", mine=1) as entered:
        entered.configure(dialect_name="sqlite", target_metadata=None)
        opts = entered.get_context().opts
        assert (opts["compare_type"], opts["version_table"], opts["mine"]) == (False, "kept", 1)
        entered.configure(dialect_name="sqlite", version_table="mine", yours=2)
        opts = entered.get_context().opts
        assert (opts["version_table"], opts["mine"], opts["yours"]) == ("mine", 1, 2)


def test_what_one_database_was_told_does_not_reach_the_next(history: History) -> None:
    """RUN-7"""
    with environment(history) as entered:
        entered.configure(dialect_name="sqlite", version_table="one", on_version_apply=print, extra=1)
        entered.configure(dialect_name="sqlite")
        assert entered.get_context().version_table == "alembic_version"
        assert entered.get_context().on_version_apply_callbacks == ()
        assert "extra" not in entered.get_context().opts


def test_template_args_reach_the_command(history: History) -> None:
    """§2.1: the command writes the file with the dictionary it gave."""
    given = {"a": 1}
    with environment(history, template_args=given) as entered:
        entered.configure(dialect_name="sqlite", template_args={"b": 2})
        assert entered.get_context().opts["template_args"] == {"a": 1, "b": 2}
    assert given == {"a": 1, "b": 2}


def test_config_attributes_are_not_read(history: History) -> None:
    """ENV-11"""
    history.config.attributes["connection"] = object()
    with environment(history) as entered, pytest.raises(NoDialect):
        entered.configure()


@pytest.mark.parametrize(
    ("dialect", "as_sql", "lines"),
    [
        ("sqlite", False, ["Context impl SQLiteImpl.", "Will assume transactional DDL."]),
        (
            "postgresql",
            True,
            ["Context impl PostgresqlImpl.", "Generating static SQL", "Will assume transactional DDL."],
        ),
        ("mysql", False, ["Context impl MySQLImpl.", "Will assume non-transactional DDL."]),
        ("mariadb", False, ["Context impl MariaDBImpl.", "Will assume non-transactional DDL."]),
        ("mssql", False, ["Context impl MSSQLImpl.", "Will assume transactional DDL."]),
        ("oracle", False, ["Context impl OracleImpl.", "Will assume non-transactional DDL."]),
    ],
)
def test_each_configure_logs_what_it_found(
    history: History, caplog: pytest.LogCaptureFixture, dialect: str, as_sql: bool, lines: list[str]
) -> None:
    """ENV-12, OUT-21"""
    caplog.set_level(logging.INFO, "alembic")
    with environment(history, as_sql=as_sql) as entered:
        for _ in range(2):
            entered.configure(dialect_name=dialect, output_buffer=io.StringIO())
    assert [
        record[2] for record in caplog.record_tuples if record[0] == "alembic.runtime.migration"
    ] == lines * 2


def test_offline_a_connection_only_gives_the_dialect(history: History) -> None:
    """ENV-13"""
    output = io.StringIO()
    with connected() as connection, environment(history, as_sql=True) as entered:
        entered.configure(connection=connection, output_buffer=output)
        entered.execute("CREATE TABLE t (x INTEGER)")
        assert entered.get_bind() is not connection
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    assert output.getvalue() == "CREATE TABLE t (x INTEGER);\n\n"


def test_transactional_ddl_is_known_or_told(history: History) -> None:
    with environment(history) as entered:
        for dialect, told, expected in (("mysql", None, False), ("postgresql", None, True), ("sqlite", None, True),
                                        ("mysql", True, True), ("postgresql", False, False)):  # fmt: skip
            entered.configure(dialect_name=dialect, transactional_ddl=told)
            assert entered.is_transactional_ddl() is expected
            assert entered.get_context().transactional_ddl is told
