"""Documented path for what depends on the version of Python."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {"EntryPoint": "importlib.metadata:EntryPoint", "tomllib": "tomllib"},
)
