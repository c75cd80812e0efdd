"""What can happen to a run on its way to the database: the process is killed, the connection lost, a statement refused.

Everything that goes over the connection of a run is an event: each statement, of the migration, of limbeck or of its
journal, and each commit. They are counted where SQLAlchemy hands them to the driver, so none is missed.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from limbeck.runtime.journal.kinds import Kind
from limbeck.runtime.journal.text import kind_of

KILL_BEFORE = "kill before"
KILL_AFTER = "kill after"
KILL_DURING = "kill during"
"""The statement is on its way, or is being carried out, and nobody is there to hear how it ends."""
KILLS = (KILL_BEFORE, KILL_AFTER, KILL_DURING)
DROP_BEFORE = "drop before"
"""The server has ended the session when the statement is sent."""
DROP_ANSWER = "drop answer"
"""The server ends the session after it has carried the statement out, and the answer is lost."""
ERROR = "error"
"""The server refuses the statement."""

COMMIT = "COMMIT"
_TAKING_THE_TRANSACTION = ("create", "drop", "alter", "rename", "truncate")


@dataclass(frozen=True)
class Event:
    """Something that goes over the connection."""

    text: str

    @property
    def is_read(self) -> bool:
        """Whether it leaves nothing behind, so that being killed before it is the same as after it.

        So is letting go of the lock, which nobody waits for.
        """
        if "RELEASE_LOCK" in self.text:
            return True
        return kind_of(self.text) is Kind.AGAIN and self.text.split(None, 1)[0].upper() not in (
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "VACUUM",
            "REINDEX",
            "CREATE",
        )


@dataclass(frozen=True)
class Fault:
    """What is to happen, and at which event, counted from 1."""

    kind: str
    number: int


@dataclass(frozen=True)
class Sent:
    """What goes over the connection at an event, with its values."""

    text: str
    values: Any

    def leave(self, session: Any) -> None:
        """Send it, and do not wait for the answer."""
        if hasattr(session, "pgconn"):
            import psycopg

            statement = psycopg.ClientCursor(session).mogrify(self.text, self.values)
            if not session.autocommit and session.info.transaction_status == 0:
                statement = f"BEGIN; {statement}"  # as the driver does before the first one
            session.pgconn.send_query(statement.encode())
            session.pgconn.flush()
        else:
            query = 3  # the protocol's COM_QUERY
            session._execute_command(query, session.cursor().mogrify(self.text, self.values))


class Saboteur:
    """Watches what an engine hands to its driver, and lets a fault happen there."""

    def __init__(self, engine: Engine, fault: Fault | None) -> None:
        self.events: list[Event] = []
        self._engine = engine
        self._fault = fault
        for name in ("do_execute", "do_executemany", "do_execute_no_params"):
            self._wrap_execution(name)
        self._wrap_commit()

    def _wrap_execution(self, name: str) -> None:
        original = getattr(self._engine.dialect, name)

        def execute(cursor: Any, statement: str, *others: Any, **options: Any) -> Any:
            def act() -> Any:
                return original(cursor, statement, *others, **options)

            values = others[0] if others and isinstance(others[0], (dict, list, tuple)) else None
            sent = Sent(statement, values[0] if name == "do_executemany" and values else values)
            return self._let_happen(sent, cursor.connection, cursor, act)

        setattr(self._engine.dialect, name, execute)

    def _wrap_commit(self) -> None:
        original = self._engine.dialect.do_commit

        def commit(connection: Any) -> None:
            session = getattr(connection, "dbapi_connection", connection)
            self._let_happen(Sent(COMMIT, None), session, None, lambda: original(connection))

        self._engine.dialect.do_commit = commit  # type: ignore[method-assign]  # that is what it is for here

    def _let_happen(self, sent: Sent, session: Any, cursor: Any, act: Callable[[], Any]) -> Any:
        event = Event(sent.text)
        self.events.append(event)
        fault = self._fault
        if fault is None or len(self.events) != fault.number:
            return act()
        if fault.kind == KILL_BEFORE:
            _kill()
        if fault.kind == KILL_DURING:
            sent.leave(session)
            _kill()
        if fault.kind == DROP_BEFORE:
            self._end_on_the_server(session)
        if fault.kind == ERROR:
            return self._refuse(event, cursor)
        result = act()
        if fault.kind == KILL_AFTER:
            _kill()
        if fault.kind == DROP_ANSWER:
            self._end_on_the_server(session)
            session.cursor().execute("SELECT 1")
        return result

    def _refuse(self, event: Event, cursor: Any) -> None:
        """Let the server answer as it would to this statement: DDL ends a transaction even if it fails.

        A question is not told that there is no such table, which some take for the answer.
        """
        word = event.text.split(None, 1)[0].lower()
        takes = self._engine.dialect.name in ("mysql", "mariadb") and word in _TAKING_THE_TRANSACTION
        cursor.execute("DROP TABLE never_was_there" if takes else "SELECT never_was_there()")

    def _end_on_the_server(self, session: Any) -> None:
        other = create_engine(self._engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with other.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                end, look = "SELECT pg_terminate_backend({})", "SELECT 1 FROM pg_stat_activity WHERE pid = {}"
                number = session.info.backend_pid
            else:
                end, look = "KILL {}", "SELECT 1 FROM information_schema.processlist WHERE id = {}"
                number = session.thread_id()
            connection.execute(text(end.format(number)))
            while connection.execute(text(look.format(number))).first():
                time.sleep(0.002)


def faults_at(events: list[Event], *, is_server: bool) -> list[Fault]:
    """Every fault that can happen in a run that has these events.

    To be killed after one is to be killed before the next, so it is tried only where nothing is tried before that; the
    last one lets go of the lock.
    """
    faults: list[Fault] = []
    following = [*events[1:], events[-1]]
    for number, (event, after) in enumerate(zip(events, following, strict=True), 1):
        kinds = [] if event.is_read else [KILL_BEFORE]
        if after.is_read and not event.is_read:
            kinds.append(KILL_AFTER)
        if is_server and not event.is_read:
            kinds += [KILL_DURING, DROP_BEFORE, DROP_ANSWER]
        if event.text != COMMIT:
            kinds.append(ERROR)
        faults += [Fault(kind, number) for kind in kinds]
    return faults


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
