"""Names, comments, defaults and values that hurt arrive as they are, and none ends the statement that it is in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limbeck.operations.base import Operations
from tests.ddl.live import hurting
from tests.ddl.live.world import World, run_raw
from tests.ddl.recorded import Context, statements

STORIES: dict[str, Callable[[str, World], Iterator[hurting.Step]]] = {
    "table": lambda name, world: hurting.of_table(name, name, world.has_comments),
    "column": lambda name, world: hurting.of_column(name, name, world.has_comments, Each),
    "index and constraints": lambda name, world: hurting.of_index_and_constraints(name, Each),
    "enum": lambda name, world: hurting.of_enum(name, name[:20]),
}
SPECIAL = st.sampled_from([*"'\"`;:%\\?$-/*[]{}() \n\t.,=@#é汉ש", "--", "/*", "''", "%s", "%%", ":x", "\\'"])
TEXTS = st.lists(
    SPECIAL | st.characters(categories=["L", "N"], max_codepoint=0xFFFF), min_size=1, max_size=12
)


class Each:
    """Does each directive in a batch block of its own, which SQLite needs and others do not mind."""

    def __init__(self, op: Any, table: str) -> None:
        self.op, self.table = op, table

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kw: Any) -> Any:
            with self.op.batch_alter_table(self.table) as batch_op:
                return getattr(batch_op, name)(*args, **kw)

        return call


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    found = World(request.getfixturevalue(f"module_{request.param}_url"))
    yield found
    found.close()


def run_online(world: World, story: Iterator[hurting.Step]) -> None:
    """Do each step through a connection."""
    with world.empty([]) as connection:
        op = Operations(Context("", connection=connection, as_sql=False))  # type: ignore[arg-type]
        for step in story:
            step.action(op)
            step.check(connection)


def run_script(world: World, story: Iterator[hurting.Step]) -> None:
    """Write each step as a script, and run its statements as they are."""
    with world.empty([]) as connection:
        context = Context(world.backend, literal_binds=True, paramstyle="named")
        op = Operations(context)  # type: ignore[arg-type]
        for step in story:
            context.output.pages.clear()
            step.action(op)
            for sql in statements(context):
                run_raw(connection, sql)
            step.check(connection)


@pytest.mark.filterwarnings("ignore:Unknown schema content:sqlalchemy.exc.SAWarning")  # a name of two lines
@pytest.mark.parametrize("name", hurting.NAMES)
@pytest.mark.parametrize("way", [run_online, run_script], ids=["online", "script"])
def test_a_name_arrives_as_it_is(world: World, name: str, way: Callable[..., None]) -> None:
    """OPS-6, OPS-53: tables, columns, indexes, constraints, types, values, comments and defaults."""
    if not hurting.fits(name, world.backend):
        pytest.skip(f"{world.backend} has no such names")
    for story in STORIES.values():
        way(world, story(name, world))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("way", [run_online, run_script], ids=["online", "script"])
def test_any_combination_arrives_as_it_is(
    world: World, way: Callable[..., None], data: st.DataObject
) -> None:
    names = TEXTS.map("".join).filter(lambda name: hurting.fits(name, world.backend))
    name = data.draw(names.filter(lambda name: name.lower() not in ("id", "n")))
    text = data.draw(TEXTS.map("".join))
    way(world, hurting.of_column(name, text, world.has_comments, Each))


def test_a_name_that_is_too_long_is_refused(world: World) -> None:
    """SQLite has no limit. PostgreSQL cuts the name of a table itself, always in the same way."""
    name = "x" * 65
    errors = {
        "sqlite": None,
        "postgresql": "exceeds maximum length of 63",
        "mariadb": "too long|maximum length",
    }
    expected = errors[world.backend]
    with world.empty([]) as connection:
        op = Operations(Context("", connection=connection, as_sql=False))  # type: ignore[arg-type]
        op.create_table("t", sa.Column("a", sa.Integer))
        if expected is None:
            op.create_index(name, "t", ["a"])
            assert hurting.indexes(connection, "t") == [name]
        else:
            with pytest.raises((sa.exc.IdentifierError, sa.exc.DBAPIError), match=expected):
                op.create_index(name, "t", ["a"])
            assert hurting.indexes(connection, "t") == []


def test_the_client_of_a_database_runs_the_script(world: World, tmp_path: Path) -> None:
    """All names at once, as `upgrade --sql | client` would run them."""
    client = client_of(world, tmp_path / "database.sqlite")
    if client is None:
        pytest.skip(f"no command-line client for {world.backend}")
    names = [
        name for name in hurting.NAMES if hurting.fits(name, world.backend) and len(name.encode()) < 60
    ]  # an index beside a table needs a name of its own
    context = Context(world.backend, literal_binds=True, paramstyle="named")
    op = Operations(context)  # type: ignore[arg-type]
    for name in names:
        column = sa.Column(name, sa.String(99), server_default=name, comment=name)
        op.create_table(name, sa.Column("id", sa.Integer), column, sa.Index(f"i{name}", name), comment=name)
    with world.empty([]) as connection, ExitStack() as stack:
        finished = subprocess.run(
            client, input="".join(context.output.pages), capture_output=True, text=True, encoding="utf-8",
            env={**os.environ, "PGCLIENTENCODING": "utf8"}, timeout=60,
        )  # fmt: skip
        assert (finished.returncode, finished.stderr) == (0, "")
        if world.backend == "sqlite":  # the client has made a file of its own
            engine = sa.create_engine(f"sqlite:///{client[-1]}")
            connection = stack.enter_context(engine.connect())
            stack.callback(engine.dispose)
        assert sorted(sa.inspect(connection).get_table_names()) == sorted(names)
        for name in names:
            comment = name if world.has_comments else None
            assert hurting.columns(connection, name) == [("id", None), (name, comment)]
            assert hurting.indexes(connection, name) == [f"i{name}"]


def client_of(world: World, file: Path) -> list[str] | None:
    """The command that reads a script for this database from its input."""
    url = world.url
    if world.backend == "sqlite":
        program = shutil.which("sqlite3")
        return program and [program, "-bail", str(file)]  # type: ignore[return-value]
    if world.backend == "postgresql":
        program = shutil.which("psql")
        target = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return program and [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", target]  # type: ignore[return-value]
    program = shutil.which("mariadb") or shutil.which("mysql")
    place = [f"--user={url.username}", f"--host={url.host or 'localhost'}", f"--port={url.port or 3306}"]
    if "unix_socket" in url.query:
        place = [f"--user={url.username}", f"--socket={url.query['unix_socket']}"]
    password = [f"--password={url.password}"] if url.password else []
    return program and [program, *place, *password, "--default-character-set=utf8mb4", str(url.database)]  # type: ignore[return-value]
