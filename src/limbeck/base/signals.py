"""Acts on a signal that Python itself cannot: while it waits inside a driver written in C, no handler runs.

`signal.set_wakeup_fd()` lets the interpreter write a byte for each signal, whatever it is doing; a thread reads them.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

PATIENCE = 0.5
"""Seconds in which the handler of a signal has usually run."""


class SignalWatch:
    """Calls what is registered if a signal has come and its handler has not run for a while."""

    def __init__(self) -> None:
        self.handled = threading.Event()
        self._reading, self._writing = os.pipe()
        self._action: Callable[[], None] | None = None
        self._thread: threading.Thread | None = None
        os.set_blocking(self._writing, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    @contextmanager
    def acting(self, action: Callable[[], None]) -> Iterator[None]:
        """While the block runs, a signal that nobody handles in time leads to `action`, on another thread."""
        if self._thread is None:
            import logging  # it is there already where a database is asked, and other commands do without it

            self._log: logging.Logger = logging.getLogger(__name__)
            self._thread = threading.Thread(target=self._watch, name="limbeck-signals", daemon=True)
            self._thread.start()
        self._action = action
        try:
            yield
        finally:
            self._action = None

    def _watch(self) -> None:
        while os.read(self._reading, 1):
            action = self._action
            if self.handled.wait(PATIENCE) or action is None:
                continue
            try:
                action()
            except Exception:  # the handler runs in the end, and tells what is the case then
                self._log.debug("what was running could not be ended", exc_info=True)


_watch: SignalWatch | None = None


def watch_signals() -> SignalWatch:
    """Begin to watch, in a process of one's own; who handles a signal sets `handled`."""
    global _watch
    _watch = SignalWatch()
    return _watch


def find_watch() -> SignalWatch | None:
    """What watches the signals of this process, if anything does."""
    return _watch
