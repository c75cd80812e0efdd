"""`--json=lines`: each line is one event of a published shape, and the last one says how it has ended."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from limbeck.base.progress import Activity, Blocker
from limbeck.cli.commandline import CommandLine
from limbeck.cli.json_events import EventWriter
from limbeck.ddl.locking import Holder
from tests.cli.schemas import violations
from tests.cli.test_json import schema
from tests.command.bare import Migrations
from tests.command.project import Project

CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
DROP = "op.drop_table('t')"


def read(output: str) -> list[dict[str, Any]]:
    """The events, each of which has the published shape."""
    events = [json.loads(line) for line in output.splitlines()]
    for one in events:
        shapes = [
            shape
            for shape in schema("events")["anyOf"]
            if shape["properties"]["event"]["const"] == one["event"]
        ]
        assert [list(violations(one, shape)) for shape in shapes] == [[]], one
        assert datetime.fromisoformat(one["time"]).tzinfo is not None
    return events


def run(project: Project, *words: str, url: str | None = None) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, the events, and standard error."""
    environ = {**os.environ, **({"LIMBECK_URL": url} if url else {})}
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.directory,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert "\x1b" not in finished.stdout
    return finished.returncode, read(finished.stdout), finished.stderr


def without(event: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("v", "time", "command", *names)}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", message="start", up=CREATE, down=DROP)
    made.add("b1", "a1", message="fill", up="op.execute('INSERT INTO t VALUES (1)')")
    return made


def test_a_run_is_told_from_its_beginning_to_its_end(shop: Project) -> None:
    code, events, errors = run(shop, "upgrade", "head", "--json=lines")
    assert code == 0, errors
    first = {
        "revision": "a1",
        "direction": "upgrade",
        "message": "start",
        "path": str(shop.versions / "a1.py"),
    }
    second = {
        "revision": "b1",
        "direction": "upgrade",
        "message": "fill",
        "path": str(shop.versions / "b1.py"),
    }
    names = "run_started revision_started statement revision_finished revision_started statement revision_finished"
    assert [one["event"] for one in events] == [*names.split(), "run_finished"]
    assert {one["command"] for one in events} == {"upgrade"}
    assert without(events[0]) == {"event": "run_started", "steps": [first, second]}
    assert without(events[1]) == {"event": "revision_started", **first, "number": 1, "count": 2}
    assert without(events[5], "seconds") == {
        "event": "statement",
        "revision": "b1",
        "statement": 1,
        "sql": "INSERT INTO t VALUES (1)",
        "ok": True,
    }
    assert without(events[6], "seconds") == {
        "event": "revision_finished",
        **second,
        "number": 2,
        "count": 2,
        "statements": 1,
    }
    last = events[-1]
    assert (last["exit_code"], last["warnings"]) == (0, [])
    assert (last["data"]["before"], last["data"]["after"]) == ([], ["b1"])
    assert list(violations(last["data"], schema("upgrade"))) == []


def test_a_downgrade_and_a_stamp_are_told_too(shop: Project) -> None:
    shop.out("upgrade", "a1")
    _, events, _ = run(shop, "--json=lines", "downgrade", "base")
    assert [(one["event"], one.get("direction")) for one in events] == [
        ("run_started", None),
        ("revision_started", "downgrade"),
        ("statement", None),
        ("revision_finished", "downgrade"),
        ("run_finished", None),
    ]
    _, events, _ = run(shop, "stamp", "head", "--json=lines")
    told = [(one["event"], one.get("revision"), one.get("direction")) for one in events]
    assert told[1] == ("revision_started", "b1", "stamp")
    assert told[-1][0] == "run_finished"
    _, events, _ = run(shop, "stamp", "base", "--json=lines")
    assert [one["event"] for one in events][-1] == "run_finished"


def test_where_nothing_is_to_do_there_is_only_an_end(shop: Project) -> None:
    shop.out("upgrade", "head")
    code, events, _ = run(shop, "upgrade", "head", "--json=lines")
    assert (code, [one["event"] for one in events]) == (0, ["run_finished"])


def test_a_failure_is_the_last_event(shop: Project) -> None:
    shop.add("c1", "b1", up="op.execute('INSERT INTO nowhere VALUES (1)')")
    code, events, errors = run(shop, "upgrade", "head", "--json=lines")
    assert (events[-2]["event"], events[-2]["ok"]) == ("statement", False)
    last = events[-1]
    assert (code, last["event"], last["exit_code"]) == (1, "error", 1)
    assert last["error"]["message"] == "Migration failed: no such table: nowhere"
    assert last["error"]["code"] == "LBK-DB-MISSING"
    assert "no such table: nowhere" in errors
    code, events, _ = run(shop, "upgrade", "nowhere", "--json=lines")
    assert (code, [one["event"] for one in events]) == (255, ["error"])


def test_what_a_project_prints_goes_to_standard_error(shop: Project) -> None:
    path = shop.directory / "migrations" / "env.py"
    path.write_text(f"print('env.py was here')\n{path.read_text()}")
    _, events, errors = run(shop, "upgrade", "head", "--json=lines")
    assert events[-1]["event"] == "run_finished"
    assert "env.py was here" in errors


