"""Change data: insert rows, execute SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Executable, Table, TableClause

from limbeck.operations.ops.base import Invoker, MigrateOperation


class BulkInsertOp(MigrateOperation):
    """Insert rows."""

    def __init__(
        self, table: Table | TableClause, rows: Iterable[Mapping[str, Any]], *, multiinsert: bool = True
    ) -> None:
        self.table = table
        self.rows = rows
        self.multiinsert = multiinsert

    @classmethod
    def bulk_insert(
        cls,
        operations: Invoker,
        table: Table | TableClause,
        rows: Iterable[Mapping[str, Any]],
        *,
        multiinsert: bool = True,
    ) -> None:
        """Insert rows into a table (OPS-93).

            account = sa.table("account", sa.column("id", sa.Integer), sa.column("name", sa.String))
            op.bulk_insert(account, [{"id": 1, "name": "ann"}, {"id": 2, "name": "bob"}])

        `table` is what `create_table()` returned, or a `sa.table()` with typed columns. `rows` is a list, or an
        iterator, of which a page at a time is read and sent to the database at once. A column that a row does
        not name gets its default. Values may be SQL expressions such as `sa.func.now()`; such rows, and all
        rows with `multiinsert` False, are inserted one by one.
        Raises TypeError for rows that are no dictionaries.
        """
        operations.invoke(cls(table, rows, multiinsert=multiinsert))


class ExecuteSQLOp(MigrateOperation):
    """Execute SQL."""

    def __init__(self, sqltext: Executable | str, *, execution_options: dict[str, Any] | None = None) -> None:
        self.sqltext = sqltext
        self.execution_options = execution_options

    def to_diff_tuple(self) -> tuple[str, Executable | str]:
        """`("execute", SQL)` (AUT-3)."""
        return ("execute", self.sqltext)

    @classmethod
    def execute(
        cls,
        operations: Invoker,
        sqltext: Executable | str,
        *,
        execution_options: dict[str, Any] | None = None,
    ) -> None:
        """Execute SQL (OPS-90).

            op.execute("UPDATE account SET name = 'none' WHERE name IS NULL")

        In a string `:name` is a parameter; write a colon that follows no letter as `\\:`. Expressions are
        executed as they are: `op.execute(account.update().values(name=op.inline_literal("none")))`.
        The statement gives no result; use `op.get_bind().execute()` to read data.
        """
        operations.invoke(cls(sqltext, execution_options=execution_options))

    @classmethod
    def batch_execute(
        cls,
        operations: Invoker,
        sqltext: Executable | str,
        *,
        execution_options: dict[str, Any] | None = None,
    ) -> None:
        """Execute SQL at once, before anything that this batch block has collected (BAT-1).

        The rest is as in `op.execute()`.
        """
        operations.invoke(cls(sqltext, execution_options=execution_options))
