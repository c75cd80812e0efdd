"""What a batch block means on SQLite: when a table is rebuilt, and how its rows survive that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Connection,
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import DefaultClause
from sqlalchemy.sql.elements import TextClause

from limbeck import sqla
from limbeck.ddl.batch import decide
from limbeck.ddl.batch.sqltext import balanced, mentions, named_constraints
from limbeck.ddl.sqlite import trial
from limbeck.ddl.sqlite.schema import Database


def is_rebuild_needed(impl: Any, block: Any) -> bool:
    """Whether a block asks for more than SQLite's ALTER TABLE can do with the same result (BAT-13)."""
    kinds = {_kind(directive) for directive in block.batch}
    if None in kinds:
        return True
    if not kinds & {"rename", "drop"}:
        return False
    if block.copy_from is not None or _is_told_more(block):
        return True
    # Beside a rename an index may name its column by the old name (BAT-56), which only a rebuild knows.
    if "rename" in kinds and any(name == "create_index" for name, _, _ in block.batch):
        return True
    connection = impl.find_schema(block.table_name, block.schema)
    if "drop" in kinds and (connection is None or impl.as_sql):
        # A script may be for a version that cannot drop columns (before 3.35).
        return True
    if connection is None:
        return False

    def alter(memory: Connection) -> Iterator[None]:
        there = impl.on(memory)
        for name, args, kw in block.batch:
            getattr(there, name)(*args, **decide.without_position(kw))
            yield

    return not trial.can(Database(connection, block.schema), alter)


def _kind(directive: decide.Directive) -> str | None:
    """What SQLite would have to do without a rebuild, or None if it cannot."""
    name, args, kw = directive
    match name:
        case "add_column" if _is_addable(args[1]):
            return "add"
        case "create_index" | "drop_index":
            return "index"
        case "alter_column" if _is_rename(kw):
            return "rename"
        case "drop_column" if not (kw.get("if_exists") or kw.get("existing_type")):
            return "drop"
    return None


def _is_told_more(block: Any) -> bool:
    """Whether the arguments of the block change the table, or say what it is."""
    return bool(
        block.table_args or block.table_kwargs or block.naming_convention or block.partial_reordering
        or block.reflect_args or block.reflect_kwargs
    )  # fmt: skip


def _is_rename(kw: Mapping[str, Any]) -> bool:
    """Whether a change to a column is another name and nothing else; comments SQLite does not have."""
    is_changed = kw.get("nullable") is not None or kw.get("type_") is not None
    is_moved = any(kw.get(position) for position in decide.POSITIONS)
    return (
        kw.get("name") is not None
        and not is_changed
        and not is_moved
        and kw.get("server_default", False) is False
    )


def _is_addable(column: Column[Any]) -> bool:
    """A default that is an expression would need a value for each row that exists, a STORED column too."""
    if column.computed is not None:
        return not column.computed.persisted
    default = column.server_default
    return not isinstance(default, DefaultClause) or isinstance(default.arg, str)


def complete(table: Table, connection: Connection) -> None:
    """Correct what reflection leaves out or misreads (BAT-25, BAT-27)."""
    _complete_autoincrement(table, connection)
    _complete_uniques(table, connection)
    _complete_names(table, connection)
    _complete_keys(table, connection)
    _complete_generated(table, connection)


def _complete_autoincrement(table: Table, connection: Connection) -> None:
    if mentions(_definition(table, connection), "autoincrement"):
        table.dialect_options["sqlite"]["autoincrement"] = True


def _definition(table: Table, connection: Connection) -> str:
    """The table's CREATE TABLE, as SQLite keeps it."""
    master = f"{_quoted(connection, table.schema or 'main')}.sqlite_master"
    sql: str | None = connection.execute(
        text(f"SELECT sql FROM {master} WHERE type = 'table' AND lower(name) = :name"),
        {"name": table.name.lower()},
    ).scalar()
    return sql or ""


def _complete_uniques(table: Table, connection: Connection) -> None:
    """Reflection misses unique constraints whose columns have unusual names."""
    rows = connection.execute(
        text(
            "SELECT i.name, c.name FROM pragma_index_list(:table, :schema) i, pragma_index_info(i.name, :schema) c "
            "WHERE i.origin = 'u' ORDER BY i.seq DESC, c.seqno"
        ),
        {"table": table.name, "schema": table.schema or "main"},
    ).all()
    known = {
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }
    for _, group in groupby(rows, key=lambda row: row[0]):
        columns = tuple(row[1] for row in group)
        if columns not in known:
            table.append_constraint(UniqueConstraint(*columns))


def _complete_names(table: Table, connection: Connection) -> None:
    """Reflection doubles the quotes in the names of constraints, and loses names that need more than a line."""
    written = named_constraints(_definition(table, connection))
    by_columns = {(each.kind, each.columns): each.name for each in written}
    checks = {each.name for each in written if each.kind == "CHECK"}
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            name = sqla.given_name(constraint)
            if name is not None and name not in checks and name.replace('""', '"') in checks:
                constraint.name = name.replace('""', '"')
        elif isinstance(constraint, (UniqueConstraint, ForeignKeyConstraint)):
            kind = "UNIQUE" if isinstance(constraint, UniqueConstraint) else "FOREIGN KEY"
            is_known = any(each.kind == kind and each.name == constraint.name for each in written)
            if not is_known:
                columns = tuple(column.name for column in constraint.columns)
                constraint.name = by_columns.get((kind, columns), constraint.name)


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


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
