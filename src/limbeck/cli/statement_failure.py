"""Failures in the database: a statement or a COMMIT that is refused, and a connection that is lost."""

from __future__ import annotations

import re
from typing import Any

from limbeck.base.report import Fact, Report
from limbeck.cli.report import state, what_was_running, where
from limbeck.cli.traces import Trace, shown_path
from limbeck.runtime.aftermath import BEFORE_THE_FIRST_STEP, COMMIT_IN_DOUBT

LONGEST_LINE = 160
MOST_LINES = 8

Advice = tuple[tuple[tuple[str, ...], str], ...]

ADVICE: Advice = (
    (
        ("prepared transactions are disabled",),
        "let the server allow them (max_prepared_transactions above 0), or do without two-phase commits in env.py",
    ),
    (
        ("xaer_rmfail",),
        "this database changes no tables in a two-phase transaction: do without two-phase commits in env.py",
    ),
    (
        ("locked", "lock wait timeout", "deadlock", "could not obtain lock", "lock timeout"),
        "another connection holds a lock: wait until it is gone, or end it, and run the command again",
    ),
    (
        ("statement timeout", "max_statement_time", "maximum statement execution time"),
        "the statement took longer than the database allows: raise that limit for this user or session, and run "
        "the command again",
    ),
    (
        ("disk is full", "no space left", "is full", "quota exceeded", "disk full"),
        "make room where the database stores its files, and run the command again",
    ),
    (
        ("readonly database", "read-only", "read only"),
        "nothing can be written there: use the URL of a server and a user that may write, or make the file and its "
        "directory writable",
    ),
    (
        ("permission denied", "command denied", "access denied", "must be owner"),
        "give the user of the URL the right to do this, or use another user",
    ),
    (
        ("already exists", "duplicate column"),
        "if the change is in the database already, record that with `limbeck stamp`; otherwise correct the "
        "migration",
    ),
)
"""What to do about what was refused, by the words of databases and drivers."""

VERSION_TABLE_ADVICE: Advice = (
    (
        ("schema", "unknown database"),
        "create the schema that env.py passes as `version_table_schema`, or correct its name there",
    ),
)

LOOK_FIRST = "run `limbeck current` to see what the database counts as applied; then run the command again"
RECONNECT = (
    "find out why the connection ended (the log of the database server tells), and run the command again"
)
UNDO = "undo by hand what {function}() of {revision} has done already"

VERSION_TABLE = "limbeck.runtime.version_table"
MOMENTS = {
    "read": "The version table cannot be read",
    "make_room": "The version table cannot be widened",
    "exists": "The version table cannot be looked for",
    "create": "The version table cannot be created",
    "clear": "The version table cannot be emptied",
    "_change_one": "The version table cannot be changed",
    "insert": "The version table cannot be changed",
}
"""What limbeck itself was doing, by the function that did it."""


def describe(trace: Trace) -> Report | None:
    """The report about a failure that the database or its driver has reported, or None if it is another kind."""
    from sqlalchemy.exc import DBAPIError, StatementError

    error = trace.error
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return _describe_unsendable(trace, error)
    if not isinstance(error, DBAPIError):
        return None
    what, revision = what_was_running(trace)
    own = _find_own_action(trace)
    if own is not None and not revision:
        what = own
    if error.connection_invalidated:
        what = f"{what}: the connection to the database was lost"
    first, *others = driver_text(error).splitlines() or ["no reason given"]
    facts: list[Fact] = [*_where(trace, is_own=own is not None), *revision]
    if error.statement:
        facts.append(Fact("sql", _shortened(error.statement)))
    if others:
        facts.append(Fact("database", _shortened("\n".join(others[:4]))))
    states = state(error)
    if _is_cut_off(trace) and not any(COMMIT_IN_DOUBT in fact.text for fact in states):
        states = (*states, Fact("state", COMMIT_IN_DOUBT))
    return Report(f"{what}: {first}", (*facts, *states), fix=_fix(trace))


