"""Commands of the documentation, run as somebody would type them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.command.project import Project

ROOT = Path(__file__).parents[2]


def run(directory: Path, command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `limbeck …`; a comment behind it does no harm."""
    program, *words = shlex.split(command, comments=True)
    assert program == "limbeck", command
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=directory,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def succeed(directory: Path, command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it, and see that it ends well."""
    finished = run(directory, command, **environ)
    assert finished.returncode == 0, f"{command}\n{finished.stdout}{finished.stderr}"
    return finished


def page(path: str) -> str:
    """The text of a page."""
    return (ROOT / path).read_text(encoding="utf-8")


def commands_of(path: str) -> list[str]:
    """The commands of a page that stand in lines of their own, in their order."""
    found: list[str] = re.findall(r"(?m)^(?:(?:    )?\$ |    )(limbeck .+)$", page(path))
    return found


def use(project: Project, url: str) -> None:
    """Let a project have this database."""
    ini = project.directory / "alembic.ini"
    text = re.sub(
        r"(?m)^sqlalchemy.url = .*$",
        lambda _: f"sqlalchemy.url = {url.replace('%', '%%')}",
        ini.read_text(encoding="utf-8"),
    )
    ini.write_text(text, encoding="utf-8")
