"""A program that migrates its database."""

from __future__ import annotations

from typing import Any, assert_type

from sqlalchemy import Connection, Engine, MetaData, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import limbeck
from limbeck import command
from limbeck.command.connecting import Database
from limbeck.command.results import Difference, Plan, Run, Step
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.migration import MigrationContext
from limbeck.script import ScriptDirectory

metadata = MetaData()


def note(ctx: MigrationContext, heads: set[str], **kw: Any) -> None:
    print(ctx.dialect.name, heads)


def use_everything(engine: Engine, connection: Connection) -> bool:
    done = limbeck.upgrade(
        engine,
        "head",
        script_location="migrations",
        target_metadata=metadata,
        version_table="versions",
        version_table_schema=None,
        transaction_per_migration=True,
        on_version_apply=[note],
    )
    assert_type(done, Run)
    assert_type(done.steps, tuple[Step, ...])
    assert_type(done.before, tuple[str, ...])
    assert_type(limbeck.downgrade(connection, "-1", config="alembic.ini"), Run)
    assert_type(limbeck.stamp(engine.url, ["a", "b"], purge=True, config=Config("alembic.ini")), Run)
    assert_type(limbeck.current("sqlite://", script_location="migrations"), tuple[str, ...])
    assert_type(limbeck.plan(make_url("sqlite://"), direction="downgrade", revision="base"), Plan)
    assert_type(limbeck.check(engine, target_metadata=[metadata]), tuple[Difference, ...])
    return assert_type(limbeck.at_head(engine), bool)


async def await_everything(engine: AsyncEngine) -> bool:
    assert_type(await limbeck.aio.upgrade(engine, script_location="migrations"), Run)
    assert_type(await limbeck.aio.downgrade(engine, "base", script_location="migrations"), Run)
    assert_type(await limbeck.aio.stamp(engine, "head", script_location="migrations"), Run)
    assert_type(await limbeck.aio.plan(engine, script_location="migrations"), Plan)
    assert_type(await limbeck.aio.current(engine, script_location="migrations"), tuple[str, ...])
    assert_type(await limbeck.aio.check(engine, script_location="migrations"), tuple[Difference, ...])
    async with engine.begin() as connection:
        await connection.run_sync(limbeck.upgrade, script_location="migrations")
        return assert_type(await limbeck.aio.at_head(connection, script_location="migrations"), bool)


def make_databases() -> list[Database]:
    return [
        "sqlite://",
        make_url("sqlite://"),
        create_engine("sqlite://"),
        create_async_engine("sqlite+aiosqlite://"),
    ]


def use_commands() -> None:
    config = Config("alembic.ini")
    config.attributes["connection"] = create_engine("sqlite://").connect()
    try:
        command.upgrade(config, "head", sql=False)
    except CommandError as error:
        print(error, error.hint)
    print(ScriptDirectory.from_config(config).get_heads())


def make_mistakes(engine: Engine) -> None:
    limbeck.upgrade(engine, version_table=1)  # type: ignore[arg-type]
    limbeck.upgrade(engine, transaction_per_migraton=True)  # type: ignore[call-arg]
    limbeck.upgrade(3)  # type: ignore[arg-type]
    limbeck.plan(engine, direction="sideways")  # type: ignore[arg-type]
    limbeck.current(engine).append("a")  # type: ignore[attr-defined]
    limbeck.upgrade(engine).before = ()  # type: ignore[misc]
