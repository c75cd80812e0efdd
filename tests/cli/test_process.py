"""limbeck as a process of its own: exit status, pipes, signals, tracebacks."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from limbeck.base.garbage import OBJECTS_BETWEEN_COLLECTIONS
from tests.backends.engines import connected
from tests.command.project import Project

LIMBECK = [sys.executable, "-m", "limbeck"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.add("a1", message="start")
    return made


def run(project: Project, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LIMBECK, *words],
        cwd=project.directory,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("heads",), 0),
        (("--help",), 0),
        (("upgrade", "head"), 0),
        (("upgrade", "zzzz"), 255),
        (("upgrade",), 2),
        ((), 2),
        (("-n", "absent", "heads"), 255),
    ],
)
def test_exit_status(project: Project, words: tuple[str, ...], status: int) -> None:
    """CLI-3."""
    assert run(project, *words).returncode == status


def test_an_exception_in_a_migration_exits_with_1(project: Project) -> None:
    """CLI-3."""
    project.add("b1", "a1", up="1 / 0")
    done = run(project, "upgrade", "head")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[:3] == [
        "Migration failed: ZeroDivisionError: division by zero",
        f"  where     {Path('migrations/versions/b1.py')}:13",
        "            1 / 0",
    ]


def test_raiseerr_shows_the_traceback_without_passwords(project: Project) -> None:
    """CLI-4, UX-3."""
    project.add("b1", "a1", up='raise LookupError("not at db://app:c4nary@host/name")')
    done = run(project, "--raiseerr", "upgrade", "head")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert "LookupError: not at db://app:***@host/name\n" in done.stderr
    assert "c4nary" not in done.stdout + done.stderr
    assert "fault of limbeck" not in done.stderr


def test_without_logging_nothing_is_logged(project: Project) -> None:
    """TPL-6: the text of an error is not told twice."""
    done = run(project, "upgrade", "zzzz")
    assert done.stdout == "FAILED: Can't locate revision identified by 'zzzz'\n"
    assert done.stderr == (
        "  fix       `limbeck history` lists the revisions there are\n  more      limbeck explain LBK-REV-UNKNOWN\n"
    )


def test_alembic_can_be_imported_by_the_files_of_a_project(project: Project) -> None:
    path = project.add("b1", "a1", up='assert op.__name__ == "limbeck.op"')
    path.write_text(path.read_text().replace("from limbeck import op", "from alembic import op"))
    env = project.directory / "migrations" / "env.py"
    env.write_text(env.read_text().replace("from limbeck import context", "from alembic import context"))
    done = run(project, "upgrade", "head")
    assert (done.returncode, project.rows()) == (0, ["b1"])


def test_the_configuration_can_be_named_in_the_environment(project: Project, tmp_path: Path) -> None:
    """CFG-41."""
    (project.directory / "alembic.ini").rename(project.directory / "other.ini")
    assert run(project, "heads").returncode == 255
    done = run(project, "heads", ALEMBIC_CONFIG="other.ini")
    assert (done.returncode, done.stdout) == (0, "a1 (head)\n")


def test_the_configuration_is_not_looked_for_further_up(project: Project) -> None:
    """CFG-41."""
    done = subprocess.run(
        [*LIMBECK, "heads"], cwd=project.versions, capture_output=True, text=True, check=False
    )
    assert done.returncode == 255
    assert done.stdout.startswith("FAILED: No 'script_location' key found in configuration")


def test_a_reader_that_leaves_early_is_no_error(project: Project) -> None:
    """CFG-7."""
    for number in range(2, 400):
        project.add(f"a{number}", f"a{number - 1}", message="x" * 300)
    process = subprocess.Popen(
        [*LIMBECK, "history"],
        cwd=project.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("a398 -> a399 (head), xxx")
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == ("", 0)
    process.stderr.close()


def heed_interrupts() -> None:
    """A shell's background jobs ignore SIGINT, and hand that down to whatever they start: this suite, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals work differently there")
