"""What comparing and rendering know about the run they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, MetaData, Table, inspect
from sqlalchemy.engine import Dialect, Inspector
from sqlalchemy.schema import SchemaItem

from limbeck import errors
from limbeck.autogenerate.chain import enabled_comparators
from limbeck.autogenerate.order import in_dependency_order
from limbeck.base.dispatch import PriorityDispatcher
from limbeck.ddl.version_table import JOURNAL_SUFFIX, LOCK_SUFFIX
from limbeck.operations.ops import ModifyTableOps
from limbeck.runtime.migration import MigrationContext
from limbeck.runtime.options import PLUGINS, VERSION_TABLE

NameType = Literal[
    "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint", "check_constraint"
]
"""What a filter is asked about (AUT-60, AUT-61)."""

NameFilter = Callable[[str | None, NameType, Mapping[str, str | None]], bool]
ObjectFilter = Callable[[Any, str | None, NameType, bool, Any], bool]


class AutogenContext:
    """The models, the database, and what the user said about comparing them (AUT-104).

    Comparators and renderers get it as their first argument. Raises NoTargetMetadata if there are no models to
    compare with, and AutogenerateNeedsDatabase if there is no connection (AUT-2).
    """

    metadata: MetaData | Sequence[MetaData] | None
    """The models, as `target_metadata` gave them."""
    connection: Connection | None
    """The connection to the database that is compared."""
    dialect: Dialect
    imports: set[str]
    """Import lines for the revision file; renderers add to it."""
    migration_context: MigrationContext

    def __init__(
        self,
        migration_context: MigrationContext,
        metadata: MetaData | Sequence[MetaData] | None = None,
        opts: Mapping[str, Any] | None = None,
        autogenerate: bool = True,
    ) -> None:
        self.migration_context = migration_context
        self.opts: Mapping[str, Any] = migration_context.opts if opts is None else opts
        self.metadata = self.opts.get("target_metadata") if metadata is None else metadata
        self.connection = migration_context.bind
        self.dialect = migration_context.dialect
        self.imports = set()
        self._has_batch = False
        if autogenerate and self.metadata is None:
            raise errors.NoTargetMetadata()
        if autogenerate and (migration_context.as_sql or self.connection is None):
            raise errors.AutogenerateNeedsDatabase()
        self._name_filters: list[NameFilter] = [self._is_no_version_table]
        self._object_filters: list[ObjectFilter] = []
        if self.opts.get("include_name"):
            self._name_filters.append(self.opts["include_name"])
        if self.opts.get("include_object"):
            self._object_filters.append(self.opts["include_object"])

    @cached_property
    def comparators(self) -> PriorityDispatcher:
        """The comparators of this run: of the plugins that are enabled, and those registered for all (AUT-105)."""
        chosen = self.opts.get("autogenerate_plugins")
        return enabled_comparators(PLUGINS if chosen is None else chosen)

    @cached_property
    def inspector(self) -> Inspector:
        """SQLAlchemy's inspector of the database that is compared."""
        if self.connection is None:
            raise errors.AutogenerateNeedsDatabase()
        return inspect(self.connection)

    # --- models -------------------------------------------------------------------------------------------

    @cached_property
    def sorted_tables(self) -> list[Table]:
        """The tables of the models, those that others refer to first; of several MetaData one after the other."""
        return [table for metadata in self._metadata_list() for table in _sorted(metadata)]

    @cached_property
    def table_key_to_table(self) -> dict[str, Table]:
        """The tables of the models by key, like `"schema.name"`. Raises DuplicateTables (AUT-10)."""
        merged: dict[str, Table] = {}
        for metadata in self._metadata_list():
            twice = merged.keys() & metadata.tables.keys()
            if twice:
                raise errors.DuplicateTables(keys=sorted(twice))
            merged.update(metadata.tables)
        return merged

    def _metadata_list(self) -> Sequence[MetaData]:
        if self.metadata is None:
            raise errors.NoTargetMetadata()
        return [self.metadata] if isinstance(self.metadata, MetaData) else self.metadata

    # --- filters ------------------------------------------------------------------------------------------

    def run_name_filters(
        self, name: str | None, type_: NameType, parent_names: dict[str, str | None]
    ) -> bool:
        """Whether a name found in the database takes part; asked before the object is read (AUT-60).

        `parent_names` says where the name was found: `schema_name`, and for what belongs to a table
        `table_name`. A `schema_qualified_table_name` is added to it.
        """
        if "schema_name" in parent_names:
            table = name if type_ == "table" else parent_names.get("table_name")
            schema = parent_names["schema_name"]
            if table is not None:
                parent_names["schema_qualified_table_name"] = f"{schema}.{table}" if schema else table
        return all(includes(name, type_, parent_names) for includes in self._name_filters)

    def run_object_filters(
        self,
        object_: SchemaItem,
        name: str | None,
        type_: NameType,
        reflected: bool,
        compare_to: SchemaItem | None,
    ) -> bool:
        """Whether an object takes part: one of the models, or with `reflected` one of the database (AUT-61)."""
        return all(includes(object_, name, type_, reflected, compare_to) for includes in self._object_filters)

    run_filters = run_object_filters

    @property
    def filters_names(self) -> bool:
        """Whether the user has given a filter of names."""
        return len(self._name_filters) > 1

    @property
    def filters_objects(self) -> bool:
        """Whether the user has given a filter of objects, which has to see them."""
        return bool(self._object_filters)

    def _is_no_version_table(
        self, name: str | None, type_: NameType, parent_names: Mapping[str, str | None]
    ) -> bool:
        return type_ != "table" or not self.is_version_table(parent_names.get("schema_name"), name)

    def is_version_table(self, schema: str | None, name: str | None) -> bool:
        """Whether a table is the one that keeps the revisions, or beside it, and so not compared (AUT-8)."""
        options = self.migration_context.opts
        version_table = options.get("version_table") or VERSION_TABLE
        own = {
            version_table,
            options.get("journal_table") or f"{version_table}{JOURNAL_SUFFIX}",
            f"{version_table}{LOCK_SUFFIX}",
        }
        return name in own and schema == options.get("version_table_schema")

    # --- batch --------------------------------------------------------------------------------------------

    def needs_batch(self, modify_ops: ModifyTableOps) -> bool:
        """Whether these changes of one table have to be made in a `batch_alter_table` block.

        So if the user wants all changes like that (AUT-85), or if one of them cannot be made otherwise.
        """
        if self.opts.get("render_as_batch", False):
            return True
        impl = self.migration_context.impl
        return any(impl.needs_batch(operation) for operation in modify_ops.ops)

    def batch_options(self, modify_ops: ModifyTableOps) -> dict[str, Any]:
        """Keywords that the `batch_alter_table` block for these changes needs."""
        return self.migration_context.impl.batch_options(modify_ops.ops)

    @contextmanager
    def _within_batch(self) -> Iterator[None]:
        """Rendering is inside a batch block, where directives are called on `batch_op`."""
        before, self._has_batch = self._has_batch, True
        try:
            yield
        finally:
            self._has_batch = before


def _sorted(metadata: MetaData) -> list[Table]:
    """All tables of a MetaData by key, those that others refer to before them; a circle is begun anywhere."""
    tables = dict(sorted(metadata.tables.items()))
    parents = {
        key: {item.referred_table.key for item in table.foreign_key_constraints if not item.use_alter}
        for key, table in tables.items()
    }
    ordered, _ = in_dependency_order(list(tables), parents)
    return [tables[key] for key in ordered]
