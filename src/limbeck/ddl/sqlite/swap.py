"""The new table takes the place of the old one."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import MetaData, Table, bindparam, text
from sqlalchemy.exc import DatabaseError

from limbeck import errors
from limbeck.ddl.sqlite.guard import legacy_renames
from limbeck.ddl.sqlite.schema import Database
from limbeck.ddl.sqlite.tokens import with_name

OLD = "_limbeck_old_"


class Implementation(Protocol):
    """What this module needs of the implementation."""

    def _exec(self, construct: Any) -> Any: ...
    def drop_table(self, table: Table) -> None: ...
    def rename_table(self, old: str, new: str, *, schema: str | None = None) -> None: ...


def put_in_place(impl: Implementation, database: Database, table: str, temporary: str) -> None:
    """Drop the old table, and give the new one its name (BAT-20, BAT-28)."""
    with legacy_renames(impl, database.connection):
        referring = database.referring(table)
        if referring and database.enforces_keys():
            _exchange(impl, database, table, temporary, referring)
            return
        put_in_place_in_script(impl, database, table, temporary)


def put_in_place_in_script(impl: Implementation, database: Database, table: str, temporary: str) -> None:
    """The same in a script, where foreign keys are for the one who runs it to switch off (BAT-91)."""
    impl.drop_table(Table(table, MetaData(), schema=database.schema))
    impl.rename_table(temporary, table, schema=database.schema)


def _exchange(
    impl: Implementation, database: Database, table: str, temporary: str, referring: list[str]
) -> None:
    """Do it inside a transaction that enforces foreign keys: drop the old table when nothing refers to it.

    A rename takes along all references to the old table, so its rows can go without a trace; the tables that
    refer to it then get the very text that they had before, in the way that SQLite's documentation gives for
    changes that do not touch rows. Raises RebuildWouldDeleteRows where that is locked.
    """
    entry = database.find("table", table)
    assert entry is not None
    table, old = entry.name, f"{OLD}{entry.name}"
    texts = {entry.name: entry.sql for entry in database.entries() if entry.type == "table"}
    wanted = {name: texts[name] for name in referring}
    wanted[old] = with_name(wanted.pop(table, texts[table]), old, database.quote)
    wanted[table] = with_name(wanted.pop(temporary, texts[temporary]), table, database.quote)
    impl.rename_table(table, old, schema=database.schema)
    impl.rename_table(temporary, table, schema=database.schema)
    update = text(
        f"UPDATE {database.prefix}sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"
    )
    impl._exec(text("PRAGMA writable_schema=ON"))
    try:
        for name, sql in wanted.items():
            impl._exec(update.bindparams(bindparam("sql", sql), bindparam("name", name)))
    except DatabaseError as error:
        raise errors.RebuildWouldDeleteRows(table=table, referring=referring) from error
    finally:
        impl._exec(text("PRAGMA writable_schema=RESET"))
    found = database.referring(old)
    if found:
        raise errors.RebuildWouldDeleteRows(table=table, referring=found)
    impl.drop_table(Table(old, MetaData(), schema=database.schema))
