"""What the database says about a project."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from limbeck.command.diagnosis.database import check_database, compare_rows, compare_width
from limbeck.command.diagnosis.finding import Finding
from limbeck.script.base import ScriptDirectory
from tests.backends.engines import opened
from tests.command.project import Project


def ask(project: Project) -> list[Finding]:
    config = project.config()
    return [*check_database(config, ScriptDirectory.from_config(config))]


def test_rows_without_a_file_are_broken() -> None:
    assert [*compare_rows(["a"], ["a", "b"])] == []
    (finding,) = compare_rows(["a", "x"], ["a"])
    assert (finding.level.value, finding.what) == ("broken", "The database is at x, which no file here has")


def test_a_table_without_room_is_different() -> None:
    assert [*compare_width(32, "x" * 32)] == [*compare_width(None, "x" * 99)] == []
    (finding,) = compare_width(3, "abcd")
    assert (finding.level.value, finding.what) == (
        "different",
        "The version table has room for 3 characters, and 'abcd' has 4",
    )


def test_a_narrow_table_is_found_and_nothing_is_written(tmp_path: Path, postgresql_url: str) -> None:
    project = Project(tmp_path)
    project.add("x" * 40)
    (tmp_path / "alembic.ini").write_text(
        f"[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = {postgresql_url.replace('%', '%%')}\n"
    )
    assert ask(project) == []
    with opened(postgresql_url) as engine:
        assert sa.inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    assert [finding.what for finding in ask(project)] == [
        f"The version table has room for 32 characters, and '{'x' * 40}' has 40"
    ]


def test_a_database_that_cannot_be_asked_is_not_checked_and_its_password_is_not_told(
    project: Project,
) -> None:
    (project.directory / "migrations" / "env.py").write_text(
        "raise OSError('cannot open postgresql://app:s3cret@db/shop')\n"
    )
    (finding,) = ask(project)
    assert (finding.level.value, finding.what, finding.why) == (
        "not checked",
        "The database could not be asked",
        "OSError: cannot open postgresql://app:***@db/shop",
    )


def test_a_missing_driver_is_broken(project: Project) -> None:
    (project.directory / "migrations" / "env.py").write_text(
        "import sqlalchemy as sa\nsa.create_engine('oracle+cx_oracle://app:x@db/shop')\n"
    )
    (finding,) = ask(project)
    assert (finding.level.value, finding.what) == (
        "broken",
        "The driver of the database is not installed: there is no Python module 'cx_Oracle'",
    )
