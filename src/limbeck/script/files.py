"""Where the files of a project are: its directories, and the revision files in them."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import source_from_cache

from limbeck.errors import InvalidSetting

_IGNORED = re.compile(r"\.#|__init__")
_SUFFIXES = (".py", ".pyc", ".pyo")
"""Kinds of files, the better one first (FILE-7)."""
CACHE = "__pycache__"


def resolve_location(text: str) -> str:
    """The directory that a setting names: a path, or `package:path` inside an installed package (CFG-31).

    Raises InvalidSetting if that package cannot be imported.
    """
    if os.path.isabs(text) or ":" not in text:
        return text
    from importlib import resources

    package, _, path = text.partition(":")
    try:
        found = resources.files(package).joinpath(path)
    except (ImportError, TypeError, ValueError) as error:
        raise InvalidSetting(
            name="script_location", value=text, expected=f"a package `{package}` that can be imported"
        ) from error
    return str(found)


def find_revision_files(
    locations: Sequence[str], *, recursive: bool = False, sourceless: bool = False
) -> Iterator[str]:
    """The paths of all files that may hold a revision, in load order (FILE-6 to FILE-9).

    A file that is reached twice counts once, and a UserWarning says so.
    """
    seen: dict[str, str] = {}
    for location in locations:
        for directory in _walk(location) if recursive else [location]:
            if not os.path.isdir(directory):
                continue
            real_directory = os.path.realpath(directory)
            for name, is_link in _list_files(directory, sourceless=sourceless):
                path = os.path.join(directory, name)
                real = os.path.realpath(path) if is_link else os.path.join(real_directory, name)
                if real in seen:
                    warnings.warn(
                        f"File {path} is {seen[real]}, which is loaded already; it counts once",
                        UserWarning,
                        stacklevel=2,
                    )
                    continue
                seen[real] = path
                yield path


def _walk(location: str) -> Iterator[str]:
    """`location` and all directories in it, from the top down, in sorted order (FILE-8)."""
    for directory, inner, _ in os.walk(location):
        inner[:] = sorted(name for name in inner if name != CACHE)
        yield directory


def _list_files(directory: str, *, sourceless: bool) -> Iterator[tuple[str, bool]]:
    """File names in `directory`, sorted, and whether each is a symbolic link."""
    suffixes = _SUFFIXES if sourceless else _SUFFIXES[:1]
    best: dict[str, tuple[int, str, bool]] = {}
    with os.scandir(directory) as entries:
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            if suffix not in suffixes or _IGNORED.match(entry.name) or not entry.is_file():
                continue
            candidate = (suffixes.index(suffix), entry.name, entry.is_symlink())
            best[stem] = min(candidate, best.get(stem, candidate))
    if sourceless:
        for stem, name in _list_cached(os.path.join(directory, CACHE)).items():
            best.setdefault(stem, (0, name, False))
    yield from sorted((name, is_link) for _, name, is_link in best.values())


def _list_cached(cache: str) -> dict[str, str]:
    """Stems of the files whose bytecode this Python has in `cache`, and where; empty if there is none."""
    found: dict[str, str] = {}
    for name in sorted(os.listdir(cache), key=len) if os.path.isdir(cache) else ():
        try:
            stem, _ = os.path.splitext(os.path.basename(source_from_cache(os.path.join(cache, name))))
        except ValueError:
            continue
        tag = name.removeprefix(f"{stem}.").partition(".")[0]
        if tag == sys.implementation.cache_tag and not _IGNORED.match(stem):
            found.setdefault(stem, os.path.join(CACHE, name))  # the shorter name: not optimized
    return found
