"""Façades: a module whose names live elsewhere and are imported when first asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_exports(
    module: str, exports: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make the `__getattr__`, `__dir__` and `__all__` of a façade.

    `module` is the façade's own `__name__`. `exports` maps each public name to where it lives:
    `"package.module"` for a module, `"package.module:name"` for a name in one.

    >>> __getattr__, __dir__, __all__ = lazy_exports(__name__, {"Config": "limbeck.config:Config"})
    """

    def load(name: str) -> Any:
        try:
            target = exports[name]
        except KeyError:
            raise AttributeError(f"module {module!r} has no attribute {name!r}") from None
        home, _, attribute = target.partition(":")
        value = importlib.import_module(home)
        if attribute:
            value = getattr(value, attribute)
        setattr(sys.modules[module], name, value)
        return value

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[module]), *exports})

    return load, listed, sorted(exports)
