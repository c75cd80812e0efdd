"""Operations in groups: those of one table, of one direction, of one revision file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any, TypeVar

from limbeck.operations.ops.base import MigrateOperation

C = TypeVar("C", bound="OpContainer")


class OpContainer(MigrateOperation):
    """A sequence of operations."""

    def __init__(self, ops: Sequence[MigrateOperation] = ()) -> None:
        self.ops: list[MigrateOperation] = list(ops)

    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.ops

    def as_diffs(self) -> list[Any]:
        """The diff tuples of all operations, also of those in containers inside (AUT-3)."""
        return list(self._diffs())

    def _diffs(self) -> Iterator[Any]:
        for operation in self.ops:
            if isinstance(operation, OpContainer):
                yield from operation.as_diffs()
            else:
                yield operation.to_diff_tuple()

    def _reversed_ops(self) -> list[MigrateOperation]:
        """What undoes these operations: the last one first (AUT-7)."""
        return [operation.reverse() for operation in reversed(self.ops)]


class ModifyTableOps(OpContainer):
    """The operations on one table (AUT-5)."""

    def __init__(
        self, table_name: str, ops: Sequence[MigrateOperation], *, schema: str | None = None
    ) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema

    def reverse(self) -> ModifyTableOps:
        """What undoes these operations, the last one first."""
        return ModifyTableOps(self.table_name, self._reversed_ops(), schema=self.schema)


class UpgradeOps(OpContainer):
    """What `upgrade()` does; `upgrade_token` names the place of it in the template."""

    def __init__(self, ops: Sequence[MigrateOperation] = (), upgrade_token: str = "upgrades") -> None:
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Fill `downgrade_ops` with what undoes these operations, and return it."""
        downgrade_ops.ops[:] = self._reversed_ops()
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """What undoes these operations, the last one first (AUT-1)."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """What `downgrade()` does; `downgrade_token` names the place of it in the template."""

    def __init__(self, ops: Sequence[MigrateOperation] = (), downgrade_token: str = "downgrades") -> None:
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """What undoes these operations, the last one first."""
        return UpgradeOps(self._reversed_ops())


class MigrationScript(MigrateOperation):
    """A revision file that is about to be written, as `process_revision_directives` hooks see it."""

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps | Sequence[UpgradeOps],
        downgrade_ops: DowngradeOps | Sequence[DowngradeOps],
        *,
        message: str | None = None,
        imports: Set[str] = frozenset(),
        head: str | None = None,
        splice: bool | None = None,
        branch_label: str | Sequence[str] | None = None,
        version_path: str | None = None,
        depends_on: str | Sequence[str] | None = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        self.imports: set[str] = imports if isinstance(imports, set) else set(imports)
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on
        self.upgrade_ops = upgrade_ops
        self.downgrade_ops = downgrade_ops

    @property
    def upgrade_ops(self) -> UpgradeOps | None:
        """The one group of upgrade operations. Raises ValueError if there are several."""
        return _only(self._upgrade_ops, "upgrade_ops_list")

    @upgrade_ops.setter
    def upgrade_ops(self, upgrade_ops: UpgradeOps | Sequence[UpgradeOps]) -> None:
        self._upgrade_ops = _as_list(upgrade_ops, UpgradeOps)

    @property
    def downgrade_ops(self) -> DowngradeOps | None:
        """The one group of downgrade operations. Raises ValueError if there are several."""
        return _only(self._downgrade_ops, "downgrade_ops_list")

    @downgrade_ops.setter
    def downgrade_ops(self, downgrade_ops: DowngradeOps | Sequence[DowngradeOps]) -> None:
        self._downgrade_ops = _as_list(downgrade_ops, DowngradeOps)

    @property
    def upgrade_ops_list(self) -> list[UpgradeOps]:
        """All groups of upgrade operations, one for each database of a multi-database project."""
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self) -> list[DowngradeOps]:
        """All groups of downgrade operations, one for each database of a multi-database project."""
        return self._downgrade_ops


def _as_list(given: C | Sequence[C], kind: type[C]) -> list[C]:
    groups = [given] if isinstance(given, OpContainer) else list(given)
    for group in groups:
        if not isinstance(group, kind):
            raise TypeError(f"expected {kind.__name__}, got {group!r}")
    return groups


def _only(groups: list[C], plural: str) -> C | None:
    if len(groups) > 1:
        raise ValueError(f"this script has {len(groups)} groups of operations; use `{plural}`")
    return groups[0] if groups else None
