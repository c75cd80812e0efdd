"""Run a recorded call on a living server, and make with SQLAlchemy alone what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.ddl.live.meaning import Meaning
from tests.ddl.live.model import Model
from tests.ddl.live.preparation import Preparation
from tests.ddl.live.world import World, run_raw, snapshot
from tests.ddl.recorded import run, say

Snapshot = dict[str, Any]


@dataclass
class Trial:
    """What the database had before a call and after it, and what went wrong in between."""

    before: Snapshot
    after: Snapshot
    error: BaseException | None


def try_online(world: World, case: dict[str, Any]) -> Trial:
    """Run the call through a connection."""
    return _try(world, case, as_script=False)


def try_script(world: World, case: dict[str, Any]) -> Trial:
    """Run the statements that the call gives offline, each as it is."""
    return _try(world, case, as_script=True)


def meant(world: World, case: dict[str, Any]) -> Snapshot:
    """What the database should have after the call."""
    call = world.adapted(case["call"])
    schemas = world.schemas_in(call)
    with world.empty(schemas) as connection:
        meaning = Meaning(world.backend, prepared(world, case))
        say(call, meaning)
        world.build(connection, meaning.model)
        for statement in meaning.statements:
            if isinstance(statement, str):
                run_raw(connection, statement)
            else:
                connection.execute(statement)
        return snapshot(connection, schemas)


def prepared(world: World, case: dict[str, Any]) -> Model:
    """What must be there for the call to make sense."""
    preparation = Preparation(world.backend, _convention(case))
    say(world.adapted(case["call"]), preparation)
    return preparation.model


def _try(world: World, case: dict[str, Any], *, as_script: bool) -> Trial:
    call = world.adapted(case["call"])
    schemas = world.schemas_in(call)
    options = {"naming_convention": _convention(case)}
    with world.empty(schemas) as connection:
        world.build(connection, prepared(world, case))
        before = snapshot(connection, schemas)
        if as_script:
            outcome = run(call, world.backend, **options)
            for sql in outcome.sql:
                try:
                    run_raw(connection, sql)
                except Exception as error:
                    outcome.error = error
                    break
        else:
            outcome = run(call, "", connection=connection, **options)
        return Trial(before, snapshot(connection, schemas), outcome.error)


def _convention(case: dict[str, Any]) -> dict[str, str] | None:
    return case.get("context", {}).get("naming_convention")
