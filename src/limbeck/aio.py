"""Migrations from an asynchronous program: `await limbeck.aio.upgrade(engine, script_location="migrations")`.

The functions are those of `limbeck.command.program`, with the same parameters, results and errors. On an asynchronous
engine, connection or URL they leave the event loop free while the database works. A synchronous engine or URL is used
in a thread, and so is an env.py that makes its own connection; a synchronous connection is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from limbeck.command.connecting import Database, run_job_async
from limbeck.command.results import Difference, Direction, Plan, Run
from limbeck.command.runner import Runner, StrPath
from limbeck.config import Config
from limbeck.runtime.option_types import ConfigureOptions

__all__ = ["at_head", "check", "current", "downgrade", "plan", "stamp", "upgrade"]


async def upgrade(
    database: Database,
    revision: str = "head",
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Apply migrations, up to `revision`, and say which. See `limbeck.upgrade`."""
    return await run_job_async(database, Runner(script_location, config, options).upgrade(revision))


async def downgrade(
    database: Database,
    revision: str,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Undo migrations, back to `revision`, which may be `-1` or `base`, and say which. See `limbeck.downgrade`."""
    return await run_job_async(database, Runner(script_location, config, options).downgrade(revision))


async def stamp(
    database: Database,
    revision: str | Sequence[str],
    *,
    purge: bool = False,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Record `revision`, or several, as applied without running anything. See `limbeck.stamp`."""
    return await run_job_async(
        database, Runner(script_location, config, options).stamp(revision, purge=purge)
    )


async def current(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> tuple[str, ...]:
    """The revisions the database is at: none, one, or one for each branch. See `limbeck.current`."""
    return await run_job_async(database, Runner(script_location, config, options).current())


async def at_head(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> bool:
    """Whether all migrations are applied; made for readiness probes. See `limbeck.at_head`."""
    return await run_job_async(database, Runner(script_location, config, options).at_head())


async def plan(
    database: Database,
    revision: str = "head",
    *,
    direction: Direction = "upgrade",
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Plan:
    """What `upgrade` or, as `direction` says, `downgrade` would do; nothing is written. See `limbeck.plan`."""
    return await run_job_async(database, Runner(script_location, config, options).plan(revision, direction))


async def check(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> tuple[Difference, ...]:
    """The differences between the database and the models. See `limbeck.check`."""
    return await run_job_async(database, Runner(script_location, config, options).check())
