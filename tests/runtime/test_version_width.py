"""Identifiers that are longer than the version table was made for (VER-1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, String, Table, event, inspect, text
from sqlalchemy.exc import DataError, OperationalError

from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import IdentifierTooLong, VersionTableTooNarrow
from limbeck.migration import MigrationContext
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables
from tests.runtime.roles import acting_as_guest

LONG = "2026_11_26_add_the_prices_of_the_garden"
TOO_LONG = "x" * 256
LINE = f"a <- b, b <- {LONG}, {LONG} <- z"


def width(url: str, table: str = "alembic_version", schema: str | None = None) -> int | None:
    """How long the texts in `version_num` may be, as a new connection finds it."""
    with connected(url) as connection:
        (column,) = inspect(connection).get_columns(table, schema=schema)
        length: int | None = column["type"].length
        return length


@contextmanager
def alterations(connection: Connection) -> Iterator[list[str]]:
    """The statements on the connection that change or look at more than rows, the first words of each."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def start_at_a(url: str) -> None:
    """A database with a table as it has always been, 32 characters wide, at revision a."""
    with connected(url) as connection:
        connection.execute(
            text(
                "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(text("INSERT INTO alembic_version VALUES ('a')"))
        connection.commit()


# --- a table that is made new ---------------------------------------------------------------------------------


def test_a_new_table_is_made_wide_enough(tmp_path: Path, database_url: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE)
    with connected(database_url) as connection, alterations(connection) as seen:
        history.run(connection, LONG)
    assert width(database_url) == 255
    assert rows(database_url) == (LONG,)
    assert [statement for statement in seen if statement.startswith("ALTER")] == []


def test_a_table_for_usual_identifiers_is_as_it_has_always_been(tmp_path: Path, database_url: str) -> None:
    """VER-1: 32 characters, and nobody looks at the column."""
    history = History(tmp_path / "m", f"a <- {'b' * 32}")
    with connected(database_url) as connection:
        history.run(connection, "a")
    assert width(database_url) == 32
    with connected(database_url) as connection, alterations(connection) as seen:
        history.run(connection, "head", lock=False, journal=False)  # these have statements of their own
    words = [word for statement in seen if (word := statement.split()[0]) != "BEGIN"]
    looking = ["SELECT"] if database_url.startswith("postgresql") else []
    assert words == [*looking, "SELECT", "UPDATE"]


@pytest.mark.parametrize(
    ("dialect", "type_"),
    [
        ("postgresql", "VARCHAR(255)"),
        ("mysql", "VARCHAR(255)"),
        ("mariadb", "VARCHAR(255)"),
        ("sqlite", "VARCHAR(255)"),
        ("mssql", "VARCHAR(255)"),
        ("oracle", "VARCHAR2(255 CHAR)"),
    ],
)
def test_a_script_from_the_base_makes_it_wide_enough(tmp_path: Path, dialect: str, type_: str) -> None:
    """VER-1, OFF-2: also if only a later revision needs it."""
    written = History(tmp_path / "m", LINE).write(dialect, "a")
    assert f"version_num {type_} NOT NULL" in written
    assert "ALTER" not in written


def test_a_dialect_s_own_table_is_widened_only_if_it_has_to_be(tmp_path: Path, sqlite_url: str) -> None:
    """VER-1, VER-2"""

    def own(self: DefaultImpl, *, version_table: str, **kw: Any) -> Table:
        return Table(version_table, MetaData(), Column("version_num", String(99), primary_key=True))

    with connected(sqlite_url) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(MigrationContext.configure(connection).impl), "version_table_impl", own)
        History(tmp_path / "m", LINE).run(connection, "head", version_table="one")
        History(tmp_path / "n", "c" * 100).run(connection, "head", version_table="other")
    assert (width(sqlite_url, "one"), width(sqlite_url, "other")) == (99, 255)


def test_ensure_version_makes_it_wide_enough(tmp_path: Path, database_url: str) -> None:
    """VER-1, CLI-53"""
    history = History(tmp_path / "m", LINE)
    with connected(database_url) as connection:
        MigrationContext.configure(connection, opts={"script": history.script})._ensure_version_table()
    assert width(database_url) == 255


# --- a table that is there ------------------------------------------------------------------------------------


WIDENING = {
    "postgresql": "ALTER TABLE alembic_version ALTER COLUMN version_num TYPE VARCHAR(255)",
    "mysql": "ALTER TABLE alembic_version MODIFY version_num VARCHAR(255) NOT NULL",
}


@pytest.mark.parametrize("per_migration", [False, True])
def test_a_narrow_table_is_widened_before_anything_runs(
    tmp_path: Path, database_url: str, per_migration: bool
) -> None:
    """VER-1: by one statement, though the first step would not need it; SQLite never minds."""
    history = History(tmp_path / "m", LINE, upgrade={"b": "op.execute('SELECT 1')"})
    start_at_a(database_url)
    with connected(database_url) as connection, alterations(connection) as seen:
        history.run(connection, "head", transaction_per_migration=per_migration)
        name = connection.dialect.name
    assert rows(database_url) == ("z",)
    changes = [statement for statement in seen if statement.startswith(("ALTER", "SELECT 1"))]
    assert changes == ([WIDENING[name]] if name in WIDENING else []) + ["SELECT 1"]
    assert width(database_url) == (255 if name in WIDENING else 32)
    with connected(database_url) as connection:
        (column,) = inspect(connection).get_columns("alembic_version")
        assert column["nullable"] is False
        assert inspect(connection).get_pk_constraint("alembic_version")["constrained_columns"] == [
            "version_num"
        ]


def test_a_run_without_steps_leaves_the_table_alone(tmp_path: Path, database_url: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE)
    start_at_a(database_url)
    with connected(database_url) as connection, alterations(connection) as seen:
        history.run(connection, "a", journal=False)  # it asks for a table of its own
        assert MigrationContext.configure(connection).get_current_heads() == ("a",)
    reading = ["SELECT", "SELECT"] if database_url.startswith("postgresql") else ["SELECT"]
    assert [statement.split()[0] for statement in seen] == reading * 2
    assert width(database_url) == 32


@pytest.mark.parametrize("shape", ["TEXT", "VARCHAR(40)", "VARCHAR(300)"])
def test_a_table_that_somebody_made_wide_enough_is_used_as_it_is(
    tmp_path: Path, database_url: str, shape: str
) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE)
    with connected(database_url) as connection:
        connection.execute(text(f"CREATE TABLE alembic_version (version_num {shape} NOT NULL)"))
        connection.commit()
    before = width(database_url)
    with connected(database_url) as connection:
        history.run(connection, "head")
        history.run(connection, LONG, direction="downgrade")
    assert rows(database_url) == (LONG,)
    assert width(database_url) == before


