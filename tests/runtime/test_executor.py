"""Running steps one by one: order, callbacks, log lines, and what a failure says (STEP-*, CB-*, OUT-20)."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from limbeck.errors import NotPlainFunction
from limbeck.migration import MigrationContext, MigrationInfo, RevisionStep, StampStep
from limbeck.runtime.aftermath import PURGED
from tests.backends.engines import connected
from tests.runtime.history import History, rows, tables

DIAMOND = "a <- b, a <- c, b+c <- m"


# --- order (STEP-2) ---------------------------------------------------------------------------------------------


def test_each_step_logs_runs_moves_its_row_and_calls_back(tmp_path: Path, sqlite_url: str) -> None:
    """STEP-2, CB-1"""
    body = "op.get_context().opts['seen'].append(({!r}, op.get_context().get_current_heads()))"
    history = History(
        tmp_path / "m",
        "a <- b",
        upgrade={id: body.format(f"upgrade {id}") for id in "ab"},
        downgrade={id: body.format(f"downgrade {id}") for id in "ab"},
    )
    seen: list[Any] = []

    def applied(*, ctx: MigrationContext, step: MigrationInfo, heads: set[str], run_args: Any) -> None:
        seen.append((f"applied {step.up_revision_id}", ctx.get_current_heads(), heads))

    with connected(sqlite_url) as connection:
        history.run(connection, "b", seen=seen, on_version_apply=applied)
        history.run(connection, "base", direction="downgrade", seen=seen, on_version_apply=applied)
    assert seen == [
        ("upgrade a", ()),
        ("applied a", ("a",), {"a"}),
        ("upgrade b", ("a",)),
        ("applied b", ("b",), {"b"}),
        ("downgrade b", ("b",)),
        ("applied b", ("a",), {"a"}),
        ("downgrade a", ("a",)),
        ("applied a", (), set()),
    ]


def test_steps_are_logged_with_parents_and_message(
    tmp_path: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """OUT-20: dependencies are left out, base is empty."""
    history = History(tmp_path / "m", f"{DIAMOND}, x, m <- n, n ~ x")
    caplog.set_level(logging.INFO, "alembic.runtime.migration")
    with connected(sqlite_url) as connection:
        for target, direction in (("n", "upgrade"), ("n@-1", "downgrade"), ("a", "stamp")):
            history.run(connection, target, direction=direction)
    lines = [message for message in caplog.messages if message.startswith("Running ")]
    assert sorted(lines) == sorted(
        [
            "Running upgrade  -> a, make a",
            "Running upgrade a -> b, make b",
            "Running upgrade a -> c, make c",
            "Running upgrade b, c -> m, make m",
            "Running upgrade  -> x, make x",
            "Running upgrade m -> n, make n",
            "Running downgrade n -> m, make n",
            "Running stamp_revision m -> a",
        ]
    )
    assert {record.name for record in caplog.records} == {"alembic.runtime.migration"}


def test_row_changes_are_logged_for_the_curious(
    tmp_path: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """config-cli §7.3"""
    history = History(tmp_path / "m", "a <- b")
    caplog.set_level(logging.DEBUG, "alembic.runtime.migration")
    with connected(sqlite_url) as connection:
        history.run(connection, "b")
        history.run(connection, "base", direction="downgrade")
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG] == [
        "inserting a into alembic_version",
        "updating a to b in alembic_version",
        "updating b to a in alembic_version",
        "deleting a from alembic_version",
    ]


# --- callbacks (CB-1 to CB-4) -------------------------------------------------------------------------------------


def test_callbacks_are_called_in_their_order_with_what_happened(tmp_path: Path, sqlite_url: str) -> None:
    """CB-1, CB-2, CB-4"""
    history = History(tmp_path / "m", DIAMOND, parameters="**kw")
    seen: list[Any] = []

    def note(name: str) -> Any:
        return lambda **kw: seen.append((name, kw))

    with connected(sqlite_url) as connection:
        history.run(connection, "b")
        history.run(connection, "c")
        history.run(connection, "m", on_version_apply=[note("one"), note("two")], run_args={"size": 5})
    assert [name for name, _ in seen] == ["one", "two"]
    for _, kw in seen:
        assert sorted(kw) == ["ctx", "heads", "run_args", "step"]
        assert isinstance(kw["ctx"], MigrationContext)
        assert (kw["heads"], kw["run_args"]) == ({"m"}, {"size": 5})
        info = kw["step"]
        assert isinstance(info, MigrationInfo)
        assert (info.is_upgrade, info.is_stamp, info.is_migration) == (True, False, True)
        assert (info.up_revision_id, info.up_revision_ids) == ("m", ("m",))
        assert (set(info.source_revision_ids), info.destination_revision_ids) == ({"b", "c"}, ("m",))


def test_stamping_calls_back_too(tmp_path: Path, sqlite_url: str) -> None:
    """CB-4"""
    history = History(tmp_path / "m", "a <- b")
    seen: list[MigrationInfo] = []
    with connected(sqlite_url) as connection:
        history.run(connection, "b", direction="stamp", on_version_apply=lambda step, **kw: seen.append(step))
    assert [(info.is_stamp, info.is_migration, info.up_revision_id) for info in seen] == [(True, False, "b")]


def test_a_callback_is_called_for_scripts_with_simulated_heads(tmp_path: Path) -> None:
    """OFF-14"""
    history = History(tmp_path / "m", "a <- b")
    seen: list[set[str]] = []
    history.write("postgresql", "b", on_version_apply=lambda heads, **kw: seen.append(heads))
    assert seen == [{"a"}, {"b"}]


def test_a_callback_cannot_change_the_rows_by_its_argument(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", "a <- b")
    with connected(sqlite_url) as connection:
        history.run(connection, "b", on_version_apply=lambda heads, **kw: heads.clear())
    assert rows(sqlite_url) == ("b",)


def test_an_exception_in_a_callback_undoes_the_step(tmp_path: Path, database_url: str) -> None:
    """CB-3"""

    def refuse(heads: set[str], **kw: Any) -> None:
        if heads == {"b"}:
            raise RuntimeError("no")

    history = History(tmp_path / "m", "a <- b")
    with connected(database_url) as connection, pytest.raises(RuntimeError, match="no"):
        history.run(connection, "b", on_version_apply=refuse, transaction_per_migration=True)
    assert rows(database_url) == ("a",)


def test_what_is_no_function_fails_at_the_first_step(tmp_path: Path, sqlite_url: str) -> None:
    """CB-2"""
    history = History(tmp_path / "m", "a")
    with connected(sqlite_url) as connection, pytest.raises(TypeError, match="not callable"):
        history.run(connection, "a", on_version_apply=5)
    assert rows(sqlite_url) == ()


def test_steps_are_of_the_documented_classes(tmp_path: Path, sqlite_url: str) -> None:
    """STEP-1"""
    history = History(tmp_path / "m", "a")
    assert [type(step) for step in history.script._upgrade_revs("a", ())] == [RevisionStep]
    assert [type(step) for step in history.script._stamp_revs("a", ())] == [StampStep]


# --- what a failure says ---------------------------------------------------------------------------------------


def notes(
    directory: Path, url: str, drawing: str = "a <- b, b <- c", *, external: bool = False, **options: Any
) -> list[str]:
    """What the notes of the exception say when c fails."""
    body = options.pop("body", "op.execute('nonsense')")
    history = History(directory, drawing, upgrade={"b": options.pop("earlier", "pass"), "c": body})
    with connected(url, **options.pop("engine", {})) as connection:
        if external:
            connection.execute(text("SELECT 1"))
        with pytest.raises(Exception) as caught:
            history.run(connection, "c", **options)
        connection.rollback()
    step = caught.value.limbeck_step  # type: ignore[attr-defined]  # put there by the executor
    assert (step.revision.revision, step.is_upgrade) == ("c", True)
    first, second = caught.value.__notes__
    assert first == f"while running upgrade b -> c ({directory / 'versions' / '02_c.py'})"
    return [second]


@pytest.mark.parametrize(
    ("options", "state"),
    [
        ({}, "the transaction around the run is rolled back, and with it 2 steps before"),
        ({"transaction_per_migration": True}, "this step is rolled back; 2 steps before it stay applied"),
        (
            {"external": True},
            "the connection was in a transaction before: what becomes of it is up to its owner",
        ),
        (
            {"body": "with op.get_context().autocommit_block():\n    pass\nop.execute('nonsense')"},
            "what ran up to autocommit_block(), and inside of it, is committed, the version table is not yet "
            "changed; 2 steps before it stay applied",
        ),
        (
            {"earlier": "with op.get_context().autocommit_block():\n    pass"},
            "the transaction around the run is rolled back, as far as the last autocommit_block()",
        ),
        (
            {"engine": {"isolation_level": "AUTOCOMMIT"}},
            "nothing of this step is in the database; 2 steps before it stay applied",
        ),
        (
            {"engine": {"isolation_level": "AUTOCOMMIT"}, "journal": False},
            "the connection is in autocommit mode, so nothing of this step is rolled back: no statement of this "
            "step was carried out; 2 steps before it stay applied",
        ),
    ],
    ids=[
        "around the run",
        "per step",
        "external",
        "block",
        "earlier block",
        "autocommit mode",
        "autocommit mode without a journal",
    ],
)
def test_a_failure_tells_what_is_left(
    tmp_path: Path, postgresql_url: str, options: dict[str, Any], state: str
) -> None:
    """TXN-6, TXN-14"""
    assert notes(tmp_path / "m", postgresql_url, **options) == [state]


def test_a_failure_tells_if_ddl_cannot_be_rolled_back(tmp_path: Path, mariadb_url: str) -> None:
    """TXN-6"""
    body = "op.execute('CREATE TABLE t (x INTEGER)')\nop.execute('nonsense')"
    assert notes(tmp_path / "m", mariadb_url, body=body, journal=False) == [
        "this database cannot roll back DDL: what this step did before it failed (1 statement) may be there, and "
        "the version table does not say so; 2 steps before it stay applied"
    ]
    assert tables(mariadb_url) == ["alembic_version", "t"]


def test_a_failure_tells_where_it_has_stopped_if_there_is_a_journal(tmp_path: Path, mariadb_url: str) -> None:
    """TXN-6"""
    body = "op.execute('CREATE TABLE t (x INTEGER)')\nop.execute('nonsense')"
    assert notes(tmp_path / "m", mariadb_url, body=body) == [
        "its first statement is in the database, and no rollback undoes that; the version table does not count it; "
        "limbeck has noted where it stopped; 2 steps before it stay applied"
    ]


def test_a_step_that_fails_at_its_first_statement_leaves_nothing_to_undo(
    tmp_path: Path, mariadb_url: str
) -> None:
    """TXN-6"""
    assert notes(tmp_path / "m", mariadb_url) == [
        "nothing of this step is in the database; 2 steps before it stay applied"
    ]
    assert notes(tmp_path / "n", mariadb_url, journal=False) == [
        "this database cannot roll back DDL: no statement of this step was carried out; nothing ran before it"
    ]


def test_a_stamp_that_fails_after_the_rows_were_deleted_says_if_that_stays(
    tmp_path: Path, database_url: str
) -> None:
    """TXN-6, CB-3: where each step has a transaction of its own, so has the deletion."""

    def refuse(**kw: Any) -> None:
        raise RuntimeError("no")

    history = History(tmp_path / "m", "a <- b")
    with connected(database_url) as connection:
        history.run(connection, "a")
        with pytest.raises(RuntimeError, match="no") as caught:
            history.run(connection, "b", direction="stamp", purge=True, on_version_apply=refuse)
    stays = database_url.startswith("mysql")
    assert (PURGED in caught.value.__notes__) is stays
    assert rows(database_url) == (() if stays else ("a",))


def test_a_failing_script_says_that_it_is_not_complete(tmp_path: Path) -> None:
    history = History(tmp_path / "m", "a", upgrade={"a": "raise RuntimeError('stop')"})
    with pytest.raises(RuntimeError) as caught:
        history.write("postgresql", "a")
    assert caught.value.__notes__[1] == "the script is not complete: do not run it"


def test_a_failure_to_plan_has_no_step(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", "a")
    with connected(sqlite_url) as connection, pytest.raises(Exception, match="unheard") as caught:
        history.run(connection, "unheard")
    assert not hasattr(caught.value, "limbeck_step")


@pytest.mark.parametrize(
    ("definition", "kind"),
    [("async def upgrade():\n    pass", "asynchronous"), ("def upgrade():\n    yield", "a generator"),
     ("async def upgrade():\n    yield", "a generator")],
)  # fmt: skip
def test_a_function_that_only_promises_to_run_is_refused(
    tmp_path: Path, database_url: str, definition: str, kind: str
) -> None:
    history = History(tmp_path / "m", "a")
    (file,) = (tmp_path / "m" / "versions").glob("*.py")
    file.write_text(f"revision = 'a'\ndown_revision = None\n\n\n{definition}\n")
    with connected(database_url) as connection, pytest.raises(NotPlainFunction) as caught:
        history.run(connection, "a")
    assert str(caught.value) == f"upgrade() of revision a is {kind}: calling it runs nothing"
    assert rows(database_url) == ()


def test_the_table_is_written_into_a_script_only_if_it_starts_from_nothing(tmp_path: Path) -> None:
    """OFF-2: once; where rows were, there is a table."""
    history = History(tmp_path / "m", "a <- b")
    created = "CREATE TABLE alembic_version"
    assert history.write("sqlite", "b").count(created) == 1
    assert history.write("sqlite", "b", start="a").count(created) == 0
    assert history.write("sqlite", "base", start="b", direction="downgrade").count(created) == 0
    assert history.write("sqlite", "b", start="b").count(created) == 0
    assert history.write("sqlite", "base", direction="downgrade") == ""


def test_online_comments_of_scripts_are_not_executed(tmp_path: Path, sqlite_url: str) -> None:
    history = History(tmp_path / "m", "a")
    output = io.StringIO()
    with connected(sqlite_url) as connection:
        history.run(connection, "a", output_buffer=output)
        assert inspect(connection).has_table("alembic_version")
    assert output.getvalue() == ""
