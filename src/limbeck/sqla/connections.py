"""Connections, and engines that connect like another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import ArgumentError

T = TypeVar("T")


def run_async(
    connection: Connection | None, function: Callable[..., Awaitable[T]], *args: Any, **kw: Any
) -> T:
    """Call an async function with the async side of a connection, from the sync code it is running.

    Raises ValueError if the connection has no async side.
    """
    if connection is None:
        raise ValueError("`run_async` needs an async engine; a script is written without any")
    if not connection.dialect.is_async:
        raise ValueError(
            f"`run_async` needs an async engine; {connection.dialect.driver!r} is not an async driver"
        )
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.util import await_only

    return await_only(function(AsyncConnection._retrieve_proxy_for_target(connection), *args, **kw))


def fetch_one_or_none(connection: Connection, sql: str) -> Any | None:
    """The row that a question returns, or None if the database refuses it; without the price of SQLAlchemy's errors.

    Raises DBAPIError if the connection is lost.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
        return cursor.fetchone()
    except connection.dialect.loaded_dbapi.Error as error:
        if connection.dialect.is_disconnect(error, connection.connection, cursor):
            return connection.exec_driver_sql(sql).fetchone()  # raises what everybody knows
        return None
    finally:
        cursor.close()


def is_autocommit(connection: Connection) -> bool:
    """Whether each statement on this connection is permanent at once.

    `get_isolation_level()` does not say so for most drivers. The driver is asked since SQLAlchemy 2.0.43.
    """
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return True
    ask = getattr(connection.dialect, "detect_autocommit_setting", None)
    try:
        return bool(ask and ask(connection.connection.dbapi_connection))
    except NotImplementedError:
        return False


def engine_apart(engine: Engine, driver: Any, arguments: Mapping[str, Any] | None = None) -> Engine:
    """An engine that connects as another one does, to the same place and by the same creator, but apart from its pool.

    The driver gets `arguments` in addition, unless somebody else has a say in how that engine connects.
    Raises SameConnection when it connects, if the creator gives the connection `driver` again instead of a new one.
    """
    pool = engine.pool.recreate()
    create = pool._invoke_creator
    if arguments and not engine.dialect.dispatch.do_connect:
        event.listen(engine, "do_connect", _connect_with_more)

    def create_another(record: Any) -> Any:
        token = _more_arguments.set(arguments)
        try:
            made = create(record)
        finally:
            _more_arguments.reset(token)
        if made is driver:
            raise SameConnection()
        return made

    pool._creator = cast(Any, create_another)
    return Engine(pool, engine.dialect, engine.url)


_more_arguments: ContextVar[Mapping[str, Any] | None] = ContextVar("more arguments", default=None)
"""What the driver gets in addition while an engine apart connects; its dialect is that of the engine it is like."""


def _connect_with_more(dialect: Dialect, _: Any, args: Any, arguments: Mapping[str, Any]) -> Any:
    more = _more_arguments.get()
    if not more or len(dialect.dispatch.do_connect) > 1:
        return None
    return dialect.connect(*args, **{**arguments, **more})


class SameConnection(Exception):
    """A pool's creator has given a connection that is in use."""


@contextmanager
def connect_in_autocommit(engine: Engine, translation: Any = None) -> Iterator[Connection]:
    """A connection on which each statement is permanent at once, where the driver can do that."""
    with engine.connect() as connection:
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT")
        except (ArgumentError, NotImplementedError):
            pass
        yield connection.execution_options(schema_translate_map=translation) if translation else connection


def in_greenlet(function: Callable[[], T]) -> Coroutine[Any, Any, T]:
    """Call sync code that uses an async driver, in an event loop."""
    from sqlalchemy.util import greenlet_spawn

    return greenlet_spawn(function)


def wait_in_loop(function: Callable[[], object]) -> None:
    """From sync code that an event loop runs, call a function that blocks, and let the loop go on meanwhile."""
    import asyncio

    from sqlalchemy.util import await_only

    await_only(asyncio.to_thread(function))
