"""Modules that stand ready without having run.

SQLAlchemy and the drivers import `asyncio`, and with it TLS, for asynchronous engines, and `importlib.metadata`, and
with it a parser of e-mails, for dialects from elsewhere; and SQLAlchemy all that it knows about drivers, for the one
that is used. Most commands need none of them, and they cost a seventh of the time to begin and a quarter of the memory.
In a process that runs one command a stand-in is imported in their place: whoever is first to look into one has the
module itself imported.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # what `importlib.abc` imports would cost as much as some of what is postponed

_STANDARD = "asyncio asyncio.sslproto csv ctypes ctypes.util hashlib importlib.metadata json ssl"
_DRIVERS = {
    "mysql": "aiomysql asyncmy cymysql mariadbconnector mysqlconnector mysqldb pymysql pyodbc",
    "postgresql": "asyncpg pg8000 psycopg psycopg2 psycopg2cffi",
    "sqlite": "aiosqlite pysqlcipher pysqlite",
}
"""What SQLAlchemy 2.0 and 2.1 import as soon as somebody speaks of a database."""
POSTPONED = (
    *_STANDARD.split(),
    *(f"sqlalchemy.dialects.{kind}.{driver}" for kind, names in _DRIVERS.items() for driver in names.split()),
)
NEEDED = {"ssl": "_ssl", "ctypes": "_ctypes", "ctypes.util": "_ctypes"}
"""What Python may have been built without, which importers notice by a failure."""
TAKEN_EARLY = {
    "asyncio": {"CancelledError": "exceptions", "TimeoutError": "exceptions", "iscoroutine": "coroutines"}
}
"""What SQLAlchemy takes out of a package at once, and the small module that has it and needs none of the others."""

_making_room = threading.Lock()


def postpone_modules() -> None:
    """Let modules that nobody has imported yet run when somebody looks into them."""
    lacking = {part for part in {*NEEDED.values()} if PathFinder.find_spec(part) is None}
    for name in POSTPONED:
        if name in sys.modules or NEEDED.get(name) in lacking:
            continue
        stand_in = sys.modules[name] = StandIn(name)
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, stand_in)
    sys.meta_path.append(_BelowStandIns())


class StandIn(ModuleType):
    """What importers are given; it forwards to the module, which is imported when something is asked of it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = ModuleSpec(name, None)
        self.__path__ = []  # so that Python asks `_BelowStandIns` for what is below

    def __getattr__(self, name: str) -> Any:
        if part := TAKEN_EARLY.get(self.__name__, {}).get(name):
            return getattr(import_module(f"{self.__name__}.{part}"), name)
        if (answer := _ANSWERS.get((self.__name__, name))) and _is_in_place(self):
            return answer
        return getattr(_import_really(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        is_part = isinstance(value, ModuleType) and _is_in_place(self)
        if name.startswith("__") or is_part:  # as Python does when it imports a part
            super().__setattr__(name, value)
        else:
            setattr(_import_really(self), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_import_really(self), name)

    def __dir__(self) -> list[str]:
        return dir(_import_really(self))


def _is_in_place(stand_in: StandIn) -> bool:
    return sys.modules.get(stand_in.__name__) is stand_in


def _import_really(stand_in: StandIn) -> ModuleType:
    """Import the module that somebody stands in for, by Python's own means, so that threads wait for each other."""
    name = stand_in.__name__
    finder = _make_room(stand_in)
    try:
        return import_module(name)
    finally:
        if finder is not None:
            sys.meta_path.remove(finder)


def _make_room(stand_in: StandIn) -> _Again | None:
    """Take a stand-in out of its place, with what was imported below it; None if another thread has done so."""
    with _making_room:
        if not _is_in_place(stand_in):
            return None
        name = stand_in.__name__
        parts = {
            part: module for part, module in list(sys.modules.items()) if part.rpartition(".")[0] == name
        }
        finder = _Again(parts)
        sys.meta_path.insert(0, finder)
        for part in (*parts, name):
            sys.modules.pop(part, None)
        return finder


def _current_task(loop: Any = None) -> Any:
    """Tell which task runs; logging asks for each record, and none does before `asyncio` has been imported really."""
    asyncio: Any = sys.modules["asyncio"]
    if isinstance(asyncio, StandIn):
        raise RuntimeError("no running event loop")
    return asyncio.current_task(loop)


def _version(distribution_name: str) -> str:
    """Tell the version of a package, which some ask about themselves when they are imported."""
    from limbeck.base.announced import find_version

    metadata: Any = sys.modules["importlib.metadata"]
    if isinstance(metadata, StandIn):
        if version := find_version(distribution_name):
            return version
        metadata = _import_really(metadata)
    return str(metadata.version(distribution_name))


_ANSWERS = {("asyncio", "current_task"): _current_task, ("importlib.metadata", "version"): _version}
"""Functions of a module that know their answer without it, as long as nobody has looked into it."""


class _BelowStandIns:
    """Finds the modules in a package that has a stand-in: the small ones alone, others with the whole package."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parent, _, child = fullname.rpartition(".")
        stand_in = sys.modules.get(parent)
        if not isinstance(stand_in, StandIn):
            return None
        if child in TAKEN_EARLY.get(parent, {}).values():
            found = PathFinder.find_spec(parent)
            return found and PathFinder.find_spec(fullname, found.submodule_search_locations)
        package = _import_really(stand_in)
        if module := sys.modules.get(fullname):
            module.__spec__ = ModuleSpec(fullname, _AsItIs(module))  # Python asks the module itself for it
            return module.__spec__
        return PathFinder.find_spec(fullname, getattr(package, "__path__", ()))


class _Again:
    """Gives a package the parts that were imported before it, so that it knows them, and nobody has two of them."""

    def __init__(self, parts: Mapping[str, ModuleType]) -> None:
        self._parts = parts

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        part = self._parts.get(fullname)
        return None if part is None else ModuleSpec(fullname, _AsItIs(part))


class _AsItIs(Loader):
    """Has Python take a module that is there already."""

    def __init__(self, module: ModuleType) -> None:
        self._module, self._spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec
