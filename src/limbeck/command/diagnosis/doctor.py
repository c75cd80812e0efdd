"""`limbeck doctor`: what is broken in a project, what is unsafe, and what limbeck does otherwise than the original."""

from __future__ import annotations

import os
from collections.abc import Iterator

from limbeck import errors
from limbeck.base.answer import give
from limbeck.command.diagnosis.finding import Finding, Level, gather, summary
from limbeck.command.diagnosis.history import check_history, read_each
from limbeck.command.diagnosis.settings import check_files, check_url, read_settings
from limbeck.command.diagnosis.source import check_environment, check_revision, find_imports, parse_each
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory
from limbeck.script.files import find_revision_files


def doctor(config: Config, files_only: bool = False) -> None:
    """Look through settings, env.py, revision files and database, and say what is found, and what to do.

    Nothing is changed. With `files_only` the database is not asked, and env.py is not run. Raises ProjectBroken if
    something is broken.
    """
    findings = gather(examine(config, files_only=files_only))
    give(
        {
            "findings": [
                {
                    "level": one.level.value,
                    "what": one.what,
                    "places": list(one.places),
                    "why": one.why,
                    "fix": one.fix,
                }
                for one in findings
            ]
        }
    )
    for finding in findings:
        config.print_stdout("\n".join([*finding.report().lines(), ""]))
    config.print_stdout(summary(findings))
    broken = sum(finding.level is Level.BROKEN for finding in findings)
    if broken:
        raise errors.ProjectBroken(count=broken)


def examine(config: Config, *, files_only: bool = False) -> Iterator[Finding]:
    """Everything that is found, in the order in which it is looked at."""
    script, findings = read_settings(config)
    yield from findings
    if script is None:
        yield Finding(
            Level.UNCHECKED, "Nothing else was looked at", why="the settings do not lead to a project"
        )
        return
    here = os.path.join(os.getcwd(), "")
    paths = tuple(
        path.removeprefix(here)
        for _, files in find_revision_files(
            script._version_locations,
            recursive=script.recursive_version_locations,
            sourceless=script.sourceless,
        )
        for path in files.values()
    )
    sources = tuple(path for path in paths if path.endswith(".py"))
    scripts, unreadable = read_each(paths)
    history = [*unreadable, *check_history(scripts)]
    yield from [*check_files(script), *history]
    for path, tree in parse_each(sources):
        yield from check_revision(path, tree)
    yield from _examine_environment(config, script)
    if files_only:
        yield Finding(
            Level.UNCHECKED,
            "The database, and which names the files import",
            why="only files were asked for",
            fix="leave out --files-only",
        )
        return
    yield from _examine_with_sqlalchemy(
        config, script, (*sources, script.env_py_location), any(f.level is Level.BROKEN for f in history)
    )


def _examine_environment(config: Config, script: ScriptDirectory) -> Iterator[Finding]:
    for path, tree in parse_each((script.env_py_location,)):
        yield from check_environment(path, tree)
        with open(path, encoding="utf-8", errors="replace") as file:
            yield from check_url(config, file.read())


def _examine_with_sqlalchemy(
    config: Config, script: ScriptDirectory, sources: tuple[str, ...], broken: bool
) -> Iterator[Finding]:
    from limbeck.command.diagnosis.database import check_database
    from limbeck.command.diagnosis.names import check_names

    for path, tree in parse_each(sources):
        yield from check_names(find_imports(path, tree))
    if broken:
        yield Finding(Level.UNCHECKED, "The database", why="the history must be whole before it is compared")
    else:
        yield from check_database(config, script)
