"""Which schemas to look at (AUT-62)."""

from __future__ import annotations

import logging

from limbeck.autogenerate.context import AutogenContext
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.operations.ops import UpgradeOps

log = logging.getLogger("alembic.autogenerate.compare.schemas")

CATALOG = "information_schema"


def compare_schemas(autogen_context: AutogenContext, upgrade_ops: UpgradeOps) -> PriorityDispatchResult:
    """Hand on the schemas that take part; None stands for the default one (AUT-60, AUT-62)."""
    schemas: set[str | None] = {None}
    if autogen_context.opts.get("include_schemas", False):
        inspector = autogen_context.inspector
        schemas |= set(inspector.get_schema_names()) - {CATALOG, inspector.default_schema_name}
    chosen = {name for name in schemas if autogen_context.run_name_filters(name, "schema", {})}
    log.debug("comparing schemas %s", chosen)
    return autogen_context.comparators.dispatch("schema", qualifier=autogen_context.dialect.name)(
        autogen_context, upgrade_ops, chosen
    )


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(compare_schemas, "autogenerate")
