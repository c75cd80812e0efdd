"""Walking through the demo, in a directory of its own: demo."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from limbeck.base.answer import give, wants_data
from limbeck.base.look import Look, find_look
from limbeck.command.demonstration.shop import (
    DATABASE,
    MODELS,
    MODELS_FILE,
    STEPS,
    Edit,
    Fill,
    Run,
    Say,
    ShowNewest,
    Step,
)
from limbeck.command.project import require_empty
from limbeck.config import LOCATION, Config
from limbeck.errors import CommandError

START = """\
import sys
root = sys.argv.pop(1)
root in sys.path or sys.path.insert(1, root)
from limbeck.cli.main import main
main(prog="limbeck")
"""
"""Runs the limbeck that runs now, wherever that was started."""
OF_OTHERS = {"database_url": "--url", "models_module": "--models", LOCATION: "--dir", "config": "--config"}
"""Options that name somebody's project."""


def demo(config: Config, directory: str | None = None) -> None:
    """Show the main commands at work on a small shop with a SQLite database.

    In a temporary directory, of which nothing is left; or in `directory`, which must be new or empty, and stays. What
    is configured here takes no part. Raises CommandError if the command line names a project or a database.
    """
    for option, flag in OF_OTHERS.items():
        if getattr(config.cmd_opts, option, None):
            raise CommandError(
                f"The demo has a project and a database of its own, so {flag} does not go with it",
                hint=f"leave {flag} out",
            )
    with _place(directory) as place:
        walk = _Walk(config, place)
        config.print_stdout(f"A shop with three tables, in {place}")
        for step in STEPS:
            walk.take(step)
        config.print_stdout("")
        if directory is None:
            config.print_stdout("Nothing is left of this; `limbeck demo DIRECTORY` keeps it to play with.")
        else:
            config.print_stdout(f"Go on from here: cd {shlex.quote(directory)}")
    give({"directory": None if directory is None else str(place), "commands": walk.done})


@contextmanager
def _place(directory: str | None) -> Iterator[Path]:
    """Where the demo is: in a directory that stays if it was named, else in one that goes."""
    if directory is not None:
        require_empty(directory)
        place = Path(directory).absolute()
        place.mkdir(parents=True, exist_ok=True)
        yield place
        return
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="limbeck-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()


class _Walk:
    """Takes the steps of the demo, and tells of each."""

    def __init__(self, config: Config, place: Path) -> None:
        self._config = config
        self._place = place
        self._look = find_look()
        # A person sees what the commands show on a terminal; what is piped, or data, is what they say in a pipe.
        self._is_seen = self._look.is_styled and not wants_data() and not config.messaging_opts["quiet"]
        self._environ = own_environment(os.environ, self._look, place)
        self.done: list[dict[str, Any]] = []
        (place / MODELS_FILE).write_text(MODELS, encoding="utf-8")

    def take(self, step: Step) -> None:
        """Take one step. Raises CommandError if a command does not end as it should."""
        match step:
            case Say(text):
                self._tell("", *(self._look.dim(line) for line in self._look.filled(f"# {text}", indent=0)))
            case Run(words, exit_code):
                self._run(words, exit_code)
            case Edit(files, before, after):
                path = self._newest(files)
                text = path.read_text("utf-8")
                path.write_text(text.replace(before, after, 1), encoding="utf-8")
                added = [f"    + {line}" for line in after.splitlines() if line not in before.splitlines()]
                self._tell("", f"    {path.name}", *(self._look.good(line) for line in added))
            case ShowNewest(files):
                path = self._newest(files)
                lines = path.read_text("utf-8").rstrip().splitlines()
                self._tell("", *(self._look.dim(f"    {line}".rstrip()) for line in [path.name, "", *lines]))
            case Fill(statement, rows):
                import sqlite3

                with closing(sqlite3.connect(self._place / DATABASE)) as connection, connection:
                    connection.executemany(statement, rows)

    def _run(self, words: tuple[str, ...], exit_code: int) -> None:
        shown = " ".join(["limbeck", *(f'"{word}"' if " " in word else word for word in words)])
        self._tell("", self._look.bold(f"$ {shown}"))
        if self._is_seen:
            self._config.stdout.flush()
        root = str(Path(__file__).parents[3])
        finished = subprocess.run(
            [sys.executable, "-c", START, root, *words],
            cwd=self._place,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=None if self._is_seen else subprocess.PIPE,
            stderr=None if self._is_seen else subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        output = (finished.stdout or "").rstrip("\n")
        if output:
            self._tell(output)
        self.done.append({"command": shown, "exit_code": finished.returncode, "output": output})
        if finished.returncode != exit_code:
            raise CommandError(
                f"`{shown}` has ended with {finished.returncode} in the demo, where it should end with {exit_code}",
                hint="`limbeck doctor` may say more; if it does not, this is a mistake in limbeck: please report it",
            )

    def _newest(self, files: str) -> Path:
        return max(self._place.glob(files), key=lambda path: path.stat().st_mtime_ns)

    def _tell(self, *lines: str) -> None:
        for line in lines:
            self._config.print_stdout(line)


def own_environment(environ: Mapping[str, str], look: Look, place: Path) -> dict[str, str]:
    """The environment without what would lead to somebody's project or database, and with the colours of the demo.

    Byte code that is to be kept elsewhere is kept with the demo, so that nothing of it is left there.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("LIMBECK_")
        and name not in ("ALEMBIC_CONFIG", "DATABASE_URL", "NO_COLOR", "FORCE_COLOR")
    }
    if "PYTHONPYCACHEPREFIX" in kept:
        kept["PYTHONPYCACHEPREFIX"] = str(place / "bytecode")
    return {**kept, "FORCE_COLOR" if look.has_color else "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
