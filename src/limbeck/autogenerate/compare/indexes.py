"""Compare indexes and unique constraints, together: a database may take one for the other (AUT-40 to AUT-46)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy.sql.elements import conv

from limbeck import sqla
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.glance import Glancing, settled_by
from limbeck.autogenerate.match import match
from limbeck.base.dispatch import PriorityDispatchResult
from limbeck.ddl.compare.constraints import shortened
from limbeck.ddl.compare.indexes import has_expressions, unique_signature
from limbeck.ddl.compare.records import Record, TableRecord
from limbeck.ddl.compare.result import ComparisonResult
from limbeck.operations.ops import (
    CreateIndexOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
    DropIndexOp,
    ModifyTableOps,
)  # fmt: skip

log = logging.getLogger("alembic.autogenerate.compare.constraints")


@dataclass(frozen=True, slots=True)
class Member:
    """An index or unique constraint, under the name it has in the database."""

    name: str | None
    item: Index | UniqueConstraint

    @property
    def kind(self) -> Literal["index", "unique_constraint"]:
        """What filters call it."""
        return "index" if isinstance(self.item, Index) else "unique_constraint"

    @property
    def signature(self) -> Any:
        """What two of no name have in common if they mean the same."""
        if isinstance(self.item, Index):
            return self.kind, tuple(column.name for column in self.item.columns), bool(self.item.unique)
        return self.kind, unique_signature(self.item)


def same_indexes_and_uniques(glancing: Glancing, record: TableRecord, table: Table) -> bool:
    """Whether a table has just the indexes and unique constraints it should have, under the names they should have."""
    wanted = _Wanted(glancing, table)
    if not wanted.is_plain:
        return False
    for unique in record.unique_constraints:
        if "duplicates_index" not in unique and not wanted.takes_unique(record, unique):
            return False
    for index in record.indexes:
        if "duplicates_constraint" not in index and not wanted.takes_index(record, index):
            return False
    return not wanted.indexes and not wanted.uniques and not wanted.nameless


class _Wanted:
    """The indexes and unique constraints of the models that have not been found yet, as plain values."""

    def __init__(self, glancing: Glancing, table: Table) -> None:
        self.glancing = glancing
        self.is_plain = True
        self.indexes: dict[str, tuple[bool, list[str]]] = {}
        self.uniques: dict[str, frozenset[str]] = {}
        self.nameless: list[frozenset[str]] = []
        for index in table.indexes:
            name = self.plain_name(index)
            if name is None or has_expressions(index) or self.has_options(index.dialect_kwargs):
                self.is_plain = False
            else:
                self.indexes[name] = bool(index.unique), [column.name for column in index.columns]
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint):
                name = self.plain_name(constraint)
                if self.has_options(constraint.dialect_kwargs):
                    self.is_plain = False
                elif name is not None:
                    self.uniques[name] = unique_signature(constraint)
                elif constraint.name is None:
                    self.nameless.append(unique_signature(constraint))
                else:
                    self.is_plain = False
        self.names = {*self.indexes, *self.uniques}

    def plain_name(self, item: Index | UniqueConstraint) -> str | None:
        """The name as it is in the database, if that can be told without more ado."""
        name = item.name
        return str(name) if isinstance(name, str) and len(name) <= self.glancing.longest_name else None

    def has_options(self, options: Mapping[str, Any]) -> bool:
        """Whether an index or constraint has options that are compared (AUT-41)."""
        compared = self.glancing.impl.compared_index_options
        return bool(compared and options) and any(options.get(name) for name in compared)

    def takes_index(self, record: TableRecord, found: Record) -> bool:
        """Whether an index of the database is one of those, or is nobody's business."""
        name, columns = found["name"], found["column_names"]
        if not self.glancing.is_included(record, name, "index"):
            return False
        if any(found.get(key) for key in ("expressions", "column_sorting")) or self.has_options(
            found.get("dialect_options", {})
        ):
            return False
        if name in self.indexes:
            return self.indexes.pop(name) == (bool(found["unique"]), columns)
        if self.glancing.impl.is_implied_index(found, record):
            return name not in self.names
        return (
            bool(found["unique"]) and self.glancing.impl.has_uniques_as_indexes and self._takes(name, columns)
        )

    def takes_unique(self, record: TableRecord, found: Record) -> bool:
        """Whether a unique constraint of the database is one of those."""
        if self.has_options(found.get("dialect_options", {})):
            return False
        name = found["name"]
        return self.glancing.is_included(record, name, "unique_constraint") and self._takes(
            name, found["column_names"]
        )

    def _takes(self, name: str | None, columns: list[str]) -> bool:
        signature = frozenset(columns)
        if name in self.uniques:
            return self.uniques.pop(name) == signature
        if name not in self.names and signature in self.nameless:
            self.nameless.remove(signature)
            return True
        return False


