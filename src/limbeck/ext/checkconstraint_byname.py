"""Documented path of the plugin that compares CHECK constraints by name."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(__name__, {"setup": "limbeck.autogenerate.compare.checks:setup"})
