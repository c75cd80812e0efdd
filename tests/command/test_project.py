"""init, list_templates: starting a project."""

from __future__ import annotations

import importlib.util
import io
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from limbeck import command
from limbeck.command.project import find_templates, location_from
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.runtime.environment import EnvironmentContext

TEMPLATES = ["async", "generic", "multidb", "pyproject", "pyproject_async"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(**kw: Any) -> Config:
    """As the command line makes it (CFG-42)."""
    return Config("alembic.ini", "pyproject.toml", **kw)


def files(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file())


def test_templates_are_listed_by_name_with_their_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-25, TPL-1."""
    assert find_templates(Config()) == TEMPLATES
    command.list_templates(Config())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Available templates:", ""]
    assert [line.partition(" - ")[0] for line in lines[2:7]] == TEMPLATES
    assert all(line.partition(" - ")[2] for line in lines[2:7])
    assert lines[7:] == [
        "",
        "Templates are used via the 'init' command, e.g.:",
        "",
        "  limbeck init --template generic ./migrations",
    ]


def test_init_makes_a_project(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-21, CLI-24, TPL-3."""
    command.init(config(), "migrations")
    assert files(here) == [
        "alembic.ini",
        "migrations/README",
        "migrations/env.py",
        "migrations/script.py.mako",
    ]
    assert (here / "migrations" / "versions").is_dir()
    assert capsys.readouterr().out.splitlines() == [
        f"Creating directory {here}/migrations ...  done",
        f"Creating directory {here}/migrations/versions ...  done",
        f"Generating {here}/migrations/README ...  done",
        f"Generating {here}/migrations/env.py ...  done",
        f"Generating {here}/migrations/script.py.mako ...  done",
        f"Generating {here}/alembic.ini ...  done",
        f"Please set the database URL, and whatever else is to be set, in {here}/alembic.ini",
    ]
    written = Config("alembic.ini")
    assert written.get_main_option("script_location") == f"{here.as_posix()}/migrations"
    assert written.get_main_option("prepend_sys_path") == "."
    assert written.get_main_option("path_separator") == "os"
    assert written.get_main_option("sqlalchemy.url") == "driver://user:pass@localhost/dbname"
    assert written.get_hooks_list() == []
    assert set(written.get_section("alembic", {})) - {"here"} == {
        "script_location", "prepend_sys_path", "path_separator", "sqlalchemy.url"
    }  # fmt: skip
    commented = {
        line[2:].partition(" =")[0]
        for line in (here / "alembic.ini").read_text().splitlines()
        if line[:2] == "# "
    }
    assert commented >= {
        "file_template", "timezone", "truncate_slug_length", "revision_environment", "sourceless",
        "version_locations", "recursive_version_locations", "output_encoding", "hooks",
    }  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_gives_files_that_can_be_read(here: Path, template: str) -> None:
    """TPL-2, TPL-3."""
    command.init(config(), "migrations", template=template)
    compile((here / "migrations" / "env.py").read_text("utf-8"), "env.py", "exec")
    source = Path(Config().get_template_directory(), template)
    for name in ("README", "env.py", "script.py.mako"):
        assert (here / "migrations" / name).read_bytes() == (source / name).read_bytes()
    read = config()
    assert read.get_alembic_option("script_location") == f"{here.as_posix()}/migrations"
    assert read.get_prepend_sys_paths_list() == ["."]
    assert (here / "pyproject.toml").exists() == template.startswith("pyproject")
    assert (read.get_section("alembic") or {}).get("script_location") == (
        None if template.startswith("pyproject") else f"{here.as_posix()}/migrations"
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_logging_of_every_template_shows_migrations(here: Path, template: str) -> None:
    """TPL-5."""
    command.init(config(), "migrations", template=template)
    read = Config("alembic.ini")
    levels = {
        name: read.file_config.get(f"logger_{name}", "level") for name in ("root", "sqlalchemy", "alembic")
    }
    assert levels == {"root": "WARNING", "sqlalchemy": "WARNING", "alembic": "INFO"}
    assert read.file_config.get("logger_sqlalchemy", "qualname") == "sqlalchemy.engine"
    assert read.file_config.get("logger_alembic", "qualname") == "alembic"
    assert read.file_config.get("logger_root", "handlers") == "console"
    handler = dict(read.file_config.items("handler_console", raw=True))
    assert (handler["class"], handler["args"]) == ("StreamHandler", "(sys.stderr,)")
    assert read.file_config.get("formatter_generic", "format", raw=True) == (
        "%(levelname)-5.5s [%(name)s] %(message)s"
    )
    assert read.file_config.get("formatter_generic", "datefmt", raw=True) == "%H:%M:%S"


def test_an_existing_ini_file_is_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-21."""
    (here / "alembic.ini").write_text("# mine\n")
    command.init(config(), "migrations")
    assert (here / "alembic.ini").read_text() == "# mine\n"
    assert f"File {here}/alembic.ini already exists, skipping" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("template", ["pyproject", "pyproject_async"])
def test_settings_of_the_source_are_in_pyproject_and_of_the_database_in_the_ini_file(
    here: Path, capsys: pytest.CaptureFixture[str], template: str
) -> None:
    """TPL-3, CLI-22, CLI-24."""
    command.init(config(), "migrations", template=template)
    *_, toml, ini, last = capsys.readouterr().out.splitlines()
    assert {toml, ini} == {
        f"Generating {here}/{name} ...  done" for name in ("pyproject.toml", "alembic.ini")
    }
    assert "pyproject.toml" in last
    assert "alembic.ini" in last
    read = config()
    assert set(read.get_section("alembic", {})) - {"here"} == {"sqlalchemy.url"}
    assert set(read.toml_alembic_config) == {"script_location", "prepend_sys_path"}


def test_several_databases_are_listed_with_a_url_each(here: Path) -> None:
    """TPL-3."""
    command.init(config(), "migrations", template="multidb")
    read = config()
    assert read.get_main_option("databases") == "engine1, engine2"
    urls = [read.get_section_option(name, "sqlalchemy.url") for name in ("engine1", "engine2")]
    assert urls == ["driver://user:pass@localhost/dbname", "driver://user:pass@localhost/dbname2"]


def test_our_table_is_added_to_an_existing_pyproject(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-22."""
    (here / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    command.init(config(), "migrations", template="pyproject")
    text = (here / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "shop"\n\n\n[tool.alembic]\n')
    assert f"Appending to existing {here}/pyproject.toml ...  done" in capsys.readouterr().out.splitlines()
    assert config().get_alembic_option("script_location") == f"{here.as_posix()}/migrations"


@pytest.mark.parametrize("table", ["[tool.alembic]\n", '[tool.alembic]\nscript_location = "x"\n'])
def test_our_table_in_an_existing_pyproject_is_kept(
    here: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    """CLI-22."""
    (here / "pyproject.toml").write_text(table)
    command.init(config(), "migrations", template="pyproject")
    assert (here / "pyproject.toml").read_text() == table
    assert (
        f"File {here}/pyproject.toml already exists and already has a [tool.alembic] section, skipping"
        in capsys.readouterr().out.splitlines()
    )


def test_directories_can_become_packages(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-23."""
    command.init(config(), "migrations", package=True)
    assert (here / "migrations/__init__.py").read_text() == ""
    assert (here / "migrations/versions/__init__.py").read_text() == ""
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("Adding")] == [
        f"Adding {here}/migrations/__init__.py ...  done",
        f"Adding {here}/migrations/versions/__init__.py ...  done",
    ]


def test_an_empty_directory_is_used_and_a_full_one_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CLI-20."""
    (here / "migrations").mkdir()
    command.init(config(), "migrations")
    assert f"Creating directory {here}/migrations ..." not in capsys.readouterr().out
    with pytest.raises(CommandError, match="Directory migrations already exists and is not empty"):
        command.init(config(), "migrations")


def test_an_unknown_template_is_refused_before_anything_is_made(here: Path) -> None:
    """CLI-20."""
    with pytest.raises(CommandError, match="No such template") as raised:
        command.init(config(), "migrations", template="generi")
    assert str(Path(Config().get_template_directory(), "generi")) in str(raised.value)
    assert raised.value.hint == "there are async, generic, multidb, pyproject, pyproject_async"
    assert files(here) == []
    assert not (here / "migrations").exists()


def test_quiet_init_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """CLI-5."""
    from argparse import Namespace

    command.init(config(cmd_opts=Namespace(quiet=True)), "migrations")
    assert capsys.readouterr().out == ""


def test_a_configuration_elsewhere_names_the_project_from_where_it_is(here: Path) -> None:
    """TPL-2: it holds wherever commands are started."""
    (here / "conf").mkdir()
    command.init(Config("conf/db.ini"), "a/migrations")
    assert (
        Config("conf/db.ini").get_main_option("script_location") == f"{here.as_posix()}/conf/../a/migrations"
    )
    assert location_from(here, Path("a/b")) == "%(here)s/a/b"
    assert location_from(here, Path("100%")) == "%(here)s/100%%"
    assert location_from(here, here.parent / "x") == f"{here.parent.as_posix()}/x"


def test_a_program_can_bring_its_own_templates(here: Path) -> None:
    """CFG-9, TPL-2: other .mako files are rendered, the rest is copied."""
    source = here / "templates" / "mine"
    source.mkdir(parents=True)
    for name, text in {
        "env.py": "# env\n",
        "README": "Mine.\n",
        "script.py.mako": "${up_revision}\n",
        "alembic.ini.mako": "[alembic]\nscript_location = ${script_location}\n",
        "notes.txt.mako": "in ${script_location}\n",
        "extra.sql": "SELECT '${x}'\n",
    }.items():
        (source / name).write_text(text)

    class Own(Config):
        def get_template_directory(self) -> str:
            return str(here / "templates")

    command.init(Own("alembic.ini"), "migrations", template="mine")
    assert files(here / "migrations") == ["README", "env.py", "extra.sql", "notes.txt", "script.py.mako"]
    assert (here / "migrations/notes.txt").read_text() == "in %(here)s/migrations\n"
    assert (here / "migrations/extra.sql").read_text() == "SELECT '${x}'\n"
    assert (here / "migrations/script.py.mako").read_text() == "${up_revision}\n"


# --- what was made works ------------------------------------------------------------------------------------


def set_urls(here: Path, driver: str) -> None:
    ini = here / "alembic.ini"
    text = ini.read_text()
    for name in ("dbname2", "dbname"):
        text = text.replace(f"driver://user:pass@localhost/{name}", f"{driver}:///{name}.sqlite")
    ini.write_text(text)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_project_migrates_at_once(
    here: Path, template: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """TPL-3, TPL-4."""
    asynchronous = template.endswith("async")
    if asynchronous:
        for module in ("aiosqlite", "greenlet"):
            if importlib.util.find_spec(module) is None:
                pytest.skip(f"{module} is not installed")
    monkeypatch.setattr(sys, "path", list(sys.path))
    command.init(config(), "migrations", template=template)
    set_urls(here, "sqlite+aiosqlite" if asynchronous else "sqlite")
    written = command.revision(config(), message="first", rev_id="r1")
    path = Path(written.path)
    body = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
    function = "def upgrade_engine1() -> None:" if template == "multidb" else "def upgrade() -> None:"
    head, found, tail = path.read_text().partition(function)
    path.write_text(head + found + tail.replace("    pass\n", f"    {body}\n", 1))
    command.upgrade(config(), "head")
    expected = {"dbname.sqlite": ["alembic_version", "t"]}
    if template == "multidb":
        expected["dbname2.sqlite"] = ["alembic_version"]
    assert {name: tables(here / name) for name in expected} == expected
    capsys.readouterr()
    command.upgrade(config(), "head", sql=True)
    script = (here / "engine1.sql").read_text() if template == "multidb" else capsys.readouterr().out
    assert "CREATE TABLE t (" in script
    command.downgrade(config(), "base")
    assert tables(here / "dbname.sqlite") == ["alembic_version", "t"]  # downgrade() is still empty


def test_several_databases_change_all_or_none(here: Path) -> None:
    """TPL-3: what the first was told is taken back when the second fails."""
    command.init(config(), "migrations", template="multidb")
    set_urls(here, "sqlite")
    path = Path(command.revision(config(), message="first", rev_id="r1").path)
    bodies = {"engine1": 'op.execute("INSERT INTO t VALUES (1)")', "engine2": 'raise LookupError("second")'}
    text = path.read_text()
    for name, body in bodies.items():
        head, found, tail = text.partition(f"def upgrade_{name}() -> None:")
        text = head + found + tail.replace("    pass\n", f"    {body}\n", 1)
    path.write_text(text)
    with closing(sqlite3.connect(here / "dbname.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE t (x INTEGER)")
    with pytest.raises(LookupError, match="second"):
        command.upgrade(config(), "head")
    with closing(sqlite3.connect(here / "dbname.sqlite")) as connection:
        assert connection.execute("SELECT * FROM t").fetchall() == []


@pytest.mark.parametrize("template", ["generic", "async", "pyproject", "pyproject_async"])
def test_env_py_of_a_template_configures_this(
    here: Path, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TPL-4."""
    from sqlalchemy.pool import NullPool

    if template.endswith("async"):
        pytest.importorskip("aiosqlite")
    told: list[dict[str, Any]] = []
    configure = EnvironmentContext.configure

    def note(self: EnvironmentContext, **options: Any) -> None:
        told.append(options)
        configure(self, **options)

    monkeypatch.setattr(EnvironmentContext, "configure", note)
    monkeypatch.setattr(sys, "path", list(sys.path))
    command.init(config(), "migrations", template=template)
    url = "sqlite+aiosqlite:///dbname.sqlite" if template.endswith("async") else "sqlite:///dbname.sqlite"
    set_urls(here, url.partition(":")[0])
    command.upgrade(config(output_buffer=io.StringIO()), "heads", sql=True)
    command.upgrade(config(), "heads")
    offline, online = told
    assert offline == {
        "url": url,
        "target_metadata": None,
        "literal_binds": True,
        "dialect_opts": {"paramstyle": "named"},
    }
    connection = online.pop("connection")
    assert online == {"target_metadata": None}
    assert (str(connection.engine.url), type(connection.engine.pool)) == (url, NullPool)


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")
        ]
