"""Where the program starts."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from limbeck.cli.commandline import CommandLine
from limbeck.cli.interruption import heed_signals

OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""Models make objects by the ten thousand that all stay, so looking among them for garbage is work for nothing."""


def main(argv: Sequence[str] | None = None, prog: str | None = None, **kwargs: Any) -> None:
    """Run one command, as `limbeck` does in a shell; without `argv`, with the arguments of the process."""
    if argv is None:
        sys.excepthook = _show_traceback
        heed_signals()
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    CommandLine(prog=prog).main(argv=argv)


def _show_traceback(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """What `--raiseerr` shows: Python's traceback, without passwords (UX-3)."""
    from limbeck.cli.failure import render_traceback

    sys.stderr.write(render_traceback(error, show_params="--show-params" in sys.argv))
