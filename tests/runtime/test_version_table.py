"""The version table: its shape, and its rows after every step (VER-*)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import RowCountMismatch
from limbeck.migration import MigrationContext
from limbeck.runtime.migration import RevisionStep
from tests.backends.engines import connected, opened
from tests.runtime.history import History, read_drawing, rows, tables

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
@pytest.mark.parametrize("per_migration", [False, True])
def test_rows_follow_every_move(tmp_path: Path, database_url: str, name: str, per_migration: bool) -> None:
    """VER-10, VER-11"""
    drawing, moves = WALKS[name]
    history = History(tmp_path / "m", drawing)
    for direction, target, expected in moves:
        with connected(database_url) as connection:
            history.run(connection, target, direction=direction, transaction_per_migration=per_migration)
        assert rows(database_url) == expected, (direction, target)


SHAPES = {
    "line5": "a1 <- a2, a2 <- a3, a3 <- a4, a4 <- a5",
    "tree": "a <- b, b <- b2, a <- c, c <- c2",
    "diamond": f"{DIAMOND}, m <- n",
    "twinmerge": f"{DIAMOND}, m <- n, b+c <- m2",
    "forest": "a1 <- a2, a2 <- a3, a1 <- s1, s1 <- s2, n1 <- n2, n2 <- n3, n3 ~ a3",
    "owndep": "a1 <- a2, a2 ~ a1, a2 <- a3, a3 ~ a1",
    "skewmerge": "a <- b, b+a <- c",
    "depbelow": "a1 <- a2, a2 <- a3, n1 ~ a2, n1 <- n2",
    "crossdep": "a1 ~ b1, b1 <- b2, b2 ~ a1",
    "deplabel": "y <- z, x ~ O",
    "BUG-1": "a <- b, b+a <- m, o",
    "BUG-2": "a <- d, a+z <- m, m ~ d",
    "BUG-3": "r <- s, r <- q, q ~ s, t",
}
"""The small graphs on which every rule about rows can go wrong."""
LABELS = {"z": "O"}


def newest(drawing: str, applied: set[str]) -> set[str]:
    """Of what is applied, what nothing applied comes after: the definition, taken literally."""
    owners = {label: id for id, label in LABELS.items()}
    lower = {
        id: {owners.get(name, name) for name in (*parents, *dependencies)}
        for id, (parents, dependencies) in read_drawing(drawing).items()
    }
    below: set[str] = set()
    pending = [name for id in applied for name in lower[id]]
    while pending:
        name = pending.pop()
        below.add(name)
        pending += lower[name]
    return applied - below


@pytest.mark.parametrize("shape", SHAPES)
def test_after_every_step_the_table_has_the_newest_of_what_is_applied(
    tmp_path: Path, database_url: str, shape: str
) -> None:
    """GRA-40, GRA-41, VER-10, STEP-2: up to the heads and back to nothing, each step asked of the database."""
    drawing = SHAPES[shape]
    history = History(tmp_path / "m", drawing, labels=LABELS if shape == "deplabel" else {})
    applied: set[str] = set()
    steps: list[str] = []

    def look(*, ctx: MigrationContext, step: Any, heads: set[str], run_args: Any) -> None:
        (applied.add if step.is_upgrade else applied.remove)(step.up_revision_id)
        steps.append(step.up_revision_id)
        assert ctx.connection is not None
        found = ctx.connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        assert len(found) == len(set(found))
        assert set(found) == heads == newest(drawing, applied)

    for direction, target in (("upgrade", "heads"), ("downgrade", "base")):
        with connected(database_url) as connection:
            history.run(connection, target, direction=direction, on_version_apply=look)
        assert set(rows(database_url)) == newest(drawing, applied)
    everything = set(read_drawing(drawing)) - set(LABELS.values())
    assert applied == set()
    assert (set(steps), len(steps)) == (everything, 2 * len(everything))


@pytest.mark.parametrize("shape", SHAPES)
def test_runs_of_one_step_each_lead_to_the_same_rows(tmp_path: Path, database_url: str, shape: str) -> None:
    """GRA-40, VER-10: rows that were read, not remembered."""
    drawing = SHAPES[shape]
    history = History(tmp_path / "m", drawing, labels=LABELS if shape == "deplabel" else {})
    applied: set[str] = set()
    order = [step.revision.revision for step in history.script._upgrade_revs("heads", ())]
    for revision in order:
        with connected(database_url) as connection:
            history.run(connection, revision)
        applied.add(revision)
        assert set(rows(database_url)) == newest(drawing, applied)
    for revision in [
        step.revision.revision for step in history.script._downgrade_revs("base", rows(database_url))
    ]:

        def undo(rows: tuple[str, ...], context: MigrationContext, revision: str = revision) -> list[Any]:
            return [RevisionStep(history.script.revision_map, history.script.get_revision(revision), False)]

        with connected(database_url) as connection:
            context = MigrationContext.configure(connection, opts={"fn": undo, "script": history.script})
            with context.begin_transaction():
                context.run_migrations()
        applied.remove(revision)
        assert set(rows(database_url)) == newest(drawing, applied)
    assert applied == set()


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


def test_a_row_that_another_connection_changes_meanwhile_stops_the_run(
    tmp_path: Path, server_url: str
) -> None:
    """VER-13, VER-15: what the step did is rolled back where that is possible, and the other's row stays."""
    body = "op.execute('CREATE TABLE t (x INTEGER)'); op.get_context().opts['meddle']()"
    history = History(tmp_path / "m", "a <- b", upgrade={"b": body})

    def meddle() -> None:
        with connected(server_url) as other:
            other.execute(text("UPDATE alembic_version SET version_num = 'x'"))
            other.commit()

    with connected(server_url) as connection:
        history.run(connection, "a")
    with connected(server_url) as connection, pytest.raises(RowCountMismatch) as caught:
        history.run(connection, "b", meddle=meddle)
    assert str(caught.value) == (
        "Online migration expected to match one row when updating 'a' to 'b' in 'alembic_version'; 0 found"
    )
    assert rows(server_url) == ("x",)
    left = ["alembic_version", "t"] if server_url.startswith("mysql") else ["alembic_version"]
    assert tables(server_url) == left


