"""Pair the tables of both sides, and collect what has to be done about each (AUT-5 to AUT-9)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from sqlalchemy import ForeignKeyConstraint, Table

from limbeck.autogenerate.compare.columns import compared_columns
from limbeck.autogenerate.compare.foreign_keys import create_op
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import glancing
from limbeck.autogenerate.match import Match, match
from limbeck.autogenerate.order import Created, Plan, Removed, arranged
from limbeck.autogenerate.reflect import Database, read_tables
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.base.plugins import Plugin
from limbeck.ddl.compare.records import TableKey
from limbeck.operations.ops import (
    CreateForeignKeyOp,
    CreateTableCommentOp,
    CreateTableOp,
    DropConstraintOp,
    DropTableCommentOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
    UpgradeOps,
)  # fmt: skip

log = logging.getLogger("alembic.autogenerate.compare.tables")


def _compare_tables(
    autogen_context: AutogenContext, upgrade_ops: UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Add the operations for all tables of these schemas, in an order in which they can run."""
    models = tables_of_models(autogen_context)
    names = _read_names(autogen_context, schemas)
    settled = _settled(autogen_context, names, models)
    database = read_tables(autogen_context.inspector, autogen_context.migration_context.impl, names, settled)
    pairs = match(database, {key: table for key, table in models.items() if key not in settled})
    comparison = _Comparison(autogen_context, database, models)
    plan = Plan(
        created=[new for key in sorted(pairs.added, key=_display) if (new := comparison.created(key))],
        removed=[old for key in sorted(pairs.removed, key=_display) if (old := comparison.removed(key))],
        modified=comparison.all_modified(pairs),
        alters_constraints=autogen_context.dialect.supports_alter,
    )
    impl = autogen_context.migration_context.impl
    operations = arranged(plan, database.records)
    upgrade_ops.ops += impl.settle_changes(autogen_context.inspector, operations)
    return PriorityDispatchResult.CONTINUE


def tables_of_models(autogen_context: AutogenContext) -> dict[TableKey, Table]:
    """The tables of the models by schema and name; the default schema is the same as none (AUT-62)."""
    default = autogen_context.dialect.default_schema_name
    tables: dict[TableKey, Table] = {}
    for table in autogen_context.table_key_to_table.values():
        key = (None if table.schema == default else table.schema), table.name
        if not autogen_context.is_version_table(*key):
            tables[key] = table
    return tables


def _read_names(autogen_context: AutogenContext, schemas: set[str | None]) -> dict[str | None, list[str]]:
    """The tables of each schema that pass the user's filter (AUT-60), without partitions (AUT-8)."""
    inspector, impl = autogen_context.inspector, autogen_context.migration_context.impl
    names: dict[str | None, list[str]] = {}
    for schema in sorted(schemas, key=lambda schema: schema or ""):
        hidden = impl.hidden_tables(inspector, schema)
        names[schema] = sorted(
            name
            for name in inspector.get_table_names(schema=schema)
            if name not in hidden and autogen_context.run_name_filters(name, "table", {"schema_name": schema})
        )
    return names


def _settled(
    autogen_context: AutogenContext,
    names: Mapping[str | None, Collection[str]],
    models: Mapping[TableKey, Table],
) -> set[TableKey]:
    """The tables that a glance tells to be as the models want them."""
    glances = glancing(autogen_context)
    if glances is None:
        return set()
    settled: set[TableKey] = set()
    for schema, found in names.items():
        common = [name for name in found if (schema, name) in models]
        if common:
            records = autogen_context.migration_context.impl.read_records(
                autogen_context.inspector,
                schema,
                common,
                with_names=autogen_context.filters_names,
                with_defaults=glances.compares_defaults,
            )
            settled |= glances.settled(records, models)
    return settled


class _Comparison:
    """What has to be done about each table, by itself."""

    def __init__(
        self, autogen_context: AutogenContext, database: Database, models: dict[TableKey, Table]
    ) -> None:
        self.context = autogen_context
        self.impl = autogen_context.migration_context.impl
        self.database = database
        self.models = models
        self.compare = autogen_context.comparators.dispatch("table", qualifier=autogen_context.dialect.name)

    def created(self, key: TableKey) -> Created | None:
        """A table that only the models have."""
        table = self.models[key]
        if not self.context.run_object_filters(table, table.name, "table", False, None):
            return None
        log.info("Detected added table %r", _display(key))
        members = ModifyTableOps(table.name, [], schema=table.schema)
        self.compare(self.context, members, table.schema, table.name, None, table)
        taken = {str(item.name) for item in table.foreign_key_constraints if item.name}
        keys = [
            (item, self._target(item), self._create_key(item, taken))
            for item in table.foreign_key_constraints
        ]
        separate = {item for item in table.foreign_key_constraints if item.use_alter}
        return Created(key, CreateTableOp.from_model(table), members, keys, separate)

    def removed(self, key: TableKey) -> Removed | None:
        """A table that only the database has."""
        table = self.database.table(key)
        if not self.context.run_object_filters(table, table.name, "table", True, None):
            return None
        log.info("Detected removed table %r", _display(key))
        members = ModifyTableOps(table.name, [], schema=table.schema)
        self.compare(self.context, members, table.schema, table.name, table, None)
        members.ops = self.impl.settle_table_changes(members.ops, table, None)
        keys = [
            (item, self._target(item), DropConstraintOp.from_constraint(item))
            for item in table.foreign_key_constraints
        ]
        return Removed(key, DropTableOp.from_table(table), members, keys)

    def all_modified(self, pairs: Match[TableKey]) -> dict[TableKey, ModifyTableOps]:
        """The changes to tables that both sides have; those without changes are left out."""
        changes = {key: self.modified(key) for key in pairs.common}
        return {key: members for key, members in changes.items() if members is not None and members.ops}

    def modified(self, key: TableKey) -> ModifyTableOps | None:
        """The changes to one table, or None if the user's filter leaves it out."""
        schema, name = key
        found, wanted = self.database.table(key), self.models[key]
        if not self.context.run_object_filters(wanted, name, "table", False, found):
            return None
        members = ModifyTableOps(name, [], schema=schema)
        with compared_columns(self.context, members, schema, name, found, wanted):
            self.compare(self.context, members, schema, name, found, wanted)
        comments: list[MigrateOperation] = [
            operation
            for operation in members.ops
            if isinstance(operation, (CreateTableCommentOp, DropTableCommentOp))
        ]
        others = [operation for operation in members.ops if operation not in comments]
        members.ops = [*self.impl.settle_table_changes(others, found, wanted), *comments]
        return members

    def _target(self, key: ForeignKeyConstraint) -> TableKey:
        """The table a foreign key points to. Raises NoReferencedTableError if the models have none (AUT-10)."""
        table = key.referred_table
        return (
            None if table.schema == self.context.dialect.default_schema_name else table.schema
        ), table.name

    def _create_key(self, key: ForeignKeyConstraint, taken: set[str]) -> CreateForeignKeyOp:
        return create_op(self.context, key, taken)


def _display(key: TableKey) -> str:
    return f"{key[0]}.{key[1]}" if key[0] else key[1]


def setup(plugin: Plugin) -> None:
    """Register what this module compares (PLG-2)."""
    plugin.add_autogenerate_comparator(_compare_tables, "schema", "tables")
