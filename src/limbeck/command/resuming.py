"""Going on with a run that has stopped in the middle of a revision: resume."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from limbeck import errors
from limbeck.command.database import downgrade, upgrade
from limbeck.command.environment import Rows, run_environment
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory


def resume(
    config: Config,
    lock_timeout: float | None = None,
    no_lock: bool = False,
    statement_timeout: float | None = None,
) -> None:
    """Go on with what has stopped in the middle, to the end of that revision and no further.

    The same as `upgrade` to it, or `downgrade` below it. Raises NothingToRepair, and what they raise.
    """
    options: dict[str, Any] = {
        "lock_timeout": lock_timeout,
        "no_lock": no_lock,
        "statement_timeout": statement_timeout,
    }
    ways = _find_ways(config)
    if not ways:
        raise errors.NothingToRepair()
    for revision, direction in ways:
        if direction == "upgrade":
            upgrade(config, revision, **options)
        else:
            downgrade(config, f"{revision}-1", **options)


def _find_ways(config: Config) -> list[tuple[str, str]]:
    """The revisions that have stopped in the middle, each once, and whether on the way up or down."""
    found: dict[tuple[str, str], None] = {}

    def look(rows: Rows, context: Any) -> Iterable[Any]:
        if context.journal is not None:
            for passage in context.journal.table.read_unfinished(context.connection):
                found[passage.revision, passage.direction] = None
        return []

    run_environment(config, ScriptDirectory.from_config(config), look, dont_mutate=True)
    return list(found)
