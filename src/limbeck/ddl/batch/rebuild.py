"""A new table takes the place of the old one (BAT-20 to BAT-24)."""

from __future__ import annotations

from sqlalchemy import MetaData, Table

from limbeck.ddl.batch import outcome
from limbeck.ddl.batch.draft import TableDraft


def rebuild(draft: TableDraft) -> None:
    """Create the new table, copy the rows, drop the old table, rename the new one, create the indexes.

    Everything that is known to be wrong with the draft is found before the first statement.
    """
    impl = draft.impl
    new = outcome.new_table(draft)
    copy = outcome.copy_rows(draft, new)
    indexes = outcome.indexes(draft)
    old = Table(draft.table.name, MetaData(), schema=draft.table.schema)  # bare: no event of its types runs
    with impl.rebuilding_table(draft.table, new):
        impl.prep_table_for_batch(draft, draft.table)
        impl.create_table(new)
        try:
            impl._exec(copy)
            impl.drop_table(old)
        except Exception as problem:
            _drop_after(problem, draft, new)
            raise
        try:
            impl.rename_table(new.name, old.name, schema=old.schema)
        except Exception as problem:
            # Where DDL cannot be rolled back, this table holds the only copy of the rows: leave it (BAT-21).
            problem.add_note(
                f"The rows of table {old.name!r} are in {new.name!r}; rename it to get them back."
            )
            raise
        for index, options in indexes:
            impl.create_index(index, **options)


def _drop_after(problem: Exception, draft: TableDraft, new: Table) -> None:
    """Remove the new table after a failure; that this fails too must not hide the failure (BAT-21)."""
    try:
        draft.impl.drop_table(Table(new.name, MetaData(), schema=new.schema))
    except Exception as second:
        problem.add_note(f"Table {new.name!r} could not be dropped afterwards: {second}")
