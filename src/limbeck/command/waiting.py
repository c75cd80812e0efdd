"""Waiting until a database answers: wait, and `--wait-db`."""

from __future__ import annotations

import time
from collections.abc import Callable

from limbeck import errors
from limbeck.base.answer import give
from limbeck.base.progress import watcher
from limbeck.command.environment import Rows, read_rows, read_seconds
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

Seconds = float | str
"""A number, or what somebody typed as one."""

DEFAULT_TIMEOUT = 60.0
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0


def wait(config: Config, timeout: Seconds = DEFAULT_TIMEOUT, at: str | None = None) -> None:
    """Wait until the database answers; with `at`, until that revision is applied there.

    After `timeout` seconds, what went wrong last is raised, or DatabaseNotAtHead if it is only the revision that is
    missing.
    """
    script = ScriptDirectory.from_config(config)
    rows = wait_for_database(config, script, read_seconds("--timeout", timeout), at=at)
    give({"revisions": list(rows)})
    config.print_stdout(f"The database answers; it is at {', '.join(rows) or 'base'}.")


def wait_for_database(
    config: Config,
    script: ScriptDirectory,
    seconds: float,
    *,
    at: str | None = None,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Rows:
    """Ask again and again what the database is at, until it answers, and give that.

    With `at`, until that revision, or all that it names, are applied. Each attempt is a run of env.py, if there is
    one. Raises what the last attempt failed with, with a note on how long it was waited for, if `seconds` have passed;
    DatabaseNotAtHead; UnknownRevision if no file has `at`.
    """
    wanted = {each.revision for each in script.get_revisions(at)} if at is not None else set()
    end = now() + seconds
    pause = FIRST_PAUSE
    looking = watcher.find()
    if looking is not None:
        looking.begin("waiting for the database")
    try:
        while True:
            try:
                rows = read_rows(config, script)
                if wanted <= _applied(script, rows):
                    return rows
                failure: Exception = _not_there(at, rows, seconds)
            except Exception as error:
                if not is_unreachable(error):
                    raise
                failure = error
                error.add_note(f"the database was waited for {seconds:g} s")
            left = end - now()
            if left <= 0:
                raise failure
            sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)
            if looking is not None:
                looking.tick()
    finally:
        if looking is not None:
            looking.end()


def is_unreachable(error: Exception) -> bool:
    """Whether a failure may be over when the server has started: it came before any statement was sent."""
    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError):
        return error.statement is None
    return isinstance(error, ConnectionError | TimeoutError) or type(error).__name__ == "gaierror"


def _applied(script: ScriptDirectory, rows: Rows) -> set[str]:
    return {each.revision for each in script.walk_revisions(head=rows)} if rows else set()


def _not_there(at: str | None, rows: Rows, seconds: float) -> errors.DatabaseNotAtHead:
    return errors.DatabaseNotAtHead(
        f"After {seconds:g} s the database is still at {', '.join(rows) or 'base'}, not at {at}",
        hint=f"run `limbeck upgrade {at}`, or give whoever runs it more time with `--timeout`",
    )
