"""Batch blocks that cannot be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from limbeck.errors.operations import OperationError


class BatchError(OperationError):
    """A `batch_alter_table()` block cannot be carried out; nothing of it was."""

    code = "LBK-BATCH"


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


class ColumnInUse(BatchError):
    """A batch block drops a column that something else in the table speaks of (BAT-53)."""

    def __init__(self, *, table: str, column: str, users: Iterable[str]) -> None:
        self.users = tuple(users)
        super().__init__(
            f"Column {column!r} of table {table!r} cannot be dropped: it is used by {', '.join(self.users)}",
            hint="drop these in the same block, before or after the column; a constraint without a name can be "
            "dropped by the name that `naming_convention=` of `batch_alter_table()` gives it, and CHECKs "
            "without a name are replaced by those in `table_args=`",
        )
        self.table = table
        self.column = column


class RebuildBreaks(BatchError):
    """Something in the database would work no more after a table is rebuilt (BAT-25)."""

    def __init__(self, *, table: str, broken: Mapping[str, str]) -> None:
        self.broken = dict(broken)
        what = "; ".join(f"{name} ({message})" for name, message in self.broken.items())
        super().__init__(
            f"The change to table {table!r} would break {what}",
            hint="drop or change it first, with `op.execute()` before the batch block",
        )
        self.table = table


class RowsLost(BatchError):
    """A rebuilt table does not have as many rows as the old one had; the rebuild was undone."""

    def __init__(self, *, table: str, before: int, after: int) -> None:
        super().__init__(
            f"Rebuilding table {table!r} would have kept {after} of its {before} rows",
            hint="a key or CHECK with ON CONFLICT IGNORE or REPLACE leaves rows out that do not fit it: change the "
            "rows, or the key",
        )
        self.table = table
        self.before = before
        self.after = after


class KeysViolated(BatchError):
    """After a rebuild rows would refer to rows that are not there; the rebuild was undone (BAT-28)."""

    def __init__(self, *, table: str, violations: Mapping[tuple[str, str], int]) -> None:
        self.violations = dict(violations)
        found = ", ".join(
            f"{count} in {child} ({parent})" for (child, parent), count in sorted(self.violations.items())
        )
        super().__init__(
            f"After the change to table {table!r} rows refer to others that are not there: {found}",
            hint="correct these rows before the batch block, or change the foreign key; `PRAGMA foreign_key_check` "
            "lists what is wrong now",
        )
        self.table = table


class RowsInLeftover(BatchError):
    """A temporary table of an earlier rebuild has rows that are nowhere else."""

    def __init__(self, *, table: str, leftover: str, schema: str | None) -> None:
        super().__init__(
            f"Table {leftover!r} is in the way of rebuilding {table!r}: it seems to be left over from a rebuild that "
            f"did not end, but has rows that {table!r} does not have",
            hint=f"look at them, then say `DROP TABLE {_qualified(schema, leftover)};` and run the command again",
        )
        self.table = table
        self.leftover = leftover
        self.schema = schema


class TableIsLeftover(BatchError):
    """A table is missing, and its rows are in the temporary table of a rebuild that was interrupted (BAT-21)."""

    def __init__(self, *, table: str, leftover: str, schema: str | None) -> None:
        super().__init__(
            f"There is no table {table!r}; a rebuild that did not end has left its rows in {leftover!r}",
            hint=f'say `ALTER TABLE {_qualified(schema, leftover)} RENAME TO "{table}";` to get it back, create its '
            "indexes and triggers again, and run the command again",
        )
        self.table = table
        self.leftover = leftover
        self.schema = schema


class NotRebuildable(BatchError):
    """A table is not one that can be built anew from its text, such as a virtual one."""

    def __init__(self, *, table: str, sql: str) -> None:
        super().__init__(
            f"Table {table!r} cannot be rebuilt: it is not an ordinary table, or its text is not understood: {sql}",
            hint="say with `op.execute()` what is to be done, or pass the table as it is with `copy_from=` to "
            "`batch_alter_table()`",
        )
        self.table = table
        self.sql = sql


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


def _qualified(schema: str | None, table: str) -> str:
    return f'"{schema}"."{table}"' if schema else f'"{table}"'
