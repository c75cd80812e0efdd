"""Where the compiled form of a Python file is."""

from __future__ import annotations

import os
from importlib.util import cache_from_source
from pathlib import Path


def find_bytecode(path: str | os.PathLike[str]) -> Path | None:
    """The compiled form of a Python file: in `__pycache__`, or beside it; None if there is none."""
    source = Path(path)
    candidates = [
        Path(cache_from_source(str(source))),
        source.with_suffix(".pyc"),
        source.with_suffix(".pyo"),
    ]
    return next((candidate for candidate in candidates if candidate.exists()), None)
