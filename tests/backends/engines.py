"""Engines that end with the block that needs them: Python warns of connections left to its garbage collector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine

IN_MEMORY = "sqlite://"


@contextmanager
def opened(url: str = IN_MEMORY, **options: Any) -> Iterator[Engine]:
    """An engine for a database, by default an empty one in memory."""
    engine = create_engine(url, **options)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def connected(url: str = IN_MEMORY, **options: Any) -> Iterator[Connection]:
    """A connection of an engine of its own."""
    with opened(url, **options) as engine, engine.connect() as connection:
        yield connection
