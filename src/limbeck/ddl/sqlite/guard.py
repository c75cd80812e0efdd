"""A rebuild is all or nothing, and reaches no row of another table.

SQLite's documentation ("ALTER TABLE", "Making Other Kinds Of Table Schema Changes") prescribes that foreign keys are
off, because DROP TABLE deletes the rows of the table first, and with foreign keys on, that reaches the rows that
refer to them. The switch does nothing inside a transaction; what is done then is in `limbeck.ddl.sqlite.swap`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from limbeck import errors
from limbeck.ddl.sqlite.schema import Database
from limbeck.ddl.sqlite.transaction import is_open

SAVEPOINT = "limbeck_rebuild"


class Implementation(Protocol):
    """What this module needs of the implementation."""

    def _exec(self, construct: Any) -> Any: ...


@contextmanager
def guarding(impl: Implementation, database: Database, table: str) -> Iterator[None]:
    """Let a rebuild happen as a whole or not at all, and look at the foreign keys before it is final (BAT-28).

    Without a transaction one begins here and ends here; inside of one only the rebuild is undone after a failure.
    Raises KeysViolated if rows have lost what they refer to, and foreign keys are enforced; else that is a warning.
    """
    is_enforced = database.enforces_keys()
    with (
        _switched_off(impl, database, table) if is_enforced else _nothing(),
        _as_a_whole(impl, database.connection),
    ):
        related = _related(database, table)
        before = database.violations(related, with_mismatches=is_enforced)
        yield
        related = list(dict.fromkeys([*related, *_related(database, table)]))
        new = database.violations(related, with_mismatches=is_enforced) - before
        if new and is_enforced:
            raise errors.KeysViolated(table=table, violations=new)
        if new:
            warnings.warn(str(errors.KeysViolated(table=table, violations=new)), stacklevel=2)


@contextmanager
def legacy_renames(impl: Implementation, connection: Connection) -> Iterator[None]:
    """Let tables take other names although, for a moment, views and triggers speak of one that is missing."""
    if connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar():
        yield
        return
    impl._exec(text("PRAGMA legacy_alter_table=ON"))
    try:
        yield
    finally:
        impl._exec(text("PRAGMA legacy_alter_table=OFF"))


@contextmanager
def _switched_off(impl: Implementation, database: Database, table: str) -> Iterator[None]:
    """Switch foreign keys off for a table that has any, or is referred to; no transaction lets that happen."""
    if is_open(database.connection) or not _related(database, table):
        yield
        return
    impl._exec(text("PRAGMA foreign_keys=OFF"))
    try:
        yield
    finally:
        if not database.enforces_keys():
            impl._exec(text("PRAGMA foreign_keys=ON"))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _as_a_whole(impl: Implementation, connection: Connection) -> Iterator[None]:
    """Without a transaction, a savepoint is one; the driver begins none of its own while it lasts."""
    impl._exec(text(f"SAVEPOINT {SAVEPOINT}"))
    try:
        yield
    except BaseException as problem:
        if not is_open(connection):  # so it is after an interruption, and with a full disk
            problem.add_note("SQLite has rolled back the whole transaction by itself")
            raise
        try:
            impl._exec(text(f"ROLLBACK TO {SAVEPOINT}"))
            impl._exec(text(f"RELEASE {SAVEPOINT}"))
        except DatabaseError as second:
            problem.add_note(f"The rebuild could not be undone separately: {second.orig}")
        raise
    impl._exec(text(f"RELEASE {SAVEPOINT}"))


def _related(database: Database, table: str) -> Sequence[str]:
    """The tables whose foreign keys a rebuild could break: this one, and those that refer to it."""
    own = [table] if database.has_keys(table) else []
    return list(dict.fromkeys([*own, *database.referring(table)]))