def test_name_and_schema_are_quoted(tmp_path: Path, postgresql_url: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE)
    place = {"version_table": 'The "version"', "version_table_schema": "Other One"}
    with connected(postgresql_url) as connection:
        connection.execute(text('CREATE SCHEMA "Other One"'))
        connection.execute(
            text('CREATE TABLE "Other One"."The ""version""" (version_num VARCHAR(32) NOT NULL)')
        )
        connection.commit()
        history.run(connection, "head", **place)
    assert width(postgresql_url, 'The "version"', "Other One") == 255


def test_the_widening_is_undone_with_the_run(tmp_path: Path, postgresql_url: str) -> None:
    """VER-1, TXN-6"""
    history = History(tmp_path / "m", LINE, upgrade={"b": "op.execute('SELECT 1/0')"})
    start_at_a(postgresql_url)
    with connected(postgresql_url) as connection, pytest.raises(DataError):
        history.run(connection, "head")
    assert (width(postgresql_url), rows(postgresql_url)) == (32, ("a",))


def test_in_a_transaction_of_another_the_widening_is_his_to_commit(
    tmp_path: Path, postgresql_url: str
) -> None:
    """VER-1, TXN-4"""
    history = History(tmp_path / "m", LINE)
    start_at_a(postgresql_url)
    for end, expected in (("rollback", (32, ("a",))), ("commit", (255, ("z",)))):
        with connected(postgresql_url) as connection:
            transaction = connection.begin()
            history.run(connection, "head")
            getattr(transaction, end)()
        assert (width(postgresql_url), rows(postgresql_url)) == expected


@pytest.mark.parametrize("purge", [False, True])
def test_stamping_widens_too(tmp_path: Path, database_url: str, purge: bool) -> None:
    """VER-1, CLI-50, CLI-52"""
    history = History(tmp_path / "m", LINE)
    start_at_a(database_url)
    with connected(database_url) as connection:
        history.run(connection, LONG, direction="stamp", keywords={"purge": purge})
    assert rows(database_url) == (LONG,)
    assert width(database_url) == (32 if database_url.startswith("sqlite") else 255)


def test_a_stamp_without_environment_widens_too(tmp_path: Path, database_url: str) -> None:
    """VER-1, MIG-7: and makes a new table wide enough."""
    history = History(tmp_path / "m", LINE)
    start_at_a(database_url)
    for table in ("alembic_version", "other"):
        with connected(database_url) as connection:
            context = MigrationContext.configure(connection, opts={"version_table": table})
            context.stamp(history.script, LONG)
            connection.commit()
        assert rows(database_url, table) == (LONG,)
    assert width(database_url, "other") == 255


# --- where it cannot be widened -------------------------------------------------------------------------------


