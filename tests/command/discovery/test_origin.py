"""`status -v` says which place named the database."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import make_url

from limbeck import command
from limbeck.base.answer import Answer, answer
from limbeck.command.discovery.origin import find_origin
from limbeck.config import Config
from tests.command.project import Project

SHOP, OTHER = "sqlite:///shop.db", "sqlite:///other.db"
NO_ENV, ENV = "nowhere/env.py", "migrations/env.py"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "migrations").mkdir()
    (tmp_path / ENV).touch()
    return tmp_path


def config(directory: Path, *, ini: str = "", toml: str = "", **given: str) -> Config:
    (directory / "alembic.ini").write_text(f"[alembic]\n{ini}\n")
    (directory / "pyproject.toml").write_text(toml)
    made = Config("alembic.ini", "pyproject.toml")
    made.given = given
    return made


@pytest.mark.parametrize(
    ("ini", "toml", "environ", "expected"),
    [
        ("", "", {"DATABASE_URL": SHOP}, "DATABASE_URL"),
        (f"sqlalchemy.url = {SHOP}", "", {"DATABASE_URL": OTHER}, "sqlalchemy.url in alembic.ini"),
        ("", f"[tool.limbeck]\nurl = '{SHOP}'", {}, "[tool.limbeck] url in pyproject.toml"),
        (f"sqlalchemy.url = {OTHER}", "", {"LIMBECK_URL": SHOP, "DATABASE_URL": OTHER}, "LIMBECK_URL"),
        ("", "", {}, None),  # a program has given it
    ],
)
def test_without_env_py_the_first_place_is_named(
    here: Path, ini: str, toml: str, environ: dict[str, str], expected: str | None
) -> None:
    assert find_origin(config(here, ini=ini, toml=toml), environ, make_url(SHOP), env_py=NO_ENV) == expected


@pytest.mark.parametrize(
    ("ini", "environ", "expected"),
    [
        (f"sqlalchemy.url = {SHOP}", {}, "sqlalchemy.url in alembic.ini, through migrations/env.py"),
        (
            f"other = {OTHER}\n[shop]\nurl = {SHOP}",
            {},
            "url in [shop] of alembic.ini, through migrations/env.py",
        ),
        ("bad = %(no)s://", {"SHOP_DB": SHOP}, "SHOP_DB, through migrations/env.py"),
        (f"sqlalchemy.url = {OTHER}", {"SITE": "https://x:y/", "A": "a"}, "migrations/env.py"),
    ],
)
def test_env_py_is_named_with_what_it_has_read(
    here: Path, ini: str, environ: dict[str, str], expected: str
) -> None:
    assert find_origin(config(here, ini=ini), environ, make_url(SHOP), env_py=ENV) == expected


def test_the_option_goes_before_env_py(here: Path) -> None:
    given = config(here, ini=f"sqlalchemy.url = {SHOP}", url=SHOP)
    assert find_origin(given, {}, make_url(SHOP), env_py=ENV) == "--url"


def test_a_password_makes_the_difference_and_is_not_shown(here: Path) -> None:
    first, second = ("postgresql://app:c4nary%20one@db/shop", "postgresql://app:c4nary%20two@db/shop")
    environ = {"ONE": first, "TWO": second}
    found = find_origin(config(here), environ, make_url(second), env_py=ENV)
    assert found == "TWO, through migrations/env.py"


def test_status_tells_it_if_more_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    origin = "sqlalchemy.url in alembic.ini, through migrations/env.py"
    assert f"  URL from   {origin}" in project.out("status", verbose=True).splitlines()
    assert "URL from" not in project.out("status")
    with answer.active(Answer(wants_data=True)) as given:
        command.status(project.config(stdout=io.StringIO()))
    assert given.data is not None
    assert [one["url_from"] for one in given.data["databases"]] == [origin]
