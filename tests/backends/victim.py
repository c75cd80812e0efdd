"""A project whose database connection dies where a test wants it to, run as a process of its own.

Its env.py counts what happens on the connection: a transaction begins, a statement is sent, a commit or rollback
is asked for. Before the event numbered `LOSE_AT`, a second connection ends the first one on the server.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from sqlalchemy import MetaData, create_engine, inspect, make_url, text

ENV = """
import os
import time
from limbeck import context
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool

config = context.config
engine = create_engine(os.environ["URL"], poolclass=NullPool)
options = eval(os.environ.get("OPTIONS", "{}"))
lose_at = int(os.environ.get("LOSE_AT", "0"))
seen = []


def note(connection, what):
    seen.append(what)
    if len(seen) == lose_at:
        end_on_the_server(connection.connection.dbapi_connection)


def end_on_the_server(session):
    other = create_engine(os.environ["URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        if engine.dialect.name == "postgresql":
            end, look = "SELECT pg_terminate_backend({})", "SELECT 1 FROM pg_stat_activity WHERE pid = {}"
            number = session.info.backend_pid
        else:
            end, look = "KILL {}", "SELECT 1 FROM information_schema.processlist WHERE id = {}"
            number = session.thread_id()
        connection.execute(text(end.format(number)))
        while connection.execute(text(look.format(number))).first():
            time.sleep(0.01)


event.listen(engine, "begin", lambda connection: note(connection, "BEGIN"))
event.listen(engine, "commit", lambda connection: note(connection, "COMMIT"))
event.listen(engine, "rollback", lambda connection: note(connection, "ROLLBACK"))
event.listen(engine, "before_cursor_execute", lambda connection, cursor, sql, *_: note(connection, sql))

if context.is_offline_mode():
    context.configure(url=os.environ["URL"], **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with engine.connect() as connection:
        seen.clear()
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
        events = list(seen)
    if "EVENTS" in os.environ:
        with open(os.environ["EVENTS"], "w") as file:
            file.writelines(" ".join(event.split()) + "\\n" for event in events)
"""

INI = """[alembic]
script_location = %(here)s/migrations
path_separator = os
"""

REVISION = '''"""{message}"""
from limbeck import op

revision = {revision!r}
down_revision = {parent!r}


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
'''


class Outcome(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> list[str]:
        """The lines of the report: what is not a log record."""
        return [line for line in self.err.splitlines() if not re.match(r"(INFO|WARNING|ERROR|DEBUG) ", line)]

    def fact(self, label: str) -> str | None:
        """What stands behind a label of the report, as one line; None if there is no such label."""
        found: list[str] | None = None
        for line in self.report:
            if line.startswith(f"  {label:<10}"):
                found = [*(found or []), line[12:]]
            elif found is not None and line.startswith(" " * 12):
                found.append(line[12:])
            elif found is not None:
                break
        return None if found is None else " ".join(part.strip() for part in found)


class Victim:
    """A project in a directory; `url` is the database its commands work on."""

    def __init__(self, directory: Path, url: str) -> None:
        self.directory = directory
        self.url = url
        (directory / "migrations" / "versions").mkdir(parents=True)
        (directory / "migrations" / "env.py").write_text(ENV)
        (directory / "alembic.ini").write_text(INI)
        self._last: str | None = None

    def add(self, revision: str, upgrade: str, downgrade: str = "pass") -> Path:
        """Write the next revision of a line."""
        path = self.directory / "migrations" / "versions" / f"{revision}.py"
        path.write_text(
            REVISION.format(
                message=f"make {revision}",
                revision=revision,
                parent=self._last,
                upgrade=upgrade.replace("\n", "\n    "),
                downgrade=downgrade.replace("\n", "\n    "),
            )
        )
        self._last = revision
        return path

    def edit_env(self, old: str, new: str) -> None:
        """Change a line of env.py."""
        path = self.directory / "migrations" / "env.py"
        before = path.read_text()
        assert before.count(old) == 1
        path.write_text(before.replace(old, new))

    def events(self, options: str) -> list[str]:
        """What happens on the connection while it is upgraded to the head undisturbed."""
        path = self.directory / "events"
        done = self.run("upgrade", "head", environ={"EVENTS": str(path), "OPTIONS": options})
        assert done.status == 0, done.err
        return path.read_text().splitlines()

    def run(self, *words: str, environ: Mapping[str, str] = {}) -> Outcome:
        """Run the command line."""
        done = subprocess.run(
            [sys.executable, "-m", "limbeck", *words],
            cwd=self.directory,
            env={**os.environ, "URL": self.url, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)


class Contents(NamedTuple):
    """What a database holds."""

    tables: tuple[str, ...]
    rows: tuple[str, ...]
    """The rows of the version table; none if there is no table."""


def contents(url: str) -> Contents:
    """What a new connection finds: tables but the version table and those beside it, and its rows."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            names = sorted(inspect(connection).get_table_names())
            tables = [name for name in names if not name.endswith(("_journal", "_lock"))]
            rows: list[str] = []
            if "alembic_version" in tables:
                tables.remove("alembic_version")
                rows = sorted(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
            return Contents(tuple(tables), tuple(rows))
    finally:
        engine.dispose()


def empty(url: str) -> None:
    """Drop all tables of a database."""
    engine = create_engine(url)
    try:
        metadata = MetaData()
        metadata.reflect(engine)
        metadata.drop_all(engine)
    finally:
        engine.dispose()


class MutedServer:
    """Stands between a client and its server, and lets the answer to a COMMIT get lost, the first one or a later one.

    The server gets that COMMIT and carries it out; instead of the answer the client sees the connection end.
    """

    def __init__(self, url: str, *, number: int = 1) -> None:
        server = make_url(url)
        self._number = number
        self._server = (server.host or "127.0.0.1", server.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = server.set(host="127.0.0.1", port=self._listening.getsockname()[1]).render_as_string(
            hide_password=False
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> MutedServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:  # the end of the block has closed it
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            muted = threading.Event()
            answers = threading.Thread(target=_pass_on, args=(server, client, muted), daemon=True)
            answers.start()
            commits = 0
            while data := _received(client):
                commits += len(re.findall(rb"\bCOMMIT\b", data))
                if commits >= self._number:
                    muted.set()
                server.sendall(data)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            answers.join(timeout=10)


def _pass_on(server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
    while data := _received(server):
        if muted.is_set():
            break
        client.sendall(data)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""
