"""Compare the models with the database: each noun in a file of its own, registered as a plugin (AUT-106).

The chain: `schemas` finds which schemas to look at, `tables` pairs their tables and `columns` the columns of
each; what belongs to a table or column is compared by whatever is registered for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from limbeck.autogenerate.context import AutogenContext
from limbeck.base.dispatch import PriorityDispatcher
from limbeck.base.plugins import Plugin, _all_plugins
from limbeck.operations.ops import UpgradeOps

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


def populate_upgrade_ops(autogen_context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    """Fill `upgrade_ops` with what would bring the database to the state of the models (AUT-1)."""
    compare = autogen_context.comparators.dispatch("autogenerate", qualifier=autogen_context.dialect.name)
    compare(autogen_context, upgrade_ops)


_produce_net_changes = populate_upgrade_ops
