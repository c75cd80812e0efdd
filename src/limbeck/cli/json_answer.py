"""`--json`: one object on standard output, and nothing else there; what people read goes to standard error."""

from __future__ import annotations

import io
import json
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from typing import Any, NamedTuple, TextIO

from limbeck.base.answer import FINDINGS, Answer, answer
from limbeck.base.console import write_text
from limbeck.base.redaction import redact
from limbeck.config import Config
from limbeck.errors import CommandError

VERSION = 1
"""Counts up when a field changes its meaning, or goes; new fields may come at any time."""


class Outcome(NamedTuple):
    """What a command has ended with: as the process exits, as data or as a failure, and what it has warned of."""

    exit_code: int
    data: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    warnings: list[str]


def run_for_data(run: Callable[[Answer, TextIO], int], options: Namespace) -> int:
    """Run a command, and answer with `{"v", "command", "ok", "data", "warnings", "error"}`; return the exit code."""
    target = sys.stdout
    outcome = run_apart(run)
    document = {
        "v": VERSION,
        "command": command_name(options),
        "ok": outcome.error is None and outcome.exit_code in (0, FINDINGS),
        "data": outcome.data,
        "warnings": outcome.warnings,
        "error": outcome.error,
    }
    write_object(target, document)
    return outcome.exit_code


def run_apart(run: Callable[[Answer, TextIO], int]) -> Outcome:
    """Run a command whose answer is data, with all that people read on standard error.

    A command that has no data of its own answers with the text that it would have written.
    """
    given, text = Answer(wants_data=True), io.StringIO()
    with redirect_stdout(sys.stderr), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            code = run(given, text)
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    data = given.data
    if data is None and given.error is None:
        data = {"text": text.getvalue()}
    return Outcome(code, data, given.error, [redact(str(one.message)) for one in caught])


def write_object(target: TextIO, document: Mapping[str, Any]) -> None:
    """Write an object in one line, in ASCII, so that no encoding of a pipe can spoil it."""
    write_text(target, json.dumps(document, default=str) + "\n")
    target.flush()


def command_name(options: Namespace) -> str:
    """The command that was called, as the table of commands has it."""
    name: str = options.cmd[0].__name__
    return {"start": "init"}.get(name, name)


def give_result(result: Any) -> None:
    """Answer with the revision files that a command has written, if it returns some and has said nothing else."""
    from limbeck.command.listed import revision_data
    from limbeck.script.base import Script

    given = answer.find()
    scripts = [one for one in (result if isinstance(result, list) else [result]) if isinstance(one, Script)]
    if given is not None and given.data is None and scripts:
        given.data = {"revisions": [revision_data(one) for one in scripts]}


def error_data(error: BaseException, config: Config | None) -> dict[str, Any]:
    """What is told about a failure, as plain values, without passwords."""
    import os

    from limbeck.cli.failure import describe
    from limbeck.cli.report import state
    from limbeck.cli.traces import Trace, find_secrets, first_failure

    error = first_failure(error)
    trace = Trace(error)
    secrets = find_secrets(trace, config, os.environ)
    message, facts, fix = str(error), list(state(error)), getattr(error, "hint", None)
    code = error.code if isinstance(error, CommandError) else None
    if isinstance(error, Exception) and not isinstance(error, CommandError):
        told = describe(error, config)
        if told is not None:
            message, facts, fix, code = told.cause, list(told.facts), told.fix, told.code
    # Where something was refused before anything of the project ran, its line is only the one that asked.
    place = (
        trace.find_place() if not isinstance(error, CommandError) or hasattr(error, "limbeck_step") else None
    )
    found = {
        "type": type(error).__name__,
        "code": code,
        "message": message or type(error).__name__,
        "path": getattr(error, "path", None) or (place.path if place else None),
        "line": getattr(error, "line", None) or (place.line if place else None),
        "facts": [{"label": fact.label, "text": fact.text} for fact in facts],
        "fix": fix,
    }
    return {name: _redacted(value, secrets) for name, value in found.items()}


def _redacted(value: Any, secrets: Iterable[str]) -> Any:
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, Mapping):
        return {name: _redacted(one, secrets) for name, one in value.items()}
    if isinstance(value, list):
        return [_redacted(one, secrets) for one in value]
    return value if isinstance(value, int | float | bool | None) else str(value)
