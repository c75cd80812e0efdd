"""Migrations from a program: `limbeck.upgrade(engine, script_location="migrations")`.

Neither an ini file nor an env.py is needed; an env.py that exists is run. What is done is returned as a value, and
nothing is printed. The functions may be called from several threads at once. `limbeck.aio` has the same ones to be
awaited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from limbeck.command.connecting import Database, run_job
from limbeck.command.results import Difference, Direction, Plan, Run
from limbeck.command.runner import Runner, StrPath
from limbeck.config import Config
from limbeck.runtime.option_types import ConfigureOptions


def upgrade(
    database: Database,
    revision: str = "head",
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Apply migrations, up to `revision`, and say which.

        limbeck.upgrade("postgresql+psycopg://app@localhost/shop", script_location="migrations")

    `database` is an Engine, a Connection, or a URL. A connection that is in a transaction stays in it: whoever
    began it commits (TXN-4). An asynchronous engine or URL is used in an event loop made for this call; where
    one runs already, EventLoopRunning is raised, and `limbeck.aio.upgrade` is to be awaited instead.

    The migrations are in the directory `script_location`, which may be `package:directory`, or where the
    configuration `config` says, an ini file, a pyproject.toml or a Config. `options` are those of
    `context.configure()`; they hold wherever an env.py says nothing else (ENV-5, PY-1).

    An env.py finds the connection in `config.attributes["connection"]` and the URL in `sqlalchemy.url` (PY-2).
    If its text has no word `attributes`, it is expected to connect by itself. Raises AnotherDatabase, or
    ConnectionNotTaken, if it turns to another place than `database`; nothing has run then.

    Raises CommandError for what a user can mend, and what SQLAlchemy raises if the database refuses.
    """
    return run_job(database, Runner(script_location, config, options).upgrade(revision))


def downgrade(
    database: Database,
    revision: str,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Undo migrations, back to `revision`, which may be `-1` or `base`, and say which.

        limbeck.downgrade(engine, "-1", script_location="migrations")

    The parameters, and what is raised, are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).downgrade(revision))


def stamp(
    database: Database,
    revision: str | Sequence[str],
    *,
    purge: bool = False,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Run:
    """Record `revision`, or several, as applied without running anything.

        limbeck.stamp(engine, "head", script_location="migrations")

    With `purge`, forget first what was recorded; then nothing is said to have been there before. The other
    parameters, and what is raised, are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).stamp(revision, purge=purge))


def current(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> tuple[str, ...]:
    """The revisions the database is at: none, one, or one for each branch.

        limbeck.current(engine, script_location="migrations")

    Nothing is written, the version table need not exist. The parameters are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).current())


def at_head(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> bool:
    """Whether all migrations are applied; made for readiness probes.

        limbeck.at_head(engine, script_location="migrations")

    Nothing is written. The parameters are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).at_head())


def plan(
    database: Database,
    revision: str = "head",
    *,
    direction: Direction = "upgrade",
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> Plan:
    """What `upgrade` or, as `direction` says, `downgrade` would do; nothing is written.

        [step.revision for step in limbeck.plan(engine, script_location="migrations").steps]

    The other parameters, and what is raised, are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).plan(revision, direction))


def check(
    database: Database,
    *,
    script_location: StrPath | None = None,
    config: Config | StrPath | None = None,
    **options: Unpack[ConfigureOptions],
) -> tuple[Difference, ...]:
    """The differences between the database and the models; none if they agree. Nothing is written.

        assert not limbeck.check(engine, script_location="migrations", target_metadata=Base.metadata)

    The models are `target_metadata`, or what an env.py says. Raises NotUpToDate if migrations are pending,
    NoTargetMetadata if there are no models. The parameters are as in `upgrade`.
    """
    return run_job(database, Runner(script_location, config, options).check())
