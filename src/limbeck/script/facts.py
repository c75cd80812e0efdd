"""What a revision's file says about it, before and after it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
"""What a revision's file sets (FILE-1)."""


class Header(NamedTuple):
    """What a file says, as its module would have it (FILE-1)."""

    values: Mapping[str, Any]
    """Those of the four names that the file sets."""
    docstring: str | None
    """The docstring, or None; its indentation is as in the file, or, since Python 3.13, as the compiler leaves it."""


Facts = tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], str | None]
"""What was checked: the revision as the graph sees it, and the docstring."""