def test_without_the_right_to_do_so_nothing_runs_and_the_error_says_what_to_type(
    tmp_path: Path, postgresql_url: str
) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE, upgrade={"b": "op.execute('CREATE TABLE t (x INTEGER)')"})
    start_at_a(postgresql_url)
    rights = ("ALL ON alembic_version", "ALL ON SCHEMA public")
    with acting_as_guest(postgresql_url, *rights) as guest, pytest.raises(VersionTableTooNarrow) as caught:
        history.run(guest, "head")
    error = caught.value
    assert (error.table, error.length, error.revision, error.statements) == (
        "alembic_version", 32, LONG, (WIDENING["postgresql"],),
    )  # fmt: skip
    assert str(error) == (
        f"Version table 'alembic_version' has room for 32 characters, and the identifier '{LONG}' has 39; the "
        "database does not let it be widened: must be owner of table alembic_version"
    )
    assert error.hint == (
        f"no migration has run; let somebody who may do so run `{WIDENING['postgresql']};`, then try again"
    )
    assert (tables(postgresql_url), rows(postgresql_url)) == (["alembic_version"], ("a",))


def test_a_dialect_from_elsewhere_is_not_altered_by_guessing(tmp_path: Path, postgresql_url: str) -> None:
    """VER-1, VER-2: the error says what to type, too."""
    history = History(tmp_path / "m", LINE)
    start_at_a(postgresql_url)
    with connected(postgresql_url) as connection, pytest.MonkeyPatch.context() as patch:
        kind = type(MigrationContext.configure(connection).impl)
        patch.setattr(kind, "can_widen_version_table", DefaultImpl.can_widen_version_table)
        with pytest.raises(VersionTableTooNarrow) as caught:
            history.run(connection, "head")
    assert (caught.value.reason, caught.value.statements) == (None, (WIDENING["postgresql"],))
    assert (width(postgresql_url), rows(postgresql_url)) == (32, ("a",))


def test_a_connection_that_breaks_meanwhile_is_not_taken_for_a_refusal(
    tmp_path: Path, postgresql_url: str
) -> None:
    """VER-1"""
    history = History(tmp_path / "m", LINE)
    start_at_a(postgresql_url)

    def cut(conn: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("ALTER"):
            with connected(postgresql_url) as other:
                other.execute(text(f"SELECT pg_terminate_backend({pid})"))

    with connected(postgresql_url) as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        connection.commit()
        event.listen(connection, "before_cursor_execute", cut)
        with pytest.raises(OperationalError):
            history.run(connection, "head")


# --- identifiers that fit nowhere -----------------------------------------------------------------------------


@pytest.mark.parametrize("has_table", [True, False])
def test_an_identifier_that_fits_nowhere_is_refused_before_anything_runs(
    tmp_path: Path, database_url: str, has_table: bool
) -> None:
    """VER-1: except where a longer one does no harm."""
    history = History(tmp_path / "m", f"a <- {TOO_LONG}")
    if has_table:
        start_at_a(database_url)
    if database_url.startswith("sqlite"):
        with connected(database_url) as connection:
            history.run(connection, "head")
        assert rows(database_url) == (TOO_LONG,)
        return
    with connected(database_url) as connection, pytest.raises(IdentifierTooLong) as caught:
        history.run(connection, "head")
    assert str(caught.value) == f"The identifier '{TOO_LONG}' has 256 characters; a version table holds 255"
    assert (caught.value.revision, caught.value.length) == (TOO_LONG, 255)
    assert tables(database_url) == (["alembic_version"] if has_table else [])
    assert rows(database_url) == (("a",) if has_table else ())


# --- scripts that start in the middle -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "statements"),
    [
        ("postgresql", [f"{WIDENING['postgresql']};"]),
        ("mysql", [f"{WIDENING['mysql']};"]),
        ("mariadb", [f"{WIDENING['mysql']};"]),
        ("sqlite", []),
        (
            "mssql",
            [
                "ALTER TABLE alembic_version DROP CONSTRAINT alembic_version_pkc;",
                "ALTER TABLE alembic_version ALTER COLUMN version_num VARCHAR(255) NOT NULL;",
                "ALTER TABLE alembic_version ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);",
            ],
        ),
        ("oracle", ["ALTER TABLE alembic_version MODIFY version_num VARCHAR2(255 CHAR)"]),
    ],
)
def test_a_script_from_the_middle_widens_before_its_first_step(
    tmp_path: Path, dialect: str, statements: list[str]
) -> None:
    """VER-1, OFF-1: the table may be narrow or wide, so the statement is one that may run twice."""
    written = History(tmp_path / "m", LINE).write(dialect, "head", start="a")
    before, _, after = written.partition("-- Running upgrade a -> b")
    assert [line for line in before.splitlines() if line.startswith("ALTER")] == statements
    assert "ALTER" not in after


@pytest.mark.parametrize(
    ("start", "target", "direction"),
    [(LONG, "z", "upgrade"), ("z", "a", "downgrade"), ("z", "base", "downgrade")],
)
def test_a_script_that_starts_above_a_long_identifier_finds_a_wide_table(
    tmp_path: Path, start: str, target: str, direction: str
) -> None:
    """VER-1"""
    written = History(tmp_path / "m", LINE).write("postgresql", target, start=start, direction=direction)
    assert "ALTER" not in written


def test_a_script_without_steps_is_empty(tmp_path: Path) -> None:
    """VER-1, OFF-2"""
    written = History(tmp_path / "m", LINE).write("mysql", "a", start="a")
    assert written == ""
