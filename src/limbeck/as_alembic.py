"""Lets `alembic` mean limbeck in programs that are not limbeck's own command.

    import limbeck.as_alembic                     # the first line of a program
    python -m limbeck.as_alembic manage.py        # a script
    python -m limbeck.as_alembic -m flask db      # a module
    pytest -p limbeck.as_alembic                  # a test run

Raises ImplementationConflict if the original was imported before.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence

from limbeck.base import alias

USAGE = "usage: python -m limbeck.as_alembic (SCRIPT | -m MODULE) [ARGUMENT ...]"


def run(arguments: Sequence[str]) -> None:
    """Run a script, or with `-m` a module, as Python would, with the arguments behind it.

    Exits with 2 if there is nothing to run.
    """
    match arguments:
        case ["-m", module, *rest]:
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [script, *rest] if os.path.exists(script):
            sys.argv = [script, *rest]
            sys.path[0] = os.path.dirname(os.path.abspath(script))  # as if Python had been given the script
            runpy.run_path(script, run_name="__main__")
        case _:
            sys.stderr.write(f"{USAGE}\n")
            sys.exit(2)


alias.install()
if __name__ == "__main__":
    run(sys.argv[1:])
