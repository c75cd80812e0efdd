"""What a batch block means on SQLite: when a table is rebuilt, and how its rows survive that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Table, text
from sqlalchemy.schema import DefaultClause

from limbeck.errors import RebuildWouldDeleteRows

Directive = tuple[str, tuple[Any, ...], dict[str, Any]]


class Implementation(Protocol):
    """What this module needs of the implementation."""

    as_sql: bool
    connection: Connection | None

    def _exec(self, construct: Any) -> Any: ...


def is_alterable(directive: Directive) -> bool:
    """Whether SQLite does it without a rebuild: most new columns, and everything about indexes (BAT-13)."""
    name, args, _ = directive
    if name == "add_column":
        return _is_addable(args[1])
    return name in ("create_index", "drop_index")


def _is_addable(column: Column[Any]) -> bool:
    """A default that is an expression would need a value for each row that exists, a STORED column too."""
    if column.computed is not None:
        return not column.computed.persisted
    default = column.server_default
    return not isinstance(default, DefaultClause) or isinstance(default.arg, str)


@contextmanager
def keeping_referring_rows(impl: Implementation, table: Table) -> Iterator[None]:
    """Switch foreign keys off while a table is replaced (BAT-28).

    DROP TABLE first deletes the rows of the table, and with foreign keys on, that reaches the rows that refer
    to them. The switch does nothing inside a transaction: then RebuildWouldDeleteRows is raised.
    """
    connection = None if impl.as_sql else impl.connection
    referring = _referring_tables(connection, table) if connection and _is_enforced(connection) else ()
    if connection is None or not referring:
        yield
        return
    if not _can_be_switched_off(connection):
        raise RebuildWouldDeleteRows(table=table.name, referring=referring)
    impl._exec(text("PRAGMA foreign_keys=OFF"))
    try:
        # Of its own accord the driver begins a transaction before the INSERT, and the switch would stay off.
        impl._exec(text("BEGIN"))
        try:
            yield
        except BaseException:
            impl._exec(text("ROLLBACK"))
            raise
        impl._exec(text("COMMIT"))
    finally:
        impl._exec(text("PRAGMA foreign_keys=ON"))


def _is_enforced(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())


def _can_be_switched_off(connection: Connection) -> bool:
    """Try it: whether a transaction is open, drivers tell in different ways."""
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    if _is_enforced(connection):
        return False
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    return True


def _referring_tables(connection: Connection, table: Table) -> Sequence[str]:
    """The tables in which a row refers to this one; the table itself may be one of them."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = table.schema or "main"
    keys = connection.execute(
        text(
            f'SELECT m.name, k."from" FROM {quote(schema)}.sqlite_master m, pragma_foreign_key_list(m.name, :schema) k '
            "WHERE m.type = 'table' AND lower(k.\"table\") = lower(:name) ORDER BY m.name, k.id, k.seq"
        ),
        {"schema": schema, "name": table.name},
    ).all()
    found = []
    for name, column in keys:
        has_row = f"SELECT 1 FROM {quote(schema)}.{quote(name)} WHERE {quote(column)} IS NOT NULL LIMIT 1"
        if name not in found and connection.exec_driver_sql(has_row).first():
            found.append(name)
    return found
