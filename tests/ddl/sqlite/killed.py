"""Rebuilds that are killed before each of their statements; prints what is left of each database as JSON.

A program of its own, because it forks: `python -m tests.ddl.sqlite.killed DIRECTORY`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from limbeck.operations.base import Operations
from tests.ddl.recorded import Context

SETUP = """
CREATE TABLE t (
    id INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER CHECK (b > 0), p INTEGER REFERENCES t ON DELETE CASCADE
);
CREATE TABLE child (t_id INTEGER REFERENCES t (id) ON DELETE CASCADE);
CREATE INDEX ix ON t (lower(b));
CREATE VIEW v AS SELECT id FROM t;
CREATE TRIGGER tr AFTER INSERT ON child BEGIN UPDATE t SET b = b + 1 WHERE id = new.t_id; END;
INSERT INTO t VALUES (1, 1, NULL), (2, 2, 1);
INSERT INTO child VALUES (1), (2);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES ('t', 40);
"""


def main(directory: Path) -> None:
    """Kill, look, and print."""
    fresh = directory / "fresh.db"
    with sqlite3.connect(fresh) as connection:
        connection.executescript(SETUP)
    connection.close()
    before = dump(fresh)
    found = []
    for is_in_transaction in (False, True):
        finished = directory / f"finished-{is_in_transaction}.db"
        shutil.copy(fresh, finished)
        assert run_and_die(finished, is_in_transaction, 0) == 0
        after = dump(finished)
        assert after != before
        for number in count(1):
            path = directory / f"{is_in_transaction}-{number}.db"
            shutil.copy(fresh, path)
            status = run_and_die(path, is_in_transaction, number)
            left = dump(path)
            found.append("before" if left == before else "after" if left == after else "between")
            if status == 0:
                break
    print(json.dumps(found))


def run_and_die(path: Path, is_in_transaction: bool, number: int) -> int:
    """Rebuild in another process, which ends without a word at statement `number`; its exit status."""
    process = os.fork()
    if process == 0:
        try:
            rebuild(path, is_in_transaction, number)
        except BaseException as problem:
            print(repr(problem), file=sys.stderr, flush=True)
            os._exit(3)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def rebuild(path: Path, is_in_transaction: bool, number: int) -> None:
    statements = count(1)

    def die(*args: Any) -> None:
        if next(statements) == number:
            os._exit(9)

    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")  # the process dies, the machine does not
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        if is_in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        sa.event.listen(engine, "before_cursor_execute", die)
        operations: Any = Operations(Context("sqlite", connection=connection, as_sql=False))
        with operations.batch_alter_table("t") as batch_op:
            batch_op.alter_column("b", new_column_name="c", type_=sa.Text())
            batch_op.add_column(sa.Column("n", sa.Integer))
        connection.commit()


def dump(path: Path) -> list[str]:
    """Everything in a database, after SQLite has recovered it."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        lines = list(connection.iterdump())
    connection.close()
    return lines


if __name__ == "__main__":
    main(Path(sys.argv[1]))
