"""Where the program starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from limbeck.base import garbage, postponed
from limbeck.cli.commandline import CommandLine
from limbeck.cli.interruption import heed_signals


def main(argv: Sequence[str] | None = None, prog: str | None = None, **kwargs: Any) -> None:
    """Run one command, as `limbeck` does in a shell; without `argv`, with the arguments of the process."""
    if argv is None:
        sys.excepthook = _show_traceback
        heed_signals()
        garbage.take_over()
        postponed.postpone_modules()
    CommandLine(prog=prog).main(argv=argv)


def _show_traceback(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """What `--raiseerr` shows: Python's traceback, without passwords (UX-3)."""
    from limbeck.cli.failure import render_traceback

    sys.stderr.write(render_traceback(error, show_params="--show-params" in sys.argv))
