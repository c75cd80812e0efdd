"""What the guide to long runs shows is what a run on PostgreSQL tells: while it runs, and afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command.project import Project
from tests.docs.running import commands_of, page, succeed, use

GUIDE = "docs/guides/long-runs.md"
PLAIN, AFTERWARDS, LINES = commands_of(GUIDE)
CREATE = "op.execute('CREATE TABLE orders ( id INTEGER )')"
SLEEP = "op.execute('SELECT pg_sleep(2.6)')"
INDEX = "op.create_index('i', 'orders', ['id'])"


@pytest.fixture
def project(tmp_path: Path, postgresql_url: str) -> Project:
    made = Project(tmp_path)
    use(made, postgresql_url)
    made.add("9d01aa", message="add orders", up=CREATE, down="op.drop_table('orders')")
    made.add("c77e42", "9d01aa", message="index orders", up=f"{SLEEP}\n    {INDEX}")
    return made


def shapes(events: list[dict[str, object]]) -> dict[object, set[str]]:
    return {event["event"]: set(event) for event in events}


def test_events_have_the_names_that_are_shown(project: Project) -> None:
    told = [json.loads(line) for line in succeed(project.directory, LINES).stdout.splitlines()]
    shown = [json.loads(line) for line in re.findall(r'(?m)^{"v".*}$', page(GUIDE))]
    assert set(shapes(shown)) == {"run_started", "revision_started", "progress"}
    for name, fields in shapes(shown).items():
        assert shapes(told)[name] == fields


def test_what_took_long_is_shown_afterwards(project: Project) -> None:
    succeed(project.directory, PLAIN, PYTHONDONTWRITEBYTECODE="")
    lines = succeed(project.directory, AFTERWARDS).stdout.splitlines()
    (block,) = re.findall(r"(?ms)^\$ limbeck show --last-run\n(.*?)^```", page(GUIDE))
    labels = [line.split()[0] for line in block.splitlines()[:5]]
    assert (
        [line.split()[0] for line in lines[:5]] == labels == ["command", "database", "when", "who", "ended"]
    )
    heads = [line for line in lines if re.match(r"  \d/\d  ", line)]
    assert re.fullmatch(r"  1/2  9d01aa  upgrade  add orders   1 statement   \d+ ms", heads[0])
    assert re.fullmatch(r"  2/2  c77e42  upgrade  index orders   2 statements   \d\.\d s", heads[1])
    assert any(re.fullmatch(r"       1     2\.\d s  SELECT pg_sleep\(2\.6\)", line) for line in lines)
    assert any(line.endswith("ms  CREATE INDEX i ON orders (id)") for line in lines)
