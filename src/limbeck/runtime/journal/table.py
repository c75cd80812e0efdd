"""The side table: a row for each run of a revision, and one for each of its statements until it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    inspect,
    literal_column,
    select,
)
from sqlalchemy.schema import CreateTable

from limbeck.base.process import Process
from limbeck.ddl.impl import DefaultImpl

RUNNING = "running"
PARTIAL = "partial"
DONE = "done"
ABANDONED = "abandoned"
UNDONE = "undone"
BEGUN = "begun"
BLOCK = "block"
READ = "read"
"""A question that was asked between changes, and its answer. Its position is below zero, so that changes are
counted from 1 without it, and its evidence is the position of the change before it."""

UNFINISHED = (RUNNING, PARTIAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement of a revision: what it is, and how far it has come.

    `digest` tells it apart from others, `evidence` is what the catalogue said before it, `rows` how many rows it
    changed, `returned` those that it returned, as JSON.
    """

    position: int
    state: str
    digest: str
    statement: str
    evidence: str | None = None
    rows: int | None = None
    returned: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One way through a revision, up or down, and the statements on it that are in the database.

    `file` is the digest of the revision's file as it was then, `session` what the database called the session.
    """

    id: str
    revision: str
    direction: str
    state: str
    file: str
    session: str | None = None
    user: str | None = None
    host: str | None = None
    process: int | None = None
    program: str | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    entries: tuple[Entry, ...] = ()
    answers: tuple[Entry, ...] = ()
    """The questions that were asked between them, with their answers."""


class JournalTable:
    """Reads and writes the side table, on the connection that migrates, in whatever transaction is open there."""

    def __init__(
        self, impl: DefaultImpl, name: str, schema: str | None, *, has_usual_name: bool = True
    ) -> None:
        self._impl = impl
        self._exists: bool | None = None
        self.has_usual_name = has_usual_name
        self._now: ColumnElement[Any] = literal_column(impl.current_moment)
        self.table = make_table(impl, name, schema)

    def exists(self, connection: Connection) -> bool:
        """Whether the database has the table; asked once."""
        if self._exists is None:
            self._exists = inspect(connection).has_table(self.table.name, schema=self.table.schema)
        return self._exists

    def create(self, connection: Connection) -> None:
        """Create the table if it is not there."""
        if not self.exists(connection):
            connection.execute(CreateTable(self.table))
            self._exists = True

    def note_existence(self, exists: bool) -> None:
        """Somebody has found out whether the database has the table."""
        self._exists = exists

    def forget_existence(self) -> None:
        """Ask the database again: a transaction that may have created the table was rolled back."""
        self._exists = None

    def read_unfinished(self, connection: Connection) -> list[Passage]:
        """The passages that have stopped, with their statements in order."""
        if not self.exists(connection):
            return []
        table = self.table
        unfinished = select(table.c.id).where(table.c.position == 0, table.c.state.in_(UNFINISHED))
        rows = connection.execute(
            select(table).where(table.c.id.in_(unfinished)).order_by(table.c.id, func.abs(table.c.position))
        ).mappings()
        return _passages(rows)

    def read_history(self, connection: Connection, limit: int = 100) -> list[Passage]:
        """The passages of the past, the last one first, at most `limit`."""
        if not self.exists(connection):
            return []
        table = self.table
        query = select(table).where(table.c.position == 0).order_by(table.c.begun.desc()).limit(limit)
        return _passages(connection.execute(query).mappings())

    def open(self, connection: Connection, passage: Passage, process: Process) -> None:
        """Write down that a revision is being run."""
        session = self._impl.session_number
        values: dict[str, Any] = {
            "id": passage.id,
            "position": 0,
            "state": passage.state,
            "digest": passage.file,
            "revision": passage.revision,
            "direction": passage.direction,
            "login": process.user,
            "host": process.host,
            "process": process.number,
            "program": process.program,
            "begun": self._now,
        }
        if session is not None:
            values["session"] = literal_column(session)
        connection.execute(self.table.insert().inline().values(values))

    def reopen(self, connection: Connection, passage: Passage, process: Process) -> None:
        """Write down that somebody goes on with a passage."""
        values: dict[str, Any] = {"state": RUNNING, "host": process.host, "process": process.number}
        session = self._impl.session_number
        if session is not None:
            values["session"] = literal_column(session)
        self._change(connection, passage.id, 0, values)

    def add(self, connection: Connection, id: str, entries: Sequence[Entry]) -> None:
        """Add statements."""
        connection.execute(
            self.table.insert().inline(),
            [
                {
                    "id": id,
                    "position": one.position,
                    "state": one.state,
                    "digest": one.digest,
                    "statement": one.statement,
                    "evidence": one.evidence,
                    "rows_changed": one.rows,
                    "returned": one.returned,
                }
                for one in entries
            ],
        )

    def mark_done(self, connection: Connection, id: str, entry: Entry) -> None:
        """Write down that a statement that had begun is carried out."""
        self._change(connection, id, entry.position, {"state": DONE, "rows_changed": entry.rows})

    def remove(self, connection: Connection, id: str, positions: Iterable[int]) -> None:
        """Forget statements that are not in the database."""
        table = self.table
        numbers = list(positions)
        if numbers:
            connection.execute(table.delete().where(table.c.id == id, table.c.position.in_(numbers)))

    def close(self, connection: Connection, id: str, state: str) -> None:
        """End a passage: its statements go, and one row stays."""
        table = self.table
        connection.execute(
            table.delete().where(table.c.id == bindparam("passage"), table.c.position != 0), {"passage": id}
        )
        self._change(connection, id, 0, {"state": state, "ended": self._now})

    def note_stop(self, connection: Connection, id: str) -> None:
        """Write down that a passage has stopped on the way."""
        self._change(connection, id, 0, {"state": PARTIAL, "ended": self._now})

    def discard(self, connection: Connection, id: str) -> None:
        """Forget a passage of which nothing is in the database."""
        table = self.table
        connection.execute(table.delete().where(table.c.id == bindparam("passage")), {"passage": id})

    def _change(self, connection: Connection, id: str, position: int, values: dict[str, Any]) -> None:
        table = self.table
        connection.execute(
            table.update()
            .where(table.c.id == bindparam("passage"), table.c.position == bindparam("place"))
            .values(values),
            {"passage": id, "place": position},
        )


def make_table(impl: DefaultImpl, name: str, schema: str | None) -> Table:
    """The side table as it is created: a passage has a row with position 0, and its statements the others."""
    return Table(
        name,
        MetaData(),
        Column("id", String(32), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("state", String(16), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("revision", String(255)),
        Column("direction", String(16)),
        Column("statement", impl.long_text),
        Column("evidence", impl.long_text),
        Column("rows_changed", Integer),
        Column("returned", impl.long_text),
        Column("session", String(64)),
        Column("login", String(128)),
        Column("host", String(255)),
        Column("process", Integer),
        Column("program", String(64)),
        Column("begun", impl.moment),
        Column("ended", impl.moment),
        schema=schema,
    )


def _passages(rows: Iterable[Any]) -> list[Passage]:
    found: dict[str, Passage] = {}
    for row in rows:
        if row["position"] == 0:
            found[row["id"]] = Passage(
                id=row["id"],
                revision=row["revision"],
                direction=row["direction"],
                state=row["state"],
                file=row["digest"],
                session=row["session"],
                user=row["login"],
                host=row["host"],
                process=row["process"],
                program=row["program"],
                begun=row["begun"],
                ended=row["ended"],
            )
        else:
            passage = found[row["id"]]
            entry = Entry(
                row["position"],
                row["state"],
                row["digest"],
                row["statement"],
                row["evidence"],
                row["rows_changed"],
                row["returned"],
            )
            if entry.state == READ:
                found[row["id"]] = replace(passage, answers=(*passage.answers, entry))
            else:
                found[row["id"]] = replace(passage, entries=(*passage.entries, entry))
    return list(found.values())
