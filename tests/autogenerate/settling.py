"""Which tables a glance settles."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from limbeck.autogenerate.compare.tables import tables_of_models
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import glancing
from limbeck.ddl.compare.records import TableKey
from limbeck.runtime.migration import MigrationContext


def settled_tables(
    connection: sa.Connection, metadata: sa.MetaData, options: dict[str, Any]
) -> set[TableKey]:
    """The tables of a database that a glance tells to be as the models want them."""
    migration_context = MigrationContext.configure(connection, opts={**options, "target_metadata": metadata})
    context = AutogenContext(migration_context)
    glances = glancing(context)
    assert glances is not None, "these options let no glance be enough"
    models = tables_of_models(context)
    settled: set[TableKey] = set()
    for schema in {schema for schema, _ in models}:
        names = [
            name for name in context.inspector.get_table_names(schema=schema) if (schema, name) in models
        ]
        records = migration_context.impl.read_records(
            context.inspector,
            schema,
            names,
            with_names=context.filters_names,
            with_defaults=glances.compares_defaults,
        )
        settled |= glances.settled(records, models)
    return settled
