"""A new table takes the place of the old one (BAT-20 to BAT-24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Index, MetaData, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from limbeck.ddl.batch import outcome
from limbeck.ddl.batch.draft import TableDraft
from limbeck.ddl.sink import RecordSink


@dataclass(frozen=True)
class Rebuild:
    """A rebuild that is thought out; everything that is known to be wrong with it was found."""

    impl: Any
    draft: TableDraft
    new: Table
    copy: Executable
    indexes: Sequence[tuple[Index, Mapping[str, Any]]]


def rebuild(draft: TableDraft) -> None:
    """Create the new table, copy the rows, drop the old table, rename the new one, create the indexes."""
    new = outcome.new_table(draft)
    planned = Rebuild(draft.impl, draft, new, outcome.copy_rows(draft, new), outcome.indexes(draft))
    if draft.impl.journal is not None:
        draft.impl.journal.note_plan(lambda: _statements(planned))
    _carry_out(planned)


def _statements(planned: Rebuild) -> list[str]:
    """What a rebuild is going to execute, without executing it."""
    impl = planned.impl
    recorder = RecordSink(impl.dialect, impl.literals)
    sink, impl.sink = impl.sink, recorder
    try:
        _carry_out(planned)
    finally:
        impl.sink = sink
    return [one.sql for one in recorder.recorded]


def _carry_out(planned: Rebuild) -> None:
    impl, draft, new = planned.impl, planned.draft, planned.new
    old = Table(draft.table.name, MetaData(), schema=draft.table.schema)  # bare: no event of its types runs
    with impl.rebuilding_table(draft.table, new):
        impl.prep_table_for_batch(draft, draft.table)
        impl.create_table(new)
        try:
            impl._exec(planned.copy)
        except Exception as problem:
            _drop_after(problem, draft, new)
            raise
        try:
            impl.drop_table(old)
        except Exception as problem:
            # The failure may be that of writing down that the table was dropped.
            if _is_there(impl, old):
                _drop_after(problem, draft, new)
            else:
                _note_place_of_rows(problem, old, new)
            raise
        try:
            impl.rename_table(new.name, old.name, schema=old.schema)
        except Exception as problem:
            _note_place_of_rows(problem, old, new)
            raise
        for index, options in planned.indexes:
            impl.create_index(index, **options)


def _is_there(impl: Any, table: Table) -> bool:
    """Whether a table is there still; if that cannot be asked, nothing else can be done to the database either."""
    if impl.connection is None:
        return True
    try:
        return bool(inspect(impl.connection).has_table(table.name, schema=table.schema))
    except SQLAlchemyError:
        return not impl.connection.invalidated


def _note_place_of_rows(problem: Exception, old: Table, new: Table) -> None:
    """Where DDL cannot be rolled back, the new table holds the only copy of the rows: leave it (BAT-21)."""
    problem.add_note(f"The rows of table {old.name!r} are in {new.name!r}; rename it to get them back.")


def _drop_after(problem: Exception, draft: TableDraft, new: Table) -> None:
    """Remove the new table after a failure; that this fails too must not hide the failure (BAT-21)."""
    try:
        draft.impl.drop_table(Table(new.name, MetaData(), schema=new.schema))
        if draft.impl.journal is not None:
            draft.impl.journal.forget_block()
    except Exception as second:
        problem.add_note(f"Table {new.name!r} could not be dropped afterwards: {second}")
