"""`init` without files to edit, and when it writes those of a template."""

from __future__ import annotations

import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from limbeck.command.start import start
from limbeck.config import Config
from limbeck.errors import CommandError, ModelsNotFound, UnreadableURL

MODELS = "import sqlalchemy as sa\nm = sa.MetaData()\nsa.Table('t', m, sa.Column('i', sa.Integer))\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("DATABASE_URL", "LIMBECK_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "models_of_start.py").write_text(MODELS)
    yield tmp_path
    sys.modules.pop("models_of_start", None)


def config(**given: str) -> tuple[Config, io.StringIO]:
    out = io.StringIO()
    made = Config("alembic.ini", "pyproject.toml", stdout=out)
    made.given = dict(given)
    return made, out


def table(directory: Path) -> object:
    return tomllib.loads((directory / "pyproject.toml").read_text())["tool"]["limbeck"]


def files(directory: Path) -> list[str]:
    found = (path.relative_to(directory).as_posix() for path in directory.rglob("*"))
    return sorted(path for path in found if "__pycache__" not in path)


def test_with_models_and_a_url(here: Path) -> None:
    made, out = config(models="models_of_start", url="sqlite:///shop.db")
    start(made)
    assert table(here) == {"script_location": "migrations", "models": "models_of_start"}
    assert files(here) == ["migrations", "migrations/versions", "models_of_start.py", "pyproject.toml"]
    assert out.getvalue().splitlines() == [
        "  found     1 table in models_of_start",
        "  wrote     pyproject.toml  [tool.limbeck]  script_location, models",
        "  made      migrations/versions/",
        "  note      the URL was not saved: put it in DATABASE_URL (or pass --save-url for a local file database)",
        '  next      limbeck revision --autogenerate -m "first" && limbeck upgrade head',
    ]


def test_the_url_of_a_file_can_be_saved(here: Path) -> None:
    made, out = config(models="models_of_start", url="sqlite:///shop.db")
    start(made, "db/migrations", package=True, save_url=True)
    assert table(here) == {
        "script_location": "db/migrations",
        "models": "models_of_start",
        "url": "sqlite:///shop.db",
    }
    assert (here / "db" / "migrations" / "versions" / "__init__.py").exists()
    assert "note" not in out.getvalue()


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://app:c4nary@db/shop", "sqlite://", "mysql+pymysql://db/shop"]
)
def test_other_urls_cannot(here: Path, url: str) -> None:
    made, _ = config(url=url)
    with pytest.raises(CommandError) as caught:
        start(made, save_url=True)
    assert "c4nary" not in f"{caught.value}{caught.value.hint}"
    assert files(here) == ["models_of_start.py"]


def test_there_must_be_a_url_to_save(here: Path) -> None:
    made, _ = config(models="models_of_start")
    with pytest.raises(CommandError, match="no URL that could be saved"):
        start(made, save_url=True)


def test_without_anything_it_says_what_is_missing(here: Path) -> None:
    made, out = config()
    start(made)
    assert table(here) == {"script_location": "migrations"}
    assert [line for line in out.getvalue().splitlines() if "note" in line] == [
        "  note      no models were named: give --models, or set `models` in [tool.limbeck] later",
        "  note      no URL was given: put it in DATABASE_URL, or give --url to each command",
    ]


def test_a_url_of_the_environment_is_found(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres+psycopg://app:c4nary@db/shop")
    made, out = config()
    start(made)
    assert "  found     a database URL in DATABASE_URL\n" in out.getvalue()
    assert "  note      postgres:// in DATABASE_URL is read as postgresql://\n" in out.getvalue()
    assert "c4nary" not in out.getvalue() + (here / "pyproject.toml").read_text()


def test_models_are_found_below_src(here: Path) -> None:
    (here / "src").mkdir()
    (here / "models_of_start.py").rename(here / "src" / "models_of_start.py")
    made, out = config(models="models_of_start")
    start(made)
    assert out.getvalue().startswith("  found     1 table in models_of_start\n")


@pytest.mark.parametrize(
    ("given", "error"),
    [({"models": "models_of_strat"}, ModelsNotFound), ({"url": "postgresql://a:b@c:d/e"}, UnreadableURL)],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    here: Path, given: dict[str, str], error: type[CommandError]
) -> None:
    made, _ = config(**given)
    with pytest.raises(error):
        start(made)
    assert files(here) == ["models_of_start.py"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alembic.ini", "[alembic]\nscript_location = db\n"),
        ("pyproject.toml", '[tool.alembic]\nscript_location = "db"\n'),
        ("pyproject.toml", '[tool.limbeck]\nscript_location = "db"\n'),
    ],
)
def test_one_project_is_enough(here: Path, name: str, text: str) -> None:
    (here / name).write_text(text)
    made, _ = config(models="models_of_start")
    with pytest.raises(CommandError, match="There is a project here already"):
        start(made)
    assert (here / name).read_text() == text


def test_a_full_directory_is_left_alone(here: Path) -> None:
    """CLI-20."""
    (here / "migrations").mkdir()
    (here / "migrations" / "mine.txt").touch()
    made, _ = config(models="models_of_start")
    with pytest.raises(CommandError, match="already exists and is not empty"):
        start(made)


def test_a_directory_alone_has_the_files_of_a_template(here: Path) -> None:
    """CLI-20: as it always was."""
    made, _ = config()
    start(made, "migrations")
    assert (here / "migrations" / "env.py").exists()
    assert (here / "alembic.ini").exists()
    assert not (here / "pyproject.toml").exists()


def test_the_files_of_a_template_can_be_asked_for(here: Path) -> None:
    made, _ = config()
    start(made, with_env=True)
    assert (here / "migrations" / "env.py").exists()
    made, _ = config()
    start(made, "other", from_template="async")
    assert "async" in (here / "other" / "env.py").read_text()


def test_a_template_has_no_use_for_models_and_url(here: Path) -> None:
    made, _ = config(models="models_of_start")
    with pytest.raises(CommandError, match="are for projects without env.py"):
        start(made, with_env=True)
    assert files(here) == ["models_of_start.py"]
