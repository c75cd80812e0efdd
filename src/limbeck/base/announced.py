"""What installed packages say of themselves, as far as a glance tells.

`importlib.metadata` knows exactly, but to import it, and to have it read and sort all that all packages say, takes
several times as long. What it may find by other means than in directories (archives, eggs, finders of others) is left
to it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder

KINDS = (".dist-info", ".egg-info")
"""How the directories are called in which packages say what they are."""


def may_be_announced(group: str) -> bool:
    """Look for the name of a group of entry points in what packages announce; where it is not, nobody is in it.

    Hardly any project has a plugin, so that hardly any run needs to know more.
    """
    try:
        found = [_read(os.path.join(directory, "entry_points.txt")) for directory in _descriptions()]
    except _OtherMeans:
        return True
    return any(group.encode() in text for text in found if text)


def find_version(package: str) -> str | None:
    """Find the version of a package that says it in a directory of the usual kind; None if one has to look closer."""
    wanted = _normalized(package)
    try:
        found = [one for one in _descriptions() if _package(one) == wanted]
    except _OtherMeans:
        return None
    if len(found) != 1 or not found[0].endswith(".dist-info"):
        return None
    head = (_read(os.path.join(found[0], "METADATA")) or b"").partition(b"\n\n")[0]
    said = re.findall(rb"^Version: ([\w.+!]+)$", head, re.MULTILINE)
    return said[0].decode() if len(said) == 1 else None


class _OtherMeans(Exception):
    """Packages may be found otherwise than in directories."""


def _descriptions() -> Iterator[str]:
    """The directories, and with old tools the files, in which packages say what they are."""
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in sys.meta_path):
        raise _OtherMeans()
    places: list[object] = [*sys.path]  # anybody may have put anything there
    for place in places:
        if not isinstance(place, str) or place.endswith(".egg"):
            raise _OtherMeans()
        try:
            names = os.listdir(place or ".")
        except NotADirectoryError:
            raise _OtherMeans() from None
        except OSError:
            continue
        yield from (os.path.join(place, name) for name in names if name.lower().endswith(KINDS))


def _package(description: str) -> str:
    return _normalized(os.path.basename(description).partition("-")[0])


def _normalized(name: str) -> str:
    """A package's name as names are compared."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return None
