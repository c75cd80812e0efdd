"""A run that has stopped in the middle: what the journal says then, and how the next run goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from limbeck.ddl.mysql.impl import MySQLImpl
from limbeck.errors import (
    CreationUndecided,
    FinishedStatementEdited,
    RowCountMismatch,
    StatementUndecided,
    UnfinishedRevision,
)
from limbeck.runtime.journal.table import JournalTable, Passage
from limbeck.runtime.migration import MigrationContext
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables

LINE = "a <- b"
CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('x', sa.String(9)))"
INSERT = "op.execute(\"INSERT INTO t VALUES (1, 'a'), (2, 'b')\")"
INDEX = "op.create_index('ix_t_x', 't', ['x'])"
WRONG = "op.execute('ALTER TABLE nowhere ADD y INT')"
RIGHT = "op.add_column('t', sa.Column('y', sa.Integer))"


def stopped(tmp_path: Path, url: str, *statements: str, **options: Any) -> History:
    """A history whose first revision has failed at a statement that is wrong."""
    history = History(
        tmp_path / "m", LINE, upgrade={"a": "\n".join(statements)}, downgrade={"a": "op.drop_table('t')"}
    )
    with connected(url) as connection, pytest.raises(DBAPIError):
        history.run(connection, "a", **options)
    return history


def edit(history: History, old: str, new: str) -> History:
    """The history with the file of its first revision changed, as a process that starts now sees it."""
    path = history.directory / "versions" / "00_a.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    again = History.__new__(History)
    again.__dict__.update(history.__dict__)
    again.script = type(history.script).from_config(history.config)
    return again


def unfinished(connection: Connection) -> list[Passage]:
    context = MigrationContext.configure(connection)
    return JournalTable(context.impl, "alembic_version_journal", None).read_unfinished(connection)


def past(connection: Connection) -> list[tuple[str, str, str]]:
    context = MigrationContext.configure(connection)
    found = JournalTable(context.impl, "alembic_version_journal", None).read_history(connection)
    return [(one.revision, one.direction, one.state) for one in found]


def upgrade(history: History, url: str, target: str = "a", **options: Any) -> None:
    with connected(url) as connection:
        history.run(connection, target, **options)


def content(url: str, query: str = "SELECT * FROM t ORDER BY id") -> list[tuple[Any, ...]]:
    with connected(url) as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_the_next_run_goes_on_after_the_last_statement_that_is_done(tmp_path: Path, mariadb_url: str) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, INSERT, INDEX, WRONG)
    with connected(mariadb_url) as connection:
        (passage,) = unfinished(connection)
    assert [(one.position, one.state, one.rows) for one in passage.entries] == [
        (1, "done", None),
        (2, "done", 2),
        (3, "done", None),
    ]
    upgrade(edit(history, WRONG, RIGHT), mariadb_url)
    assert rows(mariadb_url) == ("a",)
    assert content(mariadb_url) == [(1, "a", None), (2, "b", None)]
    with connected(mariadb_url) as connection:
        assert unfinished(connection) == []
        assert past(connection) == [("a", "upgrade", "done")]


def test_what_its_session_did_at_the_last_moment_is_seen(
    tmp_path: Path, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended after the journal was read, and before anybody asked whether it still works."""
    history = stopped(tmp_path, mariadb_url, CREATE, INSERT, WRONG)

    def end(self: MySQLImpl, connection: Connection, number: str) -> bool:
        with connected(mariadb_url) as other:
            other.execute(text("DELETE FROM alembic_version_journal WHERE position > 0"))
            other.execute(text("DROP TABLE t"))
        return False

    monkeypatch.setattr(MySQLImpl, "is_session_busy", end)
    upgrade(edit(history, WRONG, RIGHT), mariadb_url)
    assert content(mariadb_url) == [(1, "a", None), (2, "b", None)]


