"""From what a program has, an engine, a connection or a URL, to a connection that migrations can run on."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeGuard, TypeVar

from sqlalchemy import URL, Connection, Engine, NullPool, StaticPool, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import SingletonThreadPool

from limbeck import errors
from limbeck.runtime.given import GivenDatabase
from limbeck.runtime.scope import commit_if_open, rollback_if_open

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

R = TypeVar("R")
ASYNCIO = "sqlalchemy.ext.asyncio"

Database: TypeAlias = "Engine | Connection | URL | str | AsyncEngine | AsyncConnection"
"""What the functions of limbeck take as the database."""


@dataclass(frozen=True)
class Job(Generic[R]):
    """Something to do with a database, and what that needs."""

    do: Callable[[GivenDatabase], R]
    writes: bool
    """Whether to commit what the job leaves uncommitted on a connection of limbeck's own."""
    connects_itself: bool
    """Whether env.py makes its own connection, so that none is to be made for it."""
    env_py: str
    """The path of env.py, whether it is there or not."""


def run_job(database: Database, job: Job[R]) -> R:
    """Do a job, on a connection of its own unless one is given.

    Raises NotADatabase; EventLoopRunning for an asynchronous database if an event loop runs here, or if
    it is a connection, which belongs to a loop; GreenletRequired.
    """
    if isinstance(database, Connection):
        return _do(job, database, is_exclusive=database.in_transaction())
    if isinstance(database, Engine):
        return _do_on_engine(job, database)
    if isinstance(database, str | URL):
        url = make_url(database)
        if url.get_dialect().is_async:
            return _run_loop(url, job, given="an asynchronous URL")
        return _do_on_engine(job, create_engine(url, poolclass=NullPool))
    if _is_async_connection(database):
        raise errors.EventLoopRunning(given="an AsyncConnection")
    if _is_async_engine(database):
        return _run_loop(database, job, given="an AsyncEngine")
    raise _not_a_database(database)


async def run_job_async(database: Database, job: Job[R]) -> R:
    """Do a job without blocking the event loop: on an asynchronous connection, or else in a thread.

    Raises NotADatabase, ConnectionNotTaken, GreenletRequired.
    """
    if isinstance(database, Connection):
        raise errors.NotADatabase(
            given="a synchronous Connection, which would block the event loop",
            hint="pass an AsyncConnection or an engine, or call the function of the same name in `limbeck`",
        )
    if isinstance(database, Engine):
        if isinstance(database.pool, SingletonThreadPool):
            return _do_on_engine(job, database)  # its connections belong to the thread that made them
        return await asyncio.to_thread(_do_on_engine, job, database)
    if isinstance(database, str | URL):
        url = make_url(database)
        if not url.get_dialect().is_async:
            return await asyncio.to_thread(run_job, url, job)
        return await _await_on_url(url, job)
    _require_greenlet()
    if _is_async_connection(database):
        if job.connects_itself:
            raise errors.ConnectionNotTaken(path=job.env_py)
        return await _await_on_connection(database, job)
    if _is_async_engine(database):
        if job.connects_itself:
            return await asyncio.to_thread(job.do, GivenDatabase(database.url))
        async with database.connect() as connection:
            return await _await_on_connection(connection, job)
    raise _not_a_database(database)


def connects_itself(env_py: str) -> bool:
    """Whether env.py, if there is one, looks at no `config.attributes`, so that a connection is of no use to it."""
    if not os.path.isfile(env_py):
        return False
    with open(env_py, "rb") as file:
        return b"attributes" not in file.read()


# --- synchronous --------------------------------------------------------------------------------------------


def _do_on_engine(job: Job[R], engine: Engine) -> R:
    if job.connects_itself:
        return job.do(GivenDatabase(engine.url))
    with engine.connect() as connection:
        return _do(job, connection, is_exclusive=False)


def _do(job: Job[R], connection: Connection, *, is_exclusive: bool) -> R:
    with _left_as_found(connection, commits=job.writes):
        return job.do(GivenDatabase(connection.engine.url, connection, is_exclusive))


@contextmanager
def _left_as_found(connection: Connection, *, commits: bool) -> Iterator[None]:
    """Begin and end without a transaction, unless there was one before: its owner ends it (TXN-4)."""
    if connection.in_transaction():
        yield
        return
    try:
        yield
    except BaseException as error:
        try:
            rollback_if_open(connection)
        except SQLAlchemyError as failure:  # the connection is lost; that is not what the user has to read
            error.add_note(f"the rollback failed, too: {failure}")
        raise
    end = commit_if_open if commits else rollback_if_open
    end(connection)


# --- asynchronous -------------------------------------------------------------------------------------------


def _run_loop(database: URL | AsyncEngine, job: Job[R], *, given: str) -> R:
    """Do a job on an asynchronous database in an event loop made for it, if there is none here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise errors.EventLoopRunning(given=given)
    if isinstance(database, URL):
        return asyncio.run(_await_on_url(database, job))
    _require_greenlet()
    if job.connects_itself:
        return job.do(GivenDatabase(database.url))
    return asyncio.run(_await_apart(database, job))


async def _await_on_url(url: URL, job: Job[R]) -> R:
    if job.connects_itself:
        return await asyncio.to_thread(job.do, GivenDatabase(url))
    _require_greenlet()
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await _await_on_connection(connection, job)
    finally:
        await engine.dispose()


async def _await_apart(engine: AsyncEngine, job: Job[R]) -> R:
    """Leave no connection in the pool that belongs to this event loop, which is about to end."""
    async with engine.connect() as connection:
        if not isinstance(engine.pool, StaticPool):
            await connection.run_sync(Connection.detach)
        return await _await_on_connection(connection, job)


async def _await_on_connection(connection: AsyncConnection, job: Job[R]) -> R:
    def do(synchronous: Connection) -> R:
        return _do(job, synchronous, is_exclusive=synchronous.in_transaction())

    return await connection.run_sync(do)


def _require_greenlet() -> None:
    try:
        import_module("greenlet")
    except ImportError as error:
        raise errors.GreenletRequired() from error


def _is_async_engine(given: object) -> TypeGuard[AsyncEngine]:
    module = sys.modules.get(ASYNCIO)  # whoever has such an object has imported it, and it needs greenlet
    return module is not None and isinstance(given, module.AsyncEngine)


def _is_async_connection(given: object) -> TypeGuard[AsyncConnection]:
    module = sys.modules.get(ASYNCIO)
    return module is not None and isinstance(given, module.AsyncConnection)


def _not_a_database(given: object) -> errors.NotADatabase:
    """Tells the kind of what was passed, never its contents."""
    home = type(given).__module__
    hint = "pass an Engine, a Connection, a URL, or the asynchronous kind of these"
    if home.startswith("sqlalchemy.orm"):
        hint = "pass `session.connection()`"
    elif home.startswith(ASYNCIO):
        hint = "pass `await session.connection()`, or the engine"
    name = type(given).__name__
    return errors.NotADatabase(given=f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}", hint=hint)
