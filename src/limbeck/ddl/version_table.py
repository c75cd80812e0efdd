"""What a dialect knows about the table that says which revisions are applied.

`DefaultImpl` inherits these answers; a dialect gives others where it knows better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, Select, String, Table, inspect
from sqlalchemy.exc import DBAPIError

NARROW = 32
"""How many characters an identifier may have in a version table as it has always been."""
WIDE = 255
"""How many it may have in a table that was made, or widened, for a longer one."""

LOCK_SUFFIX = "_lock"
"""The table of leases is called like the version table, with this behind."""
JOURNAL_SUFFIX = "_journal"
"""So is that in which runs note their statements."""


class VersionTableRules:
    """How a database makes, reads and widens the version table."""

    connection: Connection | None
    alter_column: Callable[..., None]

    enforces_length: bool = True
    """Whether a text that is longer than the type of its column says is refused, or cut."""
    finds_tables_at_once: bool = False
    """Whether `find_tables()` asks for several in one statement."""
    selects_what_may_be_missing: bool = False
    """Whether `try_to_select()` tries."""
    can_widen_version_table: bool = False
    """Whether `widen_version_table()` is known to work."""

    def version_table_impl(
        self, *, version_table: str, version_table_schema: str | None, version_table_pk: bool, **kw: Any
    ) -> Table:
        """The table that says which revisions are applied (VER-1, VER-2)."""
        table = Table(
            version_table, MetaData(), Column("version_num", String(NARROW), nullable=False),
            schema=version_table_schema,
        )  # fmt: skip
        if version_table_pk:
            table.append_constraint(PrimaryKeyConstraint("version_num", name=f"{version_table}_pkc"))
        return table

    def widen_version_table(self, table: Table) -> None:
        """Give the column `version_num` of an existing table the length it has in `table` (VER-1)."""
        column = table.c.version_num
        self.alter_column(
            table.name,
            column.name,
            type_=column.type,
            schema=table.schema,
            existing_type=String(NARROW),
            existing_nullable=column.nullable,
        )

    def try_to_read(self, column: Column[Any]) -> list[Any] | None:
        """The values of a column whose table may be missing, in one statement (MIG-4).

        None if that has failed, or if a statement that fails would do harm, such as ending the transaction:
        the caller then asks first whether there is the table.
        """
        return None

    def find_tables(self, names: Collection[str], schema: str | None) -> frozenset[str]:
        """Which of these tables there are, in one schema (MIG-4)."""
        assert self.connection is not None, "there must be a connection to ask"
        inspector = inspect(self.connection)
        return frozenset(name for name in names if inspector.has_table(name, schema=schema))

    def try_to_select(self, statement: Select[Any]) -> list[Any] | None:
        """What a statement selects from a table that may be missing; None as in `try_to_read`."""
        return None

    def _try(self, statement: Select[Any]) -> list[Any] | None:
        """What a statement selects, or None if it fails; who asks finds out why in another way."""
        assert self.connection is not None, "there must be a connection to read from"
        try:
            return list(self.connection.execute(statement).scalars())
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return None
