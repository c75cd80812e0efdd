"""A failure is told in a few lines: the cause first, the user's line, what to do; no traceback, no password.

Every test runs the command line on a real project.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from limbeck.cli.main import main

PASSWORD = "c4n@ry/pass%word:x#y"
ENCODED = "c4n%40ry%2Fpass%25word%3Ax%23y"


class Outcome(NamedTuple):
    """How a command ended."""

    code: object
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What standard error has besides log records."""
        return [line for line in self.err.splitlines() if not re.match(r"(INFO|ERROR|DEBUG) ", line)]


class Project:
    """A project on disk, and the command line run in it."""

    def __init__(self, directory: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self.capfd = capfd

    def run(self, *words: str) -> Outcome:
        self.capfd.readouterr()
        code: object = 0
        try:
            main(list(words))
        except SystemExit as stop:
            code = stop.code
        out, err = self.capfd.readouterr()
        return Outcome(code, out, err)

    def write_revision(self, body: str = "pass", *, header: str = "", name: str = "r1_.py") -> Path:
        path = self.directory / "migrations" / "versions" / name
        path.write_text(
            f'"""add users"""\nfrom limbeck import op\nimport sqlalchemy as sa\n{header}\n'
            f'revision = "r1"\ndown_revision = None\n\ndef upgrade():\n    {body}\n\ndef downgrade():\n    pass\n'
        )
        return path

    def set_url(self, url: str) -> None:
        ini = self.directory / "alembic.ini"
        text = re.sub(r"(?m)^sqlalchemy.url = .*$", lambda _: f"sqlalchemy.url = {url}", ini.read_text())
        ini.write_text(text)

    def edit_env(self, old: str, new: str) -> None:
        env = self.directory / "migrations" / "env.py"
        text = env.read_text()
        assert old in text
        env.write_text(text.replace(old, new, 1))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Project:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    sys.path_importer_cache.pop(".", None)  # it knows the directory of the test before
    made = Project(tmp_path, capfd)
    assert made.run("init", "migrations").code == 0
    made.set_url("sqlite:///app.db")
    return made


def told(outcome: Outcome, code: int = 1) -> list[str]:
    """The lines of a report, after checking what holds for all of them (UX-2, UX-3, UX-6, UX-7)."""
    everything = outcome.out + outcome.err
    assert outcome.code == code
    assert "Traceback" not in everything
    assert "\x1b" not in everything
    for secret in (PASSWORD, ENCODED, ENCODED.replace("%", "%%"), "c4n", "word:x", "ry/pass"):
        assert secret not in everything
    assert any(line.startswith("  fix       ") for line in outcome.lines)
    assert len(outcome.lines) <= 25
    return outcome.lines


# --- settings -----------------------------------------------------------------------------------------------


def test_no_project_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """CFG-30, CLI-4."""
    monkeypatch.chdir(tmp_path)
    outcome = Project(tmp_path, capfd).run("upgrade", "head")
    lines = told(outcome, code=255)
    assert outcome.out.startswith("FAILED: No 'script_location' key found in configuration")
    assert lines[-2].startswith(
        "  fix       there is no file `alembic.ini`: run this command in the directory of"
    )


def test_the_nearest_project_above_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = project.directory / "docs" / "more"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    lines = told(project.run("heads"), code=255)
    assert lines[-2] == (
        f"  fix       the nearest project is in {project.directory}: run this command there, or `limbeck init` "
        "for a new one here"
    )


def test_the_url_is_not_set(project: Project) -> None:
    project.set_url("driver://user:pass@localhost/dbname")
    lines = told(project.run("upgrade", "head"))
    number = (
        (project.directory / "alembic.ini")
        .read_text()
        .splitlines()
        .index("sqlalchemy.url = driver://user:pass@localhost/dbname")
    )
    assert lines == [
        "The database URL is not set: the configuration still has the placeholder "
        "driver://user:***@localhost/dbname",
        f"  where     alembic.ini:{number + 1}",
        "            sqlalchemy.url = driver://user:***@localhost/dbname",
        "  fix       set sqlalchemy.url to your database, for example sqlite:///app.db",
        "  more      --raiseerr shows the traceback · limbeck explain LBK-URL-UNSET",
    ]


def test_there_is_no_url(project: Project) -> None:
    ini = project.directory / "alembic.ini"
    ini.write_text(ini.read_text().replace("sqlalchemy.url", "other.url"))
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == "The database URL is not set: the configuration has no sqlalchemy.url"


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        (
            "alembic.ini",
            "[other]\ntruncate_slug_length = 9\n[alembic]\nscript_location = migrations\n"
            "truncate_slug_length = long\n",
            "alembic.ini:5",
        ),
        ("alembic.ini", "[DEFAULT]\nscript_location = nowhere\n[alembic]\nx = 1\n", "alembic.ini:2"),
        (
            "pyproject.toml",
            '[tool.other]\ntimezone = 1\n[tool.alembic]\nscript_location = "migrations"\n"timezone" = 1.5\n',
            "pyproject.toml:5",
        ),
        (
            "pyproject.toml",
            '[tool.alembic]\nscript_location = "migrations"\n[[tool.alembic.post_write_hooks]]\nname = 1\n',
            "pyproject.toml:3",
        ),
        ("pyproject.toml", 'tool.alembic.script_location = "nowhere"\n', "pyproject.toml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_its_place(
    project: Project, name: str, text: str, place: str
) -> None:
    """CFG-22, CFG-32, CFG-39."""
    (project.directory / "alembic.ini").unlink()
    (project.directory / name).write_text(text)
    lines = told(project.run("heads"), code=255)
    assert lines[0] == f"  where     {place}"


def test_an_encoding_that_does_not_exist_is_told(project: Project) -> None:
    """GEN-13; nothing is written."""
    ini = project.directory / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]", "[alembic]\noutput_encoding = hex"))
    outcome = project.run("revision")
    told(outcome, code=255)
    assert outcome.out.splitlines()[-1] == (
        "FAILED: 'hex' is not a valid value for output_encoding; expected a text encoding such as utf-8"
    )
    assert list((project.directory / "migrations" / "versions").iterdir()) == []


