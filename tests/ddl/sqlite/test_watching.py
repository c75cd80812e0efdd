"""A rebuild of a large table can be watched, and interrupted while it copies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from limbeck.base import progress
from limbeck.migration import MigrationContext
from limbeck.operations import Operations
from tests.backends.engines import connected

ROWS = 300_000


class Watcher:
    """Writes down what it sees, and may be interrupted at its first sign of life."""

    def __init__(self, *, is_interrupted: bool = False) -> None:
        self.is_interrupted = is_interrupted
        self.seen: list[str] = []
        self.ticks = 0

    def begin(self, doing: str) -> None:
        self.seen.append(doing)

    def tick(self) -> None:
        self.ticks += 1
        if self.is_interrupted:
            raise KeyboardInterrupt

    def end(self) -> None:
        self.seen.append("end")


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sa.Connection]:
    with connected(sqlite_url) as connection:
        connection.execute(sa.text("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)"))
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) SELECT i, i FROM n"
        connection.execute(sa.text(f"INSERT INTO t {numbers}"), {"rows": ROWS})
        connection.commit()
        yield connection


def rebuild(connection: sa.Connection) -> None:
    with Operations(MigrationContext.configure(connection)).batch_alter_table(
        "t", recreate="always"
    ) as batch:
        batch.alter_column("x", nullable=False)
    connection.commit()


def test_copying_gives_signs_of_life(connection: sa.Connection) -> None:
    watcher = Watcher()
    with progress.watcher.active(watcher):
        rebuild(connection)
    assert watcher.seen == ["copying 300,000 rows of table t", "end"]
    assert watcher.ticks > 3


def test_nobody_watches_what_comes_afterwards(connection: sa.Connection) -> None:
    watcher = Watcher()
    with progress.watcher.active(watcher):
        rebuild(connection)
    before = watcher.ticks
    connection.execute(sa.text("SELECT count(*) FROM t AS a, t AS b WHERE a.id = b.id AND a.x > 'x'"))
    assert watcher.ticks == before


def test_an_interruption_ends_the_statement_and_the_table_is_as_before(connection: sa.Connection) -> None:
    watcher = Watcher(is_interrupted=True)
    with progress.watcher.active(watcher), pytest.raises(KeyboardInterrupt):
        rebuild(connection)
    assert (watcher.ticks, watcher.seen[-1]) == (1, "end")
    connection.rollback()
    assert sa.inspect(connection).get_table_names() == ["t"]
    assert sa.inspect(connection).get_columns("t")[1]["nullable"] is True
    assert connection.execute(sa.text("SELECT count(*) FROM t")).scalar() == ROWS
