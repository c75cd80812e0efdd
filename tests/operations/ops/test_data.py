"""Statements of the user's own: as text and as constructs, executed and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.operations import BatchOperations, Operations, ops
from tests.ddl.recorded import Context, statements

NOTE = sa.table("note", sa.column("id", sa.Integer), sa.column("words", sa.String(100)))


class Notes:
    """A table of words on a server, and the operations on it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.context = Context("", connection=connection, as_sql=False)
        self.op = Operations(self.context)  # type: ignore[arg-type]
        connection.execute(sa.text("CREATE TABLE note (id INTEGER, words VARCHAR(100))"))

    def words(self) -> list[str | None]:
        return list(self.connection.execute(sa.text("SELECT words FROM note ORDER BY id, words")).scalars())


@pytest.fixture
def notes(database_url: str) -> Iterator[Notes]:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield Notes(connection)
    engine.dispose()


WORDS: list[tuple[Any, str]] = [
    (r"'100%'", "100%"),
    (r"'%s %(a)s %%'", "%s %(a)s %%"),
    (r"'x:y'", "x:y"),
    (r"'12:30:59'", "12:30:59"),
    (r"'\:z'", ":z"),
    (r"'a\:b \:c'", "a:b :c"),
    (r"'it''s'", "it's"),
    (r"'{x}'", "{x}"),
    (r"';--'", ";--"),
    (r"'é😀'", "é😀"),
]


def test_text_arrives_as_it_was_written(notes: Notes) -> None:
    r"""OPS-90, OPS-11: percent signs are nothing special, `\:` is a colon, and so is one after a letter."""
    script = Context(notes.connection.dialect.name, literal_binds=True)
    for number, (written, _) in enumerate(WORDS):
        text = f"INSERT INTO note (id, words) VALUES ({number}, {written})"
        notes.op.execute(text)
        Operations(script).execute(text)  # type: ignore[arg-type]
    for sql in statements(script):
        notes.connection.connection.cursor().execute(sql)  # without parameters a driver takes it as it is
    assert notes.words() == [meant for _, meant in WORDS for _ in ("executed", "written")]


def test_values_are_bound_to_text_or_written_into_a_script(notes: Notes) -> None:
    """OPS-90, OPS-91"""
    text = sa.text("INSERT INTO note (id, words) VALUES (:id, :words)").bindparams(id=1, words="it's :x 100%")
    notes.op.execute(text)
    assert notes.words() == ["it's :x 100%"]
    script = Context(notes.connection.dialect.name, literal_binds=True)
    Operations(script).execute(text)  # type: ignore[arg-type]
    assert statements(script) == ["INSERT INTO note (id, words) VALUES (1, 'it''s :x 100%')"]


def test_a_parameter_without_a_value_fails_when_it_is_executed(notes: Notes) -> None:
    """OPS-90"""
    with pytest.raises(sa.exc.StatementError, match="A value is required for bind parameter 'v'"):
        notes.op.execute("INSERT INTO note (words) VALUES (:v)")


def test_a_parameter_without_a_value_is_null_in_a_script_and_warned_of() -> None:
    """OPS-90"""
    script = Context("postgresql", literal_binds=True)
    with pytest.warns(UserWarning, match=r"`:v` has no value, and is NULL in this script.*write `\\:v`"):
        Operations(script).execute("INSERT INTO note (words) VALUES (:v)")  # type: ignore[arg-type]
    assert statements(script) == ["INSERT INTO note (words) VALUES (NULL)"]


def test_constructs_are_executed_with_their_values(notes: Notes) -> None:
    """OPS-90, OPS-91: an inline literal is in the text, any other value beside it."""
    sent: list[Any] = []
    sa.event.listen(
        notes.connection, "before_cursor_execute", lambda *args: sent.append((args[2], bool(args[3])))
    )
    notes.op.execute(NOTE.insert().values(id=1, words="a%"))
    notes.op.execute(
        NOTE.update()
        .where(NOTE.c.id == notes.op.inline_literal(1))
        .values(words=notes.op.inline_literal("it's"))
    )
    notes.op.execute(NOTE.delete().where(NOTE.c.id.in_([2, 3])))
    notes.op.execute(sa.DDL("CREATE TABLE other (id INTEGER)"))
    assert notes.words() == ["it's"]
    (_, with_values), (update, without_values), *_ = sent
    assert (with_values, without_values) == (True, False)
    assert "'it''s'" in update
    assert sa.inspect(notes.connection).has_table("other")


