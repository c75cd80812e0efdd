"""Migrations from asynchronous programs: the functions of `limbeck.aio`, awaited."""

from __future__ import annotations

import asyncio
import inspect
import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import MetaData, create_engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import limbeck
from limbeck import aio
from limbeck.command import program
from limbeck.command.results import Plan, Run, Step
from limbeck.config import Config
from limbeck.errors import ConnectionNotTaken, NotADatabase
from tests.command.bare import Migrations
from tests.runtime.history import rows, tables
from tests.runtime.test_given import CONNECTS

OWN_LOOP = """
import asyncio

from limbeck import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


def run(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
"""
TAKES = OWN_LOOP.replace(
    "asyncio.run(main())",
    """
given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(main())
else:
    run(given)
""",
)


@pytest.fixture
def shop(tmp_path: Path) -> Migrations:
    """Two revisions, one above the other."""
    return Migrations(tmp_path / "shop", "a1", "b1")


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The URL of an empty database for a synchronous and for an asynchronous driver."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url, url.replace("sqlite:", "sqlite+aiosqlite:")  # psycopg is both


@asynccontextmanager
async def engine_of(url: str, **kw: Any) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url, **kw)
    try:
        yield engine
    finally:
        await engine.dispose()


def step(migrations: Migrations, revision: str, direction: Any = "upgrade") -> Step:
    return Step(revision, direction, f"make {revision}", migrations.path(revision))


# --- the same functions ---------------------------------------------------------------------------------------


def test_they_have_the_names_and_parameters_of_the_synchronous_ones() -> None:
    def functions(module: Any) -> dict[str, inspect.Signature]:
        return {
            name: inspect.signature(value)
            for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        }

    assert functions(aio) == functions(program)
    assert sorted(functions(program)) == aio.__all__
    assert all(inspect.iscoroutinefunction(getattr(aio, name)) for name in aio.__all__)
    assert all(getattr(limbeck, name) is getattr(program, name) for name in aio.__all__)


def test_they_do_and_return_the_same(shop: Migrations, urls: tuple[str, str]) -> None:
    """PY-8"""
    url, async_url = urls

    async def main() -> None:
        where: Any = {"script_location": shop.location}
        async with engine_of(async_url) as engine:
            up = (step(shop, "a1"), step(shop, "b1"))
            assert await aio.plan(engine, **where) == Plan((), ("b1",), up)
            assert await aio.at_head(engine, **where) is False
            assert await aio.upgrade(engine, **where) == Run((), ("b1",), up)
            assert await aio.at_head(engine, **where) is True
            assert await aio.current(engine, **where) == ("b1",)
            found = await aio.check(engine, target_metadata=MetaData(), **where)
            assert [one.kind for one in found] == ["remove_table", "remove_table"]
            down = (step(shop, "b1", "downgrade"),)
            assert await aio.downgrade(engine, "-1", **where) == Run(("b1",), ("a1",), down)
            assert await aio.stamp(engine, "head", **where) == Run(("a1",), ("b1",))

    asyncio.run(main())
    assert (rows(url), tables(url)) == (("b1",), ["a1", "alembic_version"])


def test_an_asynchronous_connection_in_a_transaction_stays_in_it(
    shop: Migrations, postgresql_url: str
) -> None:
    """TXN-4, PY-8"""

    async def main() -> None:
        async with engine_of(postgresql_url) as engine:
            async with engine.connect() as connection:
                transaction = await connection.begin()
                await aio.upgrade(connection, script_location=shop.location)
                await transaction.rollback()
                assert await aio.current(connection, script_location=shop.location) == ()
                assert not connection.in_transaction()
            async with engine.begin() as connection:
                await aio.upgrade(connection, script_location=shop.location)

    asyncio.run(main())
    assert rows(postgresql_url) == ("b1",)


def test_an_asynchronous_database_in_memory_is_migrated(shop: Migrations) -> None:
    """PY-3"""

    async def main() -> bool:
        async with engine_of("sqlite+aiosqlite://") as engine:
            await aio.upgrade(engine, script_location=shop.location)
            return await aio.at_head(engine, script_location=shop.location)

    assert asyncio.run(main()) is True


