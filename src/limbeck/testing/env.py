"""A migration environment for a test, in a directory that is removed afterwards."""

from __future__ import annotations

import argparse
import os
import tempfile

from limbeck import command
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

_staged: list[tempfile.TemporaryDirectory[str]] = []


def staging_env(create: bool = True, template: str = "generic", sourceless: bool = False) -> ScriptDirectory:
    """A new environment made from a template; without `create`, the one that was made last.

    With `sourceless`, compiled revisions count without their source. `clear_staging_env` removes it.
    """
    if create:
        _staged.append(tempfile.TemporaryDirectory(prefix="limbeck-staging-"))
    root = _staged[-1].name
    config = Config(os.path.join(root, "alembic.ini"), cmd_opts=argparse.Namespace(quiet=True))
    config.set_main_option("script_location", os.path.join(root, "scripts").replace("%", "%%"))
    config.set_main_option("sourceless", str(sourceless).lower())
    if create:
        command.init(config, os.path.join(root, "scripts"), template=template)
    return ScriptDirectory.from_config(config)


def clear_staging_env() -> None:
    """Remove the environments that `staging_env` has made."""
    while _staged:
        _staged.pop().cleanup()
