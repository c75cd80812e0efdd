"""What the command line has run last can be looked at later: who, when, what, how long; no values, no secrets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, Pool, event

from limbeck import command
from limbeck.base.answer import Answer, answer
from limbeck.base.look import Look
from limbeck.base.progress import run_watcher
from limbeck.base.redaction import MASK
from limbeck.cli.main import main
from limbeck.command.last_run import find_slowest, render
from limbeck.command.recording import LONGEST_SQL, MOST_STATEMENTS, Recording
from limbeck.errors import CommandError
from limbeck.runtime import lock_session
from limbeck.script.base import ScriptDirectory
from limbeck.script.last_run import STATEMENT, find_last_run, read_last_run
from tests.command.project import Project

CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
FILL = "op.bulk_insert(sa.table('t', sa.column('id', sa.Integer)), [{'id': 4711}])"


@pytest.fixture(autouse=True)
def bytecode_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def shop(project: Project) -> Project:
    project.add("a1", message="start", up=CREATE, down="op.drop_table('t')")
    project.add("b1", "a1", message="fill", up=FILL, down="op.execute('DELETE FROM t')")
    return project


def script(project: Project) -> ScriptDirectory:
    return ScriptDirectory.from_config(project.config())


def kept(project: Project) -> dict[str, Any]:
    found = read_last_run(script(project))
    assert found is not None
    return found


def run(project: Project, *words: str) -> object:
    """Run a command line; what the process would end with."""
    try:
        main(["-c", str(project.directory / "alembic.ini"), *words])
    except SystemExit as leaving:
        return leaving.code
    return 0


def statements(step: dict[str, Any]) -> list[str]:
    return [" ".join(one["sql"].split()) for one in step["statements"]]


@pytest.mark.parametrize("quiet", [[], ["-q"], ["--json"], ["--json=lines"]])
def test_a_run_is_kept_with_its_statements(shop: Project, quiet: list[str]) -> None:
    assert run(shop, *quiet, "upgrade", "head") == 0
    found = kept(shop)
    assert (found["command"], found["target"], found["failure"]) == ("upgrade", "head", None)
    assert found["databases"] == [f"{shop.directory}/app.db (sqlite)"]
    assert [(step["revision"], step["direction"], step["message"]) for step in found["steps"]] == [
        ("a1", "upgrade", "start"),
        ("b1", "upgrade", "fill"),
    ]
    first, second = found["steps"]
    assert statements(first) == ["CREATE TABLE t ( id INTEGER NOT NULL, PRIMARY KEY (id) )"]
    assert statements(second) == ["INSERT INTO t (id) VALUES (?)"]
    assert [one["ok"] for step in found["steps"] for one in step["statements"]] == [True, True]
    assert 0 < first["statements"][0]["seconds"] < first["seconds"] < found["seconds"]


def test_the_last_run_counts_and_one_that_does_nothing_is_none(shop: Project) -> None:
    run(shop, "upgrade", "head")
    run(shop, "downgrade", "-1")
    assert [(one["revision"], one["direction"]) for one in kept(shop)["steps"]] == [("b1", "downgrade")]
    run(shop, "downgrade", "a1")
    assert kept(shop)["target"] == "-1"
    run(shop, "stamp", "base")
    assert (kept(shop)["command"], [one["direction"] for one in kept(shop)["steps"]]) == ("stamp", ["stamp"])


def test_a_failure_is_kept_without_what_the_database_says(shop: Project) -> None:
    """That may be a row of somebody's data."""
    shop.add("c1", "b1", message="again", up=FILL)
    assert run(shop, "upgrade", "head") == 1
    found = kept(shop)
    assert found["failure"] == "IntegrityError"
    failed = found["steps"][2]
    assert (failed["seconds"], failed["statements"][0]["ok"]) == (None, False)
    assert "4711" not in Path(find_last_run(script(shop))).read_text()


def test_secrets_are_not_kept(shop: Project) -> None:
    """UX-3."""
    shop.add("c1", "b1", up="op.execute(\"SELECT 'postgresql://app:c4nary@db/shop', 'password=c4nary'\")")
    run(shop, "upgrade", "head")
    text = Path(find_last_run(script(shop))).read_text()
    assert "c4nary" not in text
    assert MASK in text


def test_nothing_is_kept_of_a_program_nor_of_a_script(shop: Project) -> None:
    command.upgrade(shop.config(), "head")
    assert run(shop, "upgrade", "head", "--sql") == 0
    assert run(shop, "plan", "--downgrade", "base") == 0
    assert read_last_run(script(shop)) is None


