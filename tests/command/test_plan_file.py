"""A plan that was kept is followed as long as it holds, and nothing else is run."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from limbeck import command
from limbeck.errors import CommandError, PlanIncomplete, PlanOutdated, UnreadablePlan
from tests.command.project import Project

CREATE = "op.create_table('t', sa.Column('id', sa.Integer))"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", up=CREATE)
    made.add("b1", "a1", up="op.execute('INSERT INTO t VALUES (1)')")
    return made


def keep(project: Project, target: str = "heads") -> str:
    path = str(project.directory / "kept.json")
    command.plan(project.config(stdout=io.StringIO()), target, out=path)
    return path


def test_a_plan_that_holds_is_followed(shop: Project) -> None:
    shop.out("upgrade", "heads", plan=keep(shop))
    assert shop.rows() == ["b1"]
    assert shop.query("SELECT * FROM t") == [(1,)]


def refusal(project: Project, path: str, target: str = "heads") -> str:
    before = project.query("SELECT name FROM sqlite_master")
    with pytest.raises(PlanOutdated, match="does not hold any more") as raised:
        project.out("upgrade", target, plan=path)
    assert project.query("SELECT name FROM sqlite_master") == before
    return raised.value.reason


def test_other_statements_are_refused(shop: Project) -> None:
    path = keep(shop)
    shop.add("b1", "a1", up="op.execute('INSERT INTO t VALUES (2)')")
    assert refusal(shop, path) == "other statements would be sent, or with other values"


def test_other_values_are_refused(shop: Project) -> None:
    value = "op.get_bind().execute(sa.text('INSERT INTO t VALUES (:i)'), {{'i': {}}})"
    shop.add("b1", "a1", up=value.format(1))
    path = keep(shop)
    shop.add("b1", "a1", up=value.format(2))
    assert refusal(shop, path) == "other statements would be sent, or with other values"


def test_another_revision_is_refused(shop: Project) -> None:
    path = keep(shop)
    shop.add("c1", "b1")
    assert refusal(shop, path) == "other revisions would run"


def test_another_state_of_the_database_is_refused(shop: Project) -> None:
    path = keep(shop)
    shop.out("upgrade", "a1")
    assert refusal(shop, path) == "the database was at base, and is at a1"


def test_another_answer_to_what_a_migration_asks_is_refused(shop: Project) -> None:
    asks = "op.get_bind().scalar(sa.text('SELECT max(id) FROM t')) > 1"
    shop.add("c1", "b1", up=f"{asks} and op.execute('DELETE FROM t')")
    shop.out("upgrade", "b1")
    path = keep(shop)
    with closing(sqlite3.connect(shop.directory / "app.db")) as connection:
        connection.execute("INSERT INTO t VALUES (5)")
        connection.commit()
    assert refusal(shop, path) == "other statements would be sent, or with other values"


def test_another_target_is_refused(shop: Project) -> None:
    assert refusal(shop, keep(shop), "a1") == "it is for `upgrade heads`, not `upgrade a1`"


def test_rows_that_change_between_looking_and_running_are_seen(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limbeck.command.plan_file import KeptPlan

    path = keep(shop)
    check = KeptPlan.require_same

    def check_and_interfere(self: KeptPlan, forecasts: object) -> None:
        check(self, forecasts)  # type: ignore[arg-type]  # it is what it was called with
        shop.out("upgrade", "a1")

    monkeypatch.setattr(KeptPlan, "require_same", check_and_interfere)
    with pytest.raises(PlanOutdated, match="was at base, and is at a1"):
        shop.out("upgrade", "heads", plan=path)
    assert shop.rows() == ["a1"]


def test_a_plan_that_does_not_know_everything_is_not_written(shop: Project) -> None:
    shop.add("c1", "b1", up="raise RuntimeError('no')")
    with pytest.raises(PlanIncomplete, match="a revision cannot be tried to its end"):
        keep(shop)
    assert not (shop.directory / "kept.json").exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not JSON"),
        ("[]", "`limbeck plan --out` has not written it"),
        (json.dumps({"kind": "limbeck plan", "v": 99}), "another version of limbeck has written it"),
    ],
)
def test_other_files_are_refused(shop: Project, text: str, reason: str) -> None:
    (shop.directory / "kept.json").write_text(text)
    with pytest.raises(UnreadablePlan) as raised:
        shop.out("upgrade", "heads", plan=str(shop.directory / "kept.json"))
    assert raised.value.reason == reason


def test_a_script_follows_no_plan(shop: Project) -> None:
    with pytest.raises(CommandError, match="--plan with --sql"):
        shop.out("upgrade", "heads", sql=True, plan="x")
