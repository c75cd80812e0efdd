"""Create foreign keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.exc import NoReferenceError

from limbeck import sqla
from limbeck.operations.ops.base import BatchInvoker, Invoker
from limbeck.operations.ops.constraint import AddConstraintOp
from limbeck.operations.schemaobj import HasOptions, SchemaObjects


@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """Create a foreign key."""

    constraint_type = "foreignkey"

    def __init__(
        self,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: ForeignKeyConstraint) -> CreateForeignKeyOp:
        """The operation that creates this foreign key."""
        source = sqla.table_of(constraint)
        targets = [_target(key) for key in constraint.elements]
        referent_schema, referent_table, _ = targets[0]
        options = {
            "onupdate": constraint.onupdate,
            "ondelete": constraint.ondelete,
            "initially": constraint.initially,
            "deferrable": constraint.deferrable,
            "use_alter": constraint.use_alter or None,
            "match": constraint.match,
        }
        return cls(
            sqla.given_name(constraint),
            source.name,
            referent_table,
            [column.name for column in constraint.columns],
            [name for _, _, name in targets],
            source_schema=source.schema,
            referent_schema=referent_schema,
            **{name: value for name, value in options.items() if value is not None},
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: HasOptions | None = None) -> ForeignKeyConstraint:
        """A new foreign key between tables of its own."""
        return SchemaObjects(migration_context).foreign_key_constraint(
            self.constraint_name,
            self.source_table,
            self.referent_table,
            self.local_cols,
            self.remote_cols,
            **self.kw,
        )

    def to_diff_tuple(self) -> tuple[str, ForeignKeyConstraint]:
        """`("add_fk", ForeignKeyConstraint)` (AUT-3)."""
        return ("add_fk", self.to_constraint())

    @classmethod
    def create_foreign_key(
        cls,
        operations: Invoker,
        constraint_name: str | None,
        source_table: str,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        **dialect_kw: Any,
    ) -> None:
        """Create a foreign key (OPS-81).

            op.create_foreign_key("fk_address_account", "address", "account", ["account_id"], ["id"])

        `local_cols` are columns of `source_table`, `remote_cols` those of `referent_table` they point to.
        `dialect_kw` takes options of dialects, like `postgresql_not_valid`.
        """
        operations.invoke(
            cls(
                constraint_name,
                source_table,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                initially=initially,
                match=match,
                source_schema=source_schema,
                referent_schema=referent_schema,
                **dialect_kw,
            )
        )

    @classmethod
    def batch_create_foreign_key(
        cls,
        operations: BatchInvoker,
        constraint_name: str | None,
        referent_table: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        referent_schema: str | None = None,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        initially: str | None = None,
        match: str | None = None,
        **dialect_kw: Any,
    ) -> None:
        """Create a foreign key from the table of this batch block.

            with op.batch_alter_table("address") as batch_op:
                batch_op.create_foreign_key("fk_address_account", "account", ["account_id"], ["id"])

        Columns have the names they will have after the block (BAT-56).
        """
        operations.invoke(
            cls(
                constraint_name,
                operations.impl.table_name,
                referent_table,
                local_cols,
                remote_cols,
                onupdate=onupdate,
                ondelete=ondelete,
                deferrable=deferrable,
                initially=initially,
                match=match,
                source_schema=operations.impl.schema,
                referent_schema=referent_schema,
                **dialect_kw,
            )
        )


def _target(key: ForeignKey) -> tuple[str | None, str, str]:
    """Schema, table and column that a foreign key points to, by the names the database knows."""
    try:
        column = key.column
    except NoReferenceError:  # the other table is not at hand: reflected alone, or in another MetaData
        return sqla.written_target(key)
    table = sqla.table_of(column)
    return table.schema, table.name, column.name
