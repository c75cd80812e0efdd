"""A database in memory that goes along with a script, so that a later block can look at what the script has made.

A batch block rebuilds a table, and for that must know it. While a script is written nobody can be asked, but a
table that this very script creates is known from its statements (OFF-17, BAT-41).
"""

from __future__ import annotations

import re
import weakref

from sqlalchemy import Connection, StaticPool, create_engine, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.dml import UpdateBase

from limbeck.ddl.sink import PrintSink, StatementTexts
from limbeck.ddl.sqlite.literals import SQLiteLiterals
from limbeck.ddl.statement import PlainText, Statement

# Rows make no difference, and whatever else a script may say (ATTACH, VACUUM INTO, ...) could reach beyond memory.
_CHANGES_SCHEMA = re.compile(r"\s*(CREATE|ALTER|DROP)\b", re.IGNORECASE)
_IS_ABOUT_SOMETHING_UNKNOWN = re.compile(r"no such (table|index|view|trigger)|unknown database")


class Rehearsal:
    """A sink that hands statements on to the script, and knows the tables they have made so far."""

    def __init__(self, script: PrintSink, dialect: Dialect) -> None:
        self._script = script
        self._texts = StatementTexts(dialect, SQLiteLiterals())
        self._waiting: list[str] = []
        self._connection: Connection | None = None
        self._is_lost = False

    def emit(self, statement: Statement) -> None:
        """Hand the statement on, and keep what it changes in the schema."""
        construct = statement.construct
        # What reads the same for both takes long to write.
        if isinstance(construct, (ExecutableDDLElement, PlainText)):
            texts = list(self._script.texts.of(statement, literal_binds=True))
            self._script.emit_texts(texts)
        else:
            self._script.emit(statement)
            if isinstance(construct, UpdateBase):
                return
            texts = list(self._texts.of(statement, literal_binds=True))
        self._waiting += filter(_CHANGES_SCHEMA.match, texts)

    def find(self, table: str, schema: str | None) -> Connection | None:
        """A connection that shows the table as the script leaves it up to here; None if that is not known."""
        connection = self._caught_up()
        if self._is_lost or schema is not None or not inspect(connection).has_table(table):
            return None
        return connection

    def _caught_up(self) -> Connection:
        if self._connection is None:
            engine = create_engine("sqlite://", poolclass=StaticPool)
            self._connection = engine.connect()
            weakref.finalize(self, engine.dispose)
        for sql in self._waiting:
            try:
                self._connection.exec_driver_sql(sql)
            except DatabaseError as error:
                # A table from before the script stays unknown; anything else means that the two have parted.
                self._is_lost |= not _IS_ABOUT_SOMETHING_UNKNOWN.search(str(error.orig))
        self._waiting.clear()
        return self._connection
