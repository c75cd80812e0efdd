"""Where the files of a project are: its directories, and the revision files in them."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import source_from_cache

from limbeck import errors
from limbeck.config import INI_NAME, TOML_NAME

_IGNORED = (".#", "__init__")
_SUFFIXES = (".py", ".pyc", ".pyo")
"""Kinds of files, the better one first (FILE-7)."""
CACHE = "__pycache__"
PROJECT_FILES = {INI_NAME: (b"script_location",), TOML_NAME: (b"[tool.limbeck", b"[tool.alembic")}
"""Files of settings, and what they have in them if a project is there."""


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
        raise errors.InvalidSetting(
            name="script_location", value=text, expected=f"a package `{package}` that can be imported"
        ) from error
    return str(found)


def find_project_above(directory: str) -> str | None:
    """The nearest directory above that has the settings of a project, or None."""
    here = os.path.dirname(directory)
    while True:
        for name, marks in PROJECT_FILES.items():
            with suppress(OSError), open(os.path.join(here, name), "rb") as file:
                text = file.read()
                if any(mark in text for mark in marks):
                    return here
        if os.path.dirname(here) == here:
            return None
        here = os.path.dirname(here)


def find_revision_files(
    locations: Sequence[str], *, recursive: bool = False, sourceless: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    """Every directory that may hold revisions, with the files in it, by name: paths in load order (FILE-6 to FILE-9).

    A file that is reached twice counts once, and a UserWarning says so.
    """
    seen: dict[str, dict[str, str]] = {}  # real directories, and by which path each file in them was found
    for location in locations:
        for directory in _walk(location) if recursive else [location]:
            if not os.path.isdir(directory):
                continue
            names, links = _list_files(directory, sourceless=sourceless)
            prefix = os.path.join(directory, "")
            paths = {name: prefix + name for name in names}
            here = os.path.realpath(directory)
            if links or here in seen:
                paths = _without_seen(paths, links, here, seen)
            else:
                seen[here] = dict(paths)
            yield directory, paths


def _without_seen(
    paths: Mapping[str, str], links: Collection[str], here: str, seen: dict[str, dict[str, str]]
) -> dict[str, str]:
    """Those of `paths` that were not seen before, under whatever name; they are now."""
    new = {}
    for name, path in paths.items():
        place = os.path.split(os.path.realpath(path)) if name in links else (here, name)
        first = seen.setdefault(place[0], {}).setdefault(place[1], path)
        if first is path:
            new[name] = path
            continue
        warnings.warn(
            f"File {path} is {first}, which is loaded already; it counts once", UserWarning, stacklevel=3
        )
    return new


def _walk(location: str) -> Iterator[str]:
    """`location` and all directories in it, from the top down, in sorted order (FILE-8)."""
    for directory, inner, _ in os.walk(location):
        inner[:] = sorted(name for name in inner if name != CACHE)
        yield directory


def _list_files(directory: str, *, sourceless: bool) -> tuple[list[str], set[str]]:
    """File names in `directory`, sorted, and which of them are symbolic links."""
    suffixes = _SUFFIXES if sourceless else _SUFFIXES[:1]
    names, links = [], set()
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith(suffixes) and not name.startswith(_IGNORED) and entry.is_file():
                names.append(name)
                if entry.is_symlink():
                    links.add(name)
    if sourceless:
        names = _best_of_each(names)
        stems = {os.path.splitext(name)[0] for name in names}
        cached = _list_cached(os.path.join(directory, CACHE))
        names += [name for stem, name in cached.items() if stem not in stems]
    return sorted(names), links


def _best_of_each(names: Sequence[str]) -> list[str]:
    """Of names with the same stem, that of the best kind."""
    best: dict[str, str] = {}
    for suffix in _SUFFIXES:
        for name in names:
            stem, own = os.path.splitext(name)
            if own == suffix:
                best.setdefault(stem, name)
    return list(best.values())


def _list_cached(cache: str) -> dict[str, str]:
    """Stems of the files whose bytecode this Python has in `cache`, and where; empty if there is none."""
    found: dict[str, str] = {}
    for name in sorted(os.listdir(cache), key=len) if os.path.isdir(cache) else ():
        try:
            stem, _ = os.path.splitext(os.path.basename(source_from_cache(os.path.join(cache, name))))
        except ValueError:
            continue
        tag = name.removeprefix(f"{stem}.").partition(".")[0]
        if tag == sys.implementation.cache_tag and not stem.startswith(_IGNORED):
            found.setdefault(stem, os.path.join(CACHE, name))  # the shorter name: not optimized
    return found