def test_nobody_else_writes_to_sqlite_during_a_run(tmp_path: Path, sqlite_url: str) -> None:
    """VER-15"""
    history = History(tmp_path / "m", "a <- b", upgrade={"b": "op.get_context().opts['meddle']()"})
    refusals = []

    def meddle() -> None:
        with opened(f"{sqlite_url}?timeout=0") as engine, engine.connect() as other:
            with pytest.raises(OperationalError, match="database is locked"):
                other.execute(text("UPDATE alembic_version SET version_num = 'x'"))
            refusals.append("locked")

    with connected(sqlite_url) as connection:
        history.run(connection, "a")
    with connected(sqlite_url) as connection:
        history.run(connection, "b", meddle=meddle)
    assert (refusals, rows(sqlite_url)) == (["locked"], ("b",))


def test_two_runs_that_read_the_same_rows_cannot_both_succeed(tmp_path: Path, server_url: str) -> None:
    """VER-13, VER-15: the second finds no row to delete, or its own row there already."""
    for drawing, failure in (("a <- b, a <- c, b+c <- m", RowCountMismatch), ("o", IntegrityError)):
        history = History(
            tmp_path / drawing[-1], drawing, upgrade={drawing[-1]: "op.get_context().opts['race']()"}
        )
        table = f"v_{drawing[-1]}"

        def race(history: History = history, table: str = table) -> None:
            with connected(server_url) as other:
                history.run(other, "heads", version_table=table, race=lambda: None, lock=False)

        with connected(server_url) as connection:
            if drawing != "o":
                for side in ("b", "c"):
                    history.run(connection, side, version_table=table)
            else:
                MigrationContext.configure(connection, opts={"version_table": table})._ensure_version_table()
        with connected(server_url) as connection, pytest.raises(failure):
            history.run(connection, "heads", version_table=table, race=race, lock=False)
        assert rows(server_url, table) == (drawing[-1],)


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


