"""A context to render in without a database, and what a rendered migration does when it is run."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import indent
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

import limbeck.ddl.apply  # noqa: F401 — teaches operations how to be applied
from limbeck.autogenerate import render
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations import ops
from limbeck.operations.base import Operations
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

    def batch_options(self, modify_ops: ops.ModifyTableOps) -> Mapping[str, Any]:
        return {}

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


def creating(*metadatas: sa.MetaData) -> ops.UpgradeOps:
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


# --- running it -------------------------------------------------------------------------------------------


def offline(context: Context) -> tuple[Operations, io.StringIO]:
    """Operations that write SQL for the dialect of a context, and where they write it."""
    output = io.StringIO()
    options = {"literal_binds": True, **context.opts}
    impl = DefaultImpl.get_by_dialect(context.dialect)(context.dialect, None, True, None, output, options)
    migration_context: Any = SimpleNamespace(
        impl=impl, opts=options, bind=impl.bind, connection=None, dialect=context.dialect, as_sql=True
    )
    return Operations(migration_context), output


def sql_of_operations(container: ops.OpContainer, context: Context) -> str:
    """The script that the operations themselves give."""
    operations, output = offline(context)

    def invoke(operation: ops.MigrateOperation) -> None:
        if isinstance(operation, ops.OpContainer):
            for one in operation.ops:
                invoke(one)
        else:
            operations.invoke(operation)

    invoke(container)
    return output.getvalue()


def sql_of_source(body: str, context: Context) -> str:
    """The script that a rendered body gives when it is run as a migration."""
    operations, output = offline(context)
    source = "\n".join(
        ["import sqlalchemy as sa", *sorted(context.imports), "def upgrade():", indent(body, "    ")]
    )
    namespace: dict[str, Any] = {"op": operations}
    exec(compile(source, "<migration>", "exec"), namespace)
    namespace["upgrade"]()
    return output.getvalue()


def check_runs(operation: ops.MigrateOperation, dialect: str = "sqlite", **options: Any) -> str:
    """The text of an operation, once it is shown that running it gives the SQL of the operation itself."""
    context = rendering(dialect, **options)
    source = render.render_op_text(context, operation)
    container = operation if isinstance(operation, ops.OpContainer) else ops.UpgradeOps([operation])
    assert sql_of_source(source, context) == sql_of_operations(container, context)
    return source
