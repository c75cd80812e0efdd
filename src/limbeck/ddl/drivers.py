"""Which drivers lead to a database, which of them are installed, and how the others are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from limbeck.ddl.impl import FOLDERS


class Driver(NamedTuple):
    """One driver of a dialect: its name in URLs, the module it consists of, and what pip installs it by."""

    name: str
    module: str
    requirement: str

    @property
    def is_installed(self) -> bool:
        """Whether its module can be found; it is not imported."""
        try:
            return find_spec(self.module) is not None
        except ModuleNotFoundError:  # not even the package that it would be in
            return False

    @property
    def command(self) -> str:
        """What to type to install it."""
        return f"pip install {self.requirement}"


def drivers_of(backend: str) -> tuple[Driver, ...]:
    """The drivers of a dialect, the recommended one first; none if limbeck does not know the dialect."""
    folder = FOLDERS.get(backend)
    found: tuple[Driver, ...] = import_module(f"{folder}.drivers").DRIVERS if folder else ()
    return found


def find_backend(name: str) -> str:
    """The dialect that is meant by a name that SQLAlchemy does not know but others do, such as hosting services."""
    for backend in FOLDERS:
        aliases: tuple[str, ...] = import_module(f"{FOLDERS[backend]}.drivers").ALIASES
        if name in aliases:
            return backend
    return name


def list_backends() -> Iterator[str]:
    """The dialects that limbeck knows."""
    yield from FOLDERS
