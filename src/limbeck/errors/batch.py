"""Batch blocks that cannot be carried out."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors.operations import OperationError


class BatchError(OperationError):
    """A `batch_alter_table()` block cannot be carried out; nothing of it was."""


class ConstraintNameRequired(BatchError, ValueError):
    """A constraint is created or dropped in a batch block, and has no name (BAT-50)."""

    def __init__(self, *, table: str, kind: str | None) -> None:
        super().__init__(
            f"A {f'{kind} ' if kind else ''}constraint of table {table!r} must have a name to be created or dropped "
            "in a batch block",
            hint="give it a name, or set a naming convention: on `target_metadata` for new constraints, with "
            "`naming_convention=` of `batch_alter_table()` for those that exist without a name",
        )
        self.table = table
        self.kind = kind


class NoSuchColumn(BatchError, KeyError):
    """A batch block names a column that the table does not have (BAT-56, BAT-59)."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes

    def __init__(self, *, table: str, column: str, known: Iterable[str]) -> None:
        self.known = tuple(known)
        super().__init__(
            f"Table {table!r} has no column {column!r}",
            hint=f"it has {', '.join(self.known)}; a column that the block renames is altered and dropped by its "
            "old name, while constraints and indexes name it as it will be",
        )
        self.table = table
        self.column = column


class NoSuchConstraint(BatchError, ValueError):
    """A batch block drops a constraint that the table does not have (BAT-51)."""

    def __init__(self, *, table: str, constraint: str, known: Iterable[str], reflected: bool) -> None:
        self.known = tuple(known)
        super().__init__(
            f"Table {table!r} has no constraint named {constraint!r}",
            hint=f"named {_source(reflected)} are {', '.join(self.known) or 'none'}; one without a name can be "
            "dropped by the name that `naming_convention=` of `batch_alter_table()` gives it",
        )
        self.table = table
        self.constraint = constraint
        self.reflected = reflected


class NoSuchIndex(BatchError, ValueError):
    """A batch block drops an index that the table does not have (BAT-59)."""

    def __init__(self, *, table: str, index: str | None, known: Iterable[str], reflected: bool) -> None:
        self.known = tuple(known)
        super().__init__(
            f"Table {table!r} has no index named {index!r}",
            hint=f"{_source(reflected)} it has {', '.join(self.known) or 'none'}",
        )
        self.table = table
        self.index = index
        self.reflected = reflected


class DuplicateColumn(BatchError):
    """A batch block would give two columns one name."""

    def __init__(self, *, table: str, column: str) -> None:
        super().__init__(
            f"Table {table!r} has a column {column!r} already", hint="drop or rename the other one first"
        )
        self.table = table
        self.column = column


class ContradictoryOrder(BatchError):
    """The wishes for the order of columns contradict each other (BAT-71)."""

    def __init__(self, *, columns: Iterable[str]) -> None:
        self.columns = tuple(columns)
        super().__init__(
            f"Columns {', '.join(self.columns)} cannot be put in order: each is to stand before the others",
            hint="correct `partial_reordering=` of `batch_alter_table()`",
        )


class PositionNeedsRebuild(BatchError):
    """A column is to be added in a certain place, and no table is rebuilt (BAT-15)."""

    def __init__(self, *, table: str, column: str) -> None:
        super().__init__(
            f"Column {column!r} can be put in a certain place of table {table!r} only by rebuilding the table",
            hint="say `recreate='always'` to `batch_alter_table()`, or leave out `insert_before` and `insert_after`",
        )
        self.table = table
        self.column = column


class RebuildNeedsTable(BatchError):
    """A table is to be rebuilt in a script, and nobody can say what it looks like (BAT-41)."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"Table {table!r} has to be rebuilt, but without a database its columns are unknown",
            hint="let the script begin at base, so that it creates the table itself, or pass the table as it is "
            "with `copy_from=` to `batch_alter_table()`",
        )
        self.table = table


class NothingToCopy(BatchError):
    """No column of the old table is left, so its rows could not be kept."""

    def __init__(self, *, table: str) -> None:
        super().__init__(
            f"Rebuilding table {table!r} would lose its rows: no column of it is left",
            hint="keep one column, or drop the table and create another one",
        )
        self.table = table


class RebuildWouldDeleteRows(BatchError):
    """Replacing a table would delete rows, or break keys, in the tables that refer to it (BAT-28)."""

    def __init__(self, *, table: str, referring: Iterable[str]) -> None:
        self.referring = tuple(referring)
        super().__init__(
            f"Rebuilding table {table!r} would touch rows that refer to it, in {', '.join(self.referring)}: foreign "
            "keys are enforced, and a transaction is open in which that cannot be changed",
            hint="put the batch block into `with op.get_context().autocommit_block():`, or begin migrations with "
            "`PRAGMA foreign_keys=OFF` in env.py",
        )
        self.table = table


def _source(reflected: bool) -> str:
    return "in the database" if reflected else "in the table given as `copy_from`"
