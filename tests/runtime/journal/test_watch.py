"""A step that a rollback would undo: its statements are kept as they are until something makes them permanent."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from limbeck.runtime.journal import digests
from limbeck.runtime.journal.table import Entry
from tests.backends.engines import connected
from tests.runtime.history import History, rows
from tests.runtime.journal.test_run import (
    CREATE,
    INDEX,
    WRONG,
    content,
    edit,
    stopped,
    unfinished,
    upgrade,
)

BULK = (
    "op.bulk_insert(sa.table('t', sa.column('id'), sa.column('x')), "
    "[{'id': 1, 'x': 'a'}, {'id': 2, 'x': 'b'}])"
)
RETURNING = (
    "(row,) = op.get_bind().execute(sa.text(\"INSERT INTO t VALUES (3, 'c') RETURNING x\"))\n"
    "assert row == ('c',)"
)
REFUSED = (
    "try:\n    with op.get_bind().begin_nested():\n        op.execute('CREATE TABLE t (a INT)')\n"
    "except sa.exc.DBAPIError:\n    pass"
)
BLOCK = "with op.get_context().autocommit_block():\n    op.execute('CREATE INDEX CONCURRENTLY ix ON t (x)')"
RUN = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from tests.runtime.history import History
history = History(Path(sys.argv[1]), "a <- b", upgrade={"a": sys.argv[2]})
with create_engine(f"sqlite:///{sys.argv[1]}.db").connect() as connection:
    history.run(connection, "b")
print(*sorted(name for name in sys.modules if name.startswith("limbeck.runtime.journal")))
"""


def kept(url: str) -> tuple[Entry, ...]:
    with connected(url) as connection:
        (passage,) = unfinished(connection)
    return passage.entries


def test_nothing_that_writes_is_loaded_for_plain_changes(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path / "m"), f"{CREATE}\n{INDEX}\n{BULK}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(finished.stdout.split())
    assert loaded >= {"limbeck.runtime.journal.run", "limbeck.runtime.journal.watch"}
    assert not loaded & {
        f"limbeck.runtime.journal.{name}" for name in ("recorder", "replay", "table", "results")
    }


def test_a_commit_writes_what_was_done_before_it(tmp_path: Path, postgresql_url: str) -> None:
    """Positions, digests, rows and answers are as they would have been if all had been written at once."""
    history = stopped(tmp_path, postgresql_url, CREATE, BULK, RETURNING, BLOCK, WRONG)
    entries = kept(postgresql_url)
    assert [(one.position, one.state, one.rows) for one in entries[1:3]] == [(2, "done", 2), (3, "done", 1)]
    assert [one.position for one in entries] == [1, 2, 3, 4]
    assert entries[0].digest == digests.digest(entries[0].statement, None)
    assert digests.is_same_text(entries[1].digest, digests.digest(entries[1].statement, None))
    assert entries[1].digest != digests.digest(entries[1].statement, None)
    assert entries[2].returned is not None
    upgrade(edit(history, WRONG, "pass"), postgresql_url)
    assert content(postgresql_url) == [(1, "a"), (2, "b"), (3, "c")]
    assert rows(postgresql_url) == ("a",)


def test_a_statement_that_was_refused_has_a_place_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    """The next run counts as the first one did, whether it refuses the statement again or not."""
    history = stopped(tmp_path, postgresql_url, CREATE, REFUSED, INDEX, BLOCK, WRONG)
    assert [one.position for one in kept(postgresql_url)] == [1, 3, 4]
    with connected(postgresql_url) as connection:
        connection.exec_driver_sql("CREATE TABLE nowhere (x INT)")
        connection.commit()
    upgrade(history, postgresql_url)
    assert rows(postgresql_url) == ("a",)


def test_a_run_listens_once_whatever_the_number_of_steps(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: dict[str, int] = {"listen": 0, "remove": 0}
    for name in heard:
        plain = getattr(event, name)

        def counting(*given: object, name: str = name, plain: object = plain, **options: object) -> None:
            heard[name] += 1
            plain(*given, **options)  # type: ignore[operator]  # it is a function

        monkeypatch.setattr(event, name, counting)
    counts = []
    history = History(tmp_path / "m", "a <- b, b <- c, c <- d, d <- e, e <- f", upgrade={"f": WRONG})
    with connected(sqlite_url) as connection:
        for target in ("b", "e", "f"):
            before = dict(heard)
            with pytest.raises(DBAPIError) if target == "f" else nullcontext():
                history.run(connection, target)
            counts.append({name: number - before[name] for name, number in heard.items()})
    two, three, failed = counts
    assert three == two
    assert failed["remove"] == two["remove"] > 0