def test_the_failure_says_what_is_there_and_that_it_is_noted(tmp_path: Path, mariadb_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{CREATE}\n{WRONG}"})
    with connected(mariadb_url) as connection, pytest.raises(DBAPIError) as caught:
        history.run(connection, "a")
    error: Any = caught.value
    assert (error.limbeck_is_partial, error.limbeck_stopped_after) == (True, 1)
    assert error.__notes__[1] == (
        "its first statement is in the database, and no rollback undoes that; the version table does not count it; "
        "limbeck has noted where it stopped; nothing ran before it"
    )


def test_nothing_is_noted_if_the_first_statement_is_refused(tmp_path: Path, mariadb_url: str) -> None:
    history = stopped(tmp_path, mariadb_url, WRONG, CREATE)
    with connected(mariadb_url) as connection:
        assert unfinished(connection) == []
        assert past(connection) == []
    upgrade(edit(history, WRONG, "pass"), mariadb_url)
    assert tables(mariadb_url) == ["alembic_version", "t"]


def test_rows_of_an_open_transaction_are_changed_again(tmp_path: Path, mariadb_url: str) -> None:
    """The insert was rolled back with its line in the journal, since nothing had committed it."""
    history = stopped(tmp_path, mariadb_url, CREATE, INSERT, "op.execute('INSERT INTO nowhere VALUES (1)')")
    assert content(mariadb_url) == []
    upgrade(edit(history, "op.execute('INSERT INTO nowhere VALUES (1)')", "pass"), mariadb_url)
    assert content(mariadb_url) == [(1, "a"), (2, "b")]


def test_a_finished_statement_that_was_edited_is_refused_with_the_difference(
    tmp_path: Path, mariadb_url: str
) -> None:
    history = edit(stopped(tmp_path, mariadb_url, CREATE, INSERT, INDEX, WRONG), "(2, 'b')", "(3, 'c')")
    with pytest.raises(FinishedStatementEdited) as caught:
        upgrade(history, mariadb_url)
    assert caught.value.exit_code == 5
    assert "- INSERT INTO t VALUES (1, 'a'), (2, 'b')\n+ INSERT INTO t VALUES (1, 'a'), (3, 'c')" in str(
        caught.value
    )
    assert content(mariadb_url) == [(1, "a"), (2, "b")]


def test_a_finished_statement_that_was_removed_is_refused(tmp_path: Path, mariadb_url: str) -> None:
    history = edit(stopped(tmp_path, mariadb_url, CREATE, INDEX, WRONG), f"{INDEX}\n    {WRONG}", "pass")
    with pytest.raises(FinishedStatementEdited, match="CREATE INDEX"):
        upgrade(history, mariadb_url)


def test_a_rebuild_is_carried_to_its_end(tmp_path: Path, mariadb_url: str) -> None:
    """The table has its new column by then, which a second rebuild would add again."""
    block = (
        "with op.batch_alter_table('t', recreate='always') as batch:\n"
        "    batch.add_column(sa.Column('y', sa.Integer))"
    )
    stop = "op.execute('ALTER TABLE t ADD y INT')"
    history = stopped(tmp_path, mariadb_url, CREATE, INSERT, block, stop)
    upgrade(edit(history, stop, "pass"), mariadb_url)
    assert content(mariadb_url) == [(1, "a", None), (2, "b", None)]
    assert tables(mariadb_url) == ["alembic_version", "t"]


def test_a_migration_that_looks_first_may_leave_out_what_it_sees(tmp_path: Path, mariadb_url: str) -> None:
    seeing = (
        "if 'y' not in [c['name'] for c in sa.inspect(op.get_bind()).get_columns('t')]:\n"
        "    op.add_column('t', sa.Column('y', sa.Integer))"
    )
    flag = tmp_path / "repaired"
    wrong = f"import os\nop.execute('SELECT 1' if os.path.exists({str(flag)!r}) else 'ALTER TABLE nowhere ADD y INT')"
    history = stopped(tmp_path, mariadb_url, CREATE, seeing, INDEX, wrong)
    flag.touch()
    upgrade(history, mariadb_url)
    assert rows(mariadb_url) == ("a",)


def test_what_would_leave_the_revision_behind_is_refused(tmp_path: Path, mariadb_url: str) -> None:
    history = History(tmp_path / "m", "a <- b, a <- c", upgrade={"b": f"{CREATE}\n{WRONG}"})
    upgrade(history, mariadb_url)
    with connected(mariadb_url) as connection, pytest.raises(DBAPIError):
        history.run(connection, "b")
    with pytest.raises(UnfinishedRevision) as caught:
        upgrade(history, mariadb_url, "c")
    assert str(caught.value) == (
        "The upgrade of revision b has stopped in the middle: 1 statement of it is in the database"
    )
    assert caught.value.hint == "finish it with `limbeck upgrade b`, or see `limbeck repair`"
    assert rows(mariadb_url) == ("a",)


def test_a_stamp_leaves_it_behind(tmp_path: Path, mariadb_url: str) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, WRONG)
    with connected(mariadb_url) as connection:
        history.run(connection, "a", direction="stamp")
    with connected(mariadb_url) as connection:
        assert past(connection) == [("a", "upgrade", "abandoned")]
    assert rows(mariadb_url) == ("a",)


