"""What the database says: which revisions it is at, and whether its version table has room for the project's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from limbeck.base.redaction import redact
from limbeck.command.diagnosis.finding import Finding, Level
from limbeck.command.environment import Rows, run_environment
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import ScriptDirectory


def check_database(config: Config, script: ScriptDirectory) -> Iterator[Finding]:
    """Run env.py, as `limbeck current` does, and compare the version table with the files."""
    known = frozenset(script.revision_map.graph)
    longest = max(known, key=len, default="")
    found: list[Finding] = []

    def look(rows: Rows, context: Any) -> Iterable[Any]:
        found.extend(compare_rows(rows, known))
        found.extend(compare_width(context.rows.find_room(), longest))
        return []

    try:
        run_environment(config, script, look, dont_mutate=True)
    except (Exception, SystemExit) as error:
        yield _not_asked(error)
    yield from found


def compare_rows(rows: Collection[str], known: Collection[str]) -> Iterator[Finding]:
    """Revisions that the database is at, and no file has."""
    unknown = [row for row in rows if row not in known]
    if unknown:
        yield Finding(
            Level.BROKEN,
            f"The database is at {', '.join(unknown)}, which no file here has",
            why="another branch or a newer version of the project was run on it",
            fix=f"bring the file back (`git log --all -S {unknown[0]}`), or say what the database is at with "
            "`limbeck stamp --purge REVISION`",
        )


def compare_width(room: int | None, longest: str) -> Iterator[Finding]:
    """A version table without room for the longest identifier; `room` is None if it has no limit."""
    if room is not None and room < len(longest):
        yield Finding(
            Level.DIFFERENT,
            f"The version table has room for {room} characters, and '{longest}' has {len(longest)}",
            why="the original fails when it reaches that revision; limbeck widens the table before anything runs",
            fix="nothing, if the user of the database may alter that table",
        )


def _not_asked(error: BaseException) -> Finding:
    module = _missing_driver(error)
    if module is not None:
        return Finding(
            Level.BROKEN,
            f"The driver of the database is not installed: there is no Python module {module!r}",
            fix=f"pip install {module}; `limbeck current` says more",
        )
    text = redact(str(error)).partition("\n")[0]
    return Finding(
        Level.UNCHECKED,
        "The database could not be asked",
        why=f"{type(error).__name__}: {text}" if text else type(error).__name__,
        fix=getattr(error, "hint", None)
        if isinstance(error, CommandError)
        else "`limbeck current` tells the whole story",
    )


def _missing_driver(error: BaseException) -> str | None:
    """The module that SQLAlchemy could not import as a driver."""
    trace = error.__traceback__
    while isinstance(error, ImportError) and trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "import_dbapi":
            return (error.name or str(error)).partition(".")[0]
        trace = trace.tb_next
    return None
