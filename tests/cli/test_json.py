"""Every command answers with one JSON object of a published shape, and with nothing else on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from limbeck.cli.commands import COMMANDS
from tests.cli.schemas import violations
from tests.command.project import Project

SCHEMAS = files("limbeck") / "schemas"
CREATE = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
CALLS: dict[str, list[str]] = {
    "branches": [""],
    "check": [""],
    "completion": ["bash"],
    "current": ["", "-v"],
    "demo": [""],
    "doctor": ["--files-only"],
    "downgrade": ["base", "a1:base --sql"],
    "edit": ["nothing"],
    "ensure_version": ["", "--sql"],
    "explain": ["", "LBK-CODE"],
    "graph": ["", "--current"],
    "heads": [""],
    "history": ["", "-v -i"],
    "init": ["elsewhere -t generic"],
    "list_templates": [""],
    "lock": ["status"],
    "merge": ["a1 c1 -m joined"],
    "plan": ["", "--show-params", "a1 --downgrade"],
    "repair": [""],
    "resume": [""],
    "revision": ["-m more --head b1", "-m more --head b1 --dry-run"],
    "show": ["b1", "heads"],
    "stamp": ["a1", "a1 --sql"],
    "status": [""],
    "wait": ["--timeout 5"],
    "upgrade": ["heads", "heads --sql", "nowhere"],
}
"""How each command is called."""


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", message='start "here"', up=CREATE)
    fill, empty = "op.execute('INSERT INTO t VALUES (1)')", "op.execute('DELETE FROM t')"
    made.add("b1", "a1", message="fill", up=fill, down=empty)
    made.add("c1", "a1", message="other", label="lab")
    made.out("upgrade", "a1")
    return made


def run(project: Project, *words: str) -> tuple[int, dict[str, Any], str]:
    """The exit code, what standard output has, which must be JSON to the last sign, and standard error."""
    finished = subprocess.run(
        [sys.executable, "-m", "limbeck", *words], cwd=project.directory, capture_output=True, text=True
    )
    assert finished.stdout.endswith("}\n"), finished.stderr
    assert "\x1b" not in finished.stdout
    return finished.returncode, json.loads(finished.stdout), finished.stderr


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, one) for name, calls in CALLS.items() for one in calls]
)
def test_an_answer_has_the_published_shape(shop: Project, name: str, arguments: str) -> None:
    """UX-5."""
    code, answer, _ = run(shop, name, *arguments.split(), "--json")
    assert list(violations(answer, schema("answer"))) == []
    assert answer["command"] == name
    assert answer["ok"] is (code == 0)
    if answer["data"] is not None:
        assert list(violations(answer["data"], schema(name))) == []
    assert (answer["data"] is None) <= (answer["error"] is not None)


def test_every_command_has_a_schema_and_is_called_here() -> None:
    names = {command.name for command in COMMANDS}
    with_schema = {Path(str(path)).stem for path in SCHEMAS.iterdir()} - {"answer", "events"}
    assert with_schema == set(CALLS)
    assert set(CALLS) == names


def test_what_a_project_prints_itself_goes_to_standard_error(shop: Project) -> None:
    path = shop.directory / "migrations" / "env.py"
    path.write_text(f"print('env.py was here')\n{path.read_text()}")
    _, answer, errors = run(shop, "--json", "upgrade", "heads")
    assert (answer["ok"], answer["error"]) == (True, None)
    assert "env.py was here" in errors
    assert sorted(step["revision"] for step in answer["data"]["steps"]) == ["b1", "c1"]
    assert all(step["seconds"] >= 0 for step in answer["data"]["steps"])


def test_a_failure_is_told_as_data_and_to_people(shop: Project) -> None:
    shop.add("d1", "b1", up="op.execute('INSERT INTO nowhere VALUES (1)')")
    code, answer, errors = run(shop, "upgrade", "d1", "--json")
    assert (code, answer["ok"], answer["data"]) == (1, False, None)
    assert answer["error"]["message"] == "Migration failed: no such table: nowhere"
    assert (Path(answer["error"]["path"]).name, answer["error"]["line"]) == ("d1.py", 13)
    assert "no such table: nowhere" in errors


def test_a_password_is_in_no_answer(shop: Project) -> None:
    """UX-3."""
    ini = shop.directory / "alembic.ini"
    ini.write_text(
        ini.read_text().replace("sqlite:///%(here)s/app.db", "postgresql://app:c4nary@127.0.0.1:1/shop")
    )
    code, answer, errors = run(shop, "status", "--json")
    assert (code, answer["ok"]) == (1, False)
    assert "c4nary" not in json.dumps(answer) + errors


def test_warnings_are_part_of_the_answer(shop: Project) -> None:
    shop.out("upgrade", "heads")
    _, answer, _ = run(shop, "downgrade", "-1", "--json")
    assert len(answer["warnings"]) == 1
    assert "ambiguous" in answer["warnings"][0]


def test_the_exit_code_of_findings_is_no_failure(shop: Project) -> None:
    code, answer, _ = run(shop, "status", "--json", "--exit-code")
    assert (code, answer["ok"]) == (3, True)


def test_the_last_run_is_data(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    run(shop, "upgrade", "heads", "--json")
    code, answer, _ = run(shop, "show", "--last-run", "--json")
    assert (code, list(violations(answer["data"], schema("show")))) == (0, [])
    assert answer["data"]["revisions"] == []
    assert {step["revision"] for step in answer["data"]["last_run"]["steps"]} == {"b1", "c1"}


def test_differences_are_data_although_the_command_fails(shop: Project) -> None:
    shop.out("upgrade", "heads")
    env = shop.directory / "migrations" / "env.py"
    env.write_text(
        env.read_text().replace(
            'config.attributes.get("target_metadata")',
            "__import__('sqlalchemy').MetaData()",
        )
    )
    code, answer, _ = run(shop, "check", "--allow-drops", "--json")
    assert (code, answer["error"]["type"]) == (255, "AutogenerateDiffsDetected")
    assert answer["data"]["differences"][0]["kind"] == ["remove_table"]
    assert list(violations(answer["data"], schema("check"))) == []
