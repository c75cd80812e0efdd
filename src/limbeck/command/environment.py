"""Runs env.py for a command, and asks it what the version table holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from limbeck.base import garbage
from limbeck.base.settings import read_boolean
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import Script, ScriptDirectory

if TYPE_CHECKING:
    from limbeck.runtime.given import GivenDatabase

Rows = tuple[str, ...]
Work = Callable[[Any, Any], Iterable[Any]]
"""What a command does there: from the rows and a MigrationContext to the steps to run (RUN-6)."""


def run_environment(
    config: Config,
    script: ScriptDirectory,
    work: Work,
    *,
    given: GivenDatabase | None = None,
    compares: bool = False,
    **options: Any,
) -> None:
    """Run env.py; each time it calls `run_migrations()`, `work` says what is to be done (RUN-1, RUN-7).

    `given` is the database to work on, if it is not for env.py to say; then none is needed (PY-2). Nor is it in a
    project that was set up without one: there the settings and the environment say which database it is, and where
    the models are, which are needed if the work `compares`. `options` are what `configure()` finds given already
    (ENV-5). SQLAlchemy is imported here.
    """
    from limbeck.runtime.environment import EnvironmentContext

    garbage.keep_imports()
    if given is not None:
        from limbeck.runtime.given import run_given

        run_given(given, config, script, work, **options)
        return
    if "url" in config.given or (config.is_own_project and not os.path.isfile(script.env_py_location)):
        from limbeck.command.discovery import road

        road.run_discovered(config, script, work, compares=compares, **options)
        return
    from limbeck.command.discovery.urls import has_placeholder

    if config.models or has_placeholder(config):
        from limbeck.command.discovery import road

        options = road.with_models(config, options)
        config = road.fill_placeholder(config)
    with EnvironmentContext(config, script, fn=work, **options):
        script.run_env()


def waiting_options(
    lock_timeout: float | None, statement_timeout: float | None, no_lock: bool
) -> dict[str, Any]:
    """What was said about time limits and the run lock; what was not said is for env.py and the configuration."""
    said = {"lock_timeout": lock_timeout, "statement_timeout": statement_timeout}
    options: dict[str, Any] = {
        name: read_seconds(f"--{name.replace('_', '-')}", value)
        for name, value in said.items()
        if value is not None
    }
    return {**options, "lock": False} if no_lock else options


def read_seconds(name: str, value: float | str) -> float:
    """A number of seconds. Raises CommandError, naming the option, if it is none."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise CommandError(
            f"{name} must be a number of seconds, not {value!r}", hint=f"for example `{name} 60`"
        )
    return seconds


def read_rows(config: Config, script: ScriptDirectory) -> Rows:
    """What the version tables hold, in all databases that env.py knows; none is created for that."""
    found: dict[str, None] = {}

    def keep(rows: Rows, context: Any) -> Iterable[Any]:
        found.update(dict.fromkeys(rows))
        return []

    run_environment(config, script, keep, dont_mutate=True)
    return tuple(found)


def list_current(script: ScriptDirectory, rows: Rows) -> list[Script]:
    """The newest revision of each branch that is applied if the table has `rows`, in the order of files (CLI-58)."""
    current = {one.revision: one for one in script.get_all_current(rows)}
    return [current[id] for id in script.revision_map.graph if id in current]


def wants_environment(config: Config) -> bool:
    """Whether env.py is to run where it need not: `revision_environment` (CFG-25)."""
    name = "revision_environment"
    return read_boolean(name, config.get_alembic_option(name))
