"""A run that is killed, cut off or refused anywhere, and then simply run again, leads to what it would have led to.

Each test runs a chapter of the corpus with one fault after another. Usually these are a few faults of some chapters;
LIMBECK_FAULTS=all has every fault of all, LIMBECK_FAULTS=20 has twenty of each.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.faults.conftest import TRIALS
from tests.faults.modes import CORPUS, DIRECTIONS, MODES

WANTED = os.environ.get("LIMBECK_FAULTS", "")
FEW = "5"
QUICK = {
    "mariadb": ("rows", "batch", "routines"),
    "mariadb-autocommit": ("routines",),
    "sqlite": ("batch", "rows"),
    "postgresql-run": ("concurrently",),
    "postgresql-per-migration": ("branches",),
    "postgresql-autocommit": ("concurrently", "batch"),
}
CASES = [
    (mode.name, chapter, direction)
    for mode in MODES.values()
    for chapter in mode.chapters
    for direction in DIRECTIONS
    if WANTED or chapter in QUICK.get(mode.name, ())
]


@pytest.mark.parametrize(("mode", "chapter", "direction"), CASES)
def test_the_second_run_arrives(
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    mode: str,
    chapter: str,
    direction: str,
) -> None:
    url = request.getfixturevalue(f"{MODES[mode].backend}_url")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.trial", mode, chapter, direction, url, WANTED or FEW],
        cwd=CORPUS.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    total, failures = result["total"], result["failures"]
    record_property(TRIALS, (mode, direction, total - len(failures), total))
    assert total > 0
    assert not failures, "\n".join([f"{len(failures)} of {total} did not arrive", *failures[:5]])


def test_the_corpus_has_every_directive() -> None:
    text = "\n".join(path.read_text() for path in CORPUS.rglob("*.py"))
    missing = [name for name in DIRECTIVES if f"op.{name}(" not in text]
    missing += [name for name in BATCH_DIRECTIVES if f"batch.{name}(" not in text]
    assert missing == []
    assert len(re.findall(r"\b(?:op|batch)\.\w+\(", text)) >= 60


DIRECTIVES = (
    *("add_column", "alter_column", "batch_alter_table", "bulk_insert", "create_check_constraint"),
    *(
        "create_exclude_constraint",
        "create_foreign_key",
        "create_index",
        "create_primary_key",
        "create_table",
    ),
    *("create_table_comment", "create_unique_constraint", "drop_column", "drop_constraint", "drop_index"),
    *("drop_table", "drop_table_comment", "execute", "get_bind", "inline_literal", "rename_table"),
)
BATCH_DIRECTIVES = (
    *("add_column", "alter_column", "create_check_constraint", "create_foreign_key", "create_index"),
    *("create_primary_key", "create_unique_constraint", "drop_column", "drop_constraint", "drop_index"),
)
