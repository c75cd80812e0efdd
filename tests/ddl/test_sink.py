"""Statements end in the database, in a script, or in a list."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, oracle, postgresql, sqlite

from limbeck.ddl.sink import PREPARED, ExecuteSink, PrintSink, RecordSink, terminated
from limbeck.ddl.statement import Statement
from limbeck.errors import NotConnected
from limbeck.operations import ops
from tests.backends.engines import connected

ITEM = sa.table("item", sa.column("id", sa.Integer), sa.column("name", sa.String))


def printed(*statements: Statement, dialect: Any = None, **options: Any) -> list[str]:
    pages: list[str] = []
    sink = PrintSink(pages.append, dialect or postgresql.dialect(), **options)
    for statement in statements:
        sink.emit(statement)
    return pages


def test_a_script_ends_each_statement_with_the_terminator() -> None:
    """OPS-9, OFF-5"""
    assert printed(Statement(sa.text("  SELECT 1\n"))) == ["SELECT 1;"]


def test_a_batch_separator_stands_on_its_own() -> None:
    """OPS-9, OFF-5"""
    statements = [Statement(sa.text("SELECT 1")), Statement(sa.text("SELECT 2"))]
    assert printed(*statements, batch_separator="GO") == ["SELECT 1;", "GO", "SELECT 2;", "GO"]
    assert printed(statements[0], terminator="", batch_separator="/") == ["SELECT 1", "/"]


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT 1", "SELECT 1;"),
        ("SELECT 1;", "SELECT 1;"),
        ("SELECT 1 -- one", "SELECT 1 -- one\n;"),
        ("SELECT 1 -- one\n+ 1", "SELECT 1 -- one\n+ 1;"),
    ],
)
def test_a_terminator_comes_once_and_never_inside_a_comment(sql: str, wanted: str) -> None:
    """OFF-11"""
    assert terminated(sql, ";") == wanted


def test_indentation_becomes_spaces_and_literals_keep_their_tabs() -> None:
    """OFF-5: what SQLAlchemy indents is tidied, what the user wrote is not touched."""
    table = sa.Table("item", sa.MetaData(), sa.Column("id", sa.Integer))
    create = Statement(sa.schema.CreateTable(table))
    assert printed(create) == ["CREATE TABLE item (\n    id INTEGER\n);"]
    assert printed(Statement(sa.text("SELECT 'a\tb'"))) == ["SELECT 'a\tb';"]


@pytest.mark.parametrize("dialect", [postgresql.dialect(), mysql.dialect(), sqlite.dialect()])
def test_percent_signs_stay_single(dialect: Any) -> None:
    """OPS-11: in text, in literals, in names and in types, whatever placeholders the driver uses."""
    quote = dialect.identifier_preparer.initial_quote
    odd = sa.table("50%", sa.column("name", sa.String))
    insert = odd.insert().values(name="100%")
    pages = printed(
        Statement(sa.text("SELECT 1 WHERE 'a' LIKE '%x'")),
        Statement(insert),
        dialect=dialect,
        literal_binds=True,
    )
    assert pages == [
        "SELECT 1 WHERE 'a' LIKE '%x';",
        f"INSERT INTO {quote}50%{quote} (name) VALUES ('100%');",
    ]


def test_percent_signs_stay_single_in_the_values_of_an_enum() -> None:
    """OPS-11"""
    table = sa.Table("item", sa.MetaData(), sa.Column("rate", sa.Enum("5%", "10%")))
    assert printed(Statement(sa.schema.CreateTable(table)), dialect=mysql.dialect()) == [
        "CREATE TABLE item (\n    rate ENUM('5%','10%')\n);"
    ]


def test_printing_leaves_the_dialect_as_it_was() -> None:
    """OPS-11: what is executed afterwards still has its percent signs doubled for the driver."""
    dialect = postgresql.dialect()
    odd = sa.table("50%")
    printed(Statement(sa.select(sa.text("1")).select_from(odd)), dialect=dialect)
    assert str(sa.select(sa.text("1")).select_from(odd).compile(dialect=dialect)).endswith('FROM "50%%"')


def test_values_stay_placeholders_unless_literals_are_asked_for() -> None:
    """OFF-10, OPS-91"""
    update = Statement(sa.update(ITEM).where(ITEM.c.id == 5).values(name="it's"))
    assert printed(update, literal_binds=True) == ["UPDATE item SET name='it''s' WHERE item.id = 5;"]
    assert printed(update, dialect=sqlite.dialect()) == ["UPDATE item SET name=? WHERE item.id = ?;"]


def test_values_beside_a_statement_are_always_written_into_it() -> None:
    """OFF-10, OPS-93: one statement for each set of values, with the columns it has."""
    rows = [{"id": 1, "name": "it's"}, {"name": "b"}]
    assert printed(Statement(sa.insert(ITEM), rows)) == [
        "INSERT INTO item (id, name) VALUES (1, 'it''s');",
        "INSERT INTO item (name) VALUES ('b');",
    ]
    question = sa.text("UPDATE item SET name = :name, seen = :seen")
    values = {"name": "x:y", "seen": datetime.date(2020, 1, 2)}
    assert printed(Statement(question, values)) == ["UPDATE item SET name = 'x:y', seen = '2020-01-02';"]


def test_an_insert_into_a_table_with_a_key_returns_nothing_in_a_script() -> None:
    """OPS-93: no RETURNING that nobody reads."""
    table = sa.Table(
        "item", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer)
    )
    assert printed(Statement(table.insert(), [{"n": 1}])) == ["INSERT INTO item (n) VALUES (1);"]


def test_defaults_computed_in_python_are_computed_for_a_script() -> None:
    """OPS-93: they come out as NULL otherwise."""
    table = sa.Table(
        "item",
        sa.MetaData(),
        sa.Column("id", sa.Integer),
        sa.Column("size", sa.Integer, default=7, onupdate=8),
        sa.Column("code", sa.String, default=lambda: "made"),
        sa.Column("made", sa.DateTime, default=sa.func.now()),
    )
    assert printed(
        Statement(table.insert(), [{"id": 1}, {"id": 2, "size": 3}]),
        Statement(table.insert().values(id=3, code="mine")),
        Statement(table.update().where(table.c.id == 1).values(code="new")),
        literal_binds=True,
    ) == [
        "INSERT INTO item (id, size, code, made) VALUES (1, 7, 'made', now());",
        "INSERT INTO item (id, size, code, made) VALUES (2, 3, 'made', now());",
        "INSERT INTO item (id, size, code, made) VALUES (3, 7, 'mine', now());",
        "UPDATE item SET size=8, code='new' WHERE item.id = 1;",
    ]


def test_a_default_that_looks_at_its_row_sees_it_also_in_a_script() -> None:
    """OPS-93"""

    def doubled(context: Any) -> int:
        return 2 * int(context.get_current_parameters()["id"])

    table = sa.Table(
        "item", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("twice", sa.Integer, default=doubled)
    )
    assert printed(Statement(table.insert(), [{"id": 4}])) == ["INSERT INTO item (id, twice) VALUES (4, 8);"]


def test_an_insert_from_a_select_is_written_as_it_is() -> None:
    """OPS-91"""
    table = sa.Table(
        "item", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("n", sa.Integer, default=7)
    )
    copied = table.insert().from_select(["id"], sa.select(ITEM.c.id), include_defaults=False)
    assert printed(Statement(copied)) == ["INSERT INTO item (id) SELECT item.id \nFROM item;"]


def test_a_value_that_cannot_be_written_as_sql_is_an_error() -> None:
    """OPS-91"""
    table = sa.table("item", sa.column("data"))
    with pytest.raises(sa.exc.CompileError, match="No literal value renderer"):
        printed(Statement(table.insert(), [{"data": object()}]))


def test_a_record_keeps_sql_and_operation() -> None:
    operation = ops.ExecuteSQLOp("SELECT 1")
    sink = RecordSink(oracle.dialect())
    statement = Statement(sa.insert(ITEM), [{"id": 1}, {"id": 2}], operation=operation)
    assert sink.emit(statement) is None
    assert [(recorded.sql, recorded.operation) for recorded in sink.recorded] == [
        ("INSERT INTO item (id) VALUES (1)", operation),
        ("INSERT INTO item (id) VALUES (2)", operation),
    ]


def test_executing_gives_the_result() -> None:
    with connected() as connection:
        result = ExecuteSink(connection).emit(Statement(sa.text("SELECT :n"), {"n": 5}))
        assert result is not None
        assert result.scalar_one() == 5


def test_execution_options_reach_the_connection() -> None:
    """OPS-92"""
    seen: list[Any] = []
    with connected() as connection:
        sa.event.listen(connection, "before_execute", lambda *args: seen.append(args[4].get("mine")))
        ExecuteSink(connection).emit(Statement(sa.text("SELECT 1"), execution_options={"mine": "yes"}))
    assert seen == ["yes"]


def test_executing_without_a_connection_says_what_is_missing() -> None:
    with pytest.raises(NotConnected, match="no database connection") as error:
        ExecuteSink(None).emit(Statement(sa.text("SELECT 1")))
    assert "--sql" in str(error.value.hint)


def prepared_update(**options: Any) -> Any:
    values = {"name": sa.bindparam("new", type_=sa.String(), **options)}
    update = (
        sa.update(ITEM).values(values).where(ITEM.c.id == sa.bindparam("old", type_=sa.Integer(), **options))
    )
    return update.execution_options(**{PREPARED: True})


@pytest.mark.parametrize("listens", [False, True])
def test_a_prepared_statement_is_compiled_once(listens: bool) -> None:
    """VER-12: it goes to the driver as text with its values, unless somebody wants to see constructs."""
    with connected() as connection:
        connection.exec_driver_sql("CREATE TABLE item (id INTEGER, name TEXT)")
        connection.exec_driver_sql("INSERT INTO item VALUES (1, 'a'), (2, 'b')")
        seen: list[Any] = []
        texts: list[tuple[str, Any]] = []
        if listens:
            sa.event.listen(connection, "before_execute", lambda _, construct, *__: seen.append(construct))
        sa.event.listen(
            connection, "before_cursor_execute", lambda _, __, sql, values, *___: texts.append((sql, values))
        )
        sink, update = ExecuteSink(connection), prepared_update()
        for old, new in ((1, "x"), (2, "y"), (3, "z")):
            result = sink.emit(Statement(update, {"old": old, "new": new}))
            assert result is not None
            assert result.rowcount == (old < 3)
        assert seen == ([update] * 3 if listens else [])
        sql = "UPDATE item SET name=? WHERE item.id = ?"
        assert texts == [(sql, ("x", 1)), (sql, ("y", 2)), (sql, ("z", 3))]
        assert connection.exec_driver_sql("SELECT * FROM item").all() == [(1, "x"), (2, "y")]


def test_values_that_a_type_has_to_prepare_go_the_long_way() -> None:
    insert = sa.insert(sa.table("item", sa.column("day", sa.Date))).values(
        day=sa.bindparam("day", type_=sa.Date())
    )
    prepared = insert.execution_options(**{PREPARED: True})
    with connected() as connection:
        connection.exec_driver_sql("CREATE TABLE item (day TEXT)")
        ExecuteSink(connection).emit(Statement(prepared, {"day": datetime.date(2026, 1, 2)}))
        assert connection.exec_driver_sql("SELECT day FROM item").scalars().all() == ["2026-01-02"]


def test_a_prepared_statement_is_written_with_each_of_its_values() -> None:
    """OPS-91, VER-5: also with values that look like what stands for them."""
    update = prepared_update(literal_execute=True)
    names = ("a", "it's", "__[POSTCOMPILE_old]")
    assert printed(*[Statement(update, {"old": 1, "new": name}) for name in names]) == [
        "UPDATE item SET name='a' WHERE item.id = 1;",
        "UPDATE item SET name='it''s' WHERE item.id = 1;",
        "UPDATE item SET name='__[POSTCOMPILE_old]' WHERE item.id = 1;",
    ]
