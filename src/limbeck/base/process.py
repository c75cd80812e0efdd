"""Who is at work here: what a database is told about the process that changes it."""

from __future__ import annotations

import getpass
import os
import platform
from typing import NamedTuple

from limbeck import __version__


class Process(NamedTuple):
    """A process, as somebody on another machine would look for it."""

    host: str
    number: int
    user: str
    program: str


def find_process() -> Process:
    """This process, and who runs it, as far as the system says."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its user
        user = "unknown"
    return Process(platform.node() or "unknown", os.getpid(), user, f"limbeck {__version__}")
