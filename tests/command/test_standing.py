"""One screen that says where the database is."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck import command
from limbeck.base.answer import Answer, answer
from tests.command.project import Project


def lines(project: Project, **kw: bool) -> list[str]:
    return [line.strip() for line in project.out("status", **kw).splitlines()][1:]


def test_a_new_database_has_everything_pending(garden: Project) -> None:
    assert lines(garden)[:3] == [
        "revision   none: nothing is applied",
        "pending    7 revisions",
        "a1  start",
    ]
    assert lines(garden)[-1] == "next       limbeck plan, then limbeck upgrade heads"


def test_long_lists_are_cut_unless_all_is_asked_for(project: Project) -> None:
    for number in range(12):
        project.add(f"r{number}", *([f"r{number - 1}"] if number else []))
    assert "and 2 more; -v names them" in lines(project)
    assert len(lines(project, verbose=True)) == 16


def test_at_the_heads_the_models_are_compared(project: Project) -> None:
    project.add(
        "a1", message="start", up="op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
    )
    project.out("upgrade", "heads")
    assert lines(project)[1:] == [
        "pending    nothing",
        "models     none are configured",
        "next       nothing to do",
    ]
    metadata = project.attributes["target_metadata"] = sa.MetaData()
    table = sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    assert lines(project)[2:] == ["models     agree with the database", "next       nothing to do"]
    table.append_column(sa.Column("extra", sa.Integer))
    assert lines(project)[2:] == ["models     1 difference", "next       limbeck check"]


def test_a_database_that_is_ahead_is_told_and_is_no_error(project: Project) -> None:
    project.add("a1")
    project.out("stamp", "a1")
    (project.versions / "a1.py").unlink()
    project.add("b1")
    assert lines(project) == [
        "unknown    a1: no file here has this revision",
        "next       get the files of that revision, for the database is ahead of this directory",
    ]


def test_nothing_is_written(project: Project) -> None:
    project.add("a1")
    project.out("status")
    assert project.query("SELECT name FROM sqlite_master") == []


@pytest.mark.parametrize("is_done", [False, True])
def test_the_exit_code_and_the_data_say_the_same(project: Project, is_done: bool) -> None:
    project.add("a1", message="start")
    if is_done:
        project.out("upgrade", "heads")
    with answer.active(Answer(wants_data=True)) as given:
        command.status(project.config(), exit_code=True)
    assert given.exit_code == (0 if is_done else 3)
    assert given.data is not None
    (database,) = given.data["databases"]
    assert database["at_heads"] is is_done
    assert [one["revision"] for one in database["pending"]] == ([] if is_done else ["a1"])
