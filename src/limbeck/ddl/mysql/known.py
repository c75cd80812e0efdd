"""What a run knows of the catalogue without asking: which tables cannot be there, and which it has made itself.

A question before each statement costs as much as writing the statement down, and most migrations create tables
that were not there, and then indexes on them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection


class KnownObjects:
    """What is surely absent, from one look at the names of all tables and from what has been sent since.

    It knows nothing of what other sessions create meanwhile; but then the server refuses to create it again.
    """

    def __init__(self) -> None:
        self._names: set[str] | None = None
        """The names that may be taken, in lower case; None if nobody has looked."""
        self._made: dict[str, str] = {}
        """What has been sent about a table that was created here."""

    def forget(self) -> None:
        """Something has happened that may have changed anything."""
        self._names = None
        self._made.clear()

    def has_no_table(self, connection: Connection, table: str) -> bool:
        """Whether there is no table, view or sequence of that name, as it is written in a statement."""
        name = plain_name(table)
        if name is None:
            return False
        if self._names is None:
            rows = connection.exec_driver_sql("SHOW TABLES")
            self._names = {_text(row[0]).lower() for row in rows}
        return name not in self._names

    def has_no_index(self, table: str, index: str) -> bool:
        """Whether a table was created here, and nothing that was sent about it names such an index."""
        sent, name = self._made.get(plain_name(table) or ""), plain_name(index)
        return sent is not None and name is not None and name not in sent

    def note_created(self, table: str, sql: str) -> None:
        """A table that was not there is about to be created."""
        self.note_sent([table])
        self._made[plain_name(table) or ""] = sql.lower()

    def note_indexed(self, table: str, sql: str) -> None:
        """An index is about to be created on a table that was created here."""
        self._made[plain_name(table) or ""] += sql.lower()

    def note_sent(self, tables: Iterable[str]) -> None:
        """A statement is sent about tables: their names may be taken, and what they are like is not known any more."""
        for name in map(plain_name, tables):
            if name is not None:
                self._made.pop(name, None)
                if self._names is not None:
                    self._names.add(name)


def plain_name(name: str) -> str | None:
    """A name as the catalogue has it, in lower case; None for one that is not plain.

    That is one which says its database too, or one which the server may take for another.
    """
    name = name.strip()
    if name.startswith("`"):
        name = name[1:-1]
        is_plain = "`" not in name
    else:
        is_plain = "." not in name
    return name.lower() if is_plain and name.isascii() else None


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
