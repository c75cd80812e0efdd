"""What a dialect knows about trying a migration without changing anything.

`DefaultImpl` inherits these answers; a dialect gives others where it knows better.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.engine import URL, Dialect

TableKey = tuple[str | None, str]
"""A table's schema, as the operation has it, and its name."""


class StandIn(NamedTuple):
    """A copy of the database that a migration may change, because it goes when it is no longer needed.

    `has_rows` says whether the rows were copied, too, or only the schema.
    """

    connection: Connection
    has_rows: bool


class RehearsalRules:
    """How a database lets a migration be tried."""

    dialect: Dialect

    leaves_out_changes: bool = False
    """Whether statements are noted instead of executed now, so that the database does not know what they make."""
    read_only_statement: str | None = None
    """What lets the transaction that has just begun refuse every change."""
    empty_statement: str = "SELECT 1"
    """Does nothing, in the place of a statement that is left out."""

    def describe_server(self) -> str:
        """What kind of server it is, and which version, as far as that is known."""
        found = getattr(self.dialect, "server_version_info", None) or ()
        version = ".".join(str(part) for part in found if isinstance(part, int))
        return f"{self.dialect.name} {version}".strip()

    def describe_database(self, url: URL) -> str:
        """The database and where it is, without user and password."""
        place = url.host or ""
        if url.host and url.port:
            place = f"{url.host}:{url.port}"
        return f"{place}/{url.database or ''}" if place else url.database or "memory"

    def stand_in(self, connection: Connection) -> AbstractContextManager[StandIn | None]:
        """A copy of the database to try migrations on; None where there can be none."""
        return nullcontext(None)

    def estimate_rows(self, connection: Connection, tables: Iterable[TableKey]) -> Mapping[TableKey, int]:
        """About how many rows tables have, as far as that can be said without reading them."""
        return {}

    def names_made_by(self, construct: object) -> Iterable[tuple[str | None, str]]:
        """Schema and name of each named type that a statement creates."""
        return ()

    def names_dropped_by(self, construct: object) -> Iterable[tuple[str | None, str]]:
        """Schema and name of each named type that a statement drops."""
        return ()

    def note_left_out(self, construct: Any) -> None:
        """Called for a statement that is left out: remember what later ones take for granted."""
