"""The version table: its shape, and its rows after every step (VER-*)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, inspect, text

from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import RowCountMismatch
from limbeck.migration import MigrationContext
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables

DIAMOND = "a <- b, a <- c, b+c <- m"

Moves = list[tuple[str, str, tuple[str, ...]]]

WALKS: dict[str, tuple[str, Moves]] = {
    "the worked example of §5.1": (
        DIAMOND,
        [
            ("upgrade", "a", ("a",)),
            ("upgrade", "c", ("c",)),
            ("upgrade", "b", ("b", "c")),
            ("upgrade", "m", ("m",)),
            ("downgrade", "b", ("b", "c")),
            ("downgrade", "b@-1", ("c",)),
            ("downgrade", "a", ("a",)),
            ("downgrade", "base", ()),
        ],
    ),
    "a second merge point": (
        f"{DIAMOND}, b+c <- m2",
        [
            ("upgrade", "m", ("m",)),
            ("upgrade", "m2", ("m", "m2")),
            ("downgrade", "c", ("b", "c")),
        ],
    ),
    "a dependency is absorbed and released": (
        "a1 <- a2, a2 <- a3, n1 <- n2, n2 <- n3, n3 ~ a3",
        [
            ("upgrade", "a3", ("a3",)),
            ("upgrade", "n2", ("a3", "n2")),
            ("upgrade", "n3", ("n3",)),
            ("downgrade", "n3@-1", ("a3", "n2")),
            ("downgrade", "n2@-1", ("a3", "n1")),
        ],
    ),
    "a dependency that another row implies stays out": (
        "a1 <- a2, n1 <- n2, n2 ~ a1",
        [
            ("upgrade", "a2", ("a2",)),
            ("upgrade", "n2", ("a2", "n2")),
            ("downgrade", "n2@-1", ("a2", "n1")),
        ],
    ),
    "BUG-1: a parent that is an ancestor of another": (
        "a <- b, b+a <- m, o",
        [("upgrade", "heads", ("m", "o")), ("downgrade", "b", ("b", "o")), ("upgrade", "heads", ("m", "o"))],
    ),
    "BUG-2: a parent that is an ancestor of a dependency": (
        "a <- d, a+z <- m, m ~ d",
        [("upgrade", "heads", ("m",))],
    ),
    "BUG-3: a parent below a dependency": (
        "r <- s, r <- q, q ~ s, t",
        [("upgrade", "heads", ("q", "t")), ("downgrade", "q@-1", ("s", "t"))],
    ),
    "stamp": (
        "a1 <- a2, a2 <- a3, n1 <- n2, n2 <- n3, n3 ~ a3, a1 <- s1",
        [
            ("stamp", "heads", ("n3", "s1")),
            ("stamp", "base", ()),
            ("stamp", "a2", ("a2",)),
            ("stamp", "s1", ("a2", "s1")),
            ("stamp", "a1", ("a1",)),
            ("stamp", "n1", ("a1", "n1")),
            ("stamp", "n3", ("n3",)),
            ("stamp", "a1", ("a1",)),
        ],
    ),
}


# --- rows (§5.1, VER-10, GRA-40) ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", WALKS)
def test_rows_follow_every_move(tmp_path: Path, sqlite_url: str, name: str) -> None:
    drawing, moves = WALKS[name]
    history = History(tmp_path / "m", drawing)
    for direction, target, expected in moves:
        with connected(sqlite_url) as connection:
            history.run(connection, target, direction=direction)
        assert rows(sqlite_url) == expected, (direction, target)


@pytest.mark.parametrize("per_migration", [False, True])
def test_rows_follow_on_every_backend(tmp_path: Path, database_url: str, per_migration: bool) -> None:
    drawing, moves = WALKS["the worked example of §5.1"]
    history = History(tmp_path / "m", drawing)
    for direction, target, expected in moves:
        with connected(database_url) as connection:
            history.run(connection, target, direction=direction, transaction_per_migration=per_migration)
        assert rows(database_url) == expected, (direction, target)


def test_the_statements_of_the_worked_example(tmp_path: Path) -> None:
    """§5.1, VER-12: deletes and inserts come before the update; no RETURNING anywhere."""
    history = History(tmp_path / "m", DIAMOND)
    written = history.write("postgresql", "m", literal_binds=True)
    changes = [
        line
        for line in written.split("\n")
        if "alembic_version" in line and "TABLE" not in line and "_pkc" not in line
    ]
    assert changes[0] == "INSERT INTO alembic_version (version_num) VALUES ('a');"
    assert changes[-1].startswith(
        "UPDATE alembic_version SET version_num='m' WHERE alembic_version.version_num = "
    )
    assert changes[-2].startswith("DELETE FROM alembic_version WHERE alembic_version.version_num = ")
    written = history.write("postgresql", "b", start="m", direction="downgrade")
    changes = [line for line in written.split("\n") if "alembic_version" in line]
    assert [change.split()[0] for change in changes] == ["INSERT", "UPDATE"]


def test_online_values_are_bound_and_odd_identifiers_survive(tmp_path: Path, database_url: str) -> None:
    """VER-5"""
    odd = "it's 100%"
    history = History(tmp_path / "m", f"a <- {odd}")
    seen: list[tuple[str, Any]] = []
    with connected(database_url) as connection:
        event.listen(
            connection, "before_cursor_execute",
            lambda conn, cursor, sql, values, context, many: seen.append((sql, values)),
        )  # fmt: skip
        history.run(connection, "head")
    assert rows(database_url) == (odd,)
    changes = [(sql, values) for sql, values in seen if sql.startswith(("INSERT", "UPDATE"))]
    assert len(changes) == 2
    for sql, values in changes:
        assert "'" not in sql
        assert "RETURNING" not in sql
        assert values
    with connected(database_url) as connection:
        history.run(connection, "base", direction="downgrade")
    assert rows(database_url) == ()


def test_in_a_script_odd_identifiers_are_quoted(tmp_path: Path) -> None:
    """VER-5"""
    history = History(tmp_path / "m", "it's 100%")
    for dialect in ("sqlite", "postgresql", "mysql", "mssql", "oracle"):
        written = history.write(dialect, "head")
        assert "INSERT INTO alembic_version (version_num) VALUES ('it''s 100%')" in written


# --- counts (VER-13, VER-14) ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "direction", "message"),
    [
        ("b", "upgrade", "updating 'a' to 'b' in 'alembic_version'; 2 found"),
        ("base", "downgrade", "deleting 'a' in 'alembic_version'; 2 found"),
    ],
)
def test_a_duplicate_row_stops_the_next_change(
    tmp_path: Path, database_url: str, target: str, direction: str, message: str
) -> None:
    """VER-13, VER-14: inside the transaction, so the row stays."""
    history = History(tmp_path / "m", "a <- b")
    with connected(database_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('a'), ('a')"))
        connection.commit()
    with connected(database_url) as connection, pytest.raises(RowCountMismatch) as caught:
        history.run(connection, target, direction=direction)
    assert str(caught.value) == f"Online migration expected to match one row when {message}"
    assert rows(database_url) == ("a", "a")


def test_a_row_that_somebody_else_took_stops_the_run(tmp_path: Path, database_url: str) -> None:
    """VER-13"""
    steal = "op.execute(\"UPDATE alembic_version SET version_num = 'x'\")"
    history = History(tmp_path / "m", "a <- b", upgrade={"b": steal})
    with connected(database_url) as connection:
        history.run(connection, "a")
    with connected(database_url) as connection, pytest.raises(RowCountMismatch) as caught:
        history.run(connection, "b")
    assert (caught.value.table, caught.value.old, caught.value.new, caught.value.found) == (
        "alembic_version", "a", "b", 0,
    )  # fmt: skip
    assert "somebody else" in str(caught.value.hint)
    assert rows(database_url) == ("a",)


def test_a_database_that_cannot_count_is_not_asked(tmp_path: Path, sqlite_url: str) -> None:
    """VER-13"""
    history = History(tmp_path / "m", "a <- b")
    with connected(sqlite_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('a'), ('a')"))
        connection.commit()
        connection.dialect.supports_sane_rowcount = False
        history.run(connection, "b")
    assert rows(sqlite_url) == ("b", "b")


# --- shape (VER-1, VER-2, VER-3) --------------------------------------------------------------------------------


@pytest.mark.parametrize("pk", [True, False])
def test_the_shape_of_the_table(database_url: str, pk: bool) -> None:
    """VER-1"""
    with connected(database_url) as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "here", "version_table_pk": pk}
        )
        context._ensure_version_table()
        context._ensure_version_table()
        inspector = inspect(connection)
        (column,) = inspector.get_columns("here")
        assert (column["name"], column["nullable"]) == ("version_num", False)
        assert isinstance(column["type"], String)
        assert column["type"].length == 32
        key = inspector.get_pk_constraint("here")
        assert key["constrained_columns"] == (["version_num"] if pk else [])
        if pk and connection.dialect.name != "mysql":
            assert key["name"] == "here_pkc"


def test_a_table_of_another_shape_is_used_as_it_is(tmp_path: Path, sqlite_url: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", "a <- b")
    with connected(sqlite_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (id INTEGER PRIMARY KEY, version_num TEXT)"))
        connection.commit()
        history.run(connection, "head")
    assert rows(sqlite_url) == ("b",)


def test_a_dialect_may_bring_its_own_table(tmp_path: Path, sqlite_url: str) -> None:
    """VER-2"""
    history = History(tmp_path / "m", "a <- b")

    def own(self: DefaultImpl, *, version_table: str, version_table_schema: str | None, **kw: Any) -> Table:
        return Table(
            version_table,
            MetaData(),
            Column("id", Integer, primary_key=True),
            Column("version_num", String(99)),
        )

    with connected(sqlite_url) as connection:
        kind = type(MigrationContext.configure(connection).impl)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kind, "version_table_impl", own)
            history.run(connection, "head")
        columns = [column["name"] for column in inspect(connection).get_columns("alembic_version")]
    assert columns == ["id", "version_num"]
    assert rows(sqlite_url) == ("b",)


def test_the_table_stays_when_all_is_undone(tmp_path: Path, database_url: str) -> None:
    """VER-3"""
    history = History(tmp_path / "m", "a")
    for direction, target in (("upgrade", "a"), ("downgrade", "base")):
        with connected(database_url) as connection:
            history.run(connection, target, direction=direction)
    assert tables(database_url) == ["alembic_version"]


def test_two_histories_live_side_by_side_in_two_tables(tmp_path: Path, sqlite_url: str) -> None:
    one, other = History(tmp_path / "one", "a"), History(tmp_path / "other", "b")
    with connected(sqlite_url) as connection:
        one.run(connection, "head", version_table="one")
        other.run(connection, "head", version_table="other")
    assert (rows(sqlite_url, "one"), rows(sqlite_url, "other")) == (("a",), ("b",))


def test_schema_and_name_are_those_that_were_configured(tmp_path: Path, postgresql_url: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", "a <- b")
    with connected(postgresql_url) as connection:
        connection.execute(text("CREATE SCHEMA other"))
        connection.commit()
        for target in ("a", "b"):
            history.run(connection, target, version_table="Here", version_table_schema="other")
        assert connection.execute(text('SELECT version_num FROM other."Here"')).scalars().all() == ["b"]
        assert inspect(connection).get_pk_constraint("Here", schema="other")["name"] == "Here_pkc"
