"""A plan says what a run would send, and sends nothing that changes anything."""

from __future__ import annotations

import ast
import builtins
import io
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

import limbeck
from limbeck.base.answer import Answer, answer
from limbeck.base.look import Look
from limbeck.command import plan_text
from limbeck.command.forecast import Forecast
from limbeck.command.planning import forecast, plan
from tests.backends.engines import connected, opened
from tests.command import histories
from tests.command.project import Project
from tests.ddl.live.test_rehearsal import QUESTION, listening, plain
from tests.runtime.history import tables
from tests.runtime.roles import acting_as_guest

CORPUS = Path(__file__).parents[1] / "faults" / "corpus"
CHAPTERS = sorted(path for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []


class Shop(Project):
    """A project for one database, with the revisions of a history."""

    def __init__(self, directory: Path, url: str, bodies: dict[str, str], **kw: Any) -> None:
        super().__init__(directory)
        self.url = url
        histories.write(self.versions, bodies, **kw)

    def config(self, **kw: Any) -> Any:
        config = super().config(**kw)
        config.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        return config

    def plan(
        self, target: str = "heads", direction: str = "upgrade", connection: sa.Connection | None = None
    ) -> Forecast:
        self.attributes["connection"] = connection
        (found,) = forecast(self.config(), target, direction)
        return found

    def upgrade(self, target: str = "heads") -> list[Any]:
        """Upgrade, and tell what was sent to the driver apart from questions."""
        with opened(self.url) as engine, listening(engine) as sent, engine.connect() as connection:
            limbeck.upgrade(connection, target, script_location=self.directory / "migrations")
            connection.commit()
        return [one for one in map(without_journal, sent) if is_own(one[0])]


@pytest.fixture(autouse=True)
def env_py_that_takes_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured is sent through a connection of the test."""
    text = (
        "from limbeck import context\nfrom sqlalchemy import NullPool, create_engine\nconfig = context.config\n"
        "given = config.attributes.get('connection')\n"
        "engine = create_engine(config.get_main_option('sqlalchemy.url'), poolclass=NullPool)\n"
        "connection = given if given is not None else engine.connect()\n"
        "context.configure(connection=connection, **config.attributes.get('configure', {}))\n"
        "try:\n    with context.begin_transaction():\n        context.run_migrations()\n"
        "finally:\n    None if given is not None else connection.close()\n"
    )
    monkeypatch.setattr("tests.command.project.ENV", text)


def is_own(sql: str) -> bool:
    """Whether it is no statement about transactions, and none for limbeck's own records beside the version table."""
    first = sql.split(None, 1)[0].upper()
    return first not in ("BEGIN", "COMMIT", "SET") and "limbeck_" not in sql and "version_journal" not in sql


JOINT_UPDATE = re.compile(
    r"UPDATE alembic_version, alembic_version_journal SET alembic_version_journal.state=\S+, "
    r"alembic_version_journal.ended=\S+, alembic_version.(version_num=\S+) WHERE (alembic_version.version_num = \S+) "
    r"AND alembic_version_journal.id = \S+ AND alembic_version_journal.`position` = \S+"
)


def without_journal(sent: Any) -> Any:
    """What moves the row of the version table, without the end of the revision that may be written with it."""
    found = JOINT_UPDATE.fullmatch(sent[0])
    if found is None:
        return sent
    (values,) = ast.literal_eval(sent[1])
    moved = {name: values[name] for name in ("old_version", "new_version")}
    return plain(f"UPDATE alembic_version SET {found[1]} WHERE {found[2]}", (moved,))


def planned(found: Forecast) -> list[Any]:
    """All statements of a plan apart from questions."""
    steps = [sent for outlook in found.outlooks for sent in outlook.rehearsed.sent]
    everything = [plain(one.sql, one.sets) for one in (*found.rehearsal.preparation, *steps)]
    return [one for one in everything if not QUESTION.match(one[0]) and is_own(one[0])]


def test_a_plan_has_the_statements_that_the_run_then_sends(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url, histories.EVERYTHING)
    for revision in histories.EVERYTHING:
        found = shop.plan(revision)
        assert found.is_complete, [one.rehearsed.stop for one in found.outlooks]
        assert len(planned(found)) > 3
        assert planned(found) == shop.upgrade(revision)


def test_a_plan_of_several_revisions_goes_on_from_what_the_first_ones_will_have_made(
    tmp_path: Path, database_url: str
) -> None:
    bodies = {name: histories.EVERYTHING[name] for name in ("tables", "rows")}
    shop = Shop(tmp_path, database_url, bodies)
    found = shop.plan()
    doubts = [read for one in found.outlooks for read in one.rehearsed.reads if not read.is_certain]
    if make_url(database_url).get_backend_name() == "sqlite":
        assert (found.rehearsal.is_exact, doubts) == (True, [])
        assert planned(found) == shop.upgrade()
    else:
        # The migration asks for a row of a table that is not there yet.
        assert (found.rehearsal.is_exact, found.is_complete) == (False, False)
        stop = found.outlooks[1].rehearsed.stop
        assert stop is not None
        assert (stop.is_certain, stop.line) == (False, 20)
        sent = shop.upgrade()
        assert planned(found) == sent  # for the question is the last thing that it does


# --- nothing that writes ------------------------------------------------------------------------------------


@contextmanager
def reader(url: str) -> Iterator[sa.Connection]:
    """A connection to the database that may change nothing in it."""
    made = make_url(url)
    match made.get_backend_name():
        case "postgresql":
            with acting_as_guest(url, "SELECT ON ALL TABLES IN SCHEMA public") as connection:
                yield connection
        case "mysql":
            name = f"limbeck_{secrets.token_hex(4)}"
            with connected(url) as owner:
                owner.exec_driver_sql(f"CREATE USER {name}@'%%' IDENTIFIED BY 'secret'")
                owner.exec_driver_sql(f"GRANT SELECT ON `{made.database}`.* TO {name}@'%%'")
                try:
                    guest = made.set(username=name, password="secret")
                    with connected(guest.render_as_string(hide_password=False)) as connection:
                        yield connection
                finally:
                    owner.exec_driver_sql(f"DROP USER {name}@'%%'")
        case _:
            with connected(f"sqlite:///file:{made.database}?mode=ro&uri=true") as connection:
                yield connection


@pytest.mark.parametrize("revision", list(histories.EVERYTHING)[1:])
def test_whoever_may_only_read_can_plan(tmp_path: Path, database_url: str, revision: str) -> None:
    shop = Shop(tmp_path, database_url, histories.EVERYTHING)
    below = list(histories.EVERYTHING)[list(histories.EVERYTHING).index(revision) - 1]
    shop.upgrade(below)
    with reader(database_url) as connection:
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("CREATE TABLE forbidden (id INT)")
        connection.rollback()
        found = shop.plan(revision, connection=connection)
        assert connection.in_transaction() is False
    assert found.is_complete
    assert planned(found) == shop.upgrade(revision)


def test_a_new_database_can_be_planned_for_by_whoever_may_only_read(
    tmp_path: Path, database_url: str
) -> None:
    shop = Shop(tmp_path, database_url, {"tables": histories.EVERYTHING["tables"]})
    with connected(database_url) as connection:  # a file of SQLite is made by that
        connection.exec_driver_sql("CREATE TABLE other (id INT)")
        connection.commit()
    with reader(database_url) as connection:
        found = shop.plan(connection=connection)
    assert planned(found)[0][0].startswith("CREATE TABLE alembic_version")
    assert planned(found) == shop.upgrade()


WRITERS = {
    "postgresql": "CREATE FUNCTION note() RETURNS int LANGUAGE sql AS 'INSERT INTO notes VALUES (1) RETURNING 1'",
    "mysql": "CREATE FUNCTION note() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN "
    "INSERT INTO notes VALUES (1); RETURN 1; END",
}


def test_a_question_that_writes_is_refused_by_the_server(tmp_path: Path, database_url: str) -> None:
    backend = make_url(database_url).get_backend_name()
    if backend not in WRITERS:
        pytest.skip("on SQLite migrations are tried on a copy")
    # A call without a table is taken for a change, and left out; this one looks like a question.
    body = {"asks": 'op.get_bind().execute(sa.text("SELECT note() FROM (SELECT 1 AS one) t"))'}
    shop = Shop(tmp_path, database_url, body)
    with connected(database_url) as connection:
        connection.exec_driver_sql("CREATE TABLE notes (id INT)")
        connection.exec_driver_sql(WRITERS[backend])
        connection.commit()
        found = shop.plan()
        assert connection.exec_driver_sql("SELECT count(*) FROM notes").scalar() == 0
    stop = found.outlooks[0].rehearsed.stop
    assert stop is not None
    assert "read" in stop.reason.lower()


def test_on_sqlite_neither_the_file_nor_another_one_is_touched(tmp_path: Path, sqlite_url: str) -> None:
    body = {
        "attaches": "op.create_table('t', sa.Column('id', sa.Integer))\n"
        f"op.execute(\"ATTACH '{tmp_path}/other.db' AS other\")"
    }
    shop = Shop(tmp_path, sqlite_url, body)
    found = shop.plan()
    stop = found.outlooks[0].rehearsed.stop
    assert stop is not None
    assert (stop.is_certain, "not authorized" in stop.reason) == (False, True)
    assert not (tmp_path / "other.db").exists()
    assert tables(sqlite_url) == []


def test_statements_of_other_threads_on_the_same_engine_go_through(
    tmp_path: Path, postgresql_url: str
) -> None:
    with opened(postgresql_url) as engine, engine.connect() as connection, engine.connect() as other:
        other.exec_driver_sql("CREATE TABLE theirs (id int)")
        other.commit()

        def meanwhile() -> None:
            other.exec_driver_sql("INSERT INTO theirs VALUES (1)")
            other.commit()

        shop = Shop(tmp_path, postgresql_url, {"a": "op.execute('DELETE FROM theirs')\nrun_meanwhile()"})
        builtins.run_meanwhile = lambda: in_thread(meanwhile)  # type: ignore[attr-defined]
        try:
            shop.plan(connection=connection)
        finally:
            del builtins.run_meanwhile  # type: ignore[attr-defined]
        assert other.exec_driver_sql("SELECT count(*) FROM theirs").scalar() == 1


def in_thread(work: Callable[[], None]) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


# --- what is not known, and what it means -------------------------------------------------------------------


def test_a_failure_that_is_certain_is_foreseen_and_what_follows_is_not_tried(
    tmp_path: Path, sqlite_url: str
) -> None:
    bodies = {
        "a": "op.create_table('t', sa.Column('id', sa.Integer))\nop.execute('INSERT INTO t VALUES (1), (1)')",
        "b": "op.create_index('ux', 't', ['id'], unique=True)",
        "c": "op.execute('DELETE FROM t')",
    }
    shop = Shop(tmp_path, sqlite_url, bodies)
    stop = shop.plan().outlooks[1].rehearsed.stop
    assert stop is not None
    assert (stop.is_certain, stop.line) == (True, 10)
    assert "UNIQUE constraint failed" in stop.reason
    assert [one.rehearsed.was_tried for one in shop.plan().outlooks] == [True, True, False]


def test_a_large_database_of_sqlite_is_tried_without_its_rows(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, sqlite_url, histories.EVERYTHING)
    shop.upgrade("rows")
    monkeypatch.setattr("limbeck.ddl.sqlite.stand_in.LARGEST", 100)
    found = shop.plan()
    assert (found.rehearsal.is_exact, found.is_complete) == (False, True)
    assert planned(found) == shop.upgrade()


def test_rows_are_estimated_and_effects_are_told(tmp_path: Path, database_url: str) -> None:
    shop = Shop(tmp_path, database_url, {**histories.EVERYTHING})
    shop.upgrade("rows")
    with connected(database_url) as connection:
        if connection.dialect.name == "mysql":
            connection.exec_driver_sql("ANALYZE TABLE account").all()
        else:
            connection.exec_driver_sql("ANALYZE account")
        connection.commit()
    found = shop.plan("columns")
    (parts,) = [one.parts for one in found.outlooks]
    assert found.rows[None, "account"] == 4
    assert parts[0].effect is not None
    assert parts[0].tables == ((None, "account"),)
    assert not any(part.is_new for part in parts)


@pytest.mark.parametrize(
    ("down", "way"),
    [
        ("op.drop_table('t')", "there"),
        ("pass", "empty"),
        ('"""Nothing to do."""', "empty"),
        ("raise NotImplementedError", "refused"),
    ],
)
def test_a_way_back_is_known_without_going_it(tmp_path: Path, sqlite_url: str, down: str, way: str) -> None:
    shop = Shop(tmp_path, sqlite_url, {"a": "pass"}, downs={"a": down})
    (revision,) = shop.plan().data()["revisions"]
    assert (revision["downgrade"], revision["reversible"]) == (way, way == "there")


def test_sections_are_told_apart(tmp_path: Path, postgresql_url: str) -> None:
    body = (
        "op.execute('CREATE TABLE t (id int)')\n"
        "with op.get_context().autocommit_block():\n"
        "    op.create_index('ix', 't', ['id'], postgresql_concurrently=True)\n"
        "op.execute('DELETE FROM t')"
    )
    shop = Shop(tmp_path, postgresql_url, {"a": body, "b": "op.execute('DELETE FROM t')"})
    data = shop.plan().data()
    places = [
        statement["transaction"]
        for revision in data["revisions"]
        for operation in revision["operations"]
        for statement in operation["statements"]
    ]
    first, outside, second, third = places
    assert outside is None
    assert first != second == third
    assert data["transactions"] == "one around all revisions, interrupted for what must stand outside"


def test_callbacks_and_the_log_hear_nothing_of_it(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Any] = []
    shop = Shop(tmp_path, database_url, {"a": "op.execute('SELECT 1')"})
    shop.attributes["configure"] = {"on_version_apply": lambda **kw: heard.append(kw)}
    with caplog.at_level("INFO"):
        shop.plan()
    assert heard == []
    assert not any("Running" in record.getMessage() for record in caplog.records)


# --- the command ------------------------------------------------------------------------------------------------


def test_the_exit_code_tells_if_something_is_pending(tmp_path: Path, sqlite_url: str) -> None:
    shop = Shop(tmp_path, sqlite_url, {"a": "pass"})
    codes = []
    for _ in range(2):
        with answer.active(Answer()) as given:
            plan(shop.config(stdout=io.StringIO()), None, exit_code=True)
        codes.append(given.exit_code)
        shop.upgrade()
    assert codes == [3, 0]


def test_a_plan_reads_like_this(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        f"sqlite:///{tmp_path}/app.db",
        {
            "a": "op.create_table('t', sa.Column('id', sa.Integer), sa.Column('n', sa.Integer))\n"
            "op.execute('INSERT INTO t VALUES (1, 2)')",
            "b": "op.create_index('ix_t_n', 't', ['n'])\n"
            "if op.get_bind().scalar(sa.text('SELECT count(*) FROM t')):\n    op.execute('DELETE FROM t')",
        },
        downs={"b": "op.drop_index('ix_t_n')"},
    )
    shop.upgrade("a")
    output = io.StringIO()
    plan(shop.config(stdout=output), None)
    text = output.getvalue()
    version = ".".join(map(str, sqlite3.sqlite_version_info))
    assert text.splitlines() == [
        f"{tmp_path}/app.db @ sqlite {version}   at a   1 revision to run",
        "",
        " 1  b  do b",
        f"    {tmp_path}/migrations/versions/b.py",
        "    create index ix_t_n on t (n)",
        "      CREATE INDEX ix_t_n ON t (n)",
        "      blocks writes, reads each row (the index is built; one writer for the whole database); t has",
        "        about 1 row",
        "    execute SQL",
        "      DELETE FROM t",
        "      what it blocks and rewrites is not known",
        "    reads in line 11: SELECT count(*) FROM t",
        "    reversible: yes",
        "",
        "transactions  one around all revisions",
        "changed       nothing",
        "next          limbeck upgrade heads",
    ]


def test_a_plan_that_will_fail_does_not_advise_to_run_it(tmp_path: Path, sqlite_url: str) -> None:
    shop = Shop(tmp_path, sqlite_url, {"a": "op.execute('DELETE FROM nowhere')"})
    output = io.StringIO()
    plan(shop.config(stdout=output), None)
    assert (
        output.getvalue().splitlines()[-1] == "next          correct what will fail, and limbeck plan again"
    )


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE account SET name = 'a b  c' WHERE name = 'd e f' AND id > 17",
            ["  UPDATE account SET name = 'a b  c' WHERE", "      name = 'd e f' AND id > 17"],
        ),
        (
            'SELECT "a column with spaces", `another of them`, it\'s',
            ['  SELECT "a column with spaces",', "      `another of them`, it's"],
        ),
        ("short", ["  short"]),
    ],
)
def test_sql_is_folded_on_a_narrow_terminal_but_never_in_quotes(statement: str, expected: list[str]) -> None:
    assert list(plan_text._fitted(f"  {statement}", Look(width=42), hang=6)) == expected
    assert list(plan_text._fitted(f"  {statement}", Look(), hang=6)) == [f"  {statement}"]


# --- the corpus of the tests of faults --------------------------------------------------------------------------


@pytest.mark.skipif(not CHAPTERS, reason="the chapters come with the tests of faults")
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.name)
def test_the_chapters_of_the_corpus_send_what_is_planned(
    chapter: Path, tmp_path: Path, database_url: str
) -> None:
    backend = make_url(database_url).get_backend_name()
    if chapter.name == "concurrently" and backend != "postgresql":
        pytest.skip("only PostgreSQL does it")
    shop = Shop(tmp_path, database_url, {})
    for file in (chapter / "versions").glob("*.py"):
        (shop.versions / file.name).write_text(file.read_text())
    reached = limbeck.plan(database_url, "heads", script_location=shop.directory / "migrations").steps
    for step in reached:
        found = shop.plan(step.revision)
        sent = shop.upgrade(step.revision)
        certain = [outlook.rehearsed for outlook in found.outlooks]
        is_sure = found.is_complete and found.is_certain
        if is_sure:
            assert planned(found) == sent
        else:
            assert backend != "sqlite"
            assert any(one.stop or one.reads for one in certain)