def _describe_unsendable(trace: Trace, error: Any) -> Report:
    """The report about a statement that SQLAlchemy could not complete with its values."""
    what, revision = what_was_running(trace)
    facts = (
        *where(trace.find_place()),
        *revision,
        Fact("sql", _shortened(error.statement or "")),
        *state(error),
    )
    parameter = re.search(r"required for bind parameter '(\w+)'", str(error.orig))
    fix = "correct the statement and its values and run the command again"
    if parameter is not None:
        fix = (
            f"in SQL text `:{parameter[1]}` is a parameter, also inside quotes: write `\\:{parameter[1]}` where a "
            "colon is meant, or give it a value"
        )
    reason = str(error.orig.args[0]) if error.orig.args else type(error.orig).__name__
    return Report(f"{what}: {reason}", facts, fix=fix)


def find_advice(text: str, table: Advice) -> str | None:
    """The first advice whose words are in what the database said."""
    lowered = text.lower()
    return next((fix for words, fix in table if any(word in lowered for word in words)), None)


def driver_text(error: Any) -> str:
    """What the database said, without the wrapping of SQLAlchemy and of the driver."""
    original = error.orig
    arguments: tuple[Any, ...] = getattr(original, "args", ())
    if len(arguments) == 2 and isinstance(arguments[0], int) and isinstance(arguments[1], str):
        return f"{arguments[1]} (error {arguments[0]})"
    return str(original).strip() or type(original).__name__


# --- what was going on ----------------------------------------------------------------------------------------


def _find_own_action(trace: Trace) -> str | None:
    """What limbeck was doing on its own account, or None if it was a statement of the user's."""
    for function, what in MOMENTS.items():
        if trace.find_frame(package=VERSION_TABLE, function=function) is not None:
            return what
    if trace.find_frame(package="limbeck.runtime.transaction", function="commit") is not None:
        return "The run cannot be committed"
    return None


def _is_cut_off(trace: Trace) -> bool:
    """Whether a COMMIT of migrations, limbeck's or env.py's own, got no answer."""
    error: Any = trace.error
    is_commit = trace.find_frame(package="sqlalchemy.engine.default", function="do_commit") is not None
    has_begun = BEFORE_THE_FIRST_STEP not in getattr(error, "__notes__", ())
    return is_commit and has_begun and error.connection_invalidated


def _where(trace: Trace, *, is_own: bool) -> tuple[Fact, ...]:
    """The line of the migration; where the migration had ended already, its file."""
    step = getattr(trace.error, "limbeck_step", None)
    path = getattr(getattr(step, "revision", None), "path", None)
    if is_own and step is not None and path is not None:
        return (Fact("where", f"{shown_path(path)}, after its {step.name}()"),)
    return where(trace.find_place())


def _fix(trace: Trace) -> str:
    error: Any = trace.error
    undo = ""
    if getattr(error, "limbeck_is_partial", False):
        step = error.limbeck_step
        revision = getattr(getattr(step, "revision", None), "revision", step.short_log)
        undo = UNDO.format(function=step.name, revision=revision)
    if _is_cut_off(trace):
        return f"{LOOK_FIRST}\nif it does not count that revision, {undo}" if undo else LOOK_FIRST
    fix = RECONNECT if error.connection_invalidated else _find_fix(trace, driver_text(error))
    return f"{undo}\n{fix}" if undo else fix


def _find_fix(trace: Trace, text: str) -> str:
    if trace.find_frame(package=VERSION_TABLE, function="create") is not None:
        fix = find_advice(text, VERSION_TABLE_ADVICE)
        if fix is not None:
            return fix
    usual = "correct that line and"
    if getattr(trace.error, "limbeck_step", None) is not None:
        usual = "correct the migration, or the data it stumbled on, and"
    return find_advice(text, ADVICE) or f"{usual} run the command again"


def _shortened(text: str) -> str:
    lines = [_cut(line.rstrip()) for line in text.strip().expandtabs(4).splitlines()]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… ({len(lines) - MOST_LINES + 1} more lines)"]
    return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
