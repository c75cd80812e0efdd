"""Ctrl-C and SIGTERM in a process of our own: the first lets the run end in order, the second ends it at once."""

from __future__ import annotations

import signal
from types import FrameType

from limbeck.base.signals import find_watch, watch_signals

INTERRUPTED = 130
TERMINATED = 143


class Terminated(KeyboardInterrupt):
    """Somebody has asked the process to end, as `kill` and container runtimes do."""


def heed_signals() -> None:
    """Let both signals raise an exception once, so that what can be rolled back is; after that they are not caught."""
    watch_signals()
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _terminate)


def exit_code_of(error: KeyboardInterrupt) -> int:
    """What a process exits with by convention: 128 and the number of the signal."""
    return TERMINATED if isinstance(error, Terminated) else INTERRUPTED


def _interrupt(number: int, frame: FrameType | None) -> None:
    _let_go()
    raise KeyboardInterrupt


def _terminate(number: int, frame: FrameType | None) -> None:
    _let_go()
    raise Terminated


def _let_go() -> None:
    watch = find_watch()
    if watch is not None:
        watch.handled.set()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
