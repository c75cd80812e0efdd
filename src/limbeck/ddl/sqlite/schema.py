"""What a SQLite database says about itself: the text of its tables, and what hangs on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from limbeck.ddl.sqlite.tokens import in_schema, mentions, renamed, same_name, tokens


@dataclass(frozen=True, slots=True)
class WrittenIndex:
    """An index, and the statement that creates it."""

    name: str
    sql: str

    @property
    def _start(self) -> int:
        return next(piece.start for piece in tokens(self.sql) if piece.text == "(")

    def mentions(self, column: str) -> bool:
        """Whether it uses a column, also in an expression or in its condition."""
        return mentions(self.sql[self._start :], column)

    def renamed(self, old: str, new: str, quote: Callable[[str], str]) -> WrittenIndex:
        """The index with another name for a column."""
        start = self._start
        return WrittenIndex(self.name, self.sql[:start] + renamed(self.sql[start:], old, new, quote))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of sqlite_schema that has a text."""

    type: str
    name: str
    table: str
    sql: str

    @property
    def description(self) -> str:
        """How people would call it."""
        return f"{self.type} {self.name!r}"


@dataclass(frozen=True, slots=True)
class Database:
    """One of the databases of a connection: main, or an attached one."""

    connection: Connection
    schema: str | None

    @property
    def prefix(self) -> str:
        """What stands before a name to say that it is in this database."""
        return f"{self.quote(self.schema or 'main')}."

    def quote(self, name: str) -> str:
        """The name as SQL, always in quotes."""
        return self.connection.dialect.identifier_preparer.quote_identifier(name)

    def in_schema(self, sql: str) -> str:
        """The CREATE statement of something in this database, which never names the database, as it must be sent."""
        quote = self.connection.dialect.identifier_preparer.quote
        return in_schema(sql, self.schema, quote)

    def full_name(self, name: str) -> str:
        """The name of a table of this database as SQL."""
        return f"{self.prefix}{self.quote(name)}"

    def entries(self) -> list[Entry]:
        """Everything that has a text, in the order of its creation."""
        rows = self.connection.exec_driver_sql(
            f"SELECT type, name, tbl_name, sql FROM {self.prefix}sqlite_master WHERE sql IS NOT NULL "
            "ORDER BY rowid"
        )
        return [Entry(*row) for row in rows]

    def find(self, type_: str, name: str) -> Entry | None:
        """The table or view of a name."""
        for entry in self.entries():
            if entry.type == type_ and same_name(entry.name, name):
                return entry
        return None

    def referring(self, table: str) -> list[str]:
        """The tables with a foreign key to this one; it may be one of them."""
        rows = self.connection.execute(
            text(
                f"SELECT DISTINCT m.name FROM {self.prefix}sqlite_master m, "
                "pragma_foreign_key_list(m.name, :schema) k WHERE m.type = 'table' "
                'AND lower(k."table") = lower(:name) ORDER BY m.rowid'
            ),
            {"schema": self.schema or "main", "name": table},
        )
        return [name for (name,) in rows]

    def foreign_key_rows(self) -> list[tuple[Any, ...]]:
        """The columns of all foreign keys: table, number of the key, target, column, its column, and both actions."""
        return self._rows_of_tables(
            'm.name, k.id, k."table", k."from", k."to", k.on_update, k.on_delete',
            "pragma_foreign_key_list(m.name, :schema) k",
            "k.id, k.seq",
        )

    def index_rows(self) -> list[tuple[Any, ...]]:
        """The columns of all indexes: table, index, whether it is unique, what it comes from, column."""
        return self._rows_of_tables(
            'm.name, i.name, i."unique", i.origin, c.name',
            "pragma_index_list(m.name, :schema) i, pragma_index_info(i.name, :schema) c",
            "i.seq, c.seqno",
        )

    def _rows_of_tables(self, columns: str, pragmas: str, order: str) -> list[tuple[Any, ...]]:
        rows = self.connection.execute(
            text(
                f"SELECT {columns} FROM {self.prefix}sqlite_master m, {pragmas} "
                f"WHERE m.type = 'table' AND m.sql IS NOT NULL ORDER BY m.rowid, {order}"
            ),
            {"schema": self.schema or "main"},
        )
        return [tuple(row) for row in rows]

    def has_keys(self, table: str) -> bool:
        """Whether a table has foreign keys."""
        rows = self.connection.execute(
            text("SELECT 1 FROM pragma_foreign_key_list(:name, :schema) LIMIT 1"),
            {"schema": self.schema or "main", "name": table},
        )
        return rows.first() is not None

    def enforces_keys(self) -> bool:
        """Whether the connection enforces foreign keys."""
        return bool(self.connection.exec_driver_sql("PRAGMA foreign_keys").scalar())

    def violations(self, tables: Sequence[str], *, with_mismatches: bool) -> Counter[tuple[str, str]]:
        """How many rows of each table refer to a row of another one that is not there.

        A key that refers to no key of the other table can count as one violation by all rows.
        """
        found: Counter[tuple[str, str]] = Counter()
        for table in tables:
            try:
                rows = self.connection.exec_driver_sql(
                    f"PRAGMA {self.prefix}foreign_key_check({self.quote(table)})"
                ).all()
            except DatabaseError as error:
                found[table, str(error.orig)] += with_mismatches
                continue
            found.update((child, parent) for child, _, parent, _ in rows)
        return found

    def count(self, table: str) -> int:
        """The number of rows."""
        return int(
            self.connection.exec_driver_sql(f"SELECT count(*) FROM {self.full_name(table)}").scalar_one()
        )

    def sequence(self, table: str) -> int | None:
        """The highest number that AUTOINCREMENT has given in a table, if it has given one."""
        if (
            self.connection.exec_driver_sql(
                f"SELECT 1 FROM {self.prefix}sqlite_master WHERE name = 'sqlite_sequence'"
            ).first()
            is None
        ):
            return None
        rows = self.connection.execute(
            text(f"SELECT seq FROM {self.prefix}sqlite_sequence WHERE lower(name) = lower(:name)"),
            {"name": table},
        )
        number = rows.scalar()
        return None if number is None else int(number)