def test_a_hook_that_is_not_configured_well_is_told_with_its_place(project: Project) -> None:
    """HOOK-9."""
    (project.directory / "alembic.ini").write_text(
        "[alembic]\nscript_location = migrations\n[post_write_hooks]\nhooks = tidy\n"
    )
    lines = told(project.run("revision"), code=255)
    assert lines == [
        "  where     alembic.ini:3",
        "  fix       set `tidy.type` to one of console_scripts, exec, module",
        "  more      limbeck explain LBK-HOOK",
    ]


def test_a_template_that_writes_no_python_is_told(project: Project) -> None:
    """GEN-12, GEN-14: the file stays, and the advice names the template."""
    (project.directory / "migrations" / "script.py.mako").write_text("revision = = 1\n")
    lines = told(project.run("revision", "--rev-id", "r1"), code=255)
    assert lines == [
        f"  fix       the file comes from {project.directory}/migrations/script.py.mako, "
        "and from the hooks after it: mend these, remove the file, and run the command again",
        "  more      limbeck explain LBK-FILE-REVISION",
    ]
    assert (project.directory / "migrations" / "versions" / "r1_.py").read_text() == "revision = = 1\n"


TOO_DEEP_TO_PARSE = b"-" * 100_000 + b"1"  # a MemoryError of the parser
TOO_DEEP_TO_COMPILE = b"a" + b".a" * 100_000  # a RecursionError of the compiler


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("env.py", b"x\xa8 = 1\n", "env.py:1: "),
        ("env.py", TOO_DEEP_TO_PARSE, "env.py: it is nested too deeply"),
        ("versions/r1_.py", b"revision = " + TOO_DEEP_TO_PARSE, "versions/r1_.py: it is nested too deeply"),
        ("env.py", TOO_DEEP_TO_COMPILE, "env.py: it is nested too deeply"),
        ("versions/r1_.py", b"revision = " + TOO_DEEP_TO_COMPILE, "versions/r1_.py: it is nested too deeply"),
        ("versions/r1_.py", b"'" * 10_000, "versions/r1_.py:1: unterminated"),
    ],
)
def test_a_file_that_cannot_be_compiled_is_told(
    project: Project, name: str, data: bytes, reason: str
) -> None:
    """CLI-11, FILE-11: shortly, however long its lines are."""
    (project.directory / "migrations" / name).write_bytes(data)
    outcome = project.run("upgrade", "head")
    told(outcome, code=255)
    assert reason in outcome.out.splitlines()[0]
    assert len(outcome.out) < 1000