def test_a_password_is_in_no_event(shop: Project) -> None:
    """UX-3: neither one in SQL, nor in a URL."""
    secret = "op.execute(\"SELECT 1 -- CREATE ROLE app PASSWORD 'c4nary' postgresql://app:c4nary@db/shop\")"
    shop.add("c1", "b1", up=secret)
    code, events, _ = run(shop, "upgrade", "head", "--json=lines")
    assert code == 0
    assert any("CREATE ROLE app PASSWORD ***" in one.get("sql", "") for one in events)
    assert "c4nary" not in json.dumps(events)


@pytest.mark.parametrize("words", [["current", "--json=lines"], ["--json=lines", "heads"]])
def test_other_commands_have_no_events(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        CommandLine().main(words)
    assert leaving.value.code == 2
    assert "--json=lines is for upgrade, downgrade, stamp" in capsys.readouterr().err


def test_the_word_behind_json_is_the_command(shop: Project) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck", "--json", "upgrade", "head"],
        cwd=shop.directory,
        capture_output=True,
        text=True,
    )
    answer = json.loads(finished.stdout)
    assert list(violations(answer, schema("answer"))) == []
    assert answer["data"]["after"] == ["b1"]


def test_who_waits_is_told_and_for_whom(tmp_path: Path, postgresql_url: str) -> None:
    """One run waits for another, and a statement for a session that has read the table."""
    bare = Migrations(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.limbeck]\nscript_location = "migrations"\n')
    bare.add("a1", up=CREATE)
    bare.add("b1", "a1", up="op.execute('ALTER TABLE t ADD x integer')")
    run(bare, "upgrade", "a1", url=postgresql_url)
    engine = create_engine(postgresql_url)
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", "upgrade", "head", "--json=lines"],
        cwd=tmp_path,
        env={**os.environ, "LIMBECK_URL": postgresql_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with engine.connect() as other:
        number = other.execute(text("SELECT pg_backend_pid()")).scalar_one()
        other.execute(text("SELECT * FROM t"))
        lines = []
        assert process.stdout is not None
        for line in process.stdout:  # each line comes when it happens, or this would wait for ever
            lines.append(line)
            event = json.loads(line)
            if event["event"] == "progress" and event["waits_for"]:
                other.rollback()
    _, errors = process.communicate()
    engine.dispose()
    assert process.returncode == 0, errors
    events = read("".join(lines))
    waiting = next(one for one in events if one["event"] == "progress")
    assert waiting["seconds"] >= 2
    (blocker,) = next(one["waits_for"] for one in events if one.get("waits_for"))
    assert (blocker["session"], blocker["state"], blocker["is_certain"]) == (
        f"pid {number}",
        "idle in transaction",
        True,
    )


def test_another_run_is_waited_for(tmp_path: Path, postgresql_url: str) -> None:
    slow = Migrations(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.limbeck]\nscript_location = "migrations"\n')
    started = tmp_path / "started"
    slow.add("a1", up=f"open({str(started)!r}, 'w').close(); op.execute('SELECT pg_sleep(2)')")
    working = subprocess.Popen(
        [sys.executable, "-m", "limbeck", "upgrade", "head"],
        cwd=tmp_path,
        env={**os.environ, "LIMBECK_URL": postgresql_url},
        stderr=subprocess.DEVNULL,
    )
    while not started.exists() and working.poll() is None:
        time.sleep(0.02)
    code, events, _ = run(slow, "upgrade", "head", "--json=lines", url=postgresql_url)
    assert working.wait() == 0
    assert code == 0
    waiting = [one for one in events if one["event"] == "lock_waiting"]
    assert waiting[0]["holder"]["process"] == f"process {working.pid}"
    assert events[-1]["event"] == "run_finished"


def test_how_far_a_statement_is_comes_now_and_then() -> None:
    stream = io.StringIO()
    moment = datetime(2026, 3, 2, 14, 11, tzinfo=UTC)
    events = EventWriter(stream, "upgrade", now=lambda: moment, clock=lambda: 0.0)
    own = SimpleNamespace(revision="c77e42", path="c77e42.py")
    events.step_begins(3, 3, SimpleNamespace(revision=own, name="upgrade", doc="index orders"))
    events.statement_begins(2, "CREATE INDEX i ON t (v)")
    blocker = Blocker("pid 8", "idle in transaction", 1.23456, "app", "postgresql://app:c4nary@db/shop")
    for seconds, activity in (
        (1.9, None),
        (2.1, None),
        (4.0, None),
        (7.2, Activity("building index", 1 / 3)),
        (12.3, Activity(blockers=(blocker,))),
    ):
        events.statement_goes_on(seconds, activity)
    events.lock_waiting(Holder("web-3", "process 812", moment, "9d01aa"))
    events.lock_waiting(None)
    told = read(stream.getvalue())
    assert [(one["seconds"], one["phase"], one["share"]) for one in told if one["event"] == "progress"] == [
        (2.1, None, None),
        (7.2, "building index", 0.3333),
        (12.3, None, None),
    ]
    assert told[3]["waits_for"] == [
        {
            "session": "pid 8",
            "state": "idle in transaction",
            "seconds": 1.235,
            "user": "app",
            "application": "postgresql://app:***@db/shop",
            "is_certain": True,
        }
    ]
    assert told[4]["holder"] == {
        "host": "web-3",
        "process": "process 812",
        "since": "2026-03-02T14:11:00+00:00",
        "revision": "9d01aa",
    }
    assert told[5]["holder"] is None