@pytest.mark.parametrize(
    "columns",
    [
        "version_num VARCHAR(32)",
        "version_num VARCHAR(500) NOT NULL",
        "version_num TEXT",
        "VERSION_NUM VARCHAR(32) NOT NULL PRIMARY KEY",
        "version_num VARCHAR(32) NOT NULL UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP",
        "tenant VARCHAR(9) DEFAULT 'x' NOT NULL, version_num VARCHAR(99) NOT NULL, PRIMARY KEY (tenant, version_num)",
    ],
)
def test_a_table_of_another_shape_is_used_as_it_is(tmp_path: Path, database_url: str, columns: str) -> None:
    """VER-1"""
    history = History(tmp_path / "m", f"{DIAMOND}, o")
    with connected(database_url) as connection:
        connection.execute(text(f"CREATE TABLE alembic_version ({columns})"))
        connection.execute(text("INSERT INTO alembic_version (version_num) VALUES ('b'), ('o')"))
        connection.commit()
        before = inspect(connection).get_columns("alembic_version")
        connection.commit()
    with connected(database_url) as connection:
        history.run(connection, "heads")
        history.run(connection, "b", direction="downgrade")
    assert rows(database_url) == ("b", "c", "o")
    with connected(database_url) as connection:
        assert str(inspect(connection).get_columns("alembic_version")) == str(before)


@pytest.mark.parametrize("name", ["Versions", "the versions", 'so "odd"', "it's", "100%", "a.b", "select"])
def test_any_name_will_do(tmp_path: Path, database_url: str, name: str) -> None:
    """VER-1: with a primary key, whose name follows, and without one."""
    history = History(tmp_path / "m", DIAMOND)
    named = {name: True, f"{name} too": False}
    for table, pk in named.items():
        with connected(database_url) as connection:
            for target, direction in (("head", "upgrade"), ("b", "downgrade")):
                history.run(connection, target, direction=direction, version_table=table, version_table_pk=pk)
        assert rows(database_url, table) == ("b", "c")
    assert tables(database_url) == sorted(named)


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
    """VER-3: by a script, too."""
    history = History(tmp_path / "m", "a")
    assert "DROP" not in history.write("postgresql", "base", start="a", direction="downgrade")
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


@pytest.mark.parametrize("pk", [True, False])
def test_schema_and_name_are_those_that_were_configured(tmp_path: Path, database_url: str, pk: bool) -> None:
    """VER-1, MIG-4: a schema, on MariaDB a database, on SQLite an attached file."""
    history = History(tmp_path / "m", DIAMOND)
    backend = make_url(database_url)
    with connected(database_url) as connection:
        schema = {"sqlite": "other", "postgresql": "Other one", "mysql": backend.database}[
            connection.dialect.name
        ]
        if connection.dialect.name == "postgresql":
            connection.execute(text('CREATE SCHEMA "Other one"'))
        if connection.dialect.name == "sqlite":
            connection.execute(text(f"ATTACH '{tmp_path}/other.sqlite' AS other"))
        connection.commit()
        where = {"version_table": "Here", "version_table_schema": schema, "version_table_pk": pk}
        for target, direction in (("a", "upgrade"), ("m", "upgrade"), ("b", "downgrade")):
            history.run(connection, target, direction=direction, **where)
        inspector = inspect(connection)
        assert inspector.get_table_names(schema=schema) == ["Here"]
        assert (
            inspector.get_pk_constraint("Here", schema=schema)["constrained_columns"] == ["version_num"] * pk
        )
        if connection.dialect.name != "mysql":
            assert inspector.get_table_names() == []
        context = MigrationContext.configure(connection, opts=where)
        assert sorted(context.get_current_heads()) == ["b", "c"]
        assert (context.version_table, context.version_table_schema) == ("Here", schema)
