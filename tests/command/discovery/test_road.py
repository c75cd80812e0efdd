"""Commands without env.py and without a file to edit; and what an env.py that exists keeps to itself."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import command
from limbeck.base.voice import voice
from limbeck.config import Config
from limbeck.ddl import drivers
from limbeck.errors import (
    AnotherDatabase,
    DropsRefused,
    EnvironmentFileError,
    NoDatabaseURL,
    NoModelsNamed,
    NoTablesInModels,
)
from tests.backends.engines import opened
from tests.command.project import Project as Classic
from tests.command.test_consent import Listener

MODELS = """
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData(naming_convention={"uq": "only_%(column_0_name)s"})
Table("account", metadata, Column("id", Integer, primary_key=True), Column("name", String(20)))
"""
REVISION = """
from limbeck import op
import sqlalchemy as sa
revision = "a1"
down_revision = None

def upgrade():
    op.create_table("pet", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(9)),
                    sa.UniqueConstraint("name"))

def downgrade():
    op.drop_table("pet")
"""


class Project:
    """A project without env.py in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.versions = directory / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        self.settings(f'models = "models_{directory.name.replace("-", "_")}"')
        self.models = directory / f"models_{directory.name.replace('-', '_')}.py"
        self.models.write_text(MODELS)
        self.out = io.StringIO()

    def settings(self, *lines: str) -> None:
        text = "\n".join(["[tool.limbeck]", 'script_location = "migrations"', *lines, ""])
        (self.directory / "pyproject.toml").write_text(text)

    def config(self, url: str | None = None, **given: str) -> Config:
        made = Config(self.directory / "alembic.ini", self.directory / "pyproject.toml", stdout=self.out)
        made.given = {**given, **({"url": url} if url else {})}
        return made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    made = Project(tmp_path)
    yield made
    sys.modules.pop(made.models.stem, None)


def tables(url: str) -> list[str]:
    with opened(url) as engine:
        names = sa.inspect(engine).get_table_names()
    return sorted(name for name in names if not name.endswith("_journal"))


def test_from_models_to_tables_and_back(project: Project, database_url: str) -> None:
    command.revision(project.config(database_url), "first", autogenerate=True)
    command.upgrade(project.config(database_url), "head")
    assert tables(database_url) == ["account", "alembic_version"]
    command.check(project.config(database_url))
    command.downgrade(project.config(database_url), "base")
    assert tables(database_url) == ["alembic_version"]


def test_status_compares_with_the_models_of_the_settings(project: Project, sqlite_url: str) -> None:
    def models() -> str:
        project.out.truncate(0)
        command.status(project.config(sqlite_url))
        return next(line for line in project.out.getvalue().splitlines() if line.startswith("  models"))

    command.revision(project.config(sqlite_url), "first", autogenerate=True)
    command.upgrade(project.config(sqlite_url), "head")
    assert models() == "  models     agree with the database"
    sys.modules.pop(project.models.stem)
    project.models.write_text("import nowhere_to_be_found")
    assert models().startswith("  models     could not be loaded: ")


def test_an_asynchronous_url_is_as_good(project: Project, sqlite_url: str) -> None:
    (project.versions / "a1.py").write_text(REVISION)
    command.upgrade(project.config(sqlite_url.replace("sqlite:", "sqlite+aiosqlite:")), "head")
    assert tables(sqlite_url) == ["alembic_version", "pet"]


def test_the_url_may_come_from_the_environment(
    project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.versions / "a1.py").write_text(REVISION)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    command.upgrade(project.config(), "head")
    assert tables(sqlite_url) == ["alembic_version", "pet"]


def test_without_a_url_nothing_runs(project: Project) -> None:
    with pytest.raises(NoDatabaseURL):
        command.upgrade(project.config(), "head")


