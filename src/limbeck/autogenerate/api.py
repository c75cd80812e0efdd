"""Compare the models with a database, from Python (AUT-3, AUT-4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine.default import DefaultDialect

from limbeck.autogenerate import compare, order, render
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.revision import RevisionContext
from limbeck.operations.ops import DowngradeOps, MigrationScript, UpgradeOps
from limbeck.runtime.migration import MigrationContext

__all__ = [
    "AutogenContext",
    "RevisionContext",
    "compare_metadata",
    "produce_migrations",
    "render",
    "render_python_code",
]


def compare_metadata(context: MigrationContext, metadata: MetaData | Sequence[MetaData]) -> Any:
    """How the database of `context` differs from the models, as a list of tuples (AUT-3).

        with engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    An empty list means that they agree. The changes to one column stand together in a list of their own.
    """
    upgrade_ops = produce_migrations(context, metadata).upgrade_ops
    assert upgrade_ops is not None
    return upgrade_ops.as_diffs()


def produce_migrations(context: MigrationContext, metadata: MetaData | Sequence[MetaData]) -> MigrationScript:
    """What would bring the database of `context` to the state of the models, and back, as operations (AUT-4)."""
    autogen_context = AutogenContext(context, metadata=metadata)
    upgrade_ops, downgrade_ops = UpgradeOps([]), DowngradeOps([])
    compare.populate_upgrade_ops(autogen_context, upgrade_ops)
    order.fill_downgrade(context.impl, upgrade_ops, downgrade_ops)
    return MigrationScript(rev_id=None, upgrade_ops=upgrade_ops, downgrade_ops=downgrade_ops)


def render_python_code(
    up_or_down_op: UpgradeOps | DowngradeOps,
    sqlalchemy_module_prefix: str = "sa.",
    alembic_module_prefix: str = "op.",
    render_as_batch: bool = False,
    imports: Sequence[str] = (),
    render_item: Any = None,
    migration_context: MigrationContext | None = None,
    user_module_prefix: str | None = None,
) -> str:
    """Operations as the body of `upgrade()` or `downgrade()` (AUT-88).

    `imports` are lines that renderers may rely on. Without a `migration_context` the body is for standard SQL.
    """
    options = {
        "sqlalchemy_module_prefix": sqlalchemy_module_prefix,
        "alembic_module_prefix": alembic_module_prefix,
        "render_item": render_item,
        "render_as_batch": render_as_batch,
        "user_module_prefix": user_module_prefix,
    }
    if migration_context is None:
        migration_context = MigrationContext.configure(dialect=DefaultDialect())
    autogen_context = AutogenContext(migration_context, opts=options, autogenerate=False)
    autogen_context.imports = set(imports)
    return render.render_cmd_body(up_or_down_op, autogen_context)
