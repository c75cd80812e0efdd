"""Paths as people like to read them."""

from __future__ import annotations

import os


def shown_path(path: str) -> str:
    """A path as short as it can be written from the current directory."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative
