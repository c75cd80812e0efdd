"""The table that a batch block is about, in memory, on its way from what it was to what it is to be.

Constraints and indexes are kept as the operations that would create them: those name columns by strings, so
that they can follow a column to another name, or fall with it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.sql.elements import quoted_name

from limbeck import errors, sqla
from limbeck.ddl.batch import references
from limbeck.ddl.batch.order import rearranged
from limbeck.ddl.batch.parts import Convention, Kept, Slot
from limbeck.ddl.batch.sqltext import mentions
from limbeck.operations import ops
from limbeck.operations.schemaobj import HasOptions, SchemaObjects


class TableDraft:
    """A table to which the directives of a batch block are applied, one by one.

    `slots` are its columns in order, `constraints` all constraints but the primary key, `indexes` what is
    created when the new table is in its place, each with its options. `reflected` says that the table was read
    from the database, not given as `copy_from`.
    """

    def __init__(
        self,
        impl: Any,
        table: Table,
        table_args: Sequence[Any],
        table_kwargs: Mapping[str, Any],
        reflected: bool,
        partial_reordering: Sequence[Sequence[str]] = (),
        *,
        naming_convention: dict[str, str] | None = None,
        migration_context: HasOptions | None = None,
    ) -> None:
        self.impl = impl
        self.table = table
        self.table_args = table_args
        self.table_kwargs = table_kwargs
        self.reflected = reflected
        self.partial_reordering = partial_reordering
        self.objects = SchemaObjects(migration_context)
        self.temp_table_name = self._calc_temp_name(table.name)
        self.comment = table.comment
        self.slots: list[Slot] = []
        self.primary_key: Kept | None = None
        self.constraints: list[Kept] = []
        self.indexes: list[tuple[ops.CreateIndexOp, dict[str, Any]]] = []
        self._take_over(Convention(naming_convention) if naming_convention else None)
        if any(isinstance(item, CheckConstraint) for item in table_args):
            self.constraints = [kept for kept in self.constraints if kept.unnamed_text is None]
        for slot in [kept.bound_to for kept in self.constraints]:
            if slot is not None:
                self._leave_out_checks(slot.column.name, is_dropped=False)

    def _take_over(self, convention: Convention | None) -> None:
        """Begin with what the table has."""
        self.slots = [
            Slot(references.detached_column(column), column.name, {"expr": column}) for column in self.table.c
        ]
        self.indexes = [
            (references.detached(ops.CreateIndexOp.from_index(index)), {})
            for index in sqla.indexes_in_order(self.table)
        ]
        for constraint in sqla.in_creation_order(self.table.constraints):
            self._keep(constraint, convention)

    @classmethod
    def _calc_temp_name(cls, tablename: str) -> str:
        """The name of the table while it is built (BAT-20)."""
        return quoted_name(f"_alembic_tmp_{tablename}"[:50], getattr(tablename, "quote", None))

    def _keep(self, constraint: Constraint, convention: Convention | None) -> None:
        """Take over a constraint of the old table, and name it if the convention of the block does (BAT-43)."""
        is_bound = sqla.is_type_bound(constraint)
        if is_bound and not sqla.is_created(constraint, self.impl):
            return
        is_primary_key = isinstance(constraint, PrimaryKeyConstraint)
        if is_primary_key and not _columns_of(constraint):
            return
        operation = self._operation(constraint)
        if operation.constraint_name is None and convention is not None and not is_bound:
            operation.constraint_name = sqla.given_name(operation.to_constraint(convention))
        self._put(operation, self._bound_slot(constraint) if is_bound else None)

    def _operation(self, constraint: Constraint) -> Any:
        """The operation that creates a constraint, under its final name."""
        operation: Any = references.detached(ops.AddConstraintOp.from_constraint(constraint))
        operation.constraint_name = _final_name(constraint, self.impl.dialect)
        return operation

    def _put(self, operation: Any, bound_to: Slot | None = None) -> None:
        kept = Kept(operation, bound_to)
        if isinstance(operation, ops.CreatePrimaryKeyOp):
            self.primary_key = kept
        else:
            self.constraints.append(kept)

    # --- columns ------------------------------------------------------------------------------------------

    @property
    def columns(self) -> list[str]:
        """The names of the columns in the order they will have (BAT-71)."""
        groups = [[self._slot(name).column.name for name in group] for group in self.partial_reordering]
        return rearranged([slot.column.name for slot in self.slots], groups)

    def add_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        **kw: Any,
    ) -> None:
        """Add a column: at the end, or beside another one (BAT-70)."""
        if any(slot.column.name == column.name for slot in self.slots):
            if if_not_exists:
                return
            raise errors.DuplicateColumn(table=self.table.name, column=column.name)
        slot = Slot(sqla.copy_column_alone(column))
        self.slots.append(slot)
        self._move(slot, insert_before, insert_after)
        if inline_references:
            for constraint in sqla.in_creation_order(sqla.table_of(column).constraints):
                if isinstance(constraint, ForeignKeyConstraint):
                    self._put(self._operation(constraint))
        if inline_primary_key or (column.primary_key and self.primary_key is None):
            self._put(ops.CreatePrimaryKeyOp(None, self.table.name, [column.name]))

    def alter_column(
        self,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        server_default: Any = False,
        name: str | None = None,
        type_: Any = None,
        autoincrement: Any = None,
        comment: Any = False,
        existing_type: Any = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; it is named as it was before the block (BAT-56)."""
        slot = self._slot(column_name)
        if type_ is not None:
            self._retype(slot, type_)
        if nullable is not None:
            sqla.set_nullable(slot.column, nullable)
        if server_default is not False:
            sqla.set_server_default(slot.column, server_default)
        if autoincrement is not None:
            slot.column.autoincrement = bool(autoincrement)
        if comment is not False:
            slot.column.comment = comment
        if name is not None and name != slot.column.name:
            self._rename(slot, name)
        self._move(slot, insert_before, insert_after)

    def drop_column(
        self,
        table_name: str,
        column: Column[Any],
        *,
        if_exists: bool | None = None,
        existing_type: Any = None,
        **kw: Any,
    ) -> None:
        """Drop a column with the keys, unique constraints and indexes it is part of (BAT-53)."""
        try:
            slot = self._slot(column.name)
        except errors.NoSuchColumn:
            if if_exists:
                return
            raise
        name = slot.column.name
        for constraint in self._checks_of(existing_type, name):
            self.drop_constraint(constraint)
        self.slots.remove(slot)
        if self.primary_key is not None and self._speaks_of(self.primary_key.operation, name):
            self.primary_key = None
        self.constraints = [kept for kept in self.constraints if not self._speaks_of(kept.operation, name)]
        self.indexes = [item for item in self.indexes if not self._speaks_of(item[0], name)]
        self._leave_out_checks(name, is_dropped=True)

    def create_column_comment(self, column: Column[Any]) -> None:
        """Set the comment of a column that the block adds."""
        self._slot(column.name).column.comment = column.comment

    def _retype(self, slot: Slot, type_: Any) -> None:
        new_type = type_() if isinstance(type_, type) else type_
        if slot.transfer:
            self.impl.cast_for_batch_migrate(slot.column, slot.transfer, new_type)
        slot.column.type = new_type
        self.constraints = [kept for kept in self.constraints if kept.bound_to is not slot]
        self._leave_out_checks(slot.column.name, is_dropped=False)

    def _rename(self, slot: Slot, new: str) -> None:
        """Rename a column, in everything that speaks of it, also in SQL text (BAT-54, BAT-56)."""
        if any(other.column.name == new for other in self.slots):
            raise errors.DuplicateColumn(table=self.table.name, column=new)
        old = slot.column.name
        slot.column.name = slot.column.key = new
        quote = self.impl.dialect.identifier_preparer.quote
        everything = [kept.operation for kept in [*self._keys(), *self.constraints]]
        for operation in [*everything, *(index for index, _ in self.indexes)]:
            references.rename(operation, self.table, old, new, quote)
        for other in self.slots:
            if other.column.computed is not None:
                references.rename_in_computed(other.column, old, new, quote)

    def _move(self, slot: Slot, insert_before: str | None, insert_after: str | None) -> None:
        """Put a column beside another one (BAT-70, BAT-72)."""
        beside = insert_before or insert_after
        if beside is None:
            return
        self.slots.remove(slot)
        position = self.slots.index(self._slot(beside)) + (0 if insert_before else 1)
        self.slots.insert(position, slot)

    def _slot(self, name: str) -> Slot:
        """The column of that name in the old table, else the added one of that name."""
        for slot in self.slots:
            if slot.old_name == name or (slot.old_name is None and slot.column.name == name):
                return slot
        known = [slot.old_name or slot.column.name for slot in self.slots]
        raise errors.NoSuchColumn(table=self.table.name, column=name, known=known)

    # --- constraints --------------------------------------------------------------------------------------

    def add_constraint(self, const: Constraint) -> None:
        """Add a constraint; it names columns as they will be (BAT-50, BAT-56)."""
        is_bound = sqla.is_type_bound(const)
        if is_bound and not sqla.is_created(const, self.impl):
            return
        operation = self._operation(const)
        if operation.constraint_name is None and not is_bound:
            raise errors.ConstraintNameRequired(table=self.table.name, kind=operation.constraint_type)
        self._put(operation, self._bound_slot(const) if is_bound else None)

    def drop_constraint(self, const: Constraint, *, if_exists: bool | None = None) -> None:
        """Drop a constraint by its name, of whatever kind it is (BAT-51).

        The CHECK of a type may be absent, and may have no name: then what speaks of its column goes (BAT-54).
        """
        name = _final_name(const, self.impl.dialect)
        is_bound = sqla.is_type_bound(const)
        if name is None:
            if not is_bound:
                raise errors.ConstraintNameRequired(table=self.table.name, kind=None)
            for column in _columns_of(const):
                self._drop_check_of_type(self._slot(column.name).column.name)
            return
        everything = [*self._keys(), *self.constraints]
        found = [kept for kept in everything if kept.operation.constraint_name == name]
        if not found and not (is_bound or if_exists):
            known = [kept.operation.constraint_name for kept in everything]
            raise errors.NoSuchConstraint(
                table=self.table.name, constraint=name, known=filter(None, known), reflected=self.reflected
            )
        if self.primary_key in found:
            self.primary_key = None
        self.constraints = [kept for kept in self.constraints if kept not in found]

    def _drop_check_of_type(self, column: str) -> None:
        self.constraints = [kept for kept in self.constraints if not _is_check_of(kept, column)]

    def _keys(self) -> list[Kept]:
        return [] if self.primary_key is None else [self.primary_key]

    def _speaks_of(self, operation: Any, column: str) -> bool:
        return column in references.names_in(operation, self.table) or references.mentions(operation, column)

    def _leave_out_checks(self, column: str, *, is_dropped: bool) -> None:
        """Leave out the CHECKs without a name that speak of a column they may no longer fit, and say so (BAT-52)."""
        for kept in [kept for kept in self.constraints if _is_check_of(kept, column)]:
            self._leave_out(kept, column)

    def _leave_out(self, check: Kept, column: str) -> None:
        self.constraints.remove(check)
        warnings.warn(
            f"CHECK ({check.unnamed_text}) of table {self.table.name!r} has no name and speaks of column "
            f"{column!r}, which changes, so it is left out; if it still applies, pass it with `table_args=` to "
            "`batch_alter_table()`",
            stacklevel=2,
        )

    def _checks_of(self, type_: Any, column_name: str) -> list[Constraint]:
        """The CHECKs that a type asks for on this database (BAT-54)."""
        if type_ is None:
            return []
        column = self.objects.column(column_name, type_)
        table = self.objects.table(self.table.name, column, schema=self.table.schema)
        constraints = sqla.in_creation_order(table.constraints)
        return [
            constraint
            for constraint in constraints
            if sqla.is_type_bound(constraint) and sqla.is_created(constraint, self.impl)
        ]

    def _bound_slot(self, constraint: Constraint) -> Slot | None:
        names = {column.name for column in _columns_of(constraint)}
        return next((slot for slot in self.slots if slot.column.name in names), None)

    # --- indexes, comments, the table's name --------------------------------------------------------------

    def create_index(self, idx: Index, **kw: Any) -> None:
        """Create an index when everything else is done (BAT-80)."""
        self.indexes.append((references.detached(ops.CreateIndexOp.from_index(idx)), kw))

    def drop_index(self, idx: Index, *, if_exists: bool | None = None, **kw: Any) -> None:
        """Do not create an index again (BAT-80)."""
        remaining = [item for item in self.indexes if item[0].index_name != idx.name]
        if len(remaining) == len(self.indexes) and not if_exists:
            known = [str(index.index_name) for index, _ in self.indexes]
            raise errors.NoSuchIndex(
                table=self.table.name, index=idx.name, known=known, reflected=self.reflected
            )
        self.indexes = remaining

    def create_table_comment(self, table: Table) -> None:
        """Give the table another comment."""
        self.comment = table.comment

    def drop_table_comment(self, table: Table) -> None:
        """Take the comment of the table away."""
        self.comment = None

    def rename_table(self, *args: Any, **kw: Any) -> None:
        """Refuse: the table is found again by its name."""
        raise NotImplementedError(
            "a table cannot be renamed in a batch block; use `op.rename_table()` after it"
        )


def _final_name(constraint: Constraint, dialect: Dialect) -> str | None:
    try:
        return sqla.final_name(constraint, dialect)
    except InvalidRequestError:
        # The convention builds on a name, and this type has none: its CHECK needs none either.
        if sqla.is_type_bound(constraint) and sqla.given_name(constraint) is None:
            return None
        raise


def _columns_of(constraint: Any) -> list[Column[Any]]:
    return list(constraint.columns)


def _is_check_of(kept: Kept, column: str) -> bool:
    text = kept.unnamed_text
    return text is not None and mentions(text, column)
