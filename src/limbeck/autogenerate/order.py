"""In which order the changes to all tables can run, forth and back (AUT-6).

New tables come first, those that others refer to before the others; then tables go, the others way round; then
tables change. A foreign key that would be too early or too late there is taken out and put where it can be: so
in circles, and where its other end is about to come or go.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import ForeignKeyConstraint

from limbeck.ddl.compare.records import TableKey
from limbeck.operations.ops import (
    AlterColumnOp,
    CreateForeignKeyOp,
    CreateTableOp,
    DowngradeOps,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    DropTableOp,
    MigrateOperation,
    ModifyTableOps,
    OpContainer,
    UpgradeOps,
)  # fmt: skip

K = TypeVar("K", bound=Hashable)


class Keys(Protocol):
    """What the order asks of a table in the database."""

    def is_unique(self, columns: Sequence[str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Created:
    """A new table: its operation, its indexes, and each foreign key with its target and an operation of its own."""

    key: TableKey
    operation: CreateTableOp
    members: ModifyTableOps
    foreign_keys: list[tuple[ForeignKeyConstraint, TableKey, CreateForeignKeyOp]]
    separate: set[ForeignKeyConstraint] = field(default_factory=set)
    """The foreign keys that the user wants to be created by themselves (`use_alter`)."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A table that goes: its operation, its indexes, and each foreign key with its target and an operation."""

    key: TableKey
    operation: DropTableOp
    members: ModifyTableOps
    foreign_keys: list[tuple[ForeignKeyConstraint, TableKey, DropConstraintOp]]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that has to be done, without an order between tables."""

    created: Sequence[Created]
    removed: Sequence[Removed]
    modified: Mapping[TableKey, ModifyTableOps]
    alters_constraints: bool = True
    """Whether foreign keys can be made and dropped by themselves; if not, none of them binds either."""


def arranged(plan: Plan, database: Mapping[TableKey, Keys]) -> list[MigrateOperation]:
    """The operations of a plan in an order in which they can run; `database` is what is there before."""
    if plan.alters_constraints:
        first, modified, last = _foreign_keys_apart(plan, database)
    else:
        first, modified, last = [], dict(plan.modified), []
    created, separate = _creation(plan, database)
    dropped_first, removed = _removal(plan)
    return [
        *created,
        *separate,
        *first,
        *dropped_first,
        *removed,
        *(members for members in modified.values() if members.ops),
        *last,
    ]


def in_dependency_order(keys: Sequence[K], parents: Mapping[K, set[K]]) -> tuple[list[K], set[tuple[K, K]]]:
    """Keys with parents first, and the pairs (key, parent) that had to be ignored because of circles.

    Keys that do not depend on each other keep their order.

    >>> in_dependency_order(["a", "b", "c"], {"a": {"c"}})
    (['b', 'c', 'a'], set())
    """
    place = {key: number for number, key in enumerate(keys)}
    waiting = {key: {parent for parent in parents.get(key, ()) if parent in place} - {key} for key in keys}
    children: dict[K, list[K]] = {key: [] for key in keys}
    for key, missing in waiting.items():
        for parent in missing:
            children[parent].append(key)
    ordered: list[K] = []
    cut: set[tuple[K, K]] = set()
    free = [key for key, missing in waiting.items() if not missing]
    while waiting:
        if not free:
            key = next(key for key in waiting if key in _ancestors(key, waiting))
            for parent in [parent for parent in waiting[key] if key in _ancestors(parent, waiting)]:
                cut.add((key, parent))
                waiting[key].discard(parent)
            free = [] if waiting[key] else [key]
            continue
        ordered += free
        for key in free:
            del waiting[key]
        freed: set[K] = set()
        for key in free:
            for child in children[key]:
                if child in waiting:
                    waiting[child].discard(key)
                    if not waiting[child]:
                        freed.add(child)
        free = sorted(freed, key=place.__getitem__)
    return ordered, cut


def _ancestors(key: K, parents: Mapping[K, set[K]]) -> set[K]:
    seen: set[K] = set()
    ahead = [key]
    while ahead:
        for parent in parents[ahead.pop()] - seen:
            seen.add(parent)
            ahead.append(parent)
    return seen


# --- whole tables -------------------------------------------------------------------------------------------


def _creation(
    plan: Plan, database: Mapping[TableKey, Keys]
) -> tuple[list[MigrateOperation], list[MigrateOperation]]:
    """New tables with their indexes, and the foreign keys that have to wait until all tables are there."""
    created = {table.key: table for table in plan.created}
    parents = {
        table.key: {target for item, target, _ in table.foreign_keys if item not in table.separate}
        for table in plan.created
    }
    ordered, cut = in_dependency_order(list(created), parents)
    operations: list[MigrateOperation] = []
    separate: list[MigrateOperation] = []
    for table in (created[key] for key in ordered):
        apart: list[MigrateOperation] = []
        if plan.alters_constraints:
            for item, target, operation in table.foreign_keys:
                if item in table.separate or (table.key, target) in cut:
                    table.operation.leave_out(item)
                    apart.append(operation)
        operations.append(table.operation)
        if table.members.ops:
            operations.append(table.members)
        if apart:
            separate.append(_of(table.operation, _sorted_keys(apart)))
    return operations, separate


def _removal(plan: Plan) -> tuple[list[MigrateOperation], list[MigrateOperation]]:
    """Foreign keys that bind tables in a circle, and tables that go, with their indexes before them."""
    removed = {table.key: table for table in plan.removed}
    parents = {table.key: {target for _, target, _ in table.foreign_keys} for table in plan.removed}
    ordered, cut = in_dependency_order(list(removed), parents)
    first: list[MigrateOperation] = []
    operations: list[MigrateOperation] = []
    for table in (removed[key] for key in reversed(ordered)):
        apart: list[MigrateOperation] = []
        if plan.alters_constraints:
            for item, target, operation in table.foreign_keys:
                if (table.key, target) in cut:
                    back = table.operation.reverse()
                    back.columns = [part for part in back.columns if not _is_key_named(part, item.name)]
                    table.operation._reverse = back
                    apart.append(operation)
        if apart:
            first.append(_of(table.operation, _sorted_keys(apart)))
        if table.members.ops:
            operations.append(table.members)
        operations.append(table.operation)
    return first, operations


def _of(table: CreateTableOp | DropTableOp, operations: list[MigrateOperation]) -> ModifyTableOps:
    return ModifyTableOps(table.table_name, operations, schema=table.schema)


def _sorted_keys(operations: list[MigrateOperation]) -> list[MigrateOperation]:
    return sorted(operations, key=lambda operation: getattr(operation, "constraint_name", None) or "")


def _is_key_named(item: Any, name: Any) -> bool:
    return isinstance(item, ForeignKeyConstraint) and item.name == name


# --- foreign keys between tables that change ----------------------------------------------------------------


def _foreign_keys_apart(
    plan: Plan, database: Mapping[TableKey, Keys]
) -> tuple[list[MigrateOperation], dict[TableKey, ModifyTableOps], list[MigrateOperation]]:
    """Take out the foreign keys that must go before any table goes or changes, or come after all have changed."""
    gone = {table.key for table in plan.removed}
    first: list[MigrateOperation] = []
    last: list[MigrateOperation] = []
    modified: dict[TableKey, ModifyTableOps] = {}
    for table in plan.created:
        late: list[MigrateOperation] = []
        for item, target, operation in table.foreign_keys:
            is_awaited = target in plan.modified and not database[target].is_unique(operation.remote_cols)
            if is_awaited:
                table.separate.discard(item)
                table.operation.leave_out(item)
                late.append(operation)
        if late:
            last.append(_of(table.operation, _sorted_keys(late)))
    for key, members in plan.modified.items():
        early: list[MigrateOperation] = []
        late = []
        rest: list[MigrateOperation] = []
        for change in members.ops:
            if _is_dropped_too_late(change, key, gone, plan.modified):
                early.append(change)
            elif _is_created_too_early(change, key, plan.modified, database):
                late.append(change)
            else:
                rest.append(change)
        for apart, place in ((early, first), (late, last)):
            if apart:
                place.append(ModifyTableOps(members.table_name, apart, schema=members.schema))
        modified[key] = ModifyTableOps(members.table_name, rest, schema=members.schema)
    return first, modified, last


def _is_dropped_too_late(
    change: MigrateOperation, own: TableKey, gone: set[TableKey], modified: Mapping[TableKey, ModifyTableOps]
) -> bool:
    """Whether a foreign key would go after the table, column or key it points to."""
    if not isinstance(change, DropConstraintOp) or not isinstance(change._reverse, CreateForeignKeyOp):
        return False
    key = change._reverse
    target = _target_of(key, own)
    return target in gone or (target in modified and _loses(modified[target], key.remote_cols))


def _is_created_too_early(
    change: MigrateOperation,
    own: TableKey,
    modified: Mapping[TableKey, ModifyTableOps],
    database: Mapping[TableKey, Keys],
) -> bool:
    """Whether a foreign key would come before the column or key it points to."""
    if not isinstance(change, CreateForeignKeyOp):
        return False
    target = _target_of(change, own)
    return target != own and target in modified and not database[target].is_unique(change.remote_cols)


def _target_of(operation: CreateForeignKeyOp, own: TableKey) -> TableKey:
    schema, name = operation.kw.get("referent_schema"), operation.referent_table
    source = operation.kw.get("source_schema"), operation.source_table
    return own if (schema, name) == source else (schema, name)


def _loses(members: ModifyTableOps, columns: Sequence[str]) -> bool:
    """Whether these changes drop one of the columns, or what makes them unique."""
    for change in members.ops:
        if isinstance(change, DropColumnOp) and change.column_name in columns:
            return True
        if isinstance(change, (DropIndexOp, DropConstraintOp)) and change._reverse is not None:
            names = getattr(change._reverse, "columns", ())
            if {getattr(name, "name", name) for name in names} == set(columns):
                return True
    return False


# --- the way back -------------------------------------------------------------------------------------------


class Ways(Protocol):
    """What both ways ask of a dialect's impl."""

    def is_dropped_with_table(self, index: DropIndexOp, table: DropTableOp) -> bool: ...
    def prepare_alteration(self, operation: AlterColumnOp) -> None: ...
    def prepare_drop(self, operation: DropColumnOp) -> None: ...


