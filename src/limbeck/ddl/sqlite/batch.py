"""What a batch block means on SQLite: when a table is rebuilt, and how its rows survive that."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Column, Computed, Connection, Table, text
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import TextClause

from limbeck import sqla
from limbeck.ddl.batch.sqltext import balanced, mentions
from limbeck.errors import RebuildWouldDeleteRows

Directive = tuple[str, tuple[Any, ...], dict[str, Any]]


class Implementation(Protocol):
    """What this module needs of the implementation."""

    as_sql: bool
    connection: Connection | None

    def find_schema(self, table_name: str, schema: str | None) -> Connection | None: ...
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


def complete(table: Table, connection: Connection) -> None:
    """Correct what reflection leaves out or misreads (BAT-25, BAT-27)."""
    _complete_autoincrement(table, connection)
    _complete_keys(table, connection)
    _complete_generated(table, connection)


def _complete_autoincrement(table: Table, connection: Connection) -> None:
    master = f"{_quoted(connection, table.schema or 'main')}.sqlite_master"
    lower = {"name": table.name.lower()}
    sql = connection.execute(
        text(f"SELECT sql FROM {master} WHERE type = 'table' AND lower(name) = :name"), lower
    ).scalar()
    if sql and mentions(sql, "autoincrement"):
        table.dialect_options["sqlite"]["autoincrement"] = True


def _complete_keys(table: Table, connection: Connection) -> None:
    """Reflection knows what keys do on deletes and updates only if they are written behind the columns."""
    keys = connection.execute(
        text(
            'SELECT id, "from", on_update, on_delete FROM pragma_foreign_key_list(:name, :schema) ORDER BY id, seq'
        ),
        {"name": table.name, "schema": table.schema or "main"},
    ).all()
    actions: dict[tuple[str, ...], tuple[str, str]] = {}
    for _, rows in groupby(keys, key=lambda row: row[0]):
        group = list(rows)
        actions[tuple(row[1] for row in group)] = (group[0][2], group[0][3])
    for constraint in table.foreign_key_constraints:
        on_update, on_delete = actions.get(tuple(column.name for column in constraint.columns), (None, None))
        constraint.onupdate = constraint.onupdate or _action(on_update)
        constraint.ondelete = constraint.ondelete or _action(on_delete)


def _complete_generated(table: Table, connection: Connection) -> None:
    """Reflection reads too far if anything in parentheses follows on the line of a generated column."""
    schema = _quoted(connection, table.schema or "main")
    columns = connection.exec_driver_sql(
        f"PRAGMA {schema}.table_xinfo({_quoted(connection, table.name)})"
    ).mappings()
    stored = {column["name"] for column in columns if column["hidden"] == 3}
    for column in table.c:
        if column.computed is not None and isinstance(column.computed.sqltext, TextClause):
            expression = sqla.literal_text(balanced(column.computed.sqltext.text))
            sqla.set_server_default(column, Computed(expression, persisted=column.name in stored))


def _action(said: str | None) -> str | None:
    return None if said == "NO ACTION" else said


@contextmanager
def protecting(impl: Implementation, table: Table, new: Table) -> Iterator[None]:
    """Keep what depends on a table from harm while `new` takes its place (BAT-25, BAT-28)."""
    known = impl.find_schema(table.name, table.schema)
    lost = () if known is None else _unreflected(known, table)
    with _protecting_in_database(impl, table):
        yield
        gone = [column.name for column in table.c if column.name not in new.c]
        for name, sql in lost:
            if any(mentions(sql, column) for column in gone):
                warnings.warn(
                    f"{name} of table {table.name!r} speaks of a column that is gone or renamed, so it is left out; "
                    "if it is still wanted, create it again",
                    stacklevel=2,
                )
            else:
                impl._exec(sqla.literal_text(sql))


@contextmanager
def _protecting_in_database(impl: Implementation, table: Table) -> Iterator[None]:
    if impl.as_sql or impl.connection is None:
        yield
        return
    with (
        _tolerating_views(impl, impl.connection, table),
        _keeping_referring_rows(impl, impl.connection, table),
    ):
        yield


def _unreflected(connection: Connection, table: Table) -> Sequence[tuple[str, str]]:
    """What goes with the table and is known as SQL only: its triggers, and indexes over expressions."""
    reflected = {index.name for index in table.indexes}
    rows = connection.execute(
        text(
            f"SELECT type, name, sql FROM {_quoted(connection, table.schema or 'main')}.sqlite_master WHERE sql "
            "IS NOT NULL AND type IN ('index', 'trigger') AND lower(tbl_name) = :name ORDER BY type, name"
        ),
        {"name": table.name.lower()},
    ).all()
    return [
        (f"{kind.capitalize()} {name!r}", _in_schema(sql, connection, table.schema))
        for kind, name, sql in rows
        if kind == "trigger" or (name not in reflected and _has_expression(connection, table, name))
    ]


def _in_schema(sql: str, connection: Connection, schema: str | None) -> str:
    """The statement with the schema that it needs; SQLite keeps it without one, and in this very form."""
    if schema is None:
        return sql
    return re.sub(r"^(CREATE (?:UNIQUE )?(?:INDEX|TRIGGER)) ", rf"\1 {_quoted(connection, schema)}.", sql)


def _has_expression(connection: Connection, table: Table, index: str) -> bool:
    schema = _quoted(connection, table.schema or "main")
    columns = connection.exec_driver_sql(f"PRAGMA {schema}.index_info({_quoted(connection, index)})").all()
    return any(name is None for _, _, name in columns)


@contextmanager
def _tolerating_views(impl: Implementation, connection: Connection, table: Table) -> Iterator[None]:
    """Let the new table take its name although, for a moment, views and triggers speak of one that is missing."""
    master = f"{_quoted(connection, table.schema or 'main')}.sqlite_master"
    views = connection.exec_driver_sql(
        f"SELECT 1 FROM {master} WHERE type IN ('view', 'trigger') LIMIT 1"
    ).first()
    is_tolerant = connection.exec_driver_sql("PRAGMA legacy_alter_table").scalar()
    if not views or is_tolerant:
        yield
        return
    impl._exec(text("PRAGMA legacy_alter_table=ON"))
    try:
        yield
    finally:
        impl._exec(text("PRAGMA legacy_alter_table=OFF"))


@contextmanager
def _keeping_referring_rows(impl: Implementation, connection: Connection, table: Table) -> Iterator[None]:
    """Switch foreign keys off while the table is replaced (BAT-28).

    DROP TABLE first deletes the rows of the table, and with foreign keys on, that reaches the rows that refer
    to them. The switch does nothing inside a transaction: then RebuildWouldDeleteRows is raised.
    """
    referring = _referring_tables(connection, table) if _is_enforced(connection) else ()
    if not referring:
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


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)


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
    schema = table.schema or "main"
    database = _quoted(connection, schema)
    keys = connection.execute(
        text(
            f'SELECT m.name, k."from" FROM {database}.sqlite_master m, pragma_foreign_key_list(m.name, :schema) k '
            "WHERE m.type = 'table' AND lower(k.\"table\") = lower(:name) ORDER BY m.name, k.id, k.seq"
        ),
        {"schema": schema, "name": table.name},
    ).all()
    found = []
    for name, column in keys:
        child = f"{database}.{_quoted(connection, name)}"
        has_row = f"SELECT 1 FROM {child} WHERE {_quoted(connection, column)} IS NOT NULL LIMIT 1"
        if name not in found and connection.exec_driver_sql(has_row).first():
            found.append(name)
    return found