def test_a_statement_that_no_catalogue_knows_is_not_guessed(tmp_path: Path, mariadb_url: str) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, WRONG)
    with connected(mariadb_url) as connection:
        connection.execute(
            text(
                "INSERT INTO alembic_version_journal (id, position, state, digest, statement) "
                "SELECT id, 2, 'begun', 'x', 'CALL something()' FROM alembic_version_journal WHERE position = 0"
            )
        )
        connection.commit()
    with pytest.raises(StatementUndecided) as caught:
        upgrade(history, mariadb_url)
    assert "CALL something()" in str(caught.value)
    assert "limbeck repair --done" in str(caught.value.hint)


def test_a_downgrade_is_continued_as_well(tmp_path: Path, mariadb_url: str) -> None:
    down = f"op.drop_index('ix_t_x', 't')\n{WRONG}\nop.drop_table('t')"
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{CREATE}\n{INDEX}"}, downgrade={"a": down})
    upgrade(history, mariadb_url)
    with connected(mariadb_url) as connection, pytest.raises(DBAPIError):
        history.run(connection, "base", direction="downgrade")
    assert rows(mariadb_url) == ("a",)
    again = edit(history, WRONG, "pass")
    with connected(mariadb_url) as connection:
        again.run(connection, "base", direction="downgrade")
    assert (tables(mariadb_url), rows(mariadb_url)) == (["alembic_version"], ())


@pytest.mark.parametrize("options", [{"journal": False}, {"journal_table": "notes"}])
def test_the_journal_can_be_named_or_left_out(
    tmp_path: Path, mariadb_url: str, options: dict[str, Any]
) -> None:
    stopped(tmp_path, mariadb_url, CREATE, WRONG, **options)
    names = content(
        mariadb_url, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    )
    assert ("alembic_version_journal",) not in names
    assert (("notes",) in names) is ("journal_table" in options)


def test_an_autocommit_block_makes_what_came_before_it_known(tmp_path: Path, postgresql_url: str) -> None:
    """TXN-13: what runs before the block is committed by it, and stands in the journal with it."""
    block = (
        "with op.get_context().autocommit_block():\n    op.execute('CREATE INDEX CONCURRENTLY ix ON t (x)')"
    )
    history = stopped(tmp_path, postgresql_url, CREATE, INSERT, block, WRONG)
    with connected(postgresql_url) as connection:
        (passage,) = unfinished(connection)
        assert [one.statement.split()[0] for one in passage.entries] == ["CREATE", "INSERT", "CREATE"]
    upgrade(edit(history, WRONG, RIGHT), postgresql_url)
    assert content(postgresql_url) == [(1, "a", None), (2, "b", None)]


def test_an_index_that_could_not_be_built_is_dropped_before_it_is_built_again(
    tmp_path: Path, postgresql_url: str
) -> None:
    """A unique index that is refused stays behind, invalid."""
    twice = "op.execute(\"INSERT INTO t VALUES (1, 'a'), (2, 'a')\")"
    block = (
        "with op.get_context().autocommit_block():\n"
        "    op.create_index('ux', 't', ['x'], unique=True, postgresql_concurrently=True)"
    )
    history = stopped(tmp_path, postgresql_url, CREATE, twice, block)
    with connected(postgresql_url) as connection:
        connection.execute(text("UPDATE t SET x = 'b' WHERE id = 2"))
        connection.commit()
    upgrade(history, postgresql_url)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ux'::regclass"
    assert content(postgresql_url, valid) == [(True,)]


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_database_that_undoes_ddl_has_no_journal(
    tmp_path: Path, backend: str, request: pytest.FixtureRequest
) -> None:
    url: str = request.getfixturevalue(f"{backend}_url")
    history = stopped(tmp_path, url, CREATE, INSERT, WRONG)
    upgrade(edit(history, WRONG, RIGHT), url)
    with connected(url) as connection:
        assert past(connection) == []
        assert not MigrationContext.configure(connection).dialect.has_table(
            connection, "alembic_version_journal"
        )