def test_an_interrupted_migration_is_rolled_back_and_exits_with_130(project: Project) -> None:
    project.add("b1", "a1", up='open("started", "w").close(); import time; time.sleep(60)')
    assert run(project, "upgrade", "a1").returncode == 0
    process = subprocess.Popen(
        [*LIMBECK, "upgrade", "head"],
        cwd=project.directory,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    try:
        deadline = time.monotonic() + 30
        while not (project.directory / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[1] == "interrupted"
    assert project.rows() == ["a1"]


@pytest.mark.skipif(os.name != "posix", reason="signals work differently there")
@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_statement_that_is_running_is_cancelled(
    tmp_path: Path, postgresql_url: str, driver: str, number: signal.Signals, code: int
) -> None:
    """While psycopg2 waits for the server, no handler of Python's runs."""
    project = Project(tmp_path / "shop")
    project.add("a1", up="op.execute('SELECT pg_sleep(60)')")
    ini = project.directory / "alembic.ini"
    url = (
        make_url(postgresql_url).set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)
    )
    ini.write_text(re.sub("sqlalchemy.url = .*", f"sqlalchemy.url = {url}", ini.read_text()))
    running = text(
        "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active' "
        "AND datname = current_database()"
    )
    process = subprocess.Popen(
        [*LIMBECK, "upgrade", "head"],
        cwd=project.directory,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    with connected(postgresql_url, isolation_level="AUTOCOMMIT") as connection:
        try:
            deadline = time.monotonic() + 30
            while not connection.execute(running).scalar() and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(number)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()
        assert connection.execute(running).scalar() == 0
    assert process.returncode == code
    assert "Traceback" not in err


def test_output_has_no_escape_sequences_in_a_pipe(project: Project) -> None:
    """UX-6."""
    for words in (("--help",), ("heads",), ("history", "-v"), ("upgrade", "head"), ("upgrade", "zzzz")):
        done = run(project, *words, FORCE_COLOR="")
        assert "\x1b" not in done.stdout + done.stderr


def test_a_section_can_be_chosen_that_is_not_there(project: Project) -> None:
    """CFG-44."""
    done = run(project, "-n", "absent", "heads")
    assert (done.returncode, done.stdout) == (
        255,
        "FAILED: No 'script_location' key found in configuration (looked in alembic.ini, pyproject.toml).\n",
    )
    assert done.stderr == (
        "  fix       there is no section `[absent]`: name one that has `script_location` with `-n`\n"
        "  more      limbeck explain LBK-NO-PROJECT\n"
    )


def test_one_file_can_hold_several_environments(project: Project, tmp_path: Path) -> None:
    """CFG-45."""
    for name in ("shop", "bank"):
        Project(tmp_path / name).add(f"{name}1")
    (project.directory / "alembic.ini").write_text(
        "[DEFAULT]\nscript_location = %(here)s/%(directory)s/migrations\n"
        "[alembic]\ndirectory = shop\n[shop]\ndirectory = shop\n[bank]\ndirectory = bank\n"
    )
    found = {words: run(project, *words, "heads").stdout for words in ((), ("-n", "shop"), ("-n", "bank"))}
    assert found == {
        (): "shop1 (head)\n",
        ("-n", "shop"): "shop1 (head)\n",
        ("-n", "bank"): "bank1 (head)\n",
    }


def test_a_name_chooses_a_section_of_the_ini_file_and_no_table(project: Project) -> None:
    """CFG-23."""
    (project.directory / "alembic.ini").write_text("[other]\nsqlalchemy.url = sqlite://\n")
    (project.directory / "pyproject.toml").write_text(
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\n[tool.other]\nscript_location = "elsewhere"\n'
    )
    assert run(project, "-n", "other", "heads").stdout == "a1 (head)\n"


def test_pyproject_toml_is_enough(project: Project) -> None:
    """CFG-43, CFG-42."""
    (project.directory / "alembic.ini").unlink()
    (project.directory / "pyproject.toml").write_text(
        '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'
    )
    (project.directory / "migrations" / "env.py").write_text(
        "from limbeck import context\n"
        "config = context.config\n"
        "print(config.config_file_name, config.get_section('alembic', {}))\n"
        "config.get_main_option('sqlalchemy.url')\n"
    )
    assert run(project, "heads").stdout == "a1 (head)\n"
    done = run(project, "upgrade", "head")
    assert (done.returncode, done.stdout) == (
        255,
        "alembic.ini {}\nFAILED: No config file 'alembic.ini' found, or file has no '[alembic]' section\n",
    )


def test_objects_that_refuse_to_be_asked_do_not_hide_the_failure_or_a_password(project: Project) -> None:
    """UX-1, UX-3: what stands in a frame of the user's is looked through for passwords."""
    (project.directory / "migrations" / "env.py").write_text(
        "class Odd:\n"
        "    def __getattr__(self, name): raise RuntimeError('not started')\n"
        "def connect(odd, url): raise ValueError('cannot connect with open sesame')\n"
        "connect(Odd(), 'postgresql://app:open sesame@db/shop')\n"
    )
    failed = run(project, "upgrade", "head")
    told = failed.stdout + failed.stderr
    assert failed.returncode == 1
    assert "cannot connect with ***" in told
    assert "Traceback" not in told
    assert "sesame" not in told


def test_what_to_install_is_said_where_greenlet_is_missing(project: Project) -> None:
    """PY-8: the process cannot import it."""
    (project.directory / "migrations" / "env.py").unlink()
    for name in ("script.py.mako", "versions/a1.py", "versions"):
        path = project.directory / "migrations" / name
        path.rmdir() if path.is_dir() else path.unlink()
    ini = project.directory / "alembic.ini"
    ini.unlink()
    assert run(project, "init", "-t", "async", "migrations").returncode == 0
    ini.write_text(
        ini.read_text().replace("driver://user:pass@localhost/dbname", "sqlite+aiosqlite:///app.db")
    )
    code = "import sys; sys.modules['greenlet'] = None; from limbeck.cli.main import main; main(sys.argv[1:])"
    failed = subprocess.run(
        [sys.executable, "-c", code, "upgrade", "head"],
        cwd=project.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    told = failed.stdout + failed.stderr
    assert failed.returncode == 1
    assert "Asynchronous drivers need the library greenlet, which is not installed" in told
    assert '  fix       pip install "limbeck[async]"' in told
    assert "Traceback" not in told


def test_garbage_is_looked_for_less_often_in_a_process_of_its_own() -> None:
    program = (
        "import gc, sys; sys.argv = ['limbeck', '--version']; from limbeck.cli.main import main\n"
        "try: main()\nexcept SystemExit: print(gc.get_threshold()[0], gc.isenabled())"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == f"{OBJECTS_BETWEEN_COLLECTIONS} True"