def fill_downgrade(impl: Ways, upgrade_ops: UpgradeOps, downgrade_ops: DowngradeOps) -> DowngradeOps:
    """Fill `downgrade_ops` with the way back, the mirror of the way there (AUT-7).

    Then see to what is not the same on both ways. Values need other conversions there and back. And some
    indexes only go with their table: where a foreign key holds on to its index, dropping that first would fail.
    """
    upgrade_ops.reverse_into(downgrade_ops)
    for way in (upgrade_ops, downgrade_ops):
        _leave_to_table(impl, way)
        for operation in _all(way):
            if isinstance(operation, AlterColumnOp) and operation.modify_type is not None:
                impl.prepare_alteration(operation)
            elif isinstance(operation, DropColumnOp):
                impl.prepare_drop(operation)
    return downgrade_ops


def _all(container: OpContainer) -> Iterator[MigrateOperation]:
    for operation in container.ops:
        if isinstance(operation, OpContainer):
            yield from _all(operation)
        else:
            yield operation


def _leave_to_table(impl: Ways, way: OpContainer) -> None:
    for members, table in zip(way.ops, way.ops[1:], strict=False):
        if (
            isinstance(members, ModifyTableOps)
            and isinstance(table, DropTableOp)
            and (members.schema, members.table_name) == (table.schema, table.table_name)
        ):
            members.ops = [
                change
                for change in members.ops
                if not (isinstance(change, DropIndexOp) and impl.is_dropped_with_table(change, table))
            ]
    way.ops = [part for part in way.ops if not (isinstance(part, ModifyTableOps) and not part.ops)]
