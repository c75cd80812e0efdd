"""Text that goes to the driver without a result: whoever watches the connection sees no difference."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidRequestError, ResourceClosedError

from limbeck.sqla.driver import Executed, execute_text

Execute = Callable[..., Any]
CREATE = "CREATE TABLE item (id INTEGER NOT NULL, name VARCHAR(20))"
INSERT = {
    "qmark": ("INSERT INTO item VALUES (?, ?)", (1, "a")),
    "format": ("INSERT INTO item VALUES (%s, %s)", (1, "a")),
    "pyformat": ("INSERT INTO item VALUES (%(id)s, %(name)s)", {"id": 1, "name": "a"}),
}


def by_sqlalchemy(connection: Connection, sql: str, values: Any = None) -> Any:
    return connection.exec_driver_sql(sql, values)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def compare(engine: Engine, observe: Callable[[Engine, Execute], Any]) -> Any:
    """What is observed of both ways, which is to be the same."""
    found = []
    for execute in (by_sqlalchemy, execute_text):
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS item")
        found.append(observe(engine, execute))
    assert found[0] == found[1]
    return found[1]


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM item")]


def test_it_is_executed_and_the_rows_are_counted(engine: Engine) -> None:
    insert, values = INSERT[engine.dialect.paramstyle]

    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.connect() as connection:
            connection.begin()
            execute(connection, CREATE)
            counts = [execute(connection, insert, values).rowcount for _ in range(2)]
            counts.append(execute(connection, "UPDATE item SET id = 2").rowcount)
            connection.commit()
            return counts, rows(connection)

    assert compare(engine, observe) == ([1, 1, 2], [(2, "a"), (2, "a")])


def test_in_a_transaction_no_result_is_made(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.begin()
        assert isinstance(execute_text(connection, CREATE), Executed)
        connection.rollback()


def test_listeners_see_the_same_and_have_a_say(engine: Engine) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        seen: list[Any] = []

        def before(
            connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool
        ) -> tuple[str, Any]:
            seen.append(("before", sql, values, type(context).__name__, context.statement, many))
            return sql.replace("VARCHAR(20)", "VARCHAR(30)"), values

        def after(connection: Any, cursor: Any, sql: str, values: Any, context: Any, many: bool) -> None:
            seen.append(("after", sql, values, context.cursor is cursor, many))

        def watch(*given: Any) -> None:
            seen.append(("watch", *given[2:4]))

        with engine.connect() as connection:
            event.listen(connection, "before_cursor_execute", before, retval=True)
            event.listen(connection, "before_cursor_execute", watch)
            event.listen(connection, "after_cursor_execute", after)
            connection.begin()
            execute(connection, CREATE)
            connection.rollback()
        return seen

    seen = compare(engine, observe)
    assert [one[0] for one in seen] == ["before", "watch", "after"]
    assert "VARCHAR(30)" in seen[1][1]
    assert "VARCHAR(30)" in seen[2][1]


@pytest.mark.parametrize("wrong", ["CREATE TABEL item (id INTEGER)", "DROP TABLE item_is_not_there"])
def test_a_refusal_is_told_by_the_same_exception(engine: Engine, wrong: str) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        handled: list[Any] = []
        event.listen(engine, "handle_error", note := lambda c: handled.append((c.statement, c.is_disconnect)))
        try:
            with engine.connect() as connection:
                connection.begin()
                with pytest.raises(DBAPIError) as caught:
                    execute(connection, wrong)
                told = caught.value
                state = (connection.in_transaction(), connection.invalidated)
                facts = (type(told), str(told), told.statement, told.params, type(told.orig))
                connection.rollback()
                return facts, state, handled, rows_of_nothing(connection)
        finally:
            event.remove(engine, "handle_error", note)

    assert compare(engine, observe)[1] == (True, False)


def rows_of_nothing(connection: Connection) -> Any:
    return connection.exec_driver_sql("SELECT 1").scalar()


@pytest.mark.parametrize("raised", [ValueError("in a listener"), KeyboardInterrupt(), SystemExit(3)])
def test_what_a_listener_raises_comes_through(engine: Engine, raised: BaseException) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        def fail(*_: Any) -> None:
            raise raised

        with engine.connect() as connection:
            connection.begin()
            event.listen(connection, "after_cursor_execute", fail)
            with pytest.raises(type(raised)) as caught:
                execute(connection, CREATE)
            event.remove(connection, "after_cursor_execute", fail)
            assert caught.value is raised
            return connection.invalidated, connection.in_transaction()

    compare(engine, observe)


def test_a_lost_connection_is_told_as_such(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could go away")
    kill = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
    session = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}
    name = "postgresql" if engine.dialect.name == "postgresql" else "mysql"

    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.connect() as connection, engine.connect() as other:
            connection.begin()
            number = connection.exec_driver_sql(session[name]).scalar()
            other.exec_driver_sql(kill[name].format(number))
            with pytest.raises(DBAPIError) as caught:
                execute(connection, CREATE)
            with contextlib.suppress(Exception):
                connection.rollback()
            return caught.value.connection_invalidated, connection.invalidated

    assert compare(engine, observe)[0] is True


def test_a_session_that_the_driver_has_closed_is_told_alike(engine: Engine) -> None:
    insert, values = INSERT[engine.dialect.paramstyle]

    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.connect() as connection:
            connection.begin()
            driver: Any = connection.connection.dbapi_connection
            driver.close()
            with pytest.raises(Exception) as caught:
                execute(connection, insert, values)
            told: Any = caught.value
            with contextlib.suppress(Exception):
                connection.rollback()
            return type(told), str(told), told.statement, told.params, connection.invalidated

    compare(engine, observe)


def test_what_is_logged_is_the_same(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    loud = create_engine(engine.url, echo=True)

    def observe(engine: Engine, execute: Execute) -> Any:
        caplog.clear()
        with caplog.at_level(logging.INFO, "sqlalchemy.engine"), engine.connect() as connection:
            connection.begin()
            execute(connection, CREATE)
            connection.rollback()
        return [
            (record.levelname, record.getMessage())
            for record in caplog.records
            if CREATE in record.getMessage()
        ]

    assert len(compare(loud, observe)) == 1
    loud.dispose()


def test_whoever_executes_instead_of_the_dialect_is_asked(engine: Engine) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        asked: list[str] = []

        def instead(cursor: Any, sql: str, values: Any, context: Any) -> bool:
            asked.append(sql)
            return "item" in sql

        event.listen(engine, "do_execute", instead)
        try:
            with engine.connect() as connection:
                connection.begin()
                execute(connection, CREATE)
                connection.rollback()
        finally:
            event.remove(engine, "do_execute", instead)
        return asked

    assert CREATE in compare(engine, observe)


def test_outside_of_a_transaction_one_begins(engine: Engine) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.connect() as connection:
            before = connection.in_transaction()
            execute(connection, CREATE)
            return before, connection.in_transaction()

    assert compare(engine, observe) == (False, True)


def test_in_a_savepoint_and_in_a_block_nothing_is_different(engine: Engine) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.begin() as connection:
            execute(connection, CREATE)
            with connection.begin_nested():
                execute(connection, "INSERT INTO item VALUES (1, 'a')")
            return rows(connection)

    assert compare(engine, observe) == [(1, "a")]


def test_what_cannot_be_is_refused_alike(engine: Engine) -> None:
    def observe(engine: Engine, execute: Execute) -> Any:
        with engine.connect() as connection, connection.begin() as transaction:
            transaction.rollback()
            with pytest.raises(InvalidRequestError) as ended:
                execute(connection, CREATE)
        with pytest.raises(ResourceClosedError) as closed:
            execute(connection, CREATE)
        return str(ended.value), str(closed.value)

    compare(engine, observe)
