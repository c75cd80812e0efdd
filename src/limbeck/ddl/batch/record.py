"""The implementation that `op` has inside a batch block: it collects, and acts at the end (BAT-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Constraint, Index, MetaData, Table

from limbeck import errors
from limbeck.ddl.batch import decide, outcome
from limbeck.ddl.batch.draft import TableDraft
from limbeck.ddl.batch.rebuild import rebuild
from limbeck.operations.ops import ModifyTableOps


class BatchOperationsImpl:
    """Collects what a batch block does to its table, and does it when the block ends.

    `batch` lists the collected calls as (method, arguments, keyword arguments); a dialect's
    `requires_recreate_in_batch` looks at it. What is no change to the table goes to the database at once.
    """

    def __init__(
        self,
        operations: Any,
        table_name: str,
        schema: str | None,
        recreate: str,
        copy_from: Table | None,
        table_args: Sequence[Any],
        table_kwargs: Mapping[str, Any],
        reflect_args: Sequence[Any],
        reflect_kwargs: Mapping[str, Any],
        naming_convention: dict[str, str] | None,
        partial_reordering: Sequence[Sequence[str]] | None,
    ) -> None:
        decide.require_known(recreate)
        self.operations = operations
        self.table_name = table_name
        self.schema = schema
        self.recreate = recreate
        self.partial_reordering = partial_reordering
        self.copy_from = copy_from
        self.table_args = table_args
        self.table_kwargs = table_kwargs
        self.reflect_args = reflect_args
        self.reflect_kwargs = reflect_kwargs
        self.naming_convention = naming_convention
        self.batch: list[decide.Directive] = []
        self.operation: Any = None
        self._sources: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.impl, name)

    @property
    def impl(self) -> Any:
        """The implementation of the database."""
        return self.operations.impl

    @property
    def dialect(self) -> Any:
        """The SQLAlchemy dialect."""
        return self.impl.dialect

    # --- collecting ---------------------------------------------------------------------------------------

    def add_column(self, *args: Any, **kw: Any) -> None:
        """Collect a column to add."""
        self._collect("add_column", args, kw)

    def alter_column(self, *args: Any, **kw: Any) -> None:
        """Collect a change to a column."""
        self._collect("alter_column", args, kw)

    def drop_column(self, *args: Any, **kw: Any) -> None:
        """Collect a column to drop."""
        self._collect("drop_column", args, kw)

    def add_constraint(self, const: Constraint) -> None:
        """Collect a constraint to add."""
        self._collect("add_constraint", (const,), {})

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Collect a constraint to drop."""
        self._collect("drop_constraint", (const,), kw)

    def rename_table(self, *args: Any, **kw: Any) -> None:
        """Collect a new name for the table."""
        self._collect("rename_table", args, kw)

    def create_index(self, idx: Index, **kw: Any) -> None:
        """Collect an index to create."""
        self._collect("create_index", (idx,), kw)

    def drop_index(self, idx: Index, **kw: Any) -> None:
        """Collect an index to drop."""
        self._collect("drop_index", (idx,), kw)

    def create_table_comment(self, table: Table) -> None:
        """Collect a comment for the table."""
        self._collect("create_table_comment", (table,), {})

    def drop_table_comment(self, table: Table) -> None:
        """Collect that the table loses its comment."""
        self._collect("drop_table_comment", (table,), {})

    def create_column_comment(self, column: Column[Any]) -> None:
        """Collect a comment for a new column."""
        self._collect("create_column_comment", (column,), {})

    def _collect(self, name: str, args: tuple[Any, ...], kw: dict[str, Any]) -> None:
        self.batch.append((name, args, kw))
        self._sources.append(self.operation)

    # --- acting -------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Make the collected changes, in the order of the block or by rebuilding the table (BAT-4, BAT-10)."""
        if not self.batch and self.recreate != "always":
            return
        if decide.is_rebuild_needed(self):
            with self._noting(ModifyTableOps(self.table_name, self._operations(), schema=self.schema)):
                self._rebuild_once()
            return
        decide.require_no_position(self.table_name, self.batch)
        for (name, args, kw), operation in zip(self.batch, self._sources, strict=True):
            with self._noting(operation):
                getattr(self.impl, name)(*args, **decide.without_position(kw))

    def _rebuild_once(self) -> None:
        """Rebuild the table, unless the journal knows that this was done before a run was interrupted."""
        journal = self.impl.journal
        if journal is None:
            self.impl.rebuild_in_batch(self)
            return
        table = f"{self.schema}.{self.table_name}" if self.schema else self.table_name
        journal.run_block(table, lambda: self.impl.rebuild_in_batch(self))

    def rebuild(self) -> None:
        """Rebuild the table from what the user or the database says of it, as on most databases."""
        draft = TableDraft(self.impl, self.read_table(), **self.draft_options())
        self.apply(draft, self.batch)
        rebuild(draft)

    def draft_options(self) -> dict[str, Any]:
        """What a draft takes from the arguments of the block."""
        return {
            "table_args": self.table_args,
            "table_kwargs": self.table_kwargs,
            "reflected": self.copy_from is None,
            "partial_reordering": self.partial_reordering or (),
            "naming_convention": self.naming_convention,
            "migration_context": self.operations.migration_context,
        }

    def apply(self, draft: TableDraft, directives: Sequence[decide.Directive]) -> None:
        """Apply directives of the block to a draft, one by one."""
        for name, args, kw in directives:
            getattr(draft, name)(*args, **kw)

    def read_table(self) -> Table:
        """The table as it is: as it was said, else as the database says (BAT-40, BAT-41)."""
        if self.copy_from is not None:
            return self.copy_from
        return self.reflect(self.impl, self.reflect_args, self.reflect_kwargs)

    def reflect(
        self, impl: Any, reflect_args: Sequence[Any] = (), reflect_kwargs: Mapping[str, Any] = {}
    ) -> Table:
        """The table as the database of an implementation says.

        Raises RebuildNeedsTable where no database can be asked.
        """
        connection = impl.find_schema(self.table_name, self.schema)
        if connection is None:
            raise errors.RebuildNeedsTable(table=self.table_name)
        options = dict(reflect_kwargs)
        listeners = [*options.pop("listeners", ()), ("column_reflect", impl.autogen_column_reflect)]
        table = Table(
            self.table_name,
            MetaData(),
            *[outcome.own(item) for item in reflect_args],
            schema=self.schema,
            autoload_with=connection,
            resolve_fks=False,
            listeners=listeners,
            **options,
        )
        impl.complete_reflected_table(table, connection)
        return table

    def _operations(self) -> list[Any]:
        """Each operation of the block once; one may have led to several calls."""
        return list({id(source): source for source in self._sources if source is not None}.values())

    @contextmanager
    def _noting(self, operation: Any) -> Iterator[None]:
        before = getattr(self.impl, "operation", None)
        self.impl.operation = operation
        try:
            yield
        finally:
            self.impl.operation = before
