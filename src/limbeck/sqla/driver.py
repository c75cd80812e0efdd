"""Text on SQLAlchemy's own way to the driver, without the result that it makes of each statement at the end of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult
from sqlalchemy.engine.interfaces import BindTyping


class Executed(NamedTuple):
    """A statement that gives no rows was executed; `rowcount` is how many it changed, as the driver says it."""

    rowcount: int


def execute_text(connection: Connection, sql: str, values: Any = None) -> CursorResult[Any] | Executed:
    """Do what `connection.exec_driver_sql()` does with a statement that gives no rows.

    Listeners see the same, and failures come as the same exceptions. It is for statements that come by the hundred:
    SQLAlchemy takes more time for the result of each than for all the rest. Where a connection is in no ordinary
    state, or more than the usual is to be done, SQLAlchemy does it all.
    """
    dialect = connection.dialect
    dbapi_connection = connection._dbapi_connection
    if dbapi_connection is None or not _is_in_transaction(connection) or _has_more_to_do(connection):
        return connection.exec_driver_sql(sql, values)
    given, options = [values] if values else [], connection.get_execution_options()
    try:
        context: Any = dialect.execution_ctx_cls._init_statement(
            dialect, connection, dbapi_connection, options, sql, given
        )
    except BaseException as error:
        connection._handle_dbapi_exception(error, sql, None, None, None)
    context.pre_exec()
    cursor, values = context.cursor, context.parameters[0]
    try:
        for listener in connection.dispatch.before_cursor_execute:
            sql, values = listener(connection, cursor, sql, values, context, False)
        dialect.do_execute(cursor, sql, values, context)
        connection.dispatch.after_cursor_execute(connection, cursor, sql, values, context, False)
        context.post_exec()
        executed = Executed(context.rowcount)
    except BaseException as error:
        connection._handle_dbapi_exception(error, sql, values, cursor, context)
    connection._safe_close_cursor(cursor)
    return executed


def _is_in_transaction(connection: Connection) -> bool:
    """Whether it is in a plain transaction, which has not failed."""
    transaction = connection._transaction
    return (
        transaction is not None
        and transaction.is_active
        and connection._nested_transaction is None
        and connection._trans_context_manager is None
    )


def _has_more_to_do(connection: Connection) -> bool:
    """Whether statements are to be logged, or executed in another way than the dialect's own."""
    dialect: Any = connection.dialect
    return bool(
        connection._echo
        or (dialect._has_events and dialect.dispatch.do_execute)
        or dialect.bind_typing is BindTyping.SETINPUTSIZES
        or connection.get_execution_options().get("no_parameters")
    )