def test_execution_options_are_for_executing_only(notes: Notes) -> None:
    """OPS-92"""
    seen: list[Any] = []
    sa.event.listen(notes.connection, "before_execute", lambda *args: seen.append(args[4].get("mine")))
    notes.op.execute("SELECT 1", execution_options={"mine": "yes"})
    assert seen == ["yes"]
    script = Context("postgresql")
    Operations(script).execute("SELECT 1", execution_options={"mine": "yes"})  # type: ignore[arg-type]
    assert statements(script) == ["SELECT 1"]


def test_data_is_read_through_the_connection_of_the_migration(notes: Notes) -> None:
    """OPS-95: what the migration has done is seen, before anything is committed."""
    notes.op.execute("INSERT INTO note (id, words) VALUES (1, 'a')")
    assert notes.op.get_bind().execute(sa.select(NOTE.c.words)).scalar_one() == "a"
    assert notes.op.get_context() is notes.context


def test_an_operation_made_by_hand_is_invoked(notes: Notes) -> None:
    """OPS-1"""
    notes.op.invoke(ops.AddColumnOp("note", sa.Column("size", sa.Integer)))
    table = notes.op.invoke(ops.CreateTableOp("other", [sa.Column("n", sa.Integer)]))
    notes.op.invoke(ops.BulkInsertOp(table, [{"n": 5}]))
    assert [column["name"] for column in sa.inspect(notes.connection).get_columns("note")][-1] == "size"
    assert notes.connection.execute(table.select()).scalars().all() == [5]


def test_a_statement_inside_a_batch_block_is_executed_at_once(notes: Notes) -> None:
    """OPS-90, BAT-1"""
    with notes.op.batch_alter_table("note") as batch:
        assert isinstance(batch, BatchOperations)
        batch.add_column(sa.Column("size", sa.Integer))
        batch.execute("INSERT INTO note (id, words) VALUES (1, 'before')")
        assert notes.words() == ["before"]
    assert [column["name"] for column in sa.inspect(notes.connection).get_columns("note")][-1] == "size"


def test_placeholders_stay_in_a_script_that_is_not_to_have_literals() -> None:
    """OPS-91"""
    script = Context("mysql", paramstyle="named")
    running = Operations(script)  # type: ignore[arg-type]
    running.execute(NOTE.update().where(NOTE.c.id == 5).values(words=running.inline_literal("x")))
    running.execute("DELETE FROM note WHERE id = :id")
    assert statements(script) == [
        "UPDATE note SET words='x' WHERE note.id = :id_1",
        "DELETE FROM note WHERE id = :id",
    ]


@pytest.mark.parametrize("operation", [ops.ExecuteSQLOp("SELECT 1"), ops.BulkInsertOp(NOTE, [])])
def test_what_has_been_done_to_data_is_not_undone(operation: ops.MigrateOperation) -> None:
    with pytest.raises(NotImplementedError):
        operation.reverse()


def test_an_operation_may_be_edited_before_it_is_invoked() -> None:
    """OPS-1: hooks do that."""
    statement = ops.ExecuteSQLOp("SELECT 1")
    statement.sqltext = "SELECT 2"
    insert = ops.BulkInsertOp(NOTE, [{"id": 1}])
    insert.rows = [{"id": 2}]
    script = Context("sqlite")
    running = Operations(script)  # type: ignore[arg-type]
    running.invoke(statement)
    running.invoke(insert)
    assert statements(script) == ["SELECT 2", "INSERT INTO note (id) VALUES (2)"]
