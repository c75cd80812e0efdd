"""The models of a project: from the name of a module, a package or an object to MetaData."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from types import ModuleType
from typing import Any, NamedTuple

from sqlalchemy import MetaData

from limbeck import errors

LEFT_OUT = ("__main__", "conftest", "tests")
"""Modules of a package that hold no models, and do something when they are imported."""
ORIGIN = "[tool.limbeck] models"


class Models(NamedTuple):
    """What was found: the MetaData with the tables, and the modules that were imported for that."""

    metadata: tuple[MetaData, ...]
    modules: tuple[str, ...]

    @property
    def table_count(self) -> int:
        """How many tables there are."""
        return sum(len(each.tables) for each in self.metadata)

    @property
    def target(self) -> MetaData | list[MetaData]:
        """As `target_metadata` takes it."""
        return self.metadata[0] if len(self.metadata) == 1 else list(self.metadata)


def load_models(names: Sequence[str], *, origin: str = ORIGIN) -> Models:
    """Import what `names` say, and find the MetaData in it.

    A name is a module; a package, whose modules are then imported, too; or `module:object`, where the object is
    a MetaData, a class or object with one (a declarative Base, a registry, SQLModel, the `db` of Flask-SQLAlchemy),
    or a list of these. Raises ModelsNotFound, ModelsUnusable, and whatever the modules raise.
    """
    found: dict[int, MetaData] = {}
    modules: list[str] = []
    for name in names:
        module_name, _, path = name.partition(":")
        module = _import(module_name, origin)
        if path:
            modules.append(module_name)
            candidates: Iterable[MetaData] = _from_object(module, path, name, origin)
        else:
            imported = [module, *_import_submodules(module)]
            modules += [each.__name__ for each in imported]
            candidates = _from_modules(imported, name, origin)
        found.update((id(metadata), metadata) for metadata in candidates)
    return Models(tuple(found.values()), tuple(modules))


def _import(name: str, origin: str) -> ModuleType:
    importlib.invalidate_caches()  # a file may be younger than what Python remembers of its directory
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing != name and not name.startswith(f"{missing}."):
            raise  # the module exists, and something that it imports does not
        raise errors.ModelsNotFound(
            name=name, origin=origin, near=_resembling(name), searched=_shown_path()
        ) from None
    except (ValueError, TypeError) as error:
        if sys.exc_info()[2] is not None and _is_about_the_name(name):
            raise errors.ModelsNotFound(
                name=name, origin=origin, reason="that is not the name of a module"
            ) from error
        raise


def _is_about_the_name(name: str) -> bool:
    return not all(part.isidentifier() for part in name.split("."))


def _import_submodules(package: ModuleType) -> list[ModuleType]:
    """Every module below a package, imported; what only runs as a program, and tests, are left out."""
    paths = getattr(package, "__path__", ())
    names = sorted(found.name for found in pkgutil.iter_modules(paths) if found.name not in LEFT_OUT)
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [each for module in modules for each in (module, *_import_submodules(module))]


# --- MetaData in what was imported ---------------------------------------------------------------------------


def _from_object(module: ModuleType, path: str, name: str, origin: str) -> Iterator[MetaData]:
    value: Any = module
    for part in path.split("."):
        if not hasattr(value, part):
            names = [each for each in dir(value) if not each.startswith("_")]
            raise errors.ModelsNotFound(
                name=name,
                origin=origin,
                reason=f"{module.__name__} has no `{path}`",
                near=[f"{module.__name__}:{each}" for each in get_close_matches(part, names, n=2)],
            )
        value = getattr(value, part)
    for each in value if isinstance(value, list | tuple | set | frozenset) else [value]:
        metadata = _metadata_of(each)
        if metadata is None:
            raise errors.ModelsUnusable(
                name=name, origin=origin, found=f"`{path}` is of the type {type(each).__name__}"
            )
        yield metadata


def _from_modules(modules: Sequence[ModuleType], name: str, origin: str) -> list[MetaData]:
    """The MetaData that the globals of modules lead to: those with tables, or if none has any, all."""
    found: dict[int, MetaData] = {}
    for module in modules:
        for value in list(vars(module).values()):
            metadata = _metadata_of(value)
            if metadata is not None:
                found[id(metadata)] = metadata
    if not found:
        raise errors.ModelsUnusable(
            name=name, origin=origin, found="neither a MetaData nor a class with one is in its modules"
        )
    return [each for each in found.values() if each.tables] or list(found.values())


def _metadata_of(value: Any) -> MetaData | None:
    """The MetaData that something is or has. Objects are not asked for attributes unless their kind is known."""
    if isinstance(value, MetaData):
        return value
    if not isinstance(value, type) and not _is_known_holder(value):
        return None
    try:
        metadata = getattr(value, "metadata", None)
    except Exception:  # a property of somebody's class; whatever it is, it holds no models
        return None
    return metadata if isinstance(metadata, MetaData) else None


def _is_known_holder(value: object) -> bool:
    """Whether an object is a registry, a table, or the `db` of Flask-SQLAlchemy."""
    return any(
        kind.__module__.partition(".")[0] in ("sqlalchemy", "flask_sqlalchemy", "flask_sqlalchemy_lite")
        for kind in type(value).__mro__
    )


# --- what may have been meant ---------------------------------------------------------------------------------


def _resembling(name: str) -> list[str]:
    """Modules with a similar name, in the package that exists or at the top of what the project has."""
    parent, _, last = name.rpartition(".")
    try:
        paths = list(importlib.import_module(parent).__path__) if parent else _own_path()
    except (ImportError, AttributeError):
        parent, last = "", name.partition(".")[0]
        paths = _own_path()
    names = [found.name for found in pkgutil.iter_modules(paths)]
    near = get_close_matches(last, names, n=2)
    rest = name.partition(".")[2] if not parent and "." in name else ""
    return [".".join(filter(None, (parent, each, rest))) for each in near]


def _own_path() -> list[str]:
    """The entries of `sys.path` that are not Python's own or full of libraries."""
    return [entry for entry in sys.path if entry and not _has_libraries(entry)]


def _has_libraries(entry: str) -> bool:
    inside = f"{os.path.normpath(entry)}{os.sep}"
    return (
        entry.startswith((sys.prefix + os.sep, sys.base_prefix + os.sep))
        or f"{os.sep}site-packages{os.sep}" in inside
        or entry.endswith(".zip")
    )


def _shown_path() -> list[str]:
    return _own_path() or [os.getcwd()]
