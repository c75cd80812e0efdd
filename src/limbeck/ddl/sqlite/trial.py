"""The whole rebuild in memory first, with the schema but without rows: what would break is known before a change."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, StaticPool, create_engine
from sqlalchemy.exc import DatabaseError

from limbeck import errors
from limbeck.ddl.sqlite.schema import Database, Entry
from limbeck.ddl.sqlite.tokens import same_name, tokens, without_doubt

_ORDER = ("table", "index", "view", "trigger")


def require_nothing_breaks(
    database: Database, table: str, rebuild: Callable[[Connection], Iterator[None]]
) -> None:
    """Do a rebuild in memory; raise RebuildBreaks if a view, a trigger or a foreign key works no more after a step.

    Foreign keys count if they are enforced: else a migration may drop a column before the key that refers to it.
    What the memory cannot know, such as a function of the application, is left to the database itself.
    """
    with _copied(database) as copy, _unheard():
        if copy.find("table", table) is None:
            return
        try:
            found = _first_break(copy, rebuild(copy.connection), database.enforces_keys())
        except DatabaseError:
            return
    if found:
        raise errors.RebuildBreaks(table=table, broken=found)


def can(database: Database, alter: Callable[[Connection], Iterator[None]]) -> bool:
    """Whether SQLite can alter the table itself, and everything that speaks of it works after each step."""
    with _copied(database) as copy, _unheard():
        try:
            return not _first_break(copy, alter(copy.connection), database.enforces_keys())
        except DatabaseError:
            return False


def _first_break(copy: Database, steps: Iterator[None], with_keys: bool) -> dict[str, str]:
    """What works before the steps, and not after one of them."""
    before = broken(copy, copy.entries(), with_keys=with_keys)
    for _ in steps:
        after = broken(copy, copy.entries(), with_keys=with_keys)
        found = {what: message for what, message in after.items() if what not in before}
        if found:
            return found
    return {}


@contextmanager
def _unheard() -> Iterator[None]:
    """What is to be said is said when it happens."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def broken(database: Database, entries: list[Entry], *, with_keys: bool) -> dict[str, str]:
    """What does not work: views and triggers that speak of something missing, foreign keys that refer to no key."""
    problems = {}
    for entry in entries:
        try:
            if entry.type == "view":
                database.connection.exec_driver_sql(f"SELECT * FROM {database.full_name(entry.name)} LIMIT 0")
            elif entry.type == "trigger":
                _try_trigger(database, entry, entries)
            elif entry.type == "table" and with_keys and database.has_keys(entry.name):
                database.connection.exec_driver_sql(
                    f"PRAGMA {database.prefix}foreign_key_check({database.quote(entry.name)})"
                ).all()
        except DatabaseError as error:
            what = "a foreign key of table" if entry.type == "table" else entry.type
            problems[f"{what} {entry.name!r}"] = str(error.orig)
    return problems


def _try_trigger(database: Database, trigger: Entry, entries: list[Entry]) -> None:
    """Let SQLite compile what fires the trigger, without its neighbours, and without doing it."""
    connection = database.connection
    connection.exec_driver_sql("SAVEPOINT one_trigger")
    try:
        for other in entries:
            if other.type == "trigger" and same_name(other.table, trigger.table):
                connection.exec_driver_sql(f"DROP TRIGGER {database.full_name(other.name)}")
        columns, sql = _without_column_list(trigger.sql)
        connection.exec_driver_sql(database.in_schema(sql))
        table = database.full_name(trigger.table)
        plain = [name for name, is_plain in _columns(database, trigger.table).items() if is_plain]
        settings = ", ".join(f"{database.quote(name)} = NULL" for name in plain)
        names = ", ".join(map(database.quote, plain))
        values = ", ".join("NULL" for _ in plain)
        connection.exec_driver_sql(f"EXPLAIN INSERT INTO {table} ({names}) VALUES ({values})").all()
        connection.exec_driver_sql(f"EXPLAIN UPDATE {table} SET {settings}").all()
        connection.exec_driver_sql(f"EXPLAIN DELETE FROM {table}").all()
        for column in columns:
            if not any(same_name(column, name) for name in _columns(database, trigger.table)):
                raise DatabaseError("", None, LookupError(f"no such column: {column}"))
    finally:
        connection.exec_driver_sql("ROLLBACK TO one_trigger")
        connection.exec_driver_sql("RELEASE one_trigger")


def _columns(database: Database, table: str) -> dict[str, bool]:
    """The columns of a table or view, and whether values can be given to each."""
    rows = database.connection.exec_driver_sql(
        f"PRAGMA {database.prefix}table_xinfo({database.quote(table)})"
    )
    return {row[1]: row[6] == 0 for row in rows}


def _without_column_list(sql: str) -> tuple[list[str], str]:
    """The columns of a trigger AFTER UPDATE OF …, and the statement for a trigger after any update."""
    pieces = tokens(sql)
    for position, piece in enumerate(pieces):
        if piece.keyword == "BEGIN":
            break
        if piece.keyword == "OF" and pieces[position - 1].keyword == "UPDATE":
            end = next(at for at in range(position, len(pieces)) if pieces[at].keyword == "ON")
            columns = [part.name for part in pieces[position + 1 : end] if part.is_name]
            return columns, f"{sql[: piece.start]}{sql[pieces[end].start :]}"
    return [], sql


@contextmanager
def _copied(database: Database) -> Iterator[Database]:
    """A database in memory with the same tables, indexes, views and triggers, as far as memory can have them."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            copy = Database(connection, database.schema)
            if database.schema is not None:
                connection.exec_driver_sql(f"ATTACH ':memory:' AS {database.quote(database.schema)}")
            copy_schema(database, copy)
            yield copy
    finally:
        engine.dispose()


def copy_schema(database: Database, copy: Database) -> None:
    """Create tables, indexes, views and triggers in an empty database, as far as it can have them."""
    for entry in sorted(database.entries(), key=lambda entry: _ORDER.index(entry.type)):
        _create(copy, entry)


def _create(copy: Database, entry: Entry) -> None:
    sql = without_doubt(entry.sql) if entry.type in ("view", "trigger") else entry.sql
    try:
        copy.connection.exec_driver_sql(copy.in_schema(sql))
    except DatabaseError:
        # Unknown functions, modules and SQLite's own tables: what needs them is not tried.
        return