def test_paths_start_from_the_file_and_models_are_found_from_anywhere(
    project: Project,
    sqlite_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    command.revision(project.config(sqlite_url), "first", autogenerate=True)
    assert len(list(project.versions.glob("*.py"))) == 1


def test_names_of_constraints_follow_the_models(project: Project, sqlite_url: str) -> None:
    """OPS-3: as with an env.py that passes `target_metadata`."""
    (project.versions / "a1.py").write_text(REVISION)
    command.upgrade(project.config(sqlite_url), "head")
    with opened(sqlite_url) as engine:
        (unique,) = sa.inspect(engine).get_unique_constraints("pet")
    assert unique["name"] == "only_name"


def test_only_reading_does_not_import_the_models(project: Project, sqlite_url: str) -> None:
    project.models.write_text("raise AssertionError('imported')")
    (project.versions / "a1.py").write_text(REVISION)
    command.current(project.config(sqlite_url))
    command.history(project.config(sqlite_url), indicate_current=True)
    assert project.out.getvalue() == "<base> -> a1 (head), \n"


def test_a_script_needs_no_driver(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.versions / "a1.py").write_text(REVISION)
    monkeypatch.setattr(drivers, "find_spec", lambda name: None)
    config = project.config("mysql://app:pw@nowhere/shop")
    config.output_buffer = buffer = io.StringIO()
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE pet" in buffer.getvalue()


def test_nothing_changed_writes_no_file(project: Project, sqlite_url: str) -> None:
    command.revision(project.config(sqlite_url), "first", autogenerate=True)
    command.upgrade(project.config(sqlite_url), "head")
    assert command.revision(project.config(sqlite_url), "second", autogenerate=True) is None
    assert len(list(project.versions.glob("*.py"))) == 1
    assert project.out.getvalue() == (
        "Nothing has changed: the database agrees with the models. No file was written.\n"
    )
    assert command.revision(project.config(sqlite_url), "by hand") is not None


def test_drops_need_consent(project: Project, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TABLE old (id INTEGER)")
    with pytest.raises(DropsRefused) as caught:
        command.revision(project.config(sqlite_url), "first", autogenerate=True)
    assert caught.value.drops == ("table old",)
    assert list(project.versions.iterdir()) == []
    with voice.active(_Silent(answer=True)):
        command.revision(project.config(sqlite_url), "first", autogenerate=True)
    assert len(list(project.versions.glob("*.py"))) == 1


def test_drops_may_be_allowed(project: Project, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TABLE old (id INTEGER)")
    command.revision(project.config(sqlite_url), "first", autogenerate=True, allow_drops=True)
    assert len(list(project.versions.glob("*.py"))) == 1


class _Silent(Listener):
    def show_log(self) -> None:
        pass


def test_models_without_tables_are_refused_by_their_name(project: Project, sqlite_url: str) -> None:
    project.models.write_text("from sqlalchemy import MetaData\nmetadata = MetaData()\n")
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("CREATE TABLE old (id INTEGER)")
    with pytest.raises(NoTablesInModels) as caught:
        command.revision(project.config(sqlite_url), "first", autogenerate=True)
    assert str(caught.value).startswith(
        f"{project.models.stem} defines no table, but the database has a table"
    )


def test_comparing_needs_models(project: Project, sqlite_url: str) -> None:
    project.settings()
    with pytest.raises(NoModelsNamed):
        command.check(project.config(sqlite_url))
    command.upgrade(project.config(sqlite_url), "head")  # that needs none


def test_notes_tell_how_the_url_was_read(project: Project, mariadb_url: str) -> None:
    listener = _Silent(answer=False)
    url = mariadb_url.replace("mysql+pymysql:", "mariadb:").replace("mariadb+pymysql:", "mariadb:")
    with voice.active(listener):
        command.current(project.config(url))
    assert listener.heard == ["no driver is named in --url: pymysql is installed and used"]


def test_where_the_url_came_from_is_noted_on_a_failure(project: Project, tmp_path: Path) -> None:
    with pytest.raises(sa.exc.OperationalError) as caught:
        command.upgrade(project.config(f"sqlite:///{tmp_path}/no/such/place.db"), "head")
    assert getattr(caught.value, "limbeck_origin", None) == "--url"


# --- projects that have an env.py, or an ini file ----------------------------------------------------------------


def test_a_classic_project_without_env_py_is_broken_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CLI-11."""
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    classic = Classic(tmp_path)
    (tmp_path / "migrations" / "env.py").unlink()
    with pytest.raises(EnvironmentFileError):
        command.upgrade(classic.config(), "head")


def test_an_env_py_rules(project: Project, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENV-11: what it passes comes before every variable and every setting."""
    (project.directory / "migrations" / "env.py").write_text(
        "import sqlalchemy as sa\nfrom limbeck import context\n"
        f"engine = sa.create_engine({sqlite_url!r}, poolclass=sa.NullPool)\n"
        "with engine.connect() as connection:\n    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )
    (project.versions / "a1.py").write_text(REVISION)
    project.settings('url = "sqlite:////nowhere/at/all.db"')
    monkeypatch.setenv("LIMBECK_URL", "sqlite:////nowhere/at/all.db")
    command.upgrade(project.config(), "head")
    assert tables(sqlite_url) == ["alembic_version", "pet"]
    with pytest.raises(AnotherDatabase):
        command.current(project.config("sqlite:////nowhere/at/all.db"))


def test_the_models_of_the_settings_are_taken_where_an_env_py_has_none(
    project: Project, sqlite_url: str
) -> None:
    template = Path(Config().get_template_directory(), "generic", "env.py").read_text()
    (project.directory / "migrations" / "env.py").write_text(template)
    command.revision(project.config(sqlite_url), "first", autogenerate=True)
    (written,) = project.versions.glob("*.py")
    assert "op.create_table('account'" in written.read_text().replace('"', "'")


@pytest.fixture
def classic(tmp_path: Path) -> Classic:
    made = Classic(tmp_path)
    ini = tmp_path / "alembic.ini"
    text = ini.read_text().replace("sqlite:///%(here)s/app.db", "driver://user:pass@localhost/dbname")
    ini.write_text(text)
    (made.versions / "a1.py").write_text(REVISION)
    return made


def test_a_placeholder_is_filled_from_the_environment(
    classic: Classic, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    listener = _Silent(answer=False)
    with voice.active(listener):
        command.upgrade(classic.config(), "head")
    assert tables(sqlite_url) == ["alembic_version", "pet"]
    assert listener.heard == ["the ini file has no URL yet: the one of DATABASE_URL is used"]


def test_a_url_that_is_set_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    classic = Classic(tmp_path)
    (classic.versions / "a1.py").write_text(REVISION)
    for name in ("DATABASE_URL", "LIMBECK_URL"):
        monkeypatch.setenv(name, "sqlite:////nowhere/at/all.db")
    command.upgrade(classic.config(), "head")
    assert tables(f"sqlite:///{tmp_path}/app.db") == ["alembic_version", "pet"]


def test_the_url_of_the_command_line_wins(tmp_path: Path, sqlite_url: str) -> None:
    """PY-2: env.py finds it where it looks for its own."""
    classic = Classic(tmp_path)
    (classic.versions / "a1.py").write_text(REVISION)
    config: Any = classic.config()
    config.given["url"] = sqlite_url
    command.upgrade(config, "head")
    assert tables(sqlite_url) == ["alembic_version", "pet"]
    assert not (tmp_path / "app.db").exists()


def test_a_classic_project_still_writes_the_empty_file(tmp_path: Path) -> None:
    """CLI-31."""
    classic = Classic(tmp_path)
    classic.attributes["target_metadata"] = sa.MetaData()
    assert command.revision(classic.config(), "empty", autogenerate=True) is not None
    command.upgrade(classic.config(), "head")
    assert command.revision(classic.config(), "not", autogenerate=True, skip_empty=True) is None
    assert len(list(classic.versions.glob("*.py"))) == 1