def test_nothing_to_do_does_not_hide_that_the_way_up_has_stopped(tmp_path: Path, mariadb_url: str) -> None:
    """To the version table the database is at the base, where `downgrade base` has nothing to do."""
    history = stopped(tmp_path, mariadb_url, CREATE, WRONG)
    with connected(mariadb_url) as connection, pytest.raises(UnfinishedRevision) as caught:
        history.run(connection, "base", direction="downgrade")
    assert (caught.value.revision, caught.value.direction, caught.value.done) == ("a", "upgrade", 1)


def test_nothing_to_do_does_not_hide_that_the_way_down_has_stopped(tmp_path: Path, mariadb_url: str) -> None:
    history = History(
        tmp_path / "m", LINE, upgrade={"a": CREATE}, downgrade={"a": f"op.drop_table('t')\n{WRONG}"}
    )
    upgrade(history, mariadb_url)
    with connected(mariadb_url) as connection, pytest.raises(DBAPIError):
        history.run(connection, "base", direction="downgrade")
    with connected(mariadb_url) as connection, pytest.raises(UnfinishedRevision) as caught:
        history.run(connection, "a")
    assert (caught.value.revision, caught.value.direction, caught.value.done) == ("a", "downgrade", 1)


# --- creations that nobody has written down -----------------------------------------------------------------


def killed(url: str, after: int = 0) -> None:
    """Let it look as if the process of a run had been killed when only so many statements were written down."""
    with connected(url) as connection:
        for statement in (
            f"DELETE FROM alembic_version_journal WHERE position > {after}",
            "UPDATE alembic_version_journal SET state = 'running', ended = NULL WHERE position = 0",
            "CREATE TABLE nowhere (id INT)",  # so that nothing is wrong with the file the next time
        ):
            connection.execute(text(statement))
        connection.commit()


TABLES = "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 't'"


def fail_at(history: History, url: str, is_meant: Callable[[str], bool]) -> None:
    """Run a history whose first statement of a kind is refused by the database."""

    def refuse(connection: Connection, cursor: Any, statement: str, *others: Any) -> None:
        if is_meant(statement):
            event.remove(connection, "before_cursor_execute", refuse)
            cursor.execute("INSERT INTO nowhere VALUES (1)")

    with connected(url) as connection:
        event.listen(connection, "before_cursor_execute", refuse)
        # What a listener raises is wrapped since SQLAlchemy 2.1.
        with pytest.raises((DBAPIError, connection.dialect.loaded_dbapi.Error), match="nowhere"):
            history.run(connection, "a")


def indexes(url: str) -> list[str]:
    query = "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() "
    return [name for (name,) in content(url, query + "AND table_name = 't' ORDER BY index_name")]


@pytest.mark.parametrize("place", [0, 1])
def test_creations_are_not_forgotten_if_the_revision_cannot_be_completed(
    tmp_path: Path, mariadb_url: str, place: int
) -> None:
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{CREATE}\n{INDEX}"})
    refused = ("INSERT INTO alembic_version (", "UPDATE alembic_version_journal")[place]
    fail_at(history, mariadb_url, lambda statement: statement.startswith(refused))
    with connected(mariadb_url) as connection:
        (passage,) = unfinished(connection)
        assert [one.statement.split()[1] for one in passage.entries] == ["TABLE", "INDEX"]
    upgrade(history, mariadb_url)
    assert indexes(mariadb_url) == ["ix_t_x", "PRIMARY"]


