"""The ways in which a database is worked on here, and the chapters of the corpus that are for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

CORPUS = Path(__file__).parent / "corpus"
START = "start"
"""The revision that makes the schema and the rows that a chapter begins with."""
EVERYWHERE = ("tables", "columns", "constraints", "batch", "rows", "routines", "branches")
DIRECTIONS = ("upgrade", "downgrade")


@dataclass(frozen=True)
class Mode:
    """How a database is worked on: options of the engine, and of `limbeck.upgrade`."""

    name: str
    backend: str
    engine: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    chapters: tuple[str, ...] = EVERYWHERE

    def make_engine(self, url: str) -> Engine:
        """An engine as a project would make it; on SQLite with foreign keys enforced."""
        engine = create_engine(url, poolclass=NullPool, **self.engine)
        if self.backend == "sqlite":
            event.listen(engine, "connect", _enforce_foreign_keys)
        return engine


AUTOCOMMIT: Mapping[str, Any] = {"isolation_level": "AUTOCOMMIT"}
MODES = {
    mode.name: mode
    for mode in (
        Mode("mariadb", "mariadb"),
        Mode("mariadb-autocommit", "mariadb", engine=AUTOCOMMIT),
        Mode("sqlite", "sqlite"),
        Mode("sqlite-per-migration", "sqlite", options={"transaction_per_migration": True}),
        Mode("postgresql-run", "postgresql", chapters=(*EVERYWHERE, "concurrently")),
        Mode(
            "postgresql-per-migration",
            "postgresql",
            options={"transaction_per_migration": True},
            chapters=(*EVERYWHERE, "concurrently"),
        ),
        Mode(
            "postgresql-autocommit",
            "postgresql",
            engine=AUTOCOMMIT,
            chapters=(*EVERYWHERE, "concurrently"),
        ),
    )
}

LOOKS: Mapping[tuple[str, str], str] = {
    ("rows", "author"): "SELECT name FROM author",
    ("rows", "book"): "SELECT b.id, b.title, b.author, a.name, e.name, b.slug, b.sold FROM book b "
    "LEFT JOIN author a ON a.id = b.author_id LEFT JOIN author e ON e.id = b.editor_id",
}
"""Where rows are numbered by the database, which gives no number twice, the numbers are not compared."""


def _enforce_foreign_keys(connection: Any, _: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
