"""MySQL and MariaDB carry a statement to its end although nobody waits for it, unless they are told otherwise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from limbeck import sqla


def end_statement(connection: Connection) -> None:
    """End what the server still does for a connection whose client has turned away.

    The connection is of no use afterwards, since its driver may wait for an answer that nobody will read.
    """
    if connection.closed or connection.invalidated or connection.dialect.is_async:
        return
    try:
        kill_query(connection)
    finally:
        connection.invalidate()


def kill_query(connection: Connection) -> None:
    """End what the server does for a connection, by way of a second one."""
    if connection.closed or connection.invalidated or connection.dialect.is_async:
        return
    driver: Any = connection.connection.dbapi_connection
    number = driver.thread_id() if callable(getattr(driver, "thread_id", None)) else driver.connection_id
    engine = sqla.engine_apart(connection.engine, driver)
    try:
        with engine.connect() as second:
            second.exec_driver_sql(f"KILL QUERY {int(number)}")
    finally:
        engine.dispose()