def test_run_sync_hands_over_a_connection_that_the_synchronous_functions_take(
    shop: Migrations, urls: tuple[str, str]
) -> None:
    """PY-8: inside a running event loop."""
    url, async_url = urls

    async def main() -> None:
        async with engine_of(async_url) as engine, engine.begin() as connection:
            await connection.run_sync(limbeck.upgrade, script_location=shop.location)

    asyncio.run(main())
    assert rows(url) == ("b1",)


# --- synchronous databases ------------------------------------------------------------------------------------


def test_a_synchronous_database_is_migrated_in_a_thread(shop: Migrations, sqlite_url: str) -> None:
    threads: list[threading.Thread] = []

    async def main() -> Run:
        engine = create_engine(sqlite_url)
        try:
            return await aio.upgrade(
                engine,
                script_location=shop.location,
                on_version_apply=lambda **kw: threads.append(threading.current_thread()),
            )
        finally:
            engine.dispose()

    assert asyncio.run(main()).after == ("b1",)
    assert threading.main_thread() not in threads
    assert asyncio.run(aio.current(sqlite_url, script_location=shop.location)) == ("b1",)


@pytest.mark.parametrize("pool", [sa.StaticPool, sa.pool.SingletonThreadPool])
def test_a_synchronous_database_in_memory_is_migrated(shop: Migrations, pool: type[sa.Pool]) -> None:
    """PY-3"""
    engine = create_engine("sqlite://", poolclass=pool, connect_args={"check_same_thread": False})
    asyncio.run(aio.upgrade(engine, script_location=shop.location))
    assert sa.inspect(engine).get_table_names() == ["a1", "alembic_version", "b1"]
    engine.dispose()


def test_a_synchronous_connection_is_refused(shop: Migrations) -> None:
    engine = create_engine("sqlite://")
    with (
        engine.connect() as connection,
        pytest.raises(NotADatabase, match="a synchronous Connection, which would block the event loop"),
    ):
        asyncio.run(aio.upgrade(connection, script_location=shop.location))
    engine.dispose()


# --- env.py ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("env_py", [OWN_LOOP, TAKES], ids=["own-loop", "takes"])
@pytest.mark.parametrize("as_engine", [True, False], ids=["engine", "url"])
def test_an_env_py_is_honoured_inside_a_running_loop(
    tmp_path: Path, urls: tuple[str, str], env_py: str, as_engine: bool
) -> None:
    """PY-2, PY-8: also one that begins an event loop of its own, as that of former async templates."""
    url, async_url = urls
    migrations = Migrations(tmp_path, "a1", env_py=env_py)

    async def main() -> Run:
        async with engine_of(async_url) as engine:
            return await aio.upgrade(engine if as_engine else async_url, script_location=migrations.location)

    assert asyncio.run(main()) == Run((), ("a1",), (step(migrations, "a1"),))
    assert rows(url) == ("a1",)


@pytest.mark.parametrize("env_py", [OWN_LOOP, TAKES], ids=["own-loop", "takes"])
def test_an_env_py_for_an_asynchronous_url_is_honoured_outside_of_loops(
    tmp_path: Path, urls: tuple[str, str], env_py: str
) -> None:
    """PY-8"""
    url, async_url = urls
    migrations = Migrations(tmp_path, "a1", env_py=env_py)
    assert limbeck.upgrade(async_url, script_location=migrations.location).after == ("a1",)
    assert rows(url) == ("a1",)


def test_a_synchronous_env_py_serves_an_asynchronous_program(tmp_path: Path, sqlite_url: str) -> None:
    """PY-2: it keeps the driver that its configuration names."""
    Migrations(tmp_path, "a1", env_py=CONNECTS)
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {sqlite_url}\n")

    async def main() -> Run:
        async with engine_of(sqlite_url.replace(":", "+aiosqlite:", 1)) as engine:
            return await aio.upgrade(engine, config=ini)

    assert asyncio.run(main()).after == ("a1",)
    assert rows(sqlite_url) == ("a1",)


