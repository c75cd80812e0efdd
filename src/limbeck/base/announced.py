"""Whether an installed package announces anything to a group of entry points."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

KINDS = (".dist-info", ".egg-info")
"""How the directories are called in which packages say what they are."""


def may_be_announced(group: str) -> bool:
    """Look for the name of a group in what the installed packages announce; where it is not, nobody is in it.

    `importlib.metadata` knows exactly, but to import it and to have it read and sort all that all packages say takes
    several times as long, and hardly any project has a plugin. What it may find by other means than in directories
    (archives, eggs, finders of others) counts as announced.
    """
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        return True
    places: list[object] = [*sys.path]  # anybody may have put anything there
    return any(_is_announced_in(place, group.encode()) for place in places)


def _is_announced_in(place: object, group: bytes) -> bool:
    if not isinstance(place, str) or place.endswith(".egg"):
        return True
    try:
        names = os.listdir(place or ".")
    except NotADirectoryError:
        return True
    except OSError:
        return False
    return any(_names(os.path.join(place, name), group) for name in names if name.lower().endswith(KINDS))


def _names(description: str, group: bytes) -> bool:
    try:
        with open(os.path.join(description, "entry_points.txt"), "rb", buffering=0) as file:
            return group in file.read()
    except OSError:
        return False
