"""How a run begins: what is applied, what is to be done, and nobody else who does it at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from limbeck import errors
from limbeck.runtime.aftermath import noting_the_beginning
from limbeck.runtime.transaction import Transactions
from limbeck.runtime.version_table import VersionTable
from limbeck.script.steps import MigrationStep, RevisionStep

if TYPE_CHECKING:
    from limbeck.runtime.journal.run import RunJournal

Rows = tuple[str, ...]
Work = Callable[[Rows, Any], Iterable[MigrationStep]]
"""Says which steps to run, given the rows of the version table and the migration context (RUN-6)."""


class BeginningContext(Protocol):
    """What the beginning of a run needs of a migration context."""

    @property
    def as_sql(self) -> bool: ...
    @property
    def is_reading(self) -> bool: ...
    @property
    def is_disposable(self) -> bool: ...
    @property
    def has_journal(self) -> bool | None: ...
    @property
    def opts(self) -> Mapping[str, Any]: ...
    @property
    def rows(self) -> VersionTable: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def journal(self) -> RunJournal | None: ...
    def find_rows(self) -> Rows | None: ...
    def get_current_heads(self) -> Rows: ...
    def begin_transaction(self, _per_migration: bool = False) -> Any: ...
    def _ensure_version_table(self) -> None: ...
    def take_run_lock(self, target: str | None) -> bool: ...


def begin(context: BeginningContext, work: Work) -> tuple[Rows, Collection[MigrationStep]]:
    """Read the rows and find the steps; once there is something to do, under the run lock (MIG-8).

    What another run has done while this one waited is seen then. There is a table for the rows afterwards. Where
    there is nothing to do, a revision that has stopped in the middle would be overlooked: UnfinishedRevision.
    """
    if context.is_reading:
        rows = context.get_current_heads()
        return rows, list(work(rows, context))
    with noting_the_beginning():
        found = context.find_rows()
        rows, has_table = found or (), found is not None
    steps = list(work(rows, context)) if has_table else []
    if has_table and not steps:
        if context.has_journal is not False and context.journal is not None:
            context.journal.require_nothing_unfinished()
        return rows, steps
    with noting_the_beginning():
        is_new = context.take_run_lock(describe_target(context.opts, steps))
        now = _read_again(context) if is_new else rows
        if not has_table:
            with context.begin_transaction(_per_migration=True):
                context._ensure_version_table()
    if not has_table or now != rows:
        steps = list(work(now, context))
    return now, steps


def purge(context: BeginningContext, work: Work) -> Collection[MigrationStep]:
    """Delete all rows, but only once it is known where to go from there (CLI-52)."""
    if context.as_sql:
        raise errors.PurgeOffline()
    steps = list(work((), context))
    with noting_the_beginning():
        context.take_run_lock(describe_target(context.opts, steps))
        with context.begin_transaction(_per_migration=True):
            context._ensure_version_table()
            context.transactions.begin_changes()
            context.rows.clear()
    return steps


def describe_target(opts: Mapping[str, Any], steps: Sequence[MigrationStep]) -> str | None:
    """Where a run goes, for others who wait for it: a revision if it is known, else as it was typed."""
    last = steps[-1] if steps else None
    if isinstance(last, RevisionStep) and last.is_upgrade:
        return str(last.revision.revision)
    target = opts.get("destination_rev")
    return target if isinstance(target, str) or target is None else ", ".join(map(str, target))


def _read_again(context: BeginningContext) -> Rows:
    return context.get_current_heads() if context.is_disposable else context.rows.read_latest()