def test_an_asynchronous_connection_is_taken_or_nothing_runs(tmp_path: Path, sqlite_url: str) -> None:
    """PY-2"""
    migrations = Migrations(tmp_path, "a1", env_py=OWN_LOOP)

    async def main() -> None:
        async with (
            engine_of(sqlite_url.replace(":", "+aiosqlite:", 1)) as engine,
            engine.connect() as connection,
        ):
            await aio.upgrade(connection, script_location=migrations.location)

    with pytest.raises(ConnectionNotTaken, match=r"env\.py does not use the connection that it was given"):
        asyncio.run(main())
    assert tables(sqlite_url) == []


@pytest.mark.parametrize("start", ["thread", "pool"])
def test_a_thread_that_env_py_starts_finds_the_doors(tmp_path: Path, sqlite_url: str, start: str) -> None:
    """RUN-9: the usual way of existing projects to begin an event loop inside of a running one."""
    starts = {
        "thread": "import threading; t = threading.Thread(target=lambda: asyncio.run(main())); t.start(); t.join()",
        "pool": "import concurrent.futures\n"
        "with concurrent.futures.ThreadPoolExecutor() as p: p.submit(asyncio.run, main()).result()",
    }
    env_py = OWN_LOOP.replace("asyncio.run(main())", starts[start])
    migrations = Migrations(tmp_path, env_py=env_py)
    both = (
        "from limbeck import context; op.execute('CREATE TABLE ' + context.get_x_argument()[0] + ' (x INT)')"
    )
    migrations.add("a1", up=both)
    config = Config(cmd_opts=Namespace(x=["given"]))
    config.set_main_option("script_location", str(migrations.location))
    config.set_main_option("sqlalchemy.url", sqlite_url.replace(":", "+aiosqlite:", 1))

    async def main() -> None:
        limbeck.command.upgrade(config, "head")

    asyncio.run(main())
    assert (rows(sqlite_url), tables(sqlite_url)) == (("a1",), ["alembic_version", "given"])


# --- side by side ---------------------------------------------------------------------------------------------


def test_many_tasks_migrate_many_databases(shop: Migrations, tmp_path: Path) -> None:
    """RUN-9, PY-12"""
    names = [f"{tmp_path}/{number}.db" for number in range(16)]

    async def main() -> list[Run]:
        return await asyncio.gather(
            *(aio.upgrade(f"sqlite+aiosqlite:///{name}", script_location=shop.location) for name in names)
        )

    assert asyncio.run(main()) == [Run((), ("b1",), (step(shop, "a1"), step(shop, "b1")))] * 16
    assert [rows(f"sqlite:///{name}") for name in names] == [("b1",)] * 16


def test_several_event_loops_migrate_side_by_side(shop: Migrations, tmp_path: Path) -> None:
    """RUN-9"""
    names = [f"{tmp_path}/{number}.db" for number in range(8)]
    begin: Callable[[Coroutine[Any, Any, Run]], Run] = asyncio.run

    with ThreadPoolExecutor(len(names)) as threads:
        done = list(
            threads.map(
                lambda name: begin(aio.upgrade(f"sqlite+aiosqlite:///{name}", script_location=shop.location)),
                names,
            )
        )
    assert [one.after for one in done] == [("b1",)] * 8
    assert [rows(f"sqlite:///{name}") for name in names] == [("b1",)] * 8


def test_the_loop_is_free_while_the_database_works(tmp_path: Path, postgresql_url: str) -> None:
    migrations = Migrations(tmp_path)
    migrations.add("a1", up="op.execute('SELECT pg_sleep(0.5)')")

    async def main() -> int:
        running = asyncio.create_task(aio.upgrade(postgresql_url, script_location=migrations.location))
        ticks = 0
        while not running.done():
            await asyncio.sleep(0.02)
            ticks += 1
        await running
        return ticks

    assert asyncio.run(main()) > 5
