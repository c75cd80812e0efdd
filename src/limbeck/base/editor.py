"""Opens a file in the editor of the person at the keyboard."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from subprocess import CalledProcessError, check_call

from limbeck.errors import CommandError

CANDIDATES = ("sensible-editor", "editor", "nano", "vim", "vi", "emacs", "code", "notepad")
"""Tried in this order if neither EDITOR nor VISUAL says which editor to use."""


def open_in_editor(filename: str, environ: Mapping[str, str]) -> None:
    """Open `filename` and wait until the editor is closed (CLI-66).

    Raises CommandError if there is no editor, or if it ends with an error.
    """
    command = find_editor(environ)
    try:
        check_call([*command, filename])
    except (CalledProcessError, OSError) as error:
        raise CommandError(
            f"The editor {shlex.join(command)} failed: {error}",
            hint="set the environment variable EDITOR to a program that can edit text",
        ) from error


def find_editor(environ: Mapping[str, str]) -> list[str]:
    """The command of the editor: from EDITOR, from VISUAL, or the first usual one that is installed."""
    for name in ("EDITOR", "VISUAL"):
        if environ.get(name, "").strip():
            return shlex.split(environ[name], posix=os.name == "posix")
    for candidate in CANDIDATES:
        found = shutil.which(candidate, path=environ.get("PATH"))
        if found:
            return [found]
    raise CommandError(
        "No editor was found",
        hint="set the environment variable EDITOR to a program that can edit text",
    )
