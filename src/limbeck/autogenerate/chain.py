"""Which comparators a run uses: those of its plugins, and those that are always active."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.base.dispatch import PriorityDispatcher
from limbeck.base.plugins import Plugin

comparators = PriorityDispatcher()
"""Comparators that are part of every run, whichever plugins are enabled (PLG-12)."""


def enabled_comparators(patterns: Iterable[str]) -> PriorityDispatcher:
    """The comparators of the plugins that the patterns choose, and those that are always active."""
    chosen = PriorityDispatcher()
    Plugin.populate_autogenerate_priority_dispatch(chosen, include_plugins=patterns)
    chosen.populate_with(comparators)
    return chosen
