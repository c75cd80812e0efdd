"""Several processes migrate one database at the same moment: each revision must be applied exactly once.

    python -m tests.races.race --rounds 50 --processes 8

runs all kinds of rounds on all three databases, and on PostgreSQL behind PgBouncer, and prints a table. A round is
well if every process exits with 0, each revision was applied by exactly one of them, the database is at head, and
PostgreSQL has no invalid index.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from limbeck.cli.commandline import CommandLine
from tests.backends import databases, pgbouncer
from tests.backends.fleet import Fleet
from tests.backends.servers import CannotStart

ENV = """
import os, time
from limbeck import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

options = eval(os.environ.get("CONNECT", "{}"))
engine = create_engine(os.environ["URL"], poolclass=NullPool, connect_args=options)
open(os.environ["READY"], "w").close()
while not os.path.exists(os.environ["START"]):
    time.sleep(0.001)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
import os
import sqlalchemy as sa
from limbeck import op

revision = {id!r}
down_revision = {parent!r}


def upgrade():
    with open(os.environ["APPLIED"], "a") as file:
        file.write("{id}\\n")
    {body}


def downgrade():
    pass
"""
PLAIN = {
    "a": 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))',
    "b": 'op.bulk_insert(sa.table("t", sa.column("id"), sa.column("n")), [{"id": i, "n": i} for i in range(1, 51)])',
    "c": 'op.add_column("t", sa.Column("m", sa.Integer))',
}
CONCURRENT = {
    **PLAIN,
    "d": "with op.get_context().autocommit_block():\n"
    '        op.create_index("ix_t_n", "t", ["n"], postgresql_concurrently=True)',
}
KINDS = ("fresh", "behind", "concurrent index")
PROXIED = "pgbouncer"
MIXED = "mixed"
"""Half of the processes reach PostgreSQL through PgBouncer, and have a lease; the others have an advisory lock."""
BACKENDS = ("sqlite", "postgresql", "mariadb", PROXIED, MIXED)


@dataclass
class Outcome:
    """What came of a round."""

    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def write_project(directory: Path, revisions: dict[str, str]) -> None:
    """A project whose revisions note that they are applied."""
    versions = directory / "versions"
    versions.mkdir(parents=True)
    (directory / "env.py").write_text(ENV)
    (directory / "script.py.mako").write_text("")
    parent = None
    for id, body in revisions.items():
        (versions / f"{id}.py").write_text(REVISION.format(id=id, parent=parent, body=body))
        parent = id
    (directory / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s\npath_separator = os\n")


class Race:
    """Rounds of one kind in one project.

    The processes are forked from this one, which has imported everything, so that they really start together.
    """

    def __init__(
        self, directory: Path, kind: str, *, processes: int, connect: str = "{}", is_mixed: bool = False
    ) -> None:
        self.kind = kind
        self.processes = processes
        self.directory = directory
        self.connect = connect
        self.is_mixed = is_mixed
        self.revisions = CONCURRENT if kind == "concurrent index" else PLAIN
        write_project(directory, self.revisions)

    def run(self, url: str, *, direct_url: str | None = None) -> Outcome:
        """One round on an empty database; `direct_url` is where to look, if `url` leads through a proxy."""
        applied, start = self.directory / "applied", self.directory / "start"
        start.touch()
        ids = list(self.revisions)
        before = [] if self.kind == "fresh" else ids[:1]
        surroundings = {"APPLIED": str(applied), "START": str(start), "URL": url, "CONNECT": self.connect}
        others = surroundings
        if self.is_mixed and direct_url is not None:
            others = {**surroundings, "URL": direct_url, "CONNECT": "{}"}
        if before:
            first = self._fork(surroundings, ids[0], 0)
            assert first.wait() == 0, first.output
        applied.write_text("")
        start.unlink()
        running = [
            self._fork(others if number % 2 else surroundings, "head", number)
            for number in range(self.processes)
        ]
        deadline = time.monotonic() + 60
        while not all(one.is_ready for one in running) and time.monotonic() < deadline:
            time.sleep(0.005)
        began = time.monotonic()
        start.touch()
        outcome = Outcome()
        for one in running:
            if (code := one.wait()) != 0:
                outcome.faults.append(f"exit {code}: {one.output[-3000:]}")
        outcome.seconds = time.monotonic() - began
        times = Counter(applied.read_text().split())
        if times != Counter(id for id in ids if id not in before):
            outcome.faults.append(f"applied {dict(times)}")
        try:
            outcome.faults += look(direct_url or url, ids[-1])
        except DBAPIError as error:  # there may not even be a table
            outcome.faults.append(str(error.orig))
        return outcome

    def _fork(self, surroundings: dict[str, str], target: str, number: int) -> Child:
        ready, output = self.directory / f"ready{number}", self.directory / f"output{number}"
        ready.unlink(missing_ok=True)
        pid = os.fork()
        if pid:
            return Child(pid, ready, output)
        code = 70
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            os.environ.update(surroundings, READY=str(ready))
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
            code = run(["-c", str(self.directory / "alembic.ini"), "upgrade", target])
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


@dataclass
class Child:
    """One of the processes."""

    pid: int
    ready: Path
    file: Path

    @property
    def is_ready(self) -> bool:
        return self.ready.exists()

    @property
    def output(self) -> str:
        return self.file.read_text()

    def wait(self) -> int:
        """What it exits with."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def run(words: list[str]) -> int:
    """What the command exits with."""
    try:
        CommandLine().main(words)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 71
    return 0


