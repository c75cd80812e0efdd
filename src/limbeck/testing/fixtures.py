"""Directives whose SQL is looked at instead of being run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.testing.fixtures import TestBase as TestBase

from limbeck.base import current
from limbeck.ddl.sink import PrintSink
from limbeck.operations.base import Operations
from limbeck.runtime.migration import MigrationContext
from limbeck.testing.assertions import get_dialect


class RecordedSQL(MigrationContext):
    """A migration context that keeps the SQL it is given, as a script would show it.

    >>> context = op_fixture("postgresql")
    >>> op.drop_table("account")
    >>> context.assert_("DROP TABLE account")
    """

    def __init__(self, dialect: Dialect, options: Mapping[str, Any], *, literal_binds: bool) -> None:
        super().__init__(dialect, None, {**options, "as_sql": True})
        self.statements: list[str] = []
        self.impl.sink = PrintSink(
            self.statements.append, dialect, terminator="", literal_binds=literal_binds
        )

    def assert_(self, *sql: str) -> None:
        """Assert that exactly these statements were given; white space counts as one space."""
        given = [_folded(one) for one in self.statements]
        assert given == [_folded(one) for one in sql], given

    def assert_contains(self, sql: str) -> None:
        """Assert that one of the statements contains `sql`."""
        given = [_folded(one) for one in self.statements]
        assert any(_folded(sql) in one for one in given), given

    def clear_assertions(self) -> None:
        """Forget the statements so far."""
        self.statements.clear()


def op_fixture(
    dialect: str = "default",
    as_sql: bool = False,
    naming_convention: Mapping[str, Any] | None = None,
    literal_binds: bool = False,
    native_boolean: bool | None = None,
) -> RecordedSQL:
    """Let `limbeck.op` record SQL for a dialect, and return what recorded it.

    Without `as_sql`, values may be left as bound parameters; `literal_binds` writes them into the statements.
    """
    kind = get_dialect(dialect)
    if native_boolean is not None:
        kind.supports_native_boolean = native_boolean
    options = {"target_metadata": MetaData(naming_convention=naming_convention)} if naming_convention else {}
    context = RecordedSQL(kind, options, literal_binds=literal_binds or as_sql)
    current.operations.replace(Operations(context))
    return context


def _folded(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()
