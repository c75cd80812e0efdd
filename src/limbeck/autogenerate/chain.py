"""Which comparators a run uses: those of its plugins, and those that are always active."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from limbeck.base.dispatch import PriorityDispatcher
from limbeck.base.plugins import Plugin, _all_plugins

BUILT_IN = {
    "alembic.autogenerate.schemas": "limbeck.autogenerate.compare.schemas",
    "alembic.autogenerate.tables": "limbeck.autogenerate.compare.tables",
    "alembic.autogenerate.types": "limbeck.autogenerate.compare.types",
    "alembic.autogenerate.constraints": "limbeck.autogenerate.compare.constraints",
    "alembic.autogenerate.defaults": "limbeck.autogenerate.compare.defaults",
    "alembic.autogenerate.comments": "limbeck.autogenerate.compare.comments",
    "alembic.ext.checkconstraint_byname": "limbeck.autogenerate.compare.checks",
}
"""The plugins limbeck brings along, by the names existing projects use (PLG-9)."""

comparators = PriorityDispatcher()
"""Comparators that are part of every run, whichever plugins are enabled (PLG-12)."""


def enabled_comparators(patterns: Iterable[str]) -> PriorityDispatcher:
    """The comparators of the plugins that the patterns choose, and those that are always active."""
    for name, module in BUILT_IN.items():
        if name not in _all_plugins:
            Plugin.setup_plugin_from_module(import_module(module), name)
    chosen = PriorityDispatcher()
    Plugin.populate_autogenerate_priority_dispatch(chosen, include_plugins=patterns)
    chosen.populate_with(comparators)
    return chosen
