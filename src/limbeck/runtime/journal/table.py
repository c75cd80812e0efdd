"""The side table: a row for each run of a revision, and one for each of its statements until it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

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
    text,
)
from sqlalchemy.schema import CreateTable

from limbeck.base.process import Process
from limbeck.base.redaction import redact
from limbeck.ddl.impl import DefaultImpl
from limbeck.sqla import shortcuts

RUNNING = "running"
PARTIAL = "partial"
DONE = "done"
ABANDONED = "abandoned"
UNDONE = "undone"
BEGUN = "begun"
"""A statement was about to run. It has, if another one was written down after it: DONE is left to be understood."""
DOUBTFUL = "doubtful"
"""A statement was refused, and the migration went on; it may have left something behind nevertheless."""
BLOCK = "block"
READ = "read"
"""A question that was asked between changes, and its answer. Its position is below zero, so that changes are
counted from 1 without it, and its evidence is the position of the change before it."""

UNFINISHED = (RUNNING, PARTIAL)


class Entry(NamedTuple):
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

    @property
    def goes_without_saying(self) -> bool:
        """Whether it need not be marked as done: the next one says so, and until then the catalogue does."""
        return self.evidence is not None and self.returned is None and not self.rows


class Passage(NamedTuple):
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
    is_end_known: bool = True
    """Whether all that is in the database stands here: if the process was killed, the last creations may not."""


class PassageEnd:
    """The end of a passage that may be written in one statement with a change of the version table.

    `is_changed` says whether it was.
    """

    def __init__(
        self,
        changes: Mapping[Any, Any],
        conditions: tuple[ColumnElement[bool], ...],
        values: Mapping[str, Any],
    ) -> None:
        self.changes = changes
        self.conditions = conditions
        self.values = values
        self.is_changed = False


class JournalTable:
    """Reads and writes the side table, on the connection that migrates, in whatever transaction is open there."""

    def __init__(
        self, impl: DefaultImpl, name: str, schema: str | None, *, exists: bool | None = None
    ) -> None:
        self._impl = impl
        self._exists = exists
        self._now: ColumnElement[Any] = literal_column(impl.current_moment)
        self._session: str | None = None
        self.table = make_table(impl, name, schema)
        # Each step runs these, so they are made once.
        self._prepared = shortcuts.PreparedStatements()
        table = self.table
        passage, place = bindparam("passage", type_=String()), bindparam("place", type_=Integer())
        self._insert = table.insert().inline()
        self._update = table.update().where(table.c.id == passage, table.c.position == place)
        end = {table.c.state: bindparam("new_state"), table.c.ended: self._now}
        self._end_of_passage = partial(PassageEnd, end, (table.c.id == passage, table.c.position == place))
        self._update_end = self._update.values(end)
        self._delete_all = table.delete().where(table.c.id == passage)
        self._delete_statements = self._delete_all.where(table.c.position != 0)

    @property
    def is_surely_there(self) -> bool:
        """Whether the database is known to have the table."""
        return bool(self._exists)

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

    def note_existence(self, exists: bool | None) -> None:
        """Somebody has found out whether the database has the table; or it is not known any more."""
        self._exists = exists

    def has_unfinished(self, connection: Connection) -> bool:
        """Whether a passage has stopped."""
        table = self.table
        query = select(table.c.id).where(table.c.position == 0, table.c.state.in_(UNFINISHED))
        found = self._impl.try_to_select(query)
        if found is None and self.exists(connection):
            found = list(connection.execute(query).scalars())
        return bool(found)

    def read_unfinished(self, connection: Connection) -> list[Passage]:
        """The passages that have stopped, with their statements in order."""
        if not self.exists(connection):
            return []
        table = self.table
        unfinished = select(table.c.id).where(table.c.position == 0, table.c.state.in_(UNFINISHED))
        rows = connection.execute(
            select(table).where(table.c.id.in_(unfinished)).order_by(table.c.id, func.abs(table.c.position))
        ).mappings()
        defers = self._impl.notes_creations_later
        return [one._replace(is_end_known=one.state != RUNNING or not defers) for one in _passages(rows)]

    def read_history(self, connection: Connection, limit: int = 100) -> list[Passage]:
        """The passages of the past, the last one first, at most `limit`."""
        if not self.exists(connection):
            return []
        table = self.table
        query = select(table).where(table.c.position == 0).order_by(table.c.begun.desc()).limit(limit)
        return _passages(connection.execute(query).mappings())

    def open(
        self, connection: Connection, passage: Passage, process: Process, entries: Iterable[Entry]
    ) -> None:
        """Write down that a revision is being run, and the first statements of it, in one statement."""
        first = {
            "id": passage.id,
            "position": 0,
            "state": passage.state,
            "digest": passage.file,
            "revision": passage.revision,
            "direction": passage.direction,
            "session": self._find_session(connection),
            "login": process.user,
            "host": process.host,
            "process": process.number,
            "program": process.program,
        }
        rows = [_row(passage.id, entry) for entry in entries]
        if rows:
            columns = dict.fromkeys((*first, *rows[0]))
            connection.execute(self._insert, [columns | row for row in (first, *rows)])
        else:
            self._prepared.execute(connection, self._insert, first)

    def reopen(self, connection: Connection, passage: Passage, process: Process) -> bool:
        """Write down that somebody goes on with a passage; False if it is not there."""
        values: dict[str, Any] = {"state": RUNNING, "host": process.host, "process": process.number}
        return self._change(connection, passage.id, 0, values | {"session": self._find_session(connection)})

    def _find_session(self, connection: Connection) -> str | None:
        """What the database calls the session; asked once."""
        if self._session is None and self._impl.session_number is not None:
            query = select(literal_column(self._impl.session_number, String()))
            self._session = str(connection.execute(query).scalar())
        return self._session

    def add(self, connection: Connection, id: str, entries: Iterable[Entry]) -> None:
        """Add statements, if there are any."""
        rows = [_row(id, one) for one in entries]
        if rows:
            connection.execute(self._insert, rows)

    def mark_done(self, connection: Connection, id: str, entry: Entry) -> None:
        """Write down that a statement that had begun is carried out."""
        values = {"state": DONE, "rows_changed": entry.rows, "returned": entry.returned}
        self._change(connection, id, entry.position, values)

    def mark_doubtful(self, connection: Connection, id: str, entry: Entry) -> None:
        """Write down that a statement was refused, before another one is added."""
        self._change(connection, id, entry.position, {"state": DOUBTFUL})

    def remove(self, connection: Connection, id: str, positions: Iterable[int]) -> None:
        """Forget statements that are not in the database."""
        table = self.table
        numbers = list(positions)
        if numbers:
            connection.execute(table.delete().where(table.c.id == id, table.c.position.in_(numbers)))

    def end_of(self, id: str, state: str) -> PassageEnd | None:
        """The end of a passage, if it can be written together with a change of another table."""
        if not self._impl.updates_tables_at_once:
            return None
        return self._end_of_passage({"passage": id, "place": 0, "new_state": state})

    def close(self, connection: Connection, id: str, state: str, *, has_statements: bool = True) -> None:
        """End a passage: its statements go, and one row stays."""
        if has_statements:
            self.forget_statements(connection, id)
        self._end(connection, id, state)

    def forget_statements(self, connection: Connection, id: str) -> None:
        """The statements of a passage go, and one row stays."""
        connection.execute(self._delete_statements, {"passage": id})

    def note_stop(self, connection: Connection, id: str) -> None:
        """Write down that a passage has stopped on the way."""
        self._end(connection, id, PARTIAL)

    def discard(self, connection: Connection, id: str) -> None:
        """Forget a passage of which nothing is in the database."""
        connection.execute(self._delete_all, {"passage": id})

    def _end(self, connection: Connection, id: str, state: str) -> None:
        values = {"passage": id, "place": 0, "new_state": state}
        self._prepared.execute(connection, self._update_end, values)

    def _change(self, connection: Connection, id: str, position: int, values: dict[str, Any]) -> bool:
        """Change one row; False if it is not there."""
        done = connection.execute(self._update.values(values), {"passage": id, "place": position})
        return done.rowcount != 0


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
        Column("begun", impl.moment, server_default=text(impl.current_moment)),
        Column("ended", impl.moment),
        schema=schema,
    )


def _row(id: str, entry: Entry) -> dict[str, Any]:
    return {
        "id": id,
        "position": entry.position,
        "state": entry.state,
        "digest": entry.digest,
        "statement": redact(entry.statement),  # others read it; the digest tells statements apart
        "evidence": entry.evidence,
        "rows_changed": entry.rows,
        "returned": entry.returned,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        row["position"],
        row["state"],
        row["digest"],
        row["statement"],
        row["evidence"],
        row["rows_changed"],
        row["returned"],
    )


def _passages(rows: Iterable[Any]) -> list[Passage]:
    """The passages, from their rows in the order of the positions."""
    passages: dict[str, Passage] = {}
    entries: dict[str, list[Entry]] = {}
    for row in rows:
        if row["position"] != 0:
            entries[row["id"]].append(_entry(row))
            continue
        entries[row["id"]] = []
        passages[row["id"]] = Passage(
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
    return [
        passage._replace(
            entries=understood(one for one in entries[passage.id] if one.state != READ),
            answers=tuple(one for one in entries[passage.id] if one.state == READ),
        )
        for passage in passages.values()
    ]


def understood(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """What is written down of the statements of a passage, with what follows from it.

    Before a statement is written down those before it have ended; only of the last one it is not known.
    """
    known = list(entries)
    before, last = known[:-1], known[-1:]
    return (*(one._replace(state=DONE) if one.state == BEGUN else one for one in before), *last)
