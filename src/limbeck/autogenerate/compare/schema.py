"""Documented path for the comparison of schemas, which lives in `schemas`."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"setup": "limbeck.autogenerate.compare.schemas:setup"}
)