@pytest.mark.parametrize("options", [{}, {"isolation_level": "AUTOCOMMIT"}])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_creations_are_found_that_nobody_has_written_down(
    tmp_path: Path, mariadb_url: str, after: int, options: dict[str, Any]
) -> None:
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{CREATE}\n{INDEX}\n{INSERT}\n{WRONG}"})
    with connected(mariadb_url, **options) as connection, pytest.raises(DBAPIError):
        history.run(connection, "a")
    with connected(mariadb_url) as connection:
        connection.execute(text("DELETE FROM t"))
        connection.commit()
    killed(mariadb_url, after)
    with connected(mariadb_url, **options) as connection:
        history.run(connection, "a")
    assert indexes(mariadb_url) == ["ix_t_x", "PRIMARY"]
    assert content(mariadb_url) == [(1, "a"), (2, "b")]
    with connected(mariadb_url) as connection:
        assert unfinished(connection) == []


def test_a_run_that_was_killed_before_its_first_creation_begins_again(
    tmp_path: Path, mariadb_url: str
) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, INDEX, WRONG)
    killed(mariadb_url)
    with connected(mariadb_url) as connection:
        connection.execute(text("DROP TABLE t"))
    upgrade(history, mariadb_url)
    assert indexes(mariadb_url) == ["ix_t_x", "PRIMARY"]
    with connected(mariadb_url) as connection:
        assert past(connection) == [("a", "upgrade", "done")]


def test_what_was_not_created_yet_is_created(tmp_path: Path, mariadb_url: str) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, INDEX, WRONG)
    killed(mariadb_url)
    with connected(mariadb_url) as connection:
        connection.execute(text("DROP INDEX ix_t_x ON t"))
    upgrade(history, mariadb_url)
    assert indexes(mariadb_url) == ["ix_t_x", "PRIMARY"]


def test_a_table_that_is_older_than_the_run_is_not_taken_for_its_own(
    tmp_path: Path, mariadb_url: str
) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, WRONG)
    killed(mariadb_url)
    with connected(mariadb_url) as connection:
        connection.execute(text("UPDATE alembic_version_journal SET begun = begun + INTERVAL 1 HOUR"))
        connection.commit()
    with pytest.raises(DBAPIError, match="already exists"):
        upgrade(history, mariadb_url)


def test_nobody_knows_what_an_edited_file_has_created_until_it_is_put_back(
    tmp_path: Path, mariadb_url: str
) -> None:
    history = stopped(tmp_path, mariadb_url, CREATE, INDEX, WRONG)
    killed(mariadb_url)
    edited = edit(history, "sa.String(9)", "sa.String(8)")
    for _ in range(2):
        with pytest.raises(CreationUndecided, match="CREATE TABLE t") as caught:
            upgrade(edited, mariadb_url)
        assert "put the file back" in str(caught.value.hint)
    upgrade(edit(edited, "sa.String(8)", "sa.String(9)"), mariadb_url)
    assert indexes(mariadb_url) == ["ix_t_x", "PRIMARY"]


