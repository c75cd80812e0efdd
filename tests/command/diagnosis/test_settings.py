"""What is wrong with the configuration of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.command.diagnosis.settings import check_files, check_url, read_settings
from limbeck.config import Config
from tests.command.project import Project

PLACEHOLDER = "[alembic]\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"


def test_an_ordinary_project_is_fine(project: Project) -> None:
    script, findings = read_settings(project.config())
    assert script is not None
    assert findings == []
    assert [*check_files(script)] == []


def test_settings_that_mean_nothing_are_told(tmp_path: Path) -> None:
    made = Project(tmp_path, settings="truncate_slug_length = many\n")
    script, (finding,) = read_settings(made.config())
    assert script is None
    assert (finding.level.value, "truncate_slug_length" in finding.what) == ("broken", True)


def test_a_list_without_a_separator_is_unsafe(tmp_path: Path) -> None:
    ini = tmp_path / "alembic.ini"
    ini.write_text(f"[alembic]\nscript_location = {tmp_path}\nprepend_sys_path = .\n")
    _, (finding,) = read_settings(Config(ini))
    assert (finding.level.value, finding.what.partition(";")[0]) == (
        "unsafe",
        "No path_separator found in configuration",
    )


def test_missing_files_are_told(project: Project) -> None:
    for name in ("env.py", "script.py.mako"):
        (project.directory / "migrations" / name).unlink()
    script, _ = read_settings(project.config())
    assert script is not None
    assert [finding.what for finding in check_files(script)] == [
        "There is no env.py",
        "There is no template for new revisions",
    ]


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ("engine_from_config(config.get_section('alembic'))", 1),
        ("config.set_main_option('sqlalchemy.url', url); engine_from_config(...)", 0),
        ("create_engine(os.environ['URL'])", 0),
    ],
)
def test_the_placeholder_matters_where_env_py_uses_it(tmp_path: Path, environment: str, count: int) -> None:
    ini = tmp_path / "alembic.ini"
    ini.write_text(PLACEHOLDER)
    found = [*check_url(Config(ini), environment)]
    assert [finding.level.value for finding in found] == ["broken"] * count
    assert all("pass" not in finding.what for finding in found)
