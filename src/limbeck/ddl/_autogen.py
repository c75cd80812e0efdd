"""Façade: where extensions look for the result of comparing indexes and constraints."""

from __future__ import annotations

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"ComparisonResult": "limbeck.ddl.compare.result:ComparisonResult"}
)
