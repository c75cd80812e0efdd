"""Compare the models with the database: each noun in a file of its own, registered as a plugin (AUT-106).

The chain: `schemas` finds which schemas to look at, `tables` pairs their tables and `columns` the columns of
each; what belongs to a table or column is compared by whatever is registered for it.
"""

from __future__ import annotations

from limbeck.autogenerate.chain import comparators as comparators
from limbeck.autogenerate.context import AutogenContext
from limbeck.operations.ops import UpgradeOps


def populate_upgrade_ops(autogen_context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    """Fill `upgrade_ops` with what would bring the database to the state of the models (AUT-1)."""
    compare = autogen_context.comparators.dispatch("autogenerate", qualifier=autogen_context.dialect.name)
    compare(autogen_context, upgrade_ops)


_produce_net_changes = populate_upgrade_ops
