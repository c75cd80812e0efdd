"""How a failure is told: what happened, where, and what to do, in a few lines without a traceback (UX-2).

`describe` turns an exception into a Report; the facts come from the exception and its traceback. Only what
is a fault of limbeck itself keeps its traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from limbeck import __version__, errors
from limbeck.base.console import write_text
from limbeck.base.look import Look, find_look
from limbeck.base.redaction import redact
from limbeck.base.report import Fact, Report
from limbeck.cli import database_failure
from limbeck.cli.interruption import Terminated, exit_code_of
from limbeck.cli.report import state, way_on, what_was_running, where
from limbeck.cli.telling import render_failure
from limbeck.cli.traces import (
    Place,
    Trace,
    find_secrets,
    find_setting_line,
    find_settings_files,
    first_failure,
    hide_parameters,
    is_users_file,
    shown_path,
)
from limbeck.config import Config

UNEXPECTED = 1
PARTIAL = 5
PLAIN = Look()


def report(
    error: BaseException,
    config: Config | None,
    *,
    quiet: bool = False,
    show_params: bool = False,
    look: Look = PLAIN,
) -> int:
    """Tell the user about `error`, and return what the program exits with (CLI-3, CLI-4).

    Values that were sent to the database are shown only with `show_params`. `look` is that of standard error.
    """
    if isinstance(error, BrokenPipeError) and _reader_has_left():
        return 0
    error = first_failure(error)
    trace = Trace(error)
    secrets = find_secrets(trace, config, os.environ)
    if isinstance(error, KeyboardInterrupt):
        facts = [*what_was_running(trace)[1], *state(error)]
        if getattr(error, "limbeck_stopped_after", None) is not None:
            facts.append(Fact("fix", way_on(error)))
        how = "terminated" if isinstance(error, Terminated) else "interrupted"
        _complain(f"\n{how}", facts, secrets, look)
        return exit_code_of(error)
    if isinstance(error, errors.CommandError):
        return _refuse(error, trace, config, secrets, quiet=quiet, look=look)
    described = describe(error, config, show_params=show_params)
    if described is None:
        sys.stderr.write(render_traceback(error, secrets))
        return UNEXPECTED
    more = "--raiseerr shows the traceback" + (
        f" · limbeck explain {described.code}" if described.code else ""
    )
    fix = [Fact("fix", described.fix)] if described.fix else []
    _complain(described.cause, [*described.facts, *fix, Fact("more", more)], secrets, look)
    return PARTIAL if getattr(error, "limbeck_is_partial", False) else UNEXPECTED


def err(message: str, quiet: bool = False) -> NoReturn:
    """Refuse with a message, as a command does that cannot do what was asked, and exit (CLI-4)."""
    sys.exit(report(errors.CommandError(message), None, quiet=quiet))


def describe(
    error: BaseException, config: Config | None = None, *, show_params: bool = False
) -> Report | None:
    """The report about any exception but a CommandError; None if limbeck itself is at fault."""
    trace = Trace(error)
    told = (
        database_failure.describe(trace, config, show_params=show_params)
        or _describe_syntax_error(trace)
        or _describe_setting(trace, config)
        or _describe_import_error(trace)
        or _describe_file_trouble(trace)
    )
    if told is not None:
        return told
    return None if trace.is_own_fault() else _describe_users_error(trace)


# --- kinds of failure ---------------------------------------------------------------------------------------


def _describe_users_error(trace: Trace) -> Report:
    what, revision = what_was_running(trace)
    error = trace.error
    text = str(error)
    return Report(
        f"{what}: {type(error).__name__}{': ' if text else ''}{text}",
        (*where(trace.find_place()), *revision, *state(error)),
        fix=f"correct that line and {way_on(error)}",
        code="LBK-CODE",
    )


def _describe_syntax_error(trace: Trace) -> Report | None:
    error = trace.error
    if not isinstance(error, SyntaxError) or error.filename is None or not is_users_file(error.filename):
        return None
    source = (error.text or "").rstrip("\n")
    indent = len(source) - len(source.lstrip())
    caret = " " * max((error.offset or 1) - 1 - indent, 0) + "^"
    place = Place(error.filename, error.lineno or 1, f"{source.strip()}\n{caret}")
    return Report(
        f"{shown_path(error.filename)}:{error.lineno}: {error.msg}",
        (*where(place), *state(error)),
        fix="correct the file and run the command again",
        code="LBK-CODE-SYNTAX",
    )


def _describe_setting(trace: Trace, config: Config | None) -> Report | None:
    """A value of the ini file cannot be substituted. The error's own text would show the whole value."""
    import configparser

    error = trace.error
    if not isinstance(error, configparser.InterpolationError):
        return None
    name = config.config_file_name if config is not None else None
    missing = getattr(error, "reference", None)
    reason = f"%({missing})s is not defined" if missing else "a `%` in it does not begin a %(name)s"
    return Report(
        f"The setting `{error.option}` in section [{error.section}] of {name or 'the configuration'} "
        f"cannot be read: {reason}",
        where(trace.find_place()),
        fix="write a literal percent sign as `%%` in an ini file",
        code="LBK-CONFIG",
    )


