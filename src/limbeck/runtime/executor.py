"""Runs the steps of a plan, one by one: transaction, log line, the migration's function, rows, callbacks."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import NotPlainFunction
from limbeck.runtime.transaction import Transactions
from limbeck.runtime.version_table import HeadMaintainer, VersionTable
from limbeck.script.steps import MigrationStep

log = logging.getLogger("alembic.runtime.migration")


class RunContext(Protocol):
    """What running steps needs of a migration context."""

    @property
    def impl(self) -> DefaultImpl: ...
    @property
    def as_sql(self) -> bool: ...
    @property
    def rows(self) -> VersionTable: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def on_version_apply_callbacks(self) -> tuple[Callable[..., Any], ...]: ...
    def begin_transaction(self, _per_migration: bool = False) -> Any: ...
    def note_step(self, step: MigrationStep) -> None: ...


def run_steps(
    context: RunContext, steps: Iterable[MigrationStep], heads: HeadMaintainer, run_args: Mapping[str, Any]
) -> None:
    """Run steps in their order (STEP-2). `run_args` go to every migration's function (MIG-10).

    An exception is raised again with notes that say which step failed and what is left of the run; it has the
    step as its attribute `limbeck_step`.
    """
    for done, step in enumerate(steps):
        commits_before = context.transactions.commits
        try:
            with context.begin_transaction(_per_migration=True):
                if context.as_sql and not heads.heads and not done:
                    context.rows.create()
                run_step(context, step, heads, run_args)
        except BaseException as error:
            has_committed = context.transactions.commits > commits_before
            _explain(error, step, _what_is_left(context, done, has_committed=has_committed))
            raise
        context.note_step(step)


def run_step(
    context: RunContext, step: MigrationStep, heads: HeadMaintainer, run_args: Mapping[str, Any]
) -> None:
    """Run one step inside the transaction that is open: the function, then the rows, then callbacks (CB-1)."""
    log.info("Running %s", step)
    if context.as_sql:
        context.impl.static_output(f"-- Running {step.short_log}")
    _require_run(step, step.migration_fn(**run_args))
    heads.update_to_step(step)
    for callback in context.on_version_apply_callbacks:
        callback(ctx=context, step=step.info, heads=set(heads.heads), run_args=run_args)


def _require_run(step: MigrationStep, result: object) -> None:
    """Refuse a function that has only promised to run, before its revision is recorded as applied."""
    if inspect.iscoroutine(result):
        result.close()
        raise NotPlainFunction(function=step.name, revision=_identifier(step), kind="asynchronous")
    if inspect.isgenerator(result) or inspect.isasyncgen(result):
        raise NotPlainFunction(function=step.name, revision=_identifier(step), kind="a generator")


# --- what a failure leaves behind ---------------------------------------------------------------------------


def _explain(error: BaseException, step: MigrationStep, state: str) -> None:
    path = getattr(getattr(step, "revision", None), "path", None)
    where = f" ({path})" if path else ""
    error.add_note(f"while running {step.short_log}{where}")
    error.add_note(state)
    try:
        error.limbeck_step = step  # type: ignore[attr-defined]  # a fact for whoever reports the error
    except AttributeError:  # an exception class with __slots__
        pass


def _identifier(step: MigrationStep) -> str:
    return str(getattr(getattr(step, "revision", None), "revision", step.short_log))


def _what_is_left(context: RunContext, done: int, *, has_committed: bool) -> str:
    """What the failed run has left in the database, as far as it is known here (TXN-6, TXN-14)."""
    if context.as_sql:
        return "the script is not complete: do not run it"
    before = (
        f"{_steps(done)} before it {'stays' if done == 1 else 'stay'} applied"
        if done
        else "nothing ran before it"
    )
    if context.transactions.is_autocommit:
        return f"the connection is in autocommit mode, so nothing of this step is rolled back; {before}"
    if context.transactions.external:
        return "the connection was in a transaction before: what becomes of it is up to its owner"
    if has_committed:
        return (
            "what ran up to autocommit_block(), and inside of it, is committed, the version table is not yet "
            f"changed; {before}"
        )
    if not context.transactions.is_per_step:
        extent = ", as far as the last autocommit_block()" if context.transactions.commits else ""
        return f"the transaction around the run is rolled back{extent}"
    if context.impl.transactional_ddl:
        return f"this step is rolled back; {before}"
    return (
        "this database cannot roll back DDL: what this step did before it failed may be there, and the "
        f"version table does not say so; {before}"
    )


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