@settled_by(same_indexes_and_uniques)
def compare_indexes_and_uniques(
    autogen_context: AutogenContext,
    modify_table_ops: ModifyTableOps,
    schema: str | None,
    tname: str,
    conn_table: Table | None,
    metadata_table: Table | None,
) -> PriorityDispatchResult:
    """Add operations for the indexes and unique constraints of one table.

    A table that is new or removed as a whole takes its unique constraints with it, so that only its
    indexes are left to be mentioned (AUT-5).
    """
    found_uniques, found_indexes = _found(autogen_context, conn_table)
    wanted_uniques, wanted_indexes = _members(metadata_table)
    if conn_table is not None:
        autogen_context.migration_context.impl.correct_for_autogen_constraints(
            found_uniques, found_indexes, wanted_uniques, wanted_indexes
        )
    if conn_table is None:
        wanted_uniques.clear()
    if metadata_table is None:
        found_uniques.clear()
    sides = _Sides(
        _named(autogen_context, [*found_indexes, *found_uniques]),
        _named(autogen_context, [*wanted_indexes, *wanted_uniques]),
    )
    _Changes(autogen_context, modify_table_ops, sides).make()
    return PriorityDispatchResult.CONTINUE


def _members(table: Table | None) -> tuple[set[UniqueConstraint], set[Index]]:
    if table is None:
        return set(), set()
    return {item for item in table.constraints if isinstance(item, UniqueConstraint)}, set(table.indexes)


def _found(autogen_context: AutogenContext, table: Table | None) -> tuple[set[UniqueConstraint], set[Index]]:
    """What the database has, as far as the user's filter lets its name pass (AUT-60)."""
    uniques, indexes = _members(table)
    if table is None:
        return uniques, indexes

    def passes(item: Index | UniqueConstraint, kind: Literal["index", "unique_constraint"]) -> bool:
        parents = {"table_name": table.name, "schema_name": table.schema}
        return autogen_context.run_name_filters(item.name, kind, parents)  # type: ignore[arg-type]  # reflected names are strings

    return (
        {item for item in uniques if passes(item, "unique_constraint")},
        {item for item in indexes if passes(item, "index")},
    )


def _named(autogen_context: AutogenContext, items: Iterable[Index | UniqueConstraint]) -> list[Member]:
    dialect = autogen_context.dialect
    members = [Member(sqla.final_name(item, dialect), item) for item in items]
    return sorted(members, key=lambda member: (member.name or "", str(member.signature)))


class _Sides:
    """Both sides by name, after those without a name have found their counterparts (AUT-40)."""

    def __init__(self, found: list[Member], wanted: list[Member]) -> None:
        self.found = {member.name: member for member in found if member.name is not None}
        self.wanted = {member.name: member for member in wanted if member.name is not None}
        self.additions: list[Member] = []
        nameless = {member.signature for member in found if member.name is None}
        for member in wanted:
            if member.name is None:
                if not self._keep_same(member) and member.signature not in nameless:
                    self.additions.append(member)
            elif member.name not in self.found and member.signature in nameless:
                del self.wanted[member.name]

    def _keep_same(self, member: Member) -> bool:
        """Find one in the database that means the same and is not wanted under its own name."""
        for name, other in self.found.items():
            if other.signature == member.signature and name not in self.wanted:
                del self.found[name]
                return True
        return False