@pytest.mark.parametrize("url", ["nonsense", f"postgresql:u:{ENCODED}@h", "", "://"])
def test_the_url_cannot_be_read(project: Project, url: str) -> None:
    project.set_url(url)
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == "The database URL cannot be read"
    assert lines[1].startswith(f"  where     {Path('migrations/env.py')}:")
    assert lines[2].strip() == "engine = engine_from_config("
    ini = (project.directory / "alembic.ini").read_text().splitlines()
    number = next(number for number, line in enumerate(ini, 1) if line.startswith("sqlalchemy.url ="))
    assert lines[3] == f"  setting   sqlalchemy.url in alembic.ini:{number}"


def test_the_port_is_no_number(project: Project) -> None:
    """UX-3: what was taken for the port may be a piece of the password, so it is not shown."""
    project.set_url("postgresql+psycopg://app@localhost:c4nary/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == "The database URL cannot be read: what stands where the port should be is not a number"
    assert "in a password, write @ as %40" in "\n".join(lines)


def test_the_dialect_is_misspelt(project: Project) -> None:
    project.set_url(f"postgress://app:{ENCODED}@localhost/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == 'Unknown database kind "postgress"'
    assert "did you mean postgresql?" in "\n".join(lines)


def test_the_driver_is_misspelt(project: Project) -> None:
    project.set_url(f"postgresql+psycopgg://app:{ENCODED}@localhost/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == 'Unknown driver "psycopgg" for postgresql'


@pytest.mark.parametrize(
    ("url", "module", "cause", "fix"),
    [
        (
            "postgresql+psycopg://app@localhost/db",
            "psycopg",
            "postgresql needs a driver: the Python module 'psycopg' is not installed",
            'pip install "limbeck[postgresql]"',
        ),
        (
            "postgresql+psycopg2://app@localhost/db",
            "psycopg2",
            "postgresql needs a driver: the Python module 'psycopg2' is not installed",
            'pip install "limbeck[postgresql]" and begin the URL with postgresql+psycopg://',
        ),
        (
            "mysql+pymysql://app@localhost/db",
            "pymysql",
            "mysql needs a driver: the Python module 'pymysql' is not installed",
            'pip install "limbeck[mysql]"',
        ),
        (
            "mariadb://app@localhost/db",
            "MySQLdb",
            "mariadb needs a driver: the Python module 'MySQLdb' is not installed",
            'pip install "limbeck[mysql]" and begin the URL with mysql+pymysql://',
        ),
        (
            "oracle+oracledb://app@localhost/db",
            "oracledb",
            "oracle needs a driver: the Python module 'oracledb' is not installed",
            "pip install oracledb",
        ),
    ],
)
def test_the_driver_is_not_installed(
    project: Project, monkeypatch: pytest.MonkeyPatch, url: str, module: str, cause: str, fix: str
) -> None:
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    project.set_url(url)
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == cause
    assert f"  fix       {fix}" in lines


def test_the_extras_that_are_advised_exist() -> None:
    assert {"postgresql", "mysql", "async"} <= set(
        importlib.metadata.metadata("limbeck").get_all("Provides-Extra") or ()
    )


def test_a_percent_sign_stands_alone_in_the_ini_file(project: Project) -> None:
    """The error of the parser would show the value."""
    project.set_url("postgresql+psycopg://app:c4nary%zz@localhost/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == (
        "The setting `sqlalchemy.url` in section [alembic] of alembic.ini cannot be read: "
        "a `%` in it does not begin a %(name)s"
    )
    assert lines[-2] == "  fix       write a literal percent sign as `%%` in an ini file"


# --- the database -------------------------------------------------------------------------------------------


def test_the_connection_is_refused(project: Project) -> None:
    project.set_url(f"postgresql+psycopg://app:{ENCODED}@127.0.0.1:1/db")
    outcome = project.run("upgrade", "head")
    lines = told(outcome)
    assert lines[0].startswith("Cannot connect to the database: ")
    assert "refused" in lines[0]
    assert lines[1].startswith(f"  where     {Path('migrations/env.py')}:")
    assert "  url       postgresql+psycopg://app:***@127.0.0.1:1/db" in lines
    assert "  fix       check that the server runs, and that host and port in the URL are right" in lines


def test_the_host_does_not_exist(project: Project) -> None:
    project.set_url(f"mysql+pymysql://app:{ENCODED}@no-such-host.invalid/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0].startswith(
        "Cannot connect to the database: Can't connect to MySQL server on 'no-such-host.invalid'"
    )


def test_an_unencoded_password_is_not_shown_in_the_name_of_the_host(project: Project) -> None:
    """UX-3: SQLAlchemy takes what follows the first `@` for the host, and the driver complains about it."""
    project.set_url("postgresql+psycopg://app:c4n@ry@127.0.0.1:1/db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == (
        "Cannot connect to the database: the URL was probably cut at the wrong place, because its password "
        "has a character that must be encoded"
    )
    assert "ry@127" not in "\n".join(lines)


def test_the_password_is_wrong(project: Project, mariadb_url: str) -> None:
    place = mariadb_url.rpartition("@")[2]
    project.set_url(f"mysql+pymysql://nobody:{ENCODED}@{place}")
    lines = told(project.run("upgrade", "head"))
    assert lines[0].startswith("Cannot connect to the database: Access denied for user 'nobody'")
    assert "  fix       check user and password in the URL" in lines


def test_the_role_does_not_exist(project: Project, postgresql_url: str) -> None:
    place = postgresql_url.rpartition("@")[2]
    project.set_url(f"postgresql+psycopg://no_such_role@{place}")
    lines = told(project.run("upgrade", "head"))
    assert 'role "no_such_role" does not exist' in "\n".join(lines[:3])
    assert "  fix       check the user in the URL" in lines


def test_the_database_does_not_exist(project: Project, postgresql_url: str) -> None:
    project.set_url(postgresql_url.rpartition("/")[0] + "/no_such_database")
    lines = told(project.run("upgrade", "head"))
    assert 'database "no_such_database" does not exist' in "\n".join(lines[:3])
    assert "  fix       create the database, or correct its name in the URL" in lines


def test_the_file_of_the_database_cannot_be_opened(project: Project) -> None:
    project.set_url("sqlite:///no/such/directory/app.db")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == "Cannot connect to the database: unable to open database file"
    assert "  fix       check that the directory exists and that you may write there" in lines


def test_the_database_refuses_a_statement(project: Project) -> None:
    path = project.write_revision('op.execute("INSERT INTO nowhere VALUES (1)")')
    lines = told(project.run("upgrade", "head"))
    number = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "INSERT" in line)
    assert lines[:4] == [
        "Migration failed: no such table: nowhere",
        f"  where     {Path('migrations/versions/r1_.py')}:{number}",
        '            op.execute("INSERT INTO nowhere VALUES (1)")',
        "  revision  r1  add users (upgrade)",
    ]
    assert "  sql       INSERT INTO nowhere VALUES (1)" in lines


@pytest.mark.parametrize(
    ("statement", "fix"),
    [
        ("CREATE TABLE alembic_version (id INTEGER)", "record that with `limbeck stamp`"),
        ("SELECT age FROM sqlite_master", "check that name; and whether the migrations before this one"),
    ],
)
def test_what_to_do_depends_on_what_the_database_said(project: Project, statement: str, fix: str) -> None:
    project.write_revision(f'op.execute("{statement}")')
    lines = told(project.run("upgrade", "head"))
    assert fix in "\n".join(lines)


def test_a_password_in_sql_is_not_shown(project: Project) -> None:
    """UX-3."""
    project.write_revision("""op.execute("CREATE USER app IDENTIFIED BY 'c4nary'")""")
    lines = told(project.run("upgrade", "head"))
    assert "  sql       CREATE USER app IDENTIFIED BY ***" in lines


# --- the user's files ---------------------------------------------------------------------------------------


def test_upgrade_raises(project: Project) -> None:
    path = project.write_revision('raise LookupError("the data is not as expected")')
    lines = told(project.run("upgrade", "head"))
    number = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "raise" in line)
    assert lines[:4] == [
        "Migration failed: LookupError: the data is not as expected",
        f"  where     {Path('migrations/versions/r1_.py')}:{number}",
        '            raise LookupError("the data is not as expected")',
        "  revision  r1  add users (upgrade)",
    ]


def test_upgrade_calls_an_operation_with_wrong_arguments(project: Project) -> None:
    project.write_revision("op.drop_table()")
    lines = told(project.run("upgrade", "head"))
    assert lines[0].startswith("Migration failed: TypeError: ")
    assert lines[2].strip() == "op.drop_table()"


def test_upgrade_calls_an_operation_that_does_not_exist(project: Project) -> None:
    project.write_revision("op.drop_everything()")
    lines = told(project.run("upgrade", "head"))
    assert (
        lines[0] == "Migration failed: AttributeError: module 'limbeck.op' has no attribute 'drop_everything'"
    )


def test_an_exception_may_have_the_password_in_its_text(project: Project) -> None:
    """UX-3."""
    project.set_url(f"sqlite:///app.db?password={ENCODED}")
    project.edit_env("target_metadata = None", f'raise ValueError("cannot use db://u:{ENCODED}@host")')
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == f"{Path('migrations/env.py')} failed: ValueError: cannot use db://u:***@host"


def test_env_py_raises(project: Project) -> None:
    project.edit_env("target_metadata = None", "target_metadata = Base.metadata")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == f"{Path('migrations/env.py')} failed: NameError: name 'Base' is not defined"
    assert lines[2].strip() == "target_metadata = Base.metadata"


def test_env_py_imports_what_is_not_there(project: Project) -> None:
    project.edit_env("target_metadata = None", "from shop.models import Base")
    lines = told(project.run("upgrade", "head"))
    assert lines[0] == f"{Path('migrations/env.py')} failed: No module named 'shop'"
    assert "prepend_sys_path" in "\n".join(lines)


def test_env_py_has_a_syntax_error(project: Project) -> None:
    project.edit_env("target_metadata = None", "target_metadata = (None")
    outcome = project.run("upgrade", "head")
    told(outcome, code=255)
    assert re.fullmatch(
        r"FAILED: Cannot read .*env\.py:\d+: '\(' was never closed\n    target_metadata = \(None\n",
        outcome.out,
    )


def test_a_module_that_env_py_imports_has_a_syntax_error(project: Project) -> None:
    (project.directory / "models.py").write_text("tables = []\ntables.append((1, 2)\n")
    project.edit_env("target_metadata = None", "import models")
    lines = told(project.run("upgrade", "head"))
    assert lines[:4] == [
        "models.py:2: '(' was never closed",
        "  where     models.py:2",
        "            tables.append((1, 2)",
        "                         ^",
    ]


def test_env_py_is_missing(project: Project) -> None:
    """CLI-11."""
    (project.directory / "migrations" / "env.py").unlink()
    outcome = project.run("upgrade", "head")
    assert outcome.code != 0
    assert "env.py" in (outcome.out + outcome.err).splitlines()[0]
    assert "Traceback" not in outcome.err


def test_env_py_forgets_to_configure(project: Project) -> None:
    """ENV-4."""
    project.edit_env("context.configure(connection=connection, target_metadata=target_metadata)", "pass")
    outcome = project.run("upgrade", "head")
    told(outcome, code=255)
    assert outcome.out == "FAILED: No context has been configured yet.\n"
    assert any(line.startswith(f"  where     {Path('migrations/env.py')}:") for line in outcome.lines)


def test_a_revision_file_has_a_syntax_error(project: Project) -> None:
    path = project.write_revision("op.execute((")
    outcome = project.run("upgrade", "head")
    told(outcome, code=255)
    number = next(n for n, line in enumerate(path.read_text().splitlines(), 1) if "execute((" in line)
    assert outcome.out.startswith("FAILED: Cannot read revision file ")
    assert f"r1_.py:{number}: " in outcome.out


def test_a_revision_file_imports_what_is_not_there(project: Project) -> None:
    project.write_revision(header="import no_such_library")
    outcome = project.run("upgrade", "head")
    assert outcome.code in (1, 255)
    everything = outcome.out + outcome.err
    assert "no_such_library" in everything
    assert "r1_.py" in everything
    assert "Traceback" not in everything


def test_a_parent_is_missing(project: Project) -> None:
    path = project.write_revision()
    path.write_text(path.read_text().replace("down_revision = None", 'down_revision = "deadbeef"'))
    outcome = project.run("heads")
    told(outcome, code=255)
    assert outcome.out.startswith("FAILED: Revision r1 ")
    assert "'deadbeef'" in outcome.out


def test_nothing_is_called_that(project: Project) -> None:
    project.write_revision()
    outcome = project.run("upgrade", "zzzz")
    told(outcome, code=255)
    assert outcome.out == "FAILED: Can't locate revision identified by 'zzzz'\n"
    assert "ERROR [alembic.util.messaging] Can't locate revision identified by 'zzzz'\n" in outcome.err


# --- the ways out -------------------------------------------------------------------------------------------


def test_quiet_keeps_the_exit_status_and_the_log(project: Project) -> None:
    """CLI-4, CLI-5."""
    outcome = project.run("-q", "upgrade", "zzzz")
    assert (outcome.code, outcome.out) == (255, "")
    assert "ERROR [alembic.util.messaging] Can't locate revision identified by 'zzzz'\n" in outcome.err


def test_quiet_hides_no_failure(project: Project) -> None:
    """CLI-5: where no log is set up, too."""
    outcome = project.run("-q", "show", "zzzz")
    assert (outcome.code, outcome.out) == (255, "")
    assert outcome.err.startswith("FAILED: Can't locate revision identified by 'zzzz'\n  fix ")


@pytest.mark.parametrize(
    "body", ['raise LookupError("lost")', 'op.execute("INSERT INTO nowhere VALUES (1)")']
)
def test_raiseerr_lets_the_exception_through(project: Project, body: str) -> None:
    """CLI-4."""
    from sqlalchemy.exc import OperationalError

    project.write_revision(body)
    with pytest.raises((LookupError, OperationalError)):
        main(["--raiseerr", "upgrade", "head"])


def test_an_interruption_ends_with_130(project: Project) -> None:
    project.write_revision("raise KeyboardInterrupt")
    outcome = project.run("upgrade", "head")
    assert outcome.code == 130
    assert outcome.lines[1:3] == ["interrupted", "  revision  r1  add users (upgrade)"]
    assert "Traceback" not in outcome.err


def test_a_fault_of_limbeck_keeps_its_traceback(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kw: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr("limbeck.script.base.ScriptDirectory.get_heads", broken)
    monkeypatch.setattr("limbeck.cli.traces.is_users_file", lambda path: path.endswith(("env.py", "r1_.py")))
    outcome = project.run("heads")
    assert outcome.code == 1
    assert outcome.err.startswith("Traceback (most recent call last):\n")
    assert "AssertionError: a bug\n" in outcome.err
    assert "This is a fault of limbeck" in outcome.err
