"""A batch block that rebuilds its table on SQLite (BAT-20 to BAT-28).

The steps are those of SQLite's documentation ("ALTER TABLE", "Making Other Kinds Of Table Schema Changes"): foreign
keys off, one transaction, the new table, its rows, the old table away, the new one in its place, its indexes and
triggers again, a look at the foreign keys, and the end of the transaction. Columns are renamed by SQLite itself
before, so that everything that speaks of them follows.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import DDL, Connection, text
from sqlalchemy.exc import DatabaseError, SAWarning

from limbeck import errors
from limbeck.ddl.batch import outcome
from limbeck.ddl.batch.draft import TableDraft
from limbeck.ddl.sqlite import definition, guard, leftovers, parser, swap, trial
from limbeck.ddl.sqlite.draft import WrittenDraft
from limbeck.ddl.sqlite.schema import Database, WrittenIndex
from limbeck.ddl.sqlite.tokens import same_name
from limbeck.ddl.sqlite.watching import watched

log = logging.getLogger(__name__)
Directive = tuple[str, tuple[Any, ...], dict[str, Any]]


def rebuild(impl: Any, block: Any) -> None:
    """Make the changes of a block by rebuilding its table, and lose nothing that it does not name."""
    name = block.table_name
    connection: Connection | None = impl.find_schema(name, block.schema)
    if connection is None:
        block.rebuild()
        return
    database = Database(connection, block.schema)
    leftovers.require_table(database, name, TableDraft._calc_temp_name(name))
    if database.find("table", name) is None:
        block.rebuild()
        return
    unable: set[str] = set()
    trial.require_nothing_breaks(
        database, name, lambda memory: _steps(impl.on(memory), block, memory, unable)
    )
    if impl.as_sql:
        _run(impl, block, connection, unable)
        return
    with guard.guarding(impl, database, name):
        leftovers.remove(impl, database, name, TableDraft._calc_temp_name(name))
        _run(impl, block, connection, unable)


def _run(impl: Any, block: Any, connection: Connection, unable: set[str]) -> None:
    for _ in _steps(impl, block, connection, unable):
        pass


def _steps(impl: Any, block: Any, connection: Connection, unable: set[str]) -> Iterator[None]:
    """Do it, and stop after each replacement; `unable` collects the columns that SQLite cannot rename itself."""
    database = Database(connection, block.schema)
    for directives in _passes(block.batch, _columns(database, block.table_name)):
        draft = _draft(impl, block, database, directives, unable)
        block.apply(draft, directives)
        _replace(impl, database, draft)
        yield


# --- renames ----------------------------------------------------------------------------------------------


def _passes(directives: Sequence[Directive], columns: Sequence[str]) -> list[list[Directive]]:
    """The block in parts: where a column takes the name of one that the block has dropped, that one goes first."""
    parts: list[list[Directive]] = [[]]
    dropped: set[str] = set()
    for directive in directives:
        method, args, kw = directive
        if method == "drop_column" and args[1].name in columns:
            dropped.add(args[1].name)
        if method == "alter_column" and kw.get("name") in dropped:
            parts.append([])
            dropped.clear()
        parts[-1].append(directive)
    return parts


def _rename(
    impl: Any, block: Any, database: Database, directives: Sequence[Directive], unable: set[str]
) -> Mapping[str, str]:
    """Let SQLite rename columns, in everything that speaks of them; what it cannot is left to the draft."""
    names = _columns(database, block.table_name)
    renamed: dict[str, str] = {}
    changes = [(args[1], kw.get("name")) for method, args, kw in directives if method == "alter_column"]
    for old, new in changes:
        if new is None or old not in names or new == old or old in renamed or old in unable:
            continue
        if any(same_name(new, other) for other in names if other != old):
            continue
        try:
            impl.alter_column(block.table_name, old, name=new, schema=block.schema)
        except DatabaseError:
            if impl.connection is block.impl.connection:
                raise
            # In memory: something broken elsewhere in the schema is enough for that.
            unable.add(old)
            continue
        names = [new if name == old else name for name in names]
        renamed[old] = new
    return renamed


def _columns(database: Database, table: str) -> list[str]:
    rows = database.connection.exec_driver_sql(
        f"PRAGMA {database.prefix}table_xinfo({database.quote(table)})"
    )
    return [row[1] for row in rows]


# --- the draft --------------------------------------------------------------------------------------------


def _draft(
    impl: Any, block: Any, database: Database, directives: Sequence[Directive], unable: set[str]
) -> TableDraft:
    """What the directives are applied to: the text of the table, or what the user says that it is."""
    if block.copy_from is not None:
        return TableDraft(impl, block.copy_from, **block.draft_options())
    said = None
    if block.reflect_args or block.reflect_kwargs:
        said = block.reflect(impl, block.reflect_args, block.reflect_kwargs)
    renamed = _rename(impl, block, database, directives, unable)
    entry = database.find("table", block.table_name)
    assert entry is not None
    try:
        written = parser.parse(entry.sql)
    except parser.NotUnderstood as error:
        raise errors.NotRebuildable(table=block.table_name, sql=entry.sql) from error
    with warnings.catch_warnings():
        # Only columns are looked at; indexes keep their text, also those that SQLAlchemy cannot read.
        warnings.filterwarnings(
            "ignore", "Skipped unsupported reflection of expression-based index", SAWarning
        )
        table = block.reflect(impl)
    return WrittenDraft(
        impl,
        table,
        written=written,
        indexes=_indexes(database, block.table_name),
        renamed=renamed,
        said=said,
        **block.draft_options(),
    )


def _indexes(database: Database, table: str) -> list[WrittenIndex]:
    return [
        WrittenIndex(entry.name, entry.sql)
        for entry in database.entries()
        if entry.type == "index" and same_name(entry.table, table)
    ]


# --- the replacement --------------------------------------------------------------------------------------


def _replace(impl: Any, database: Database, draft: TableDraft) -> None:
    """Everything that is known to be wrong with the draft is found before the first statement."""
    name, temporary = draft.table.name, draft.temp_table_name
    new = outcome.new_table(draft)
    copy = outcome.copy_rows(draft, new)
    indexes = outcome.indexes(draft)
    create = None
    if isinstance(draft, WrittenDraft):
        draft.require_no_user_of_what_is_gone()
        create = definition.render(draft.definition(new), impl.dialect.identifier_preparer.format_table(new))
    remaining = _remaining_indexes(database, draft)
    triggers = [
        entry for entry in database.entries() if entry.type == "trigger" and same_name(entry.table, name)
    ]
    sequence = None if impl.as_sql else database.sequence(name)
    impl.prep_table_for_batch(draft, draft.table)
    if create is None:
        impl.create_table(new)
    else:
        impl._exec(_verbatim(create))
    if impl.as_sql:
        impl._exec(copy)
    else:
        _copy_all_rows(impl, database, copy, name, temporary)
    if impl.as_sql:
        swap.put_in_place_in_script(impl, database, name, temporary)
    else:
        swap.put_in_place(impl, database, name, temporary)
    for sql in [*(index.sql for index in remaining), *(trigger.sql for trigger in triggers)]:
        impl._exec(_verbatim(database.in_schema(sql)))
    for index, options in indexes:
        impl.create_index(index, **options)
    if sequence is not None:
        _keep_sequence(impl, database, name, sequence)


def _remaining_indexes(database: Database, draft: TableDraft) -> Sequence[WrittenIndex]:
    """The indexes that are created again as they are written."""
    if isinstance(draft, WrittenDraft):
        for index in draft.lost_indexes:
            log.info("Index %s goes with a column of table %s", index.name, draft.table.name)
        return draft.written_indexes
    known = {str(index.name) for index in draft.table.indexes}
    present = {slot.column.name for slot in draft.slots}
    gone = [column.name for column in draft.table.c if column.name not in present]
    return [
        index
        for index in _indexes(database, draft.table.name)
        if index.name not in known and not any(index.mentions(column) for column in gone)
    ]


def _copy_all_rows(impl: Any, database: Database, copy: Any, table: str, temporary: str) -> None:
    before = database.count(table)
    doing = f"copying {before:,} rows of table {table}"
    with watched(database.connection, doing) if before else nullcontext():
        impl._exec(copy)
    after = database.count(temporary)
    if before != after:
        raise errors.RowsLost(table=table, before=before, after=after)


def _keep_sequence(impl: Any, database: Database, table: str, number: int) -> None:
    """Let AUTOINCREMENT go on after the highest number that was ever given, also if its row is gone (BAT-25)."""
    entry = database.find("table", table)
    if entry is None or not definition.has_autoincrement(parser.parse(entry.sql)):
        return
    current = database.sequence(table)
    if current == number:
        return
    if current is None:
        sql = f"INSERT INTO {database.prefix}sqlite_sequence (name, seq) VALUES (:name, :seq)"
    else:
        sql = f"UPDATE {database.prefix}sqlite_sequence SET seq = :seq WHERE lower(name) = lower(:name)"
    impl._exec(text(sql).bindparams(name=table, seq=number))


def _verbatim(sql: str) -> DDL:
    """SQL exactly as it is, whatever signs it has."""
    make: Any = DDL
    statement: DDL = make(sql.replace("%", "%%"))
    return statement
