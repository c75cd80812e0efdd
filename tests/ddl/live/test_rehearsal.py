"""What every recorded call would send is known without sending it, and it is what the call then sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from limbeck.operations.base import Operations
from limbeck.runtime.planning.recorder import Place, Recorder
from tests.ddl.live.test_recorded_calls import CASES, EXTENSIONS
from tests.ddl.live.test_recorded_calls import world as world
from tests.ddl.live.test_recorded_calls import worlds as worlds
from tests.ddl.live.trial import _convention, prepared
from tests.ddl.live.world import World, snapshot
from tests.ddl.recorded import Context, say

pytestmark = pytest.mark.filterwarnings("ignore")
QUESTION = re.compile(
    r"\s*(?:SELECT|SHOW|PRAGMA|DO |SAVEPOINT|RELEASE|ROLLBACK|WITH RECURSIVE|EXPLAIN)\b", re.IGNORECASE
)
"""What is no change; the tables of statements that are sent through operations are compared in other tests."""

Sent = tuple[str, Any]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['id']}-{case['dialect']}") for case in CASES])
def test_what_a_call_would_send_is_what_it_sends(case: dict[str, Any], world: World) -> None:
    extension = EXTENSIONS.get(case["id"])
    if extension and extension not in world.extensions and world.backend == "postgresql":
        pytest.skip(f"this server has no {extension}")
    call = world.adapted(case["call"])
    schemas = world.schemas_in(call)
    with world.empty(schemas) as connection:
        world.build(connection, prepared(world, case))
        before = snapshot(connection, schemas)
        context = made_context(case, connection)
        with context.impl.stand_in(connection) as copy:
            trial = context if copy is None else made_context(case, copy.connection)
            recorder = Recorder(
                trial.impl,
                trial.connection,
                Place(lambda: (0, False)),
                lets_through=copy is not None,
                is_exact=True,
            )
            with recorder.watching():
                planned_error = said(call, trial)
        assert snapshot(connection, schemas) == before, "the rehearsal has changed the database"
        with listening(world.engine) as sent:
            error = said(call, context)
    planned = [plain(one.sql, one.sets) for one in recorder.sent if not QUESTION.match(one.sql)]
    if copy is not None:
        assert type(planned_error) is type(error)
        assert planned == sent
    elif isinstance(error, sa.exc.DBAPIError):
        # Only the server knows that it refuses: it is sent what is planned, up to there.
        assert planned[: len(sent)] == sent
    else:
        assert (planned, type(planned_error)) == (sent, type(error))


def made_context(case: dict[str, Any], connection: Any) -> Context:
    opts: dict[str, Any] = {"literal_binds": True}
    convention = _convention(case)
    if convention:
        opts["target_metadata"] = sa.MetaData(naming_convention=convention)
    return Context("", connection=connection, as_sql=False, **opts)


def said(call: str, context: Context) -> Exception | None:
    try:
        say(call, Operations(context))  # type: ignore[arg-type]
    except Exception as error:
        return error
    return None


@contextmanager
def listening(engine: sa.Engine) -> Iterator[list[Sent]]:
    """What goes to the driver, apart from questions."""
    sent: list[Sent] = []

    def listen(_: Any, __: Any, sql: str, parameters: Any, ___: Any, many: bool) -> None:
        if not QUESTION.match(sql):
            sent.append(plain(sql, tuple(parameters) if many else (parameters,) if parameters else ()))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def plain(sql: str, sets: tuple[Any, ...]) -> Sent:
    return sql.replace("%%", "%").strip(), repr(sets)
