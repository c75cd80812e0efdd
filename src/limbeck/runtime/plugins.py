"""Documented path for plugins, which live in `limbeck.base.plugins`."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.base.plugins import Plugin as Plugin

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "Plugin": "limbeck.base.plugins:Plugin",
        "_all_plugins": "limbeck.base.plugins:_all_plugins",
        "_make_re": "limbeck.base.plugins:_make_re",
        "_setup": "limbeck.base.plugins:load_plugins",
        "_translate_legacy_name": "limbeck.base.plugins:_translate_legacy_name",
        "metadata": "importlib.metadata",
    },
)