class _Changes:
    """The operations that lead from one side to the other, in order (AUT-45)."""

    def __init__(
        self, autogen_context: AutogenContext, modify_table_ops: ModifyTableOps, sides: _Sides
    ) -> None:
        self.context = autogen_context
        self.impl = autogen_context.migration_context.impl
        self.ops = modify_table_ops.ops
        self.table_name = modify_table_ops.table_name
        self.sides = sides
        self.taken = {*sides.found, *sides.wanted}

    def make(self) -> None:
        """Removed names, then those on both sides, then new names, then what has no name."""
        found, wanted = self.sides.found, self.sides.wanted
        matched = match(found, wanted)
        for name in matched.removed:
            self.drop(found[name], None)
        for name in matched.common:
            self.change(found[name], wanted[name])
        for name in matched.added:
            self.create(wanted[name], None)
        for member in self.sides.additions:
            self.create(member, None)

    def change(self, old: Member, new: Member) -> None:
        """Replace one by the other if they differ (AUT-41, AUT-43)."""
        if old.kind != new.kind:
            self.drop(old, None)
            self.create(new, None)
            return
        result = self.compare(old.item, new.item)
        if result.is_skip:
            log.info("Cannot compare %s %r: %s", _words(new), new.name, result.message)
        if result.is_different and self.is_included(new, old) and self.is_included(old, new):
            log.info(
                "Detected changed %s %r on %r: %s", _words(new), new.name, self.table_name, result.message
            )
            self.ops += [_drop_op(old), self.create_op(new)]

    def compare(self, old: Any, new: Any) -> ComparisonResult:
        """What the dialect says about two of one name."""
        if isinstance(new, Index):
            result: ComparisonResult = self.impl.compare_indexes(new, old)
        else:
            result = self.impl.compare_unique_constraint(new, old)
        return result

    def drop(self, member: Member, twin: Member | None) -> None:
        """Drop what the models do not have."""
        if self.is_included(member, twin):
            log.info("Detected removed %s %r on %r", _words(member), member.name, self.table_name)
            self.ops.append(_drop_op(member))

    def create(self, member: Member, twin: Member | None) -> None:
        """Create what the database does not have."""
        if self.is_included(member, twin):
            log.info("Detected added %s %r on %r", _words(member), member.name, self.table_name)
            self.ops.append(self.create_op(member))

    def is_included(self, member: Member, twin: Member | None) -> bool:
        """What the user's filter says (AUT-61)."""
        is_found = member.name is not None and self.sides.found.get(member.name) is member
        name = member.item.name if isinstance(member.item.name, str) else None
        return self.context.run_object_filters(
            member.item, name, member.kind, is_found, twin.item if twin else None
        )

    def create_op(self, member: Member) -> CreateIndexOp | CreateUniqueConstraintOp:
        """The operation; what has no name gets one, so that the way back can name it."""
        if isinstance(member.item, Index):
            index_op = CreateIndexOp.from_index(member.item)
            if member.name is None:
                index_op.index_name = conv(self.index_name(member.item))
            return index_op
        unique_op = CreateUniqueConstraintOp.from_constraint(member.item)
        if member.name is None:
            name = self.impl.name_constraint(member.item, self.taken)
            self.taken.add(name)
            unique_op.constraint_name = conv(name)
        return unique_op

    def index_name(self, index: Index) -> str:
        """What SQLAlchemy calls an index if no convention says otherwise."""
        parts = ["ix", self.table_name, *(column.name for column in index.columns)]
        return shortened("_".join(parts), self.context.dialect.max_identifier_length)


def _drop_op(member: Member) -> DropIndexOp | DropConstraintOp:
    if isinstance(member.item, Index):
        return DropIndexOp.from_index(member.item)
    return DropConstraintOp.from_constraint(member.item)


def _words(member: Member) -> str:
    return member.kind.replace("_", " ")