def test_whoever_looks_hears_the_same(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    run(shop, "upgrade", "head", "--json=lines")
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    steps = {one["revision"]: one for one in kept(shop)["steps"]}
    heard = [one for one in events if one["event"] == "statement"]
    assert [(one["revision"], one["sql"], one["ok"]) for one in heard] == [
        (revision, one["sql"], one["ok"])
        for revision in ("a1", "b1")
        for one in steps[revision]["statements"]
    ]


@contextmanager
def listening() -> Iterator[list[str]]:
    """The statements that are sent, and the sessions that begin."""
    heard: list[str] = []

    def hear_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    def hear_session(*_: Any) -> None:
        heard.append("a session")

    event.listen(Engine, "before_cursor_execute", hear_statement)
    event.listen(Pool, "connect", hear_session)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear_statement)
        event.remove(Pool, "connect", hear_session)


def test_nothing_more_is_sent_to_the_database(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_session, "FRESH", float("inf"))  # a slow run looks at its lock again
    made = Project(tmp_path)
    ini = made.directory / "alembic.ini"
    ini.write_text(ini.read_text().replace("sqlite:///%(here)s/app.db", database_url.replace("%", "%%")))
    made.add("a1", up=CREATE, down="op.drop_table('t')")

    def run_both_ways() -> list[str]:
        with listening() as heard:
            command.upgrade(made.config(), "head")
            command.downgrade(made.config(), "base")
        return heard

    run_both_ways()  # makes the tables that stay
    expected = run_both_ways()
    assert read_last_run(script(made)) is None
    with answer.active(Answer()):
        assert run_both_ways() == expected
    assert kept(made)["target"] == "base"
    assert "a session" in expected
    assert "\nDROP TABLE t" in expected


# --- in itself ----------------------------------------------------------------------------------------------


def a_step(revision: str) -> Any:
    own = SimpleNamespace(revision=revision, path=f"{revision}.py")
    return SimpleNamespace(revision=own, name="upgrade", doc=f"make {revision}")


def finished(recording: Recording) -> dict[str, Any]:
    run = recording.finish(None)
    assert run is not None
    found: dict[str, Any] = json.loads(run.json)
    for step in found["steps"]:
        step["statements"] = [dict(zip(STATEMENT, one, strict=True)) for one in step["statements"]]
    return found


def test_where_nothing_runs_nothing_is_kept() -> None:
    assert Recording("upgrade", "head").finish(None) is None


def test_a_step_that_begins_again_is_there_once() -> None:
    recording = Recording("upgrade", "head")
    recording.run_started([])
    for number, revision in ((1, "a1"), (2, "b1"), (1, "a1"), (2, "b1")):
        recording.step_begins(number, 2, a_step(revision))
        recording.statement_begins(1, "SELECT 1")
        recording.statement_ended(0.5, has_failed=False)
        recording.step_ended(number, 2, a_step(revision), 1)
    assert [(one["revision"], one["count"]) for one in finished(recording)["steps"]] == [("a1", 1), ("b1", 1)]


def test_several_databases_stand_one_behind_the_other() -> None:
    recording = Recording("upgrade", "head")
    for revision in ("a1", "x1"):
        recording.run_started([])
        recording.step_begins(1, 1, a_step(revision))
        recording.step_ended(1, 1, a_step(revision), 0)
    assert [one["revision"] for one in finished(recording)["steps"]] == ["a1", "x1"]


def test_of_many_statements_the_slowest_are_kept_in_their_order() -> None:
    recording = Recording("upgrade", "head")
    recording.run_started([])
    recording.step_begins(1, 1, a_step("a1"))
    for number in range(1, 5001):
        recording.statement_begins(number, f"SELECT {number}")
        recording.statement_ended(60.0 if number % 50 == 0 else 0.001, has_failed=number == 3)
    (step,) = finished(recording)["steps"]
    numbers = [one["number"] for one in step["statements"]]
    assert (step["count"], len(numbers)) == (5000, MOST_STATEMENTS)
    assert numbers == sorted(numbers)
    assert numbers[0] == 3
    assert {one % 50 for one in numbers[1:]} == {0}


def test_a_long_statement_is_cut() -> None:
    recording = Recording("upgrade", "head")
    recording.run_started([])
    recording.step_begins(1, 1, a_step("a1"))
    recording.statement_begins(1, "x" * 100_000)
    recording.statement_ended(0.1, has_failed=False)
    (step,) = finished(recording)["steps"]
    assert step["statements"][0]["sql"] == "x" * LONGEST_SQL + "..."


