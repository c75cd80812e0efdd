"""How each operation is applied: which calls of the dialect's implementation it comes down to.

These functions are found by class of operation, and under their names by replacements that call them (OPS-101).
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from sqlalchemy import Constraint, ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from limbeck import errors, sqla
from limbeck.ddl.impl import OPERATIONS, DefaultImpl
from limbeck.ddl.plain import PlainDDL
from limbeck.operations import ops
from limbeck.operations.registry import applies
from limbeck.operations.schemaobj import SchemaObjects

for _module in OPERATIONS:
    importlib.import_module(_module)


class Context(Protocol):
    """What applying needs of a migration context."""

    @property
    def impl(self) -> DefaultImpl: ...

    @property
    def opts(self) -> dict[str, Any]: ...


class Operations(Protocol):
    """What applying needs of `op`; inside a batch block `impl` collects instead of executing."""

    @property
    def impl(self) -> Any: ...

    @property
    def migration_context(self) -> Context: ...


@applies(ops.AddColumnOp)
def add_column(operations: Operations, operation: ops.AddColumnOp) -> None:
    """Add the column, then its foreign keys, unique constraints, CHECKs, indexes and comment (OPS-20)."""
    impl = operations.impl
    objects = SchemaObjects(operations.migration_context)
    column = operation.to_column()
    table = objects.table(operation.table_name, column, schema=operation.schema)
    impl.add_column(
        operation.table_name,
        column,
        schema=operation.schema,
        if_not_exists=operation.if_not_exists,
        inline_references=operation.inline_references,
        inline_primary_key=operation.inline_primary_key,
        **operation.kw,
    )
    for constraint in _constraints_beside(table):
        if not (operation.inline_references and isinstance(constraint, ForeignKeyConstraint)):
            impl.add_constraint(constraint)
    for index in sqla.indexes_in_order(table):
        impl.create_index(index)
    if column.comment and operations.migration_context.impl.has_comment_statements:
        impl.create_column_comment(column)


@applies(ops.DropColumnOp)
def drop_column(operations: Operations, operation: ops.DropColumnOp) -> None:
    """Drop the column."""
    column = operation.to_column(operations.migration_context)
    operations.impl.drop_column(
        operation.table_name,
        column,
        schema=operation.schema,
        **_given(if_exists=operation.if_exists),
        **operation.kw,
    )


@applies(ops.AlterColumnOp)
def alter_column(operations: Operations, operation: ops.AlterColumnOp) -> None:
    """Change the column; the CHECK of an old type goes first, that of a new type comes last (OPS-41)."""
    impl = operations.impl
    if operation.modify_type is not None:
        for constraint in _type_bound(operations, operation, operation.column_name, operation.existing_type):
            impl.drop_constraint(constraint)
    impl.alter_column(
        operation.table_name,
        operation.column_name,
        nullable=operation.modify_nullable,
        server_default=operation.modify_server_default,
        name=operation.modify_name,
        type_=operation.modify_type,
        schema=operation.schema,
        existing_type=operation.existing_type,
        existing_server_default=operation.existing_server_default,
        existing_nullable=operation.existing_nullable,
        comment=operation.modify_comment,
        existing_comment=operation.existing_comment,
        **operation.kw,
    )
    if operation.modify_type is not None:
        name = operation.modify_name or operation.column_name
        for constraint in _type_bound(operations, operation, name, operation.modify_type):
            impl.add_constraint(constraint)


@applies(ops.CreateTableOp)
def create_table(operations: Operations, operation: ops.CreateTableOp) -> Table:
    """Create the table and return it, ready for `bulk_insert()` (OPS-60, OPS-65)."""
    context = operations.migration_context
    plain = _find_plain(operations)
    sql = plain.create_table(operation) if plain is not None else None
    if sql is not None:
        context.impl.execute_plain(sql)
        return operation.to_table_later(context)
    table = operation.to_table(context)
    operations.impl.create_table(table, **_given(if_not_exists=operation.if_not_exists))
    return table


@applies(ops.DropTableOp)
def drop_table(operations: Operations, operation: ops.DropTableOp) -> None:
    """Drop the table (OPS-63, OPS-65)."""
    table = operation.to_table(operations.migration_context)
    operations.impl.drop_table(table, **_given(if_exists=operation.if_exists))


@applies(ops.RenameTableOp)
def rename_table(operations: Operations, operation: ops.RenameTableOp) -> None:
    """Rename the table (OPS-66)."""
    operations.impl.rename_table(operation.table_name, operation.new_table_name, schema=operation.schema)


@applies(ops.CreateTableCommentOp)
def create_table_comment(operations: Operations, operation: ops.CreateTableCommentOp) -> None:
    """Set the comment of the table (OPS-67)."""
    operations.impl.create_table_comment(operation.to_table(operations.migration_context))


@applies(ops.DropTableCommentOp)
def drop_table_comment(operations: Operations, operation: ops.DropTableCommentOp) -> None:
    """Remove the comment of the table (OPS-67)."""
    operations.impl.drop_table_comment(operation.to_table(operations.migration_context))


@applies(ops.CreateIndexOp)
def create_index(operations: Operations, operation: ops.CreateIndexOp) -> None:
    """Create the index (OPS-70)."""
    plain = _find_plain(operations)
    sql = plain.create_index(operation) if plain is not None else None
    if sql is not None:
        operations.migration_context.impl.execute_plain(sql)
        return
    index = operation.to_index(operations.migration_context)
    operations.impl.create_index(index, **_given(if_not_exists=operation.if_not_exists))


@applies(ops.DropIndexOp)
def drop_index(operations: Operations, operation: ops.DropIndexOp) -> None:
    """Drop the index.

    Raises IndexNameRequired, or TableNameRequired if the database cannot find it without its table (OPS-73).
    """
    impl = operations.migration_context.impl
    if operation.index_name is None:
        raise errors.IndexNameRequired(table=operation.table_name)
    if operation.table_name is None and impl.index_names_are_per_table:
        raise errors.TableNameRequired(index=operation.index_name, dialect=impl.dialect.name)
    index = operation.to_index(operations.migration_context)
    operations.impl.drop_index(index, **_given(if_exists=operation.if_exists))


@applies(ops.AddConstraintOp)
def create_constraint(operations: Operations, operation: ops.AddConstraintOp) -> None:
    """Add the constraint, of whatever kind (OPS-80)."""
    operations.impl.add_constraint(operation.to_constraint(operations.migration_context))


@applies(ops.DropConstraintOp)
def drop_constraint(operations: Operations, operation: ops.DropConstraintOp) -> None:
    """Drop the constraint (OPS-83)."""
    constraint = SchemaObjects(operations.migration_context).generic_constraint(
        operation.constraint_name, operation.table_name, operation.constraint_type, schema=operation.schema
    )
    operations.impl.drop_constraint(constraint, **_given(if_exists=operation.if_exists))


@applies(ops.BulkInsertOp)
def bulk_insert(operations: Operations, operation: ops.BulkInsertOp) -> None:
    """Insert the rows (OPS-93)."""
    operations.impl.bulk_insert(operation.table, operation.rows, multiinsert=operation.multiinsert)


@applies(ops.ExecuteSQLOp)
def execute_sql(operations: Operations, operation: ops.ExecuteSQLOp) -> None:
    """Execute the SQL at once, also inside a batch block (OPS-90, BAT-1)."""
    operations.migration_context.impl.execute(
        operation.sqltext, execution_options=operation.execution_options
    )


def _find_plain(operations: Operations) -> PlainDDL | None:
    """What writes plain statements, unless they are collected, or named by a convention."""
    context = operations.migration_context
    is_direct = operations.impl is context.impl
    return context.impl.plain if is_direct and not SchemaObjects(context).has_naming_convention else None


def _given(**options: Any) -> dict[str, Any]:
    """Only the options that are set: an implementation from elsewhere need not know the others."""
    return {name: value for name, value in options.items() if value is not None}


def _constraints_beside(table: Table) -> list[Constraint]:
    """The constraints that a new column asks for, foreign keys first, then unique constraints (OPS-20)."""

    def rank(constraint: Constraint) -> tuple[int, str]:
        if isinstance(constraint, ForeignKeyConstraint):
            return 0, constraint.elements[0].target_fullname
        return (1, "") if isinstance(constraint, UniqueConstraint) else (2, "")

    constraints = [
        constraint
        for constraint in sqla.in_creation_order(table.constraints)
        if not isinstance(constraint, PrimaryKeyConstraint)
    ]
    return sorted(constraints, key=rank)


def _type_bound(
    operations: Operations, operation: ops.AlterColumnOp, column_name: str, type_: Any
) -> list[Constraint]:
    """The CHECKs that a type brings along on this database (OPS-27, OPS-41)."""
    if type_ is None:
        return []
    context = operations.migration_context
    objects = SchemaObjects(context)
    table = objects.table(operation.table_name, objects.column(column_name, type_), schema=operation.schema)
    return [
        constraint
        for constraint in sqla.in_creation_order(table.constraints)
        if sqla.is_type_bound(constraint) and sqla.is_created(constraint, context.impl)
    ]
