"""The table that a batch block is about, in memory, as it was and as it is to be.

The constraints are kept as the operations that would create them: those name columns by strings, so that
a column can be renamed or dropped under them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Column,
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)  # fmt: skip
from sqlalchemy.sql.elements import TextClause, quoted_name
from sqlalchemy.types import NULLTYPE

from limbeck import sqla
from limbeck.ddl.batch.order import rearranged
from limbeck.ddl.batch.sqltext import mentions
from limbeck.errors import (
    ConstraintNameRequired,
    DuplicateColumn,
    NoSuchColumn,
    NoSuchConstraint,
    NoSuchIndex,
)  # fmt: skip
from limbeck.operations import ops
from limbeck.operations.schemaobj import HasOptions, SchemaObjects


@dataclass(slots=True)
class Slot:
    """A column of the new table, its name in the old one, and where its values come from.

    `transfer` has an entry "expr" for a column whose values are copied; a dialect may wrap it (BAT-22).
    """

    column: Column[Any]
    old_name: str | None = None
    transfer: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Kept:
    """A constraint of the new table.

    One that is new names columns as they will be, one from the old table as they were. `bound_to` is the
    column whose type asks for it.
    """

    operation: Any
    is_new: bool = False
    bound_to: Slot | None = None

    @property
    def is_unnamed_text(self) -> bool:
        """Whether it is a CHECK of the old table of which only its SQL text is known."""
        is_check = isinstance(self.operation, ops.CreateCheckConstraintOp)
        is_old = is_check and not self.is_new and self.operation.constraint_name is None
        return is_old and isinstance(self.operation.condition, TextClause)


class Convention:
    """What naming asks of a migration context, for one convention."""

    def __init__(self, naming_convention: dict[str, str]) -> None:
        self.opts = {"target_metadata": MetaData(naming_convention=naming_convention)}


class TableDraft:
    """A table to which the directives of a batch block are applied, one by one."""

    def __init__(
        self,
        impl: Any,
        table: Table,
        table_args: Sequence[Any],
        table_kwargs: Mapping[str, Any],
        *,
        partial_reordering: Sequence[Sequence[str]] = (),
        naming_convention: dict[str, str] | None = None,
        migration_context: HasOptions | None = None,
    ) -> None:
        self.impl = impl
        self.table = table
        self.table_args = table_args
        self.table_kwargs = table_kwargs
        self.partial_reordering = partial_reordering
        self.objects = SchemaObjects(migration_context)
        self.temp_table_name = self._calc_temp_name(table.name)
        self.comment = table.comment
        self.slots = [
            Slot(sqla.copy_column_alone(column), column.name, {"expr": column}) for column in table.c
        ]
        self.constraints: list[Kept] = []
        self.primary_key: Kept | None = None
        self.indexes = [ops.CreateIndexOp.from_index(index) for index in sqla.indexes_in_order(table)]
        self.new_indexes: list[tuple[ops.CreateIndexOp, dict[str, Any]]] = []
        self.gone: set[str] = set()
        """Old names that no column has any more."""
        self.retyped: set[str] = set()
        for constraint in sqla.in_creation_order(table.constraints):
            self._keep(constraint, Convention(naming_convention) if naming_convention else None)

    @classmethod
    def _calc_temp_name(cls, tablename: str) -> str:
        """The name of the table while it is built (BAT-20)."""
        return quoted_name(f"_alembic_tmp_{tablename}"[:50], getattr(tablename, "quote", None))

    def _keep(self, constraint: Constraint, convention: Convention | None) -> None:
        """Take over a constraint of the old table (BAT-43, BAT-52)."""
        bound_to = None
        if sqla.is_type_bound(constraint):
            if not sqla.is_created(constraint, self.impl):
                return
            bound_to = self._bound_slot(constraint)
        elif isinstance(constraint, PrimaryKeyConstraint) and not constraint.columns:
            return
        operation: Any = ops.AddConstraintOp.from_constraint(constraint)
        operation.constraint_name = sqla.final_name(constraint, self.impl.dialect)
        if operation.constraint_name is None and convention is not None and bound_to is None:
            operation.constraint_name = sqla.given_name(operation.to_constraint(convention))
        kept = Kept(operation, bound_to=bound_to)
        if isinstance(constraint, PrimaryKeyConstraint):
            self.primary_key = kept
        else:
            self.constraints.append(kept)

    # --- columns ------------------------------------------------------------------------------------------

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
            raise DuplicateColumn(table=self.table.name, column=column.name)
        slot = Slot(sqla.copy_column_alone(column))
        self.slots.append(slot)
        self._move(slot, insert_before, insert_after)
        if inline_references:
            for constraint in sqla.in_creation_order(sqla.table_of(column).constraints):
                if isinstance(constraint, ForeignKeyConstraint):
                    self.constraints.append(
                        Kept(ops.AddConstraintOp.from_constraint(constraint), is_new=True)
                    )
        if inline_primary_key or (column.primary_key and self.primary_key is None):
            operation = ops.CreatePrimaryKeyOp(None, self.table.name, [column.name])
            self.primary_key = Kept(operation, is_new=True)

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
        column = slot.column
        if type_ is not None:
            self._retype(slot, type_)
        if nullable is not None:
            sqla.set_nullable(column, nullable)
        if server_default is not False:
            sqla.set_server_default(column, server_default)
        if autoincrement is not None:
            column.autoincrement = bool(autoincrement)
        if comment is not False:
            column.comment = comment
        if name is not None and name != column.name:
            if type_ is None:
                self._rename_checks(slot, existing_type, name)
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
        except NoSuchColumn:
            if if_exists:
                return
            raise
        for constraint in self._checks_of(existing_type, slot.column.name):
            self.drop_constraint(constraint)
        self.slots.remove(slot)
        self.constraints = [kept for kept in self.constraints if kept.bound_to is not slot]
        self.gone.add(slot.old_name or slot.column.name)

    def create_column_comment(self, column: Column[Any]) -> None:
        """Set the comment of a column that the block adds."""
        self._slot(column.name).column.comment = column.comment

    def _retype(self, slot: Slot, type_: Any) -> None:
        new_type = type_() if isinstance(type_, type) else type_
        if slot.transfer:
            self.impl.cast_for_batch_migrate(slot.column, slot.transfer, new_type)
        slot.column.type = new_type
        self.constraints = [kept for kept in self.constraints if kept.bound_to is not slot]
        self.retyped.add(slot.old_name or slot.column.name)

    def _rename(self, slot: Slot, name: str) -> None:
        if any(other.column.name == name for other in self.slots):
            raise DuplicateColumn(table=self.table.name, column=name)
        self.gone.add(slot.old_name or slot.column.name)
        slot.column.name = slot.column.key = name

    def _rename_checks(self, slot: Slot, existing_type: Any, name: str) -> None:
        """Let the CHECK of a type, which is only text in the database, follow a new name of its column (BAT-54)."""
        new = self._checks_of(existing_type, name)
        for old, constraint in zip(self._checks_of(existing_type, slot.column.name), new, strict=True):
            before = len(self.constraints)
            self.drop_constraint(old)
            if len(self.constraints) < before:
                self.add_constraint(constraint)

    def _move(self, slot: Slot, insert_before: str | None, insert_after: str | None) -> None:
        """Put a column beside another one (BAT-70, BAT-72)."""
        beside = insert_before or insert_after
        if beside is None:
            return
        self.slots.remove(slot)
        position = self.slots.index(self._slot(beside)) + (0 if insert_before else 1)
        self.slots.insert(position, slot)

    @property
    def columns(self) -> list[str]:
        """The names of the columns in the order they will have (BAT-71)."""
        groups = [[self._slot(name).column.name for name in group] for group in self.partial_reordering]
        return rearranged([slot.column.name for slot in self.slots], groups)

    @property
    def renamed(self) -> dict[str, str]:
        """Old name → new name of each column that stays."""
        return {slot.old_name: slot.column.name for slot in self.slots if slot.old_name is not None}

    def _slot(self, name: str) -> Slot:
        """The column of that name in the old table, else the added one of that name."""
        for slot in self.slots:
            if slot.old_name == name or (slot.old_name is None and slot.column.name == name):
                return slot
        known = [slot.old_name or slot.column.name for slot in self.slots]
        raise NoSuchColumn(table=self.table.name, column=name, known=known)

    # --- constraints --------------------------------------------------------------------------------------

    def add_constraint(self, const: Constraint) -> None:
        """Add a constraint; it names columns as they will be (BAT-50, BAT-56)."""
        is_bound = sqla.is_type_bound(const)
        if is_bound and not sqla.is_created(const, self.impl):
            return
        operation: Any = ops.AddConstraintOp.from_constraint(const)
        operation.constraint_name = sqla.final_name(const, self.impl.dialect)
        if operation.constraint_name is None and not is_bound:
            raise ConstraintNameRequired(table=self.table.name, kind=operation.constraint_type)
        kept = Kept(operation, is_new=True, bound_to=self._bound_slot(const) if is_bound else None)
        if isinstance(const, PrimaryKeyConstraint):
            self.primary_key = kept
        else:
            self.constraints.append(kept)

    def drop_constraint(self, const: Constraint, *, if_exists: bool | None = None) -> None:
        """Drop a constraint by its name, of whatever kind it is (BAT-51)."""
        name = sqla.final_name(const, self.impl.dialect)
        is_bound = sqla.is_type_bound(const)
        if name is None:
            if not is_bound:
                raise ConstraintNameRequired(table=self.table.name, kind=None)
            self._drop_unnamed_checks([column.name for column in _columns_of(const)])
            return
        if self.primary_key is not None and self.primary_key.operation.constraint_name == name:
            self.primary_key = None
            return
        remaining = [kept for kept in self.constraints if kept.operation.constraint_name != name]
        if len(remaining) == len(self.constraints) and not (is_bound or if_exists):
            raise NoSuchConstraint(table=self.table.name, constraint=name, known=self._constraint_names())
        self.constraints = remaining

    def _drop_unnamed_checks(self, columns: Iterable[str]) -> None:
        self.constraints = [
            kept
            for kept in self.constraints
            if not (kept.is_unnamed_text and mentions(kept.operation.condition.text, columns))
        ]

    def _constraint_names(self) -> list[str]:
        everything = [*([self.primary_key] if self.primary_key else []), *self.constraints]
        return [kept.operation.constraint_name for kept in everything if kept.operation.constraint_name]

    def _checks_of(self, type_: Any, column_name: str) -> list[Constraint]:
        """The CHECKs that a type asks for on this database (BAT-54)."""
        table = self.objects.table(
            self.table.name,
            self.objects.column(column_name, NULLTYPE if type_ is None else type_),
            schema=self.table.schema,
        )
        return [
            constraint
            for constraint in sqla.in_creation_order(table.constraints)
            if sqla.is_type_bound(constraint) and sqla.is_created(constraint, self.impl)
        ]

    def _bound_slot(self, constraint: Constraint) -> Slot | None:
        names = {column.name for column in _columns_of(constraint)}
        return next((slot for slot in self.slots if slot.column.name in names), None)

    # --- indexes, comments, the table's name --------------------------------------------------------------

    def create_index(self, idx: Index, **kw: Any) -> None:
        """Create an index when everything else is done (BAT-80)."""
        self.new_indexes.append((ops.CreateIndexOp.from_index(idx), kw))

    def drop_index(self, idx: Index, *, if_exists: bool | None = None, **kw: Any) -> None:
        """Do not create an index again (BAT-80)."""
        old = [index for index in self.indexes if index.index_name != idx.name]
        new = [(index, options) for index, options in self.new_indexes if index.index_name != idx.name]
        if (len(old), len(new)) == (len(self.indexes), len(self.new_indexes)) and not if_exists:
            known = [str(index.index_name) for index in self.indexes]
            raise NoSuchIndex(table=self.table.name, index=idx.name, known=known)
        self.indexes, self.new_indexes = old, new

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


def _columns_of(constraint: Any) -> list[Column[Any]]:
    return list(constraint.columns)