def look(url: str, head: str) -> list[str]:
    """What is wrong with a database after a race."""
    faults = []
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if rows != [head]:
            faults.append(f"rows {rows}")
        if (count := connection.execute(text("SELECT count(*), count(m) FROM t")).one()) != (50, 0):
            faults.append(f"data {count}")
        if engine.dialect.name == "postgresql":
            invalid = text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
            if connection.execute(invalid).scalar():
                faults.append("invalid index")
    return faults


def races(backend: str) -> Iterator[str]:
    """The kinds of rounds for a database."""
    return (kind for kind in KINDS if backend not in ("sqlite", "mariadb") or kind != "concurrent index")


@contextmanager
def empty_database(fleet: Fleet, backend: str) -> Iterator[str]:
    """The URL of an empty database that goes with the block."""
    if backend == "sqlite":
        with tempfile.TemporaryDirectory() as directory:
            yield f"sqlite:///{directory}/race.sqlite"
        return
    url = databases.create(fleet.find(backend).url, fleet.prefix)
    try:
        yield url
    finally:
        databases.drop(url)


def server_of(backend: str) -> str:
    """The server that it takes."""
    return "postgresql" if backend in (PROXIED, MIXED) else backend


@contextmanager
def reached(fleet: Fleet, backend: str) -> Iterator[Callable[[str], str]]:
    """From the URL of a database to that which the processes use."""
    if backend not in (PROXIED, MIXED):
        yield lambda url: url
        return
    with pgbouncer.before(fleet.find("postgresql").url) as place:
        yield lambda url: pgbouncer.through(url, place)


def run_rounds(fleet: Fleet, backend: str, kind: str, *, rounds: int, processes: int) -> Iterator[Outcome]:
    """Rounds of one kind, each on an empty database."""
    server = server_of(backend)
    connect = pgbouncer.OPTIONS if backend in (PROXIED, MIXED) else "{}"
    with tempfile.TemporaryDirectory() as directory, reached(fleet, backend) as reach:
        race = Race(
            Path(directory) / "project",
            kind,
            processes=processes,
            connect=connect,
            is_mixed=backend == MIXED,
        )
        for _ in range(rounds):
            with empty_database(fleet, server) as url:
                yield race.run(reach(url), direct_url=url)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--backend", action="append", choices=BACKENDS)
    options = parser.parse_args(argv)
    fleet = Fleet()
    failed = 0
    try:
        for backend in options.backend or BACKENDS:
            server = server_of(backend)
            if server != "sqlite" and fleet.find(server).reason:
                print(f"{backend}: {fleet.find(server)}")
                continue
            try:
                for kind in races(backend):
                    outcomes = list(
                        run_rounds(fleet, backend, kind, rounds=options.rounds, processes=options.processes)
                    )
                    failed += print_row(backend, kind, outcomes)
            except CannotStart as error:
                print(f"{backend}: none ({error})")
    finally:
        fleet.close()
    return 1 if failed else 0


def print_row(backend: str, kind: str, outcomes: Sequence[Outcome]) -> int:
    """Print what came of rounds of one kind, and return how many were not well."""
    bad = [one for one in outcomes if one.faults]
    longest = max(one.seconds for one in outcomes)
    print(
        f"{backend:<11}{kind:<18}{len(outcomes) - len(bad)} of {len(outcomes)} rounds well, longest {longest:.1f} s",
        flush=True,
    )
    for one in bad[:3]:
        print("   ", "\n    ".join(one.faults))
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
