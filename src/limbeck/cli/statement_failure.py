"""Failures in the database: a statement or a COMMIT that is refused, and a connection that is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from limbeck.base.redaction import MASK
from limbeck.base.report import Fact, Report
from limbeck.cli.report import state, way_on, what_was_running, where
from limbeck.cli.traces import Trace, shown_path
from limbeck.runtime.aftermath import BEFORE_THE_FIRST_STEP, COMMIT_IN_DOUBT, LOST_IN_COMMIT

LONGEST_LINE = 160
MOST_LINES = 6


class Advice(NamedTuple):
    """What to do about what was refused, by the words of databases and drivers; and what it is called."""

    words: tuple[str, ...]
    fix: str
    code: str


ADVICE: tuple[Advice, ...] = (
    Advice(
        ("prepared transactions are disabled",),
        "let the server allow them (max_prepared_transactions above 0), or do without two-phase commits in env.py",
        "LBK-DB-REFUSED",
    ),
    Advice(
        ("xaer_rmfail",),
        "this database changes no tables in a two-phase transaction: do without two-phase commits in env.py",
        "LBK-DB-REFUSED",
    ),
    Advice(
        ("locked", "lock wait timeout", "deadlock", "could not obtain lock", "lock timeout"),
        "another connection holds a lock: wait until it is gone, or end it, and run the command again; "
        "`--lock-timeout SECONDS` says how long to wait, and tries again where that is safe",
        "LBK-DB-LOCKED",
    ),
    Advice(
        ("statement timeout", "max_statement_time", "maximum statement execution time", "interrupted"),
        "the statement took longer than the database allows: raise the limit, which is `--statement-timeout` or one "
        "for this user or session, and run the command again",
        "LBK-DB-SLOW",
    ),
    Advice(
        ("disk is full", "no space left", "is full", "quota exceeded", "disk full"),
        "make room where the database stores its files, and run the command again",
        "LBK-DB-FULL",
    ),
    Advice(
        ("readonly database", "read-only", "read only"),
        "nothing can be written there: use the URL of a server and a user that may write, or make the file and its "
        "directory writable",
        "LBK-DB-READONLY",
    ),
    Advice(
        ("permission denied", "command denied", "access denied", "must be owner"),
        "give the user of the URL the right to do this, or use another user",
        "LBK-DB-PERMISSION",
    ),
    Advice(
        ("duplicate entry", "duplicate key", "unique constraint failed", "could not create unique index"),
        "find the values that occur twice (SELECT column, count(*) … GROUP BY column HAVING count(*) > 1), decide "
        "which to keep, and run the command again",
        "LBK-DB-DUPLICATE",
    ),
    Advice(
        ("foreign key constraint", "foreign key constraint failed"),
        "find the rows that refer to what is not there, mend or delete them, and run the command again",
        "LBK-DB-REFERENCE",
    ),
    Advice(
        (
            "contains null values",
            "not-null constraint",
            "not null constraint",
            "cannot be null",
            "cannot add a not null",
        ),
        "give the column a `server_default`, or fill it before it must have a value, and run the command again",
        "LBK-DB-NULL",
    ),
    Advice(
        ("already exists", "duplicate column"),
        "if the change is in the database already, record that with `limbeck stamp`; otherwise correct the "
        "migration",
        "LBK-DB-EXISTS",
    ),
    Advice(
        ("syntax error", "error in your sql syntax"),
        "correct the SQL of that line; it may be that of another kind of database",
        "LBK-DB-SYNTAX",
    ),
    Advice(
        (
            "does not exist",
            "doesn't exist",
            "no such table",
            "no such column",
            "unknown column",
            "unknown table",
            "can't drop",
        ),
        "check that name; and whether the migrations before this one were applied, with `limbeck current`",
        "LBK-DB-MISSING",
    ),
)

VERSION_TABLE_ADVICE = (
    Advice(
        ("schema", "unknown database"),
        "create the schema that env.py passes as `version_table_schema`, or correct its name there",
        "LBK-DB-MISSING",
    ),
)

LOOK_FIRST = "run `limbeck current` to see what the database counts as applied; then run the command again"
RECONNECT = (
    "find out why the connection ended (the log of the database server tells), and run the command again"
)
UNDO = "undo by hand what {function}() of {revision} has done already"

VERSION_TABLE = "limbeck.runtime.version_table"
MOMENTS = {
    "find": "The version table cannot be read",
    "look": "The version table cannot be read",
    "read_latest": "The version table cannot be read",
    "read": "The version table cannot be read",
    "make_room": "The version table cannot be widened",
    "exists": "The version table cannot be looked for",
    "create": "The version table cannot be created",
    "clear": "The version table cannot be emptied",
    "_change_one": "The version table cannot be changed",
    "insert": "The version table cannot be changed",
}
"""What limbeck itself was doing, by the function that did it."""


def describe(trace: Trace, *, show_params: bool = False) -> Report | None:
    """The report about a failure that the database or its driver has reported, or None if it is another kind.

    Values that were sent with the statement, or stand in the rows, are shown only with `show_params`.
    """
    from sqlalchemy.exc import DBAPIError, StatementError

    error = trace.error
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return _describe_unsendable(trace, error, show_params=show_params)
    if not isinstance(error, DBAPIError):
        return None
    what, revision = what_was_running(trace)
    own = _find_own_action(trace)
    if own is not None and not revision:
        what = own
    if error.connection_invalidated:
        what = f"{what}: the connection to the database was lost"
    text = without_values(driver_text(error), error, show=show_params)
    first, *others = text.splitlines() or ["no reason given"]
    facts: list[Fact] = [*_where(trace, is_own=own is not None), *revision]
    if error.statement:
        facts.append(Fact("sql", _shortened(error.statement)))
        facts += values(error, show=show_params)
    if others:
        facts.append(Fact("database", _shortened("\n".join(others[:4]))))
    states = state(error)
    if _is_cut_off(trace) and not any(LOST_IN_COMMIT in fact.text for fact in states):
        states = (*states, Fact("state", COMMIT_IN_DOUBT))
    fix, code = _fix(trace)
    return Report(f"{what}: {first}", (*facts, *states), fix=fix, code=code)


def _describe_unsendable(trace: Trace, error: Any, *, show_params: bool) -> Report:
    """The report about a statement that SQLAlchemy could not complete with its values."""
    what, revision = what_was_running(trace)
    facts = (
        *where(trace.find_place()),
        *revision,
        Fact("sql", _shortened(error.statement or "")),
        *values(error, show=show_params),
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
    reason = without_values(reason, error, show=show_params)
    return Report(f"{what}: {reason}", facts, fix=fix, code="LBK-SQL-VALUES")


def find_advice(text: str, table: Iterable[Advice]) -> Advice | None:
    """The first advice whose words are in what the database said."""
    lowered = text.lower()
    return next((advice for advice in table if any(word in lowered for word in advice.words)), None)


def driver_text(error: Any) -> str:
    """What the database said, without the wrapping of SQLAlchemy and of the driver."""
    original = error.orig
    arguments: tuple[Any, ...] = getattr(original, "args", ())
    if len(arguments) == 2 and isinstance(arguments[0], int) and isinstance(arguments[1], str):
        return f"{arguments[1]} (error {arguments[0]})"
    return str(original).strip() or type(original).__name__


# --- values -----------------------------------------------------------------------------------------------------

ROWS = re.compile(
    r"(?P<before>\bKey \([^()]*\)=\(|Failing row contains \(|Duplicate entry '|value: '|"
    r"invalid input syntax for .*?: \")"
    r"(?P<value>.*?)(?P<after>\)(?= (?:already|is (?:not|still|dup))|[.]?$)|'(?= for (?:key|column))|\"$)",
    re.MULTILINE | re.DOTALL,
)
"""Where databases repeat values of rows in what they say."""


def without_values(text: str, error: Any, *, show: bool) -> str:
    """What the database said, without values of rows and of parameters."""
    if show:
        return text
    text = ROWS.sub(lambda found: f"{found['before']}{MASK}{found['after']}", text)
    for value in sorted(_values_of(error), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    return text


def values(error: Any, *, show: bool) -> tuple[Fact, ...]:
    """The values that were sent with the statement, if they are to be shown."""
    return (Fact("values", _shortened(repr(error.params))),) if show and error.params else ()


def _values_of(error: Any) -> set[str]:
    """The values that were sent, as far as they are long enough not to be found by chance."""
    found: set[str] = set()
    pending: list[Any] = [getattr(error, "params", None)]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, list | tuple):
            pending += value
        elif isinstance(value, str) and len(value) >= 3:
            found |= {value, repr(value)[1:-1]}
    return found


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


def _fix(trace: Trace) -> tuple[str, str]:
    """What to do, and the code word."""
    error: Any = trace.error
    undo = ""
    if getattr(error, "limbeck_stopped_after", None) is not None:
        return _way_on(error)
    if getattr(error, "limbeck_is_partial", False):
        step = error.limbeck_step
        revision = getattr(getattr(step, "revision", None), "revision", step.short_log)
        undo = UNDO.format(function=step.name, revision=revision)
    if _is_cut_off(trace):
        fix = f"{LOOK_FIRST}\nif it does not count that revision, {undo}" if undo else LOOK_FIRST
        return fix, "LBK-DB-LOST"
    lost = (RECONNECT, "LBK-DB-LOST")
    fix, code = lost if error.connection_invalidated else _find_fix(trace, driver_text(error))
    return (f"{undo}\n{fix}" if undo else fix), code


def _way_on(error: Any) -> tuple[str, str]:
    """How to go on where the journal knows where that is, and the code word."""
    if error.connection_invalidated:
        reason, code = (
            "find out why the connection ended (the log of the database server tells)",
            "LBK-DB-LOST",
        )
    else:
        advice = find_advice(driver_text(error), ADVICE)
        reason = "correct the statement, or the data it stumbled on"
        code = advice.code if advice is not None else "LBK-DB-REFUSED"
    return f"{reason}, and {way_on(error)}", code


def _find_fix(trace: Trace, text: str) -> tuple[str, str]:
    if trace.find_frame(package=VERSION_TABLE, function="create") is not None:
        advice = find_advice(text, VERSION_TABLE_ADVICE)
        if advice is not None:
            return advice.fix, advice.code
    advice = find_advice(text, ADVICE)
    if advice is not None:
        return advice.fix, advice.code
    usual = "correct that line and"
    if getattr(trace.error, "limbeck_step", None) is not None:
        usual = "correct the migration, or the data it stumbled on, and"
    return f"{usual} run the command again", "LBK-DB-REFUSED"


def _shortened(text: str) -> str:
    lines = [_cut(line.rstrip()) for line in text.strip().expandtabs(4).splitlines()]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"… ({len(lines) - MOST_LINES + 1} more lines)"]
    return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"
