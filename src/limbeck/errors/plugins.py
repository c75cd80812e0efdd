"""Plugins that cannot be registered or found."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError


class PluginError(CommandError, ValueError):
    """A plugin, or a pattern that chooses plugins, cannot be used (PLG-1, PLG-7)."""

    code = "LBK-PLUGIN"


class DuplicatePlugin(PluginError):
    """Two plugins have the same name (PLG-1)."""

    def __init__(self, *, name: str) -> None:
        super().__init__(
            f"A plugin named {name} is already registered",
            hint="give one of the two another name, or remove() the first",
        )
        self.name = name


class InvalidPluginPattern(PluginError):
    """A pattern of `autogenerate_plugins` has a wildcard inside a word (PLG-7)."""

    def __init__(self, *, pattern: str) -> None:
        super().__init__(
            f"Invalid plugin expression {pattern!r}", hint="a `*` stands for whole words between dots: `a.*`"
        )
        self.pattern = pattern


class UnknownPlugins(CommandError):
    """Patterns of `autogenerate_plugins` that enable nothing (PLG-7)."""

    code = "LBK-PLUGIN"

    def __init__(self, *, patterns: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            f"Did not locate plugins: {', '.join(patterns)}",
            hint=f"correct `autogenerate_plugins`; there are {', '.join(known) or 'none'}",
        )
        self.patterns = tuple(patterns)
        self.known = tuple(known)
