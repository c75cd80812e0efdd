"""Migrations through an async engine: the doors lead to the right place on both sides (PY-8)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from limbeck import command, context
from tests.runtime.history import History, rows


def test_env_py_may_run_migrations_inside_an_event_loop(tmp_path: Path, sqlite_url: str) -> None:
    body = "op.execute('CREATE TABLE t (x INTEGER)')"
    history = History(tmp_path / "m", "a <- b", upgrade={"a": body})

    def run(connection: Connection) -> None:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()

    async def main() -> None:
        engine = create_async_engine(sqlite_url.replace("sqlite:", "sqlite+aiosqlite:"))
        async with engine.connect() as connection:
            await connection.run_sync(run)
        await engine.dispose()

    with history.environment("upgrade", "head"):
        asyncio.run(main())
    assert rows(sqlite_url) == ("b",)


def test_a_command_runs_inside_a_running_loop_on_a_connection_that_is_shared(
    tmp_path: Path, sqlite_url: str
) -> None:
    """PY-8"""
    history = History(tmp_path / "m", "a <- b")
    (tmp_path / "m" / "env.py").write_text(
        "from limbeck import context\n"
        "context.configure(connection=context.config.attributes['connection'])\n"
        "with context.begin_transaction():\n"
        "    context.run_migrations()\n"
    )

    def upgrade(connection: Connection) -> None:
        history.config.attributes["connection"] = connection
        command.upgrade(history.config, "head")

    async def main() -> None:
        engine = create_async_engine(sqlite_url.replace("sqlite:", "sqlite+aiosqlite:"))
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
        await engine.dispose()

    asyncio.run(main())
    assert rows(sqlite_url) == ("b",)


def test_two_tasks_migrate_side_by_side(tmp_path: Path) -> None:
    """RUN-9: each has its own environment and its own `op`."""
    body = "op.execute('CREATE TABLE t_{0} (x INTEGER)')"
    histories = {
        name: History(tmp_path / name, name, upgrade={name: body.format(name)}) for name in ("one", "two")
    }
    urls = {name: f"sqlite+aiosqlite:///{tmp_path}/{name}.db" for name in histories}
    met = asyncio.Barrier(2)

    def run(connection: Connection) -> None:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()

    async def migrate(name: str) -> None:
        engine = create_async_engine(urls[name])
        with histories[name].environment("upgrade", "head"):
            await met.wait()
            async with engine.connect() as connection:
                await connection.run_sync(run)
            await met.wait()
        await engine.dispose()

    async def main() -> None:
        await asyncio.gather(*(migrate(name) for name in histories))

    asyncio.run(main())
    assert {name: rows(url.replace("+aiosqlite", "")) for name, url in urls.items()} == {
        "one": ("one",),
        "two": ("two",),
    }
