"""Everything that differs between databases; each dialect is a folder, imported when it is in use."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.ddl.impl import DefaultImpl as DefaultImpl

_load, __dir__, __all__ = lazy_exports(__name__, {"DefaultImpl": "limbeck.ddl.impl:DefaultImpl"})


def __getattr__(name: str) -> Any:
    submodule = f"{__name__}.{name}"
    if not name.startswith("__") and importlib.util.find_spec(submodule) is not None:
        return importlib.import_module(submodule)
    return _load(name)