def test_creations_are_not_forgotten_if_they_cannot_be_written_down(tmp_path: Path, mariadb_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{CREATE}\n{INSERT}"})
    journal = "INSERT INTO alembic_version_journal"
    fail_at(history, mariadb_url, lambda sql: sql.startswith(journal) and content(mariadb_url, TABLES) != [])
    with connected(mariadb_url) as connection:
        (passage,) = unfinished(connection)
        assert [one.statement.split()[0] for one in passage.entries] == ["CREATE"]
    upgrade(history, mariadb_url)
    assert content(mariadb_url) == [(1, "a"), (2, "b")]


def test_creations_are_written_down_in_groups(tmp_path: Path, mariadb_url: str) -> None:
    """Each is evidence of itself; but what was asked before one has to be known later."""
    create = "op.create_table(f't{n}', sa.Column('id', sa.Integer))"
    many = f"for n in range(30):\n    {create}"
    asked = f"if not sa.inspect(op.get_bind()).has_table('x'):\n    {create.replace('t{n}', 'x')}"
    history = History(tmp_path / "m", LINE, upgrade={"a": f"{many}\n{asked}\n{many.replace('t{n}', 's{n}')}"})
    sent: list[str] = []
    with connected(mariadb_url) as connection:
        event.listen(
            connection, "after_cursor_execute", lambda *found: sent.append(" ".join(found[2].split()[:3]))
        )
        history.run(connection, "a")
    insert = "INSERT INTO alembic_version_journal"
    changes = [
        one for one in sent if one.startswith(("CREATE TABLE t", "CREATE TABLE s", "CREATE TABLE x", insert))
    ]
    places = [place for place, one in enumerate(changes) if one == insert]
    # Before the first; after 20; after 10 more, because of the question; with its answer; after 20 more.
    assert places == [0, 21, 32, 33, 55]
    assert changes[34] == "CREATE TABLE x"


# --- the end of a revision ----------------------------------------------------------------------------------


def sent_by(url: str, history: History, target: str) -> list[str]:
    """The statements of a run that change the version table or the journal, without their values."""
    sent: list[str] = []
    with connected(url) as connection:
        event.listen(connection, "after_cursor_execute", lambda *found: sent.append(found[2]))
        history.run(connection, target)
    return [re.split(r" \(| SET | WHERE ", one)[0] for one in sent if "alembic_version" in one]


def test_a_revision_ends_in_the_statement_that_moves_the_row(tmp_path: Path, mariadb_url: str) -> None:
    another = CREATE.replace("'t'", "'u'")
    history = History(tmp_path / "m", LINE, upgrade={"a": CREATE, "b": another})
    upgrade(history, mariadb_url)
    assert sent_by(mariadb_url, history, "b")[-2:] == [
        "INSERT INTO alembic_version_journal",
        "UPDATE alembic_version, alembic_version_journal",
    ]
    assert rows(mariadb_url) == ("b",)
    with connected(mariadb_url) as connection:
        assert past(connection) == [("b", "upgrade", "done"), ("a", "upgrade", "done")]
        assert unfinished(connection) == []


def test_its_statements_go_as_well(tmp_path: Path, mariadb_url: str) -> None:
    history = History(tmp_path / "m", LINE, upgrade={"a": CREATE, "b": RIGHT})
    upgrade(history, mariadb_url)
    assert sent_by(mariadb_url, history, "b")[-2:] == [
        "UPDATE alembic_version, alembic_version_journal",
        "DELETE FROM alembic_version_journal",
    ]
    assert content(mariadb_url, "SELECT position, state FROM alembic_version_journal") == [(0, "done")] * 2


def test_a_row_that_is_there_twice_stops_it(tmp_path: Path, mariadb_url: str) -> None:
    """VER-13"""
    history = History(tmp_path / "m", LINE, upgrade={"b": CREATE})
    with connected(mariadb_url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('a'), ('a')"))
        connection.commit()
    with pytest.raises(RowCountMismatch, match="updating 'a' to 'b' in 'alembic_version'; 2 found"):
        upgrade(history, mariadb_url, "b")
    assert rows(mariadb_url) == ("a", "a")
    with connected(mariadb_url) as connection:
        (passage,) = unfinished(connection)
    assert [(one.position, one.state) for one in passage.entries] == [(1, "done")]


def test_the_row_moves_although_somebody_has_emptied_the_journal(tmp_path: Path, mariadb_url: str) -> None:
    empty = 'op.get_bind().exec_driver_sql("DELETE FROM alembic_version_journal")'
    history = History(tmp_path / "m", LINE, upgrade={"a": CREATE, "b": f"{INDEX}\n{empty}"})
    upgrade(history, mariadb_url, "b")
    assert rows(mariadb_url) == ("b",)
    with connected(mariadb_url) as connection:
        assert unfinished(connection) == []


def test_a_server_that_updates_one_table_at_a_time_is_told_in_two_statements(
    tmp_path: Path, mariadb_url: str
) -> None:
    bodies = {name: CREATE.replace("'t'", f"'{name}'") for name in ("a", "b", "c")}
    history = History(tmp_path / "m", "a <- b, b <- c", upgrade=bodies)
    refused: list[str] = []

    def refuse(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if statement.startswith("UPDATE alembic_version, "):
            refused.append(statement)
            statement = "UPDATE nothing AT ALL"
        return statement, parameters

    with connected(mariadb_url) as connection:
        event.listen(connection, "before_cursor_execute", refuse, retval=True)
        history.run(connection, "c")
    assert len(refused) == 1
    assert rows(mariadb_url) == ("c",)
    with connected(mariadb_url) as connection:
        assert [state for _, _, state in past(connection)] == ["done"] * 3
        assert unfinished(connection) == []
