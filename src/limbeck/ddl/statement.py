"""What a dialect hands down to be executed, printed or recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import CursorResult, Executable

from limbeck.operations.registry import Operation
from limbeck.sqla.driver import Executed

Result = CursorResult[Any] | Executed
"""What executing gives; of statements that come by the hundred no more than how many rows they have changed."""
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class PlainText(NamedTuple):
    """DDL that is written out already, as SQLAlchemy's compiler would have done it; see `limbeck.ddl.plain`."""

    sql: str


class Statement(NamedTuple):
    """One statement: a SQLAlchemy construct, its values, and the operation that asked for it."""

    construct: Executable | PlainText
    parameters: Parameters = None
    execution_options: Mapping[str, Any] | None = None
    operation: Operation | None = None


class Sink(Protocol):
    """Where statements end."""

    def emit(self, statement: Statement) -> Result | None:
        """Execute, print or record one statement; only executing gives a result."""
        ...
