"""What is taken as a database, and what is refused with a word on what to do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import limbeck
from limbeck.errors import EventLoopRunning, GreenletRequired, NotADatabase
from tests.command.bare import Migrations
from tests.runtime.history import rows


@pytest.fixture
def shop(tmp_path: Path) -> Migrations:
    """One revision."""
    return Migrations(tmp_path / "shop", "a1")


def async_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/x.db"


@pytest.mark.parametrize(
    ("given", "sentence", "hint"),
    [
        (Session(), "Expected a database, got a Session", "pass `session.connection()`"),
        (
            AsyncSession(),
            "Expected a database, got an AsyncSession",
            "pass `await session.connection()`, or the engine",
        ),
        (
            ["sqlite://"],
            "Expected a database, got a list",
            "pass an Engine, a Connection, a URL, or the asynchronous kind of these",
        ),
    ],
)
def test_what_is_no_database_is_refused(shop: Migrations, given: Any, sentence: str, hint: str) -> None:
    for call in (limbeck.upgrade, lambda *a, **kw: asyncio.run(limbeck.aio.upgrade(*a, **kw))):
        with pytest.raises(NotADatabase) as raised:
            call(given, script_location=shop.location)
        assert (str(raised.value), raised.value.hint) == (sentence, hint)
        assert isinstance(raised.value, TypeError)


def test_an_asynchronous_url_needs_no_loop(shop: Migrations, tmp_path: Path) -> None:
    """PY-8"""
    assert limbeck.upgrade(async_url(tmp_path), script_location=shop.location).after == ("a1",)
    assert limbeck.at_head(async_url(tmp_path), script_location=shop.location) is True


def test_an_asynchronous_engine_needs_no_loop_and_keeps_no_connection_of_another(
    shop: Migrations, tmp_path: Path
) -> None:
    """PY-8: what is in its pool afterwards would belong to a loop that has ended."""
    engine = create_async_engine(async_url(tmp_path))
    opened: list[Any] = []
    sa.event.listen(engine.sync_engine, "connect", lambda *args: opened.append(args))

    async def use() -> None:
        async with engine.connect():
            pass
        await engine.dispose()

    assert limbeck.upgrade(engine, script_location=shop.location).after == ("a1",)
    asyncio.run(use())
    assert len(opened) == 2
    memory = create_async_engine("sqlite+aiosqlite://")
    limbeck.upgrade(memory, script_location=shop.location)
    assert limbeck.current(memory, script_location=shop.location) == ("a1",)
    asyncio.run(memory.dispose())


def test_inside_a_running_loop_the_function_to_be_awaited_is_named(shop: Migrations, tmp_path: Path) -> None:
    """PY-8"""

    async def main() -> None:
        engine = create_async_engine(async_url(tmp_path))
        async with engine.connect() as connection:
            for given, name in (
                (engine, "An AsyncEngine"),
                (async_url(tmp_path), "An asynchronous URL"),
                (connection, "An AsyncConnection"),
            ):
                with pytest.raises(EventLoopRunning) as raised:
                    limbeck.upgrade(given, script_location=shop.location)
                assert str(raised.value) == f"{name} cannot be used by a synchronous function here"
                assert (
                    raised.value.hint == "call the function of the same name in `limbeck.aio`, and await it"
                )
        await engine.dispose()

    asyncio.run(main())
    assert rows(f"sqlite:///{tmp_path}/x.db") == ()


def test_a_synchronous_database_may_be_migrated_inside_a_running_loop(
    shop: Migrations, sqlite_url: str
) -> None:
    """RUN-9"""

    async def main() -> None:
        limbeck.upgrade(sqlite_url, script_location=shop.location)

    asyncio.run(main())
    assert rows(sqlite_url) == ("a1",)


def test_what_to_install_is_said_where_greenlet_is_missing(shop: Migrations, tmp_path: Path) -> None:
    """PY-8: in a process that cannot import it; synchronous databases do not need it."""
    code = f"""
import asyncio, sys
sys.modules["greenlet"] = None
import limbeck
from limbeck.errors import GreenletRequired

where = {{"script_location": {str(shop.location)!r}}}
limbeck.upgrade("sqlite:///{tmp_path}/x.db", **where)
for call in (limbeck.at_head, lambda *a, **kw: asyncio.run(limbeck.aio.at_head(*a, **kw))):
    try:
        call({async_url(tmp_path)!r}, **where)
    except GreenletRequired as error:
        print(error, error.hint, isinstance(error, ImportError), sep="; ")
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    sentence = "Asynchronous databases need the library greenlet, which is not installed"
    line = f'{sentence}; pip install "limbeck[async]"; True\n'
    assert (finished.stdout, finished.stderr) == (line * 2, "")


def test_an_engine_needs_greenlet_too(
    shop: Migrations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PY-8: SQLAlchemy 2.0 lets one be made without it."""
    engine = create_async_engine(async_url(tmp_path))
    monkeypatch.setitem(sys.modules, "greenlet", None)
    with pytest.raises(GreenletRequired):
        limbeck.upgrade(engine, script_location=shop.location)
    with pytest.raises(GreenletRequired):
        asyncio.run(limbeck.aio.upgrade(engine, script_location=shop.location))


@pytest.mark.parametrize("template", ["async", "pyproject_async"])
def test_a_script_is_written_by_the_async_templates_without_greenlet(tmp_path: Path, template: str) -> None:
    """PY-8: they import the asynchronous engine only where they connect."""
    code = f"""
import sys
sys.modules["greenlet"] = None
from limbeck import command
from limbeck.config import Config

config = Config("alembic.ini", toml_file="pyproject.toml")
command.init(config, "migrations", template={template!r})
config = Config("alembic.ini", toml_file="pyproject.toml")
config.set_main_option("sqlalchemy.url", "sqlite+aiosqlite://")
command.revision(config, "first")
command.upgrade(config, "head", sql=True)
"""
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert finished.returncode == 0, finished.stderr
    assert "INSERT INTO alembic_version" in finished.stdout


def test_a_closed_pool_of_one_is_given_back_after_a_failure(shop: Migrations, sqlite_url: str) -> None:
    shop.add("b1", "a1", up="op.execute('SELECT nothing')")
    engine = sa.create_engine(sqlite_url, poolclass=sa.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0)
    for _ in range(2):
        with pytest.raises(sa.exc.OperationalError):
            limbeck.upgrade(engine, script_location=shop.location)
    assert limbeck.current(engine, script_location=shop.location) == ()
    engine.dispose()
