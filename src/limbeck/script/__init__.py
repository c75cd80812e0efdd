"""Revision files on disk: find them, read them, write new ones, and plan over them."""

from typing import TYPE_CHECKING

from limbeck.base.lazy import lazy_exports

if TYPE_CHECKING:
    from limbeck.script.base import Script as Script
    from limbeck.script.base import ScriptDirectory as ScriptDirectory

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "Script": "limbeck.script.base:Script",
        "ScriptDirectory": "limbeck.script.base:ScriptDirectory",
        "base": "limbeck.script.base",
        "revision": "limbeck.script.revision",
        "write_hooks": "limbeck.script.write_hooks",
    },
)
