"""How Python looks for garbage in a process that runs one command and ends."""

from __future__ import annotations

import gc

OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""Models make objects by the ten thousand that all stay, so looking among them for garbage is work for nothing."""
OBJECTS_OF_A_RUN = 2_000
"""Migrations make objects that go when they have run."""

_is_own_process = False


def take_over() -> None:
    """Let this process, which does nothing but run one command, look for garbage less often."""
    global _is_own_process
    _is_own_process = True
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    keep_imports()


def keep_imports() -> None:
    """Never look for garbage among what is there now: modules, which stay until the process ends.

    Python would go through them at each full collection, and again when it ends. This is called before code of the
    user's runs, so that what that leaves behind is still tidied up. A process that is not limbeck's own stays as it is.
    """
    if _is_own_process:
        gc.freeze()


def begin_run() -> None:
    """Migrations are about to run: what they leave behind is to go before there is much of it."""
    if _is_own_process:
        gc.set_threshold(OBJECTS_OF_A_RUN)
