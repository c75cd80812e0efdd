"""Documented path for what opens files in an editor."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__, {"open_in_editor": "limbeck.base.editor:open_in_editor"}
)
