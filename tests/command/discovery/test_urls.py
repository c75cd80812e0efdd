"""Which of several URLs counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.command.discovery.urls import FoundURL, find_url, get_url, has_placeholder
from limbeck.config import Config
from limbeck.errors import NoDatabaseURL

PLACEHOLDER = "driver://user:pass@localhost/dbname"


def config(
    directory: Path, *, ini: str | None = None, own: str | None = None, given: str | None = None
) -> Config:
    ini_file, toml_file = directory / "alembic.ini", directory / "pyproject.toml"
    if ini is not None:
        ini_file.write_text(f"[alembic]\nsqlalchemy.url = {ini}\n")
    if own is not None:
        toml_file.write_text(f'[tool.limbeck]\nscript_location = "m"\nurl = "{own}"\n')
    made = Config(ini_file, toml_file)
    if given is not None:
        made.given["url"] = given
    return made


def test_the_first_place_that_names_a_database_counts(tmp_path: Path) -> None:
    environ = {"LIMBECK_URL": "a://two", "DATABASE_URL": "a://five"}
    made = config(tmp_path, ini="a://four", own="a://three", given="a://one")
    seen = [find_url(made, environ)]
    made.given.clear()
    seen.append(find_url(made, environ))
    del environ["LIMBECK_URL"]
    seen.append(find_url(made, environ))
    (tmp_path / "pyproject.toml").unlink()
    seen.append(find_url(config(tmp_path), environ))
    (tmp_path / "alembic.ini").unlink()
    seen.append(find_url(config(tmp_path), environ))
    seen.append(find_url(config(tmp_path), {}))
    assert seen == [
        FoundURL("a://one", "--url"),
        FoundURL("a://two", "LIMBECK_URL"),
        FoundURL("a://three", f"[tool.limbeck] url in {tmp_path / 'pyproject.toml'}"),
        FoundURL("a://four", f"sqlalchemy.url in {tmp_path / 'alembic.ini'}"),
        FoundURL("a://five", "DATABASE_URL"),
        None,
    ]


def test_the_url_of_a_fresh_ini_file_is_none(tmp_path: Path) -> None:
    made = config(tmp_path, ini=PLACEHOLDER)
    assert has_placeholder(made)
    assert find_url(made, {}) is None
    assert find_url(made, {"DATABASE_URL": "sqlite://"}) == FoundURL("sqlite://", "DATABASE_URL")
    assert not has_placeholder(config(tmp_path, ini="sqlite://"))


def test_a_variable_that_is_empty_is_not_set() -> None:
    assert find_url(Config(), {"LIMBECK_URL": "", "DATABASE_URL": "  "}) is None


@pytest.mark.parametrize("ini", ["a://u:p%40ss@host/db", "a://u:p%%40ss@host/db"])
def test_percent_signs_of_an_ini_file_may_be_single_or_double(tmp_path: Path, ini: str) -> None:
    """CFG-11."""
    found = find_url(config(tmp_path, ini=ini), {})
    assert found is not None
    assert found.text == "a://u:p%40ss@host/db"


def test_percent_signs_of_our_own_table_stand_for_themselves(tmp_path: Path) -> None:
    found = find_url(config(tmp_path, own="a://u:p%40s%s@host/%(here)s"), {})
    assert found is not None
    assert found.text == "a://u:p%40s%s@host/%(here)s"


def test_without_any_it_is_told_where_they_were_looked_for() -> None:
    with pytest.raises(NoDatabaseURL) as caught:
        get_url(Config(), {})
    assert caught.value.looked_in == (
        "--url", "LIMBECK_URL", "[tool.limbeck] url", "sqlalchemy.url of an ini file", "DATABASE_URL",
    )  # fmt: skip