@pytest.mark.parametrize("shown", [1, 4])
def test_a_secret_is_not_kept_in_part_where_a_statement_is_cut(shown: int) -> None:
    recording = Recording("upgrade", "head")
    recording.run_started([])
    recording.step_begins(1, 1, a_step("a1"))
    before = "CREATE USER a IDENTIFIED BY '"
    sql = before.rjust(LONGEST_SQL - shown) + "c4nary-and-more' " + "x" * 2000
    recording.statement_begins(1, sql)
    recording.statement_ended(0.1, has_failed=False)
    (step,) = finished(recording)["steps"]
    assert "c4na"[:shown] not in step["statements"][0]["sql"][LONGEST_SQL - shown - 1 :]
    assert MASK[:1] in step["statements"][0]["sql"]


def test_it_follows_no_statement_by_itself() -> None:
    assert Recording("upgrade", "head").follows is False
    assert run_watcher.find() is None


# --- show ---------------------------------------------------------------------------------------------------

FACTS: dict[str, Any] = {
    "command": "upgrade",
    "target": "head",
    "host": "web-3",
    "user": "app",
    "process": 812,
    "program": "limbeck 1.0",
    "databases": ["db:5432/shop (postgresql)"],
    "began": "2026-03-02T14:11:05.5+00:00",
    "seconds": 66.2,
    "failure": None,
    "steps": [
        {
            "revision": "9d01aa",
            "direction": "upgrade",
            "message": "add orders",
            "path": "9d01aa.py",
            "seconds": 66.1,
            "count": 12,
            "statements": [
                {
                    "number": 1,
                    "sql": "\nCREATE TABLE orders (\n\tid INTEGER\n)",
                    "seconds": 0.0042,
                    "ok": True,
                },
                {"number": 12, "sql": "CREATE INDEX i ON orders (id)", "seconds": 65.3, "ok": True},
            ],
        }
    ],
}


def test_the_last_run_as_text() -> None:
    assert list(render(FACTS, Look())) == [
        "  command   upgrade head",
        "  database  db:5432/shop (postgresql)",
        "  when      2026-03-02 14:11:05 UTC, took 1 m 06 s",
        "  who       app on web-3, process 812, limbeck 1.0",
        "  ended     well",
        "",
        "  1/1  9d01aa  upgrade  add orders   12 statements   1 m 06 s",
        "       1    4.2 ms  CREATE TABLE orders ( id INTEGER )",
        "      12  1 m 05 s  CREATE INDEX i ON orders (id)",
        "                    and 10 faster statements",
    ]


def test_a_failed_run_as_text() -> None:
    step = {**FACTS["steps"][0], "seconds": None, "count": 2}
    step["statements"] = [step["statements"][0], {**step["statements"][1], "number": 2, "ok": False}]
    lines = list(render({**FACTS, "failure": "OperationalError", "steps": [step]}, Look()))
    assert lines[4:6] == [
        "  ended     OperationalError in 9d01aa",
        "            what a rollback has undone stands here, too: `limbeck status` tells where the database is",
    ]
    assert lines[7] == "  1/1  9d01aa  upgrade  add orders   2 statements   not finished"
    assert lines[9] == "       2  1 m 05 s  failed  CREATE INDEX i ON orders (id)"


def test_nothing_runs_over_the_edge_of_a_terminal() -> None:
    step = {
        **FACTS["steps"][0],
        "statements": [{"number": 1, "sql": "SELECT " + "x" * 500, "seconds": 2.0, "ok": True}],
    }
    lines = list(render({**FACTS, "steps": [step]}, Look(width=80, is_styled=True)))
    assert max(map(len, lines)) <= 80


def test_the_slowest_are_shown_and_what_has_failed() -> None:
    given = [{"number": number, "seconds": number / 10, "ok": number != 2} for number in range(1, 30)]
    assert [one["number"] for one in find_slowest(given)] == [2, 21, 22, 23, 24, 25, 26, 27, 28, 29]


def test_show_tells_of_it(shop: Project, capsys: pytest.CaptureFixture[str]) -> None:
    run(shop, "upgrade", "head")
    capsys.readouterr()
    assert run(shop, "show", "--last-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  command   upgrade head"
    assert [line for line in lines if "INSERT INTO t" in line]


def test_show_without_a_run_says_where_it_would_be(shop: Project) -> None:
    with pytest.raises(CommandError, match="No run is known here") as caught:
        command.show(shop.config(), last_run=True)
    assert find_last_run(script(shop)) in str(caught.value.hint)


@pytest.mark.parametrize("arguments", [{}, {"rev": "head", "last_run": True}])
def test_show_is_for_one_of_both(shop: Project, arguments: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="for a revision or for the last run, and for one of them"):
        command.show(shop.config(), **arguments)
