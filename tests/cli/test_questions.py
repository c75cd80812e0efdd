"""Questions have one road: asked on a terminal, answered beforehand, or refused with the name of the option.

In processes of their own, on terminals of their own.
"""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

MODELS = "import sqlalchemy as sa\nmetadata = sa.MetaData()\nsa.Table('kept', metadata, sa.Column('id', sa.Integer))\n"
GENERATE = ("revision", "--autogenerate", "-m", "x", "--url", "sqlite:///app.db")


@pytest.fixture
def losing(tmp_path: Path) -> Path:
    """A project set up by limbeck, whose database has a table that the models do not have any more."""
    import sqlite3
    from contextlib import closing

    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "shop.py").write_text(MODELS)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.limbeck]\nscript_location = "migrations"\nmodels = "shop"\n'
    )
    with closing(sqlite3.connect(tmp_path / "app.db")) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER)")
        connection.execute("CREATE TABLE lost (id INTEGER)")
    return tmp_path


def on_a_terminal(directory: Path, *words: str, typed: str = "", **environ: str) -> tuple[int, str]:
    """The exit code, and all that the terminal has shown."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(directory)
        os.execve(sys.executable, [sys.executable, "-m", "limbeck", *words], {**os.environ, **environ})
    os.write(terminal, typed.encode())
    shown = b""
    try:
        while part := os.read(terminal, 65536):
            shown += part
    except OSError:  # the end of a terminal
        pass
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode().replace("\r\n", "\n")


def written(directory: Path) -> list[str]:
    return [path.name for path in (directory / "migrations" / "versions").glob("*.py")]


def test_somebody_at_a_terminal_is_asked(losing: Path) -> None:
    code, shown = on_a_terminal(losing, *GENERATE, typed="n\n")
    assert "drops 1 table, with all data:" in shown
    assert "Write it? [y/N]" in shown
    assert (code, written(losing)) == (255, [])
    code, shown = on_a_terminal(losing, *GENERATE, typed="y\n")
    assert (code, len(written(losing))) == (0, 1)


@pytest.mark.parametrize(("words", "environ"), [(("--no-input",), {}), ((), {"LIMBECK_NO_INPUT": "1"})])
def test_nobody_is_asked_if_that_is_not_wanted(
    losing: Path, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    code, shown = on_a_terminal(losing, *GENERATE, *words, typed="y\n", **environ)
    assert "[y/N]" not in shown
    assert "--allow-drops" in shown
    assert (code, written(losing)) == (255, [])


@pytest.mark.parametrize("words", [("--yes", *GENERATE), (*GENERATE, "--yes")])
def test_a_yes_may_be_given_before(losing: Path, words: tuple[str, ...]) -> None:
    code, shown = on_a_terminal(losing, *words)
    assert "[y/N]" not in shown
    assert "table lost" in shown
    assert (code, len(written(losing))) == (0, 1)


def test_a_dry_run_asks_nothing_and_writes_nothing(losing: Path) -> None:
    """What would be lost is told nevertheless."""
    code, shown = on_a_terminal(losing, *GENERATE, "--dry-run")
    assert "[y/N]" not in shown
    assert "drops 1 table, with all data:" in " ".join(shown.split())
    assert "op.drop_table('lost')" in shown
    assert (code, written(losing)) == (0, [])
