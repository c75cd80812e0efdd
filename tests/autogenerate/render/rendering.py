"""A context to render in without a database, and the operations that create the tables of a MetaData."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine import Dialect

from limbeck.autogenerate import render
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations import ops
from limbeck.sqla import indexes_in_order

PREFIXES = {"alembic_module_prefix": "op.", "sqlalchemy_module_prefix": "sa."}


def dialect_named(name: str) -> Dialect:
    """The dialect of a database; "mariadb" as the URL of such a database would give it."""
    if name == "mariadb":
        return importlib.import_module("sqlalchemy.dialects.mysql").dialect(is_mariadb=True)
    return importlib.import_module(f"sqlalchemy.dialects.{name}").dialect()


@dataclass
class Context:
    """What rendering asks of an autogenerate context."""

    dialect: Dialect
    opts: Mapping[str, Any]
    imports: set[str] = field(default_factory=set)
    _has_batch: bool = False

    def __post_init__(self) -> None:
        impl = DefaultImpl.get_by_dialect(self.dialect)(self.dialect, None, True, None, None, self.opts)
        self.migration_context: Any = SimpleNamespace(impl=impl, opts=self.opts)

    def needs_batch(self, modify_ops: ops.ModifyTableOps) -> bool:
        return bool(self.opts.get("render_as_batch"))

    @contextmanager
    def _within_batch(self) -> Iterator[None]:
        self._has_batch = True
        yield
        self._has_batch = False


def rendering(dialect: str = "sqlite", **options: Any) -> Context:
    """A context for a dialect, with options of `configure()`."""
    return Context(dialect_named(dialect), {**PREFIXES, **options})


def text(operation: ops.MigrateOperation, dialect: str = "sqlite", **options: Any) -> str:
    """One operation as Python."""
    return render.render_op_text(rendering(dialect, **options), operation)


def creating(*metadatas: MetaData) -> ops.UpgradeOps:
    """The operations that create all tables of some MetaData, as a comparison with an empty database gives them."""
    found: list[ops.MigrateOperation] = []
    for metadata in metadatas:
        for table in metadata.sorted_tables:
            found.append(ops.CreateTableOp.from_table(table))
            indexes = sorted(indexes_in_order(table), key=lambda index: index.name or "")
            if indexes:
                create = [ops.CreateIndexOp.from_index(index) for index in indexes]
                found.append(ops.ModifyTableOps(table.name, create, schema=table.schema))
    return ops.UpgradeOps(found)
