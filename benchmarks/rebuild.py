"""How long a batch block takes to rebuild a large SQLite table, beside the same INSERT … SELECT sent by hand."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Measured, Result, median, once

ROWS = 2_000_000
FEW_ROWS = 200_000
TABLE = (
    "CREATE TABLE {name} (id INTEGER PRIMARY KEY, name TEXT, number {type}, parent INTEGER REFERENCES p (id))"
)
BY_HAND = f"""
import sqlalchemy as sa, sys
with sa.create_engine("sqlite:///" + sys.argv[1]).connect() as connection:
    for statement in (
        "PRAGMA foreign_keys=OFF", "BEGIN", {TABLE.format(name="new", type="TEXT")!r},
        "INSERT INTO new (id, name, number, parent) SELECT id, name, CAST(number AS TEXT), parent FROM t",
        "DROP TABLE t", "ALTER TABLE new RENAME TO t", "CREATE INDEX ix ON t (parent)", "COMMIT",
    ):
        connection.exec_driver_sql(statement)
"""
BATCH = """
import sqlalchemy as sa, sys
from limbeck.operations.base import Operations
from limbeck.runtime.migration import MigrationContext
with sa.create_engine("sqlite:///" + sys.argv[1]).connect() as connection:
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    with Operations.context(MigrationContext.configure(connection)) as op, op.batch_alter_table("t") as batch_op:
        batch_op.alter_column("number", type_=sa.Text())
    connection.commit()
"""


def run(rounds: int) -> Iterator[Result]:
    """Measure it beside what is sent by hand, then our memory with ten times the rows."""
    with tempfile.TemporaryDirectory(prefix="limbeck-bench-") as name:
        directory = Path(name)
        many, few = fill(directory / "many.db", ROWS), fill(directory / "few.db", FEW_ROWS)
        runs: list[list[Measured]] = [[], [], []]
        for _ in range(rounds):
            for (program, filled), done in zip(
                ((BATCH, many), (BY_HAND, many), (BATCH, few)), runs, strict=True
            ):
                path = shutil.copy(filled, directory / "app.db")
                done.append(once([sys.executable, "-c", program, str(path)], directory))
        yield Result(f"rebuild, {ROWS}, by hand", median(runs[0]), median(runs[1]))
        yield Result("rebuild, memory", median(runs[0]), median(runs[2]))


def fill(path: Path, rows: int) -> Path:
    """A table with an index, which refers to another one, and many rows."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)")
        connection.execute(TABLE.format(name="t", type="INTEGER"))
        connection.execute("CREATE INDEX ix ON t (parent)")
        connection.execute("INSERT INTO p VALUES (1), (2), (3)")
        connection.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)",
            ((number, f"name {number}", number * 7 % 1000, number % 3 + 1) for number in range(rows)),
        )
    connection.close()
    return path
