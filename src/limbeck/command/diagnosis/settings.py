"""What is wrong with the configuration of a project."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator

from limbeck.base.settings import read_boolean
from limbeck.command.diagnosis.finding import Finding, Level
from limbeck.command.discovery.urls import PLACEHOLDER
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import ScriptDirectory


def read_settings(config: Config) -> tuple[ScriptDirectory | None, list[Finding]]:
    """The project that a configuration names, if it can be read, and what is wrong with the settings."""
    findings: list[Finding] = []
    script = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            script = ScriptDirectory.from_config(config)
            name = "revision_environment"
            read_boolean(name, config.get_alembic_option(name))
        except CommandError as error:
            findings.append(Finding(Level.BROKEN, str(error), fix=error.hint))
    findings += [
        Finding(
            Level.UNSAFE,
            str(warning.message),
            fix="set path_separator, so that the setting means the same on every system",
        )
        for warning in caught
        if issubclass(warning.category, DeprecationWarning)
    ]
    return script, findings


def check_files(script: ScriptDirectory) -> Iterator[Finding]:
    """Files beside the revisions that are missing."""
    if script.own_template is not None:  # a project that needs neither
        return
    if not os.path.isfile(script.env_py_location):
        yield Finding(
            Level.BROKEN,
            "There is no env.py",
            (script.env_py_location,),
            fix="bring it back, or take one from `limbeck init` in an empty directory",
        )
    template = os.path.join(script.dir, "script.py.mako")
    if not os.path.isfile(template):
        yield Finding(
            Level.BROKEN,
            "There is no template for new revisions",
            (template,),
            "`revision` and `merge` need it",
            "bring it back, or take one from `limbeck init` in an empty directory",
        )


def check_url(config: Config, environment: str) -> Iterator[Finding]:
    """The URL of a fresh project, where `environment`, the text of env.py, uses it and sets no other."""
    raw = config.file_config
    section = config.config_ini_section
    name = "sqlalchemy.url"
    found = raw.get(section, name, raw=True) if raw.has_option(section, name) else ""
    uses_it = re.search(r"engine_from_config|async_engine_from_config|sqlalchemy\.url", environment)
    sets_it = re.search(r"set_(?:main|section)_option", environment)
    if found.startswith(PLACEHOLDER) and uses_it and not sets_it:
        yield Finding(
            Level.BROKEN,
            "The database URL is not set: the configuration still has the placeholder",
            tuple(filter(None, [config.config_file_name])),
            fix=f"set {name} to your database",
        )