def _describe_import_error(trace: Trace) -> Report | None:
    error = trace.error
    place = trace.find_place()
    if not isinstance(error, ImportError) or place is None:
        return None
    what, revision = what_was_running(trace)
    fix = "correct the import"
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        fix = (
            f"if `{package}` is your own package, add its directory to `prepend_sys_path` in the "
            "configuration, or install it; if it is a library, install it in this environment"
        )
    return Report(
        f"{what}: {error}", (*where(place), *revision, *state(error)), fix=fix, code="LBK-CODE-IMPORT"
    )


def _describe_file_trouble(trace: Trace) -> Report | None:
    error = trace.error
    if not isinstance(error, OSError) or error.filename is None or trace.find_place() is not None:
        return None
    path = shown_path(os.fsdecode(error.filename)) if not isinstance(error.filename, int) else "a file"
    return Report(
        f"Cannot use {path}: {error.strerror or error}",
        fix="check that the path is right, and that you may read and write there",
        code="LBK-FILE-ACCESS",
    )


# --- printing -----------------------------------------------------------------------------------------------


def _refuse(
    error: errors.CommandError,
    trace: Trace,
    config: Config | None,
    secrets: frozenset[str],
    *,
    quiet: bool,
    look: Look,
) -> int:
    """Tell what a CommandError says: the log and standard output get the text, all else goes to stderr.

    When quiet, nothing goes to standard output; the text is then on stderr, since the log may not be shown.
    """
    import logging

    text = redact(str(error), secrets)
    logging.getLogger("alembic").addHandler(logging.NullHandler())  # TPL-6
    logging.getLogger("alembic.util.messaging").error(text)
    shown_on = look if quiet else find_look()
    if isinstance(error, errors.AutogenerateDiffsDetected) and shown_on.is_styled:
        text = "\n  ".join(["The database and the models differ:", *error.changes])
    write_text(sys.stderr if quiet else sys.stdout, _refusal(text, shown_on))
    sys.stdout.flush()
    facts = list(state(error))
    if isinstance(error, errors.ScriptError):  # its text says which file and line it is about
        facts[:0] = what_was_running(trace)[1]
    elif hasattr(error, "limbeck_step") or isinstance(error, errors.ContextError | errors.OperationError):
        facts[:0] = [*where(trace.find_place()), *what_was_running(trace)[1]]
    if isinstance(error, errors.ConfigurationError | errors.HookError) and error.setting is not None:
        place = find_setting_line(config, error.setting) or ", ".join(find_settings_files(config))
        facts[:0] = [Fact("where", place)] if place else []
    if error.hint:
        facts.append(Fact("fix", error.hint))
    facts.append(Fact("more", f"limbeck explain {error.code}"))
    _complain(None, facts, secrets, look)
    return PARTIAL if getattr(error, "limbeck_is_partial", False) else error.exit_code


def render_traceback(error: BaseException, secrets: Iterable[str] = (), *, show_params: bool = False) -> str:
    """Python's own traceback without passwords; with the way to report it, if limbeck is at fault."""
    import traceback

    trace = Trace(error)
    if not show_params:
        hide_parameters(error)
    text = redact(
        "".join(traceback.format_exception(error)), {*secrets, *find_secrets(trace, None, os.environ)}
    )
    if isinstance(error, errors.CommandError) or describe(error) is not None:
        return text
    return (
        f"{text}\nThis is a fault of limbeck, not of your project: please report it, with the lines above (LBK-BUG).\n"
        f"limbeck {__version__}, SQLAlchemy {_version_of('sqlalchemy')}, "
        f"Python {sys.version.split()[0]} on {sys.platform}\n"
    )


def _version_of(module: str) -> Any:
    return getattr(sys.modules.get(module), "__version__", "not loaded")


def _refusal(text: str, look: Look) -> str:
    """The lines that tell of a refusal. Scripts look for the first word of them (CLI-4)."""
    first, *others = f"FAILED: {text}".split("\n")
    pieces = [
        *(look.bold(look.bad(piece)) for piece in look.wrapped(first, hang=2)),
        *(piece for line in others for piece in look.wrapped(line, hang=4)),
    ]
    return "".join(f"{piece}\n" for piece in pieces)


def _complain(cause: str | None, facts: Iterable[Fact], secrets: frozenset[str], look: Look) -> None:
    text = "".join(f"{line}\n" for line in render_failure(cause, facts, look, secrets))
    if text:
        write_text(sys.stderr, text)


def _reader_has_left() -> bool:
    """Whether standard output is the pipe that broke; if so, nothing more is written there."""
    try:
        sys.stdout.flush()
        has_left = _is_without_reader(sys.stdout.fileno())
    except BrokenPipeError:
        has_left = True
    except (OSError, ValueError):  # no file behind it, or closed
        return False
    if has_left:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return has_left


def _is_without_reader(descriptor: int) -> bool:
    """Whether the other end of a pipe is closed. A write that failed may have left nothing to flush."""
    import select

    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
