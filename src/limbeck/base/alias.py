"""Serves `import alembic...` from limbeck's own modules, so that existing projects run unchanged.

The modules are the very same objects under a second name: what a project registers through one name is
seen through the other.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Sequence
from types import CodeType, ModuleType
from typing import Any

from limbeck import errors

ALIAS = "alembic"
OWN = "limbeck"
TEST_KIT = f"{ALIAS}.testing"
"""Left to whoever provides the public dialect test kit; ours, if nobody does (ECO-9)."""

_installing = threading.Lock()


def install() -> None:
    """Let `alembic` and its submodules mean limbeck's modules, in this process, from now on.

    Raises ImplementationConflict if another package of that name is imported already.
    """
    own = importlib.import_module(OWN)
    with _installing:
        present = sys.modules.get(ALIAS)
        if present is own:
            return
        if present is not None:
            raise errors.ImplementationConflict(name=ALIAS, other=getattr(present, "__file__", None))
        sys.meta_path.insert(0, _AliasFinder())
        sys.modules[ALIAS] = own


def is_installed() -> bool:
    """Whether `import alembic` gives limbeck."""
    return sys.modules.get(ALIAS) is sys.modules[OWN]


class _AliasFinder:
    """A meta path finder that answers for `alembic.*` with the loaded `limbeck.*` module."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(f"{ALIAS}."):
            return None
        if fullname == TEST_KIT or fullname.startswith(f"{TEST_KIT}."):
            kit = _find_kit(fullname)
            if kit is not None:
                return kit
        own_name = OWN + fullname[len(ALIAS) :]
        if importlib.util.find_spec(own_name) is None:
            return None
        loader: Any = _AliasLoader(own_name)  # the import system asks for no more than it has
        return importlib.machinery.ModuleSpec(fullname, loader)


def _find_kit(fullname: str) -> importlib.machinery.ModuleSpec | None:
    """A module of the test kit, where the other package is installed, too; its other modules stay unused."""
    find = importlib.machinery.PathFinder.find_spec
    found = find(ALIAS)
    within = ALIAS
    for word in fullname.split(".")[1:]:
        if found is None or not found.submodule_search_locations:
            return None
        within = f"{within}.{word}"
        found = find(within, found.submodule_search_locations)
    return found


class _AliasLoader:
    """Puts the module of another name into place, leaving that module's own identity alone."""

    def __init__(self, own_name: str) -> None:
        self._own_name = own_name

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        # The import system returns what stands in sys.modules after this call.
        sys.modules[module.__name__] = importlib.import_module(self._own_name)

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the module, which `python -m alembic` runs."""
        spec = importlib.util.find_spec(self._own_name)
        loader: Any = spec.loader if spec is not None else None
        code: CodeType | None = loader.get_code(self._own_name) if loader is not None else None
        return code
