"""Runs the steps of a plan, one by one: transaction, log line, the migration's function, rows, callbacks."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from limbeck import errors
from limbeck.base import garbage
from limbeck.base.progress import run_watcher, step_watcher
from limbeck.base.signals import find_watch
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime import aftermath
from limbeck.runtime.aftermath import Failure
from limbeck.runtime.repeating import Repetitions, Undoing, find_restart
from limbeck.runtime.run_watch import RunWatch
from limbeck.runtime.transaction import Transactions
from limbeck.runtime.version_table import HeadMaintainer, VersionTable
from limbeck.script.steps import MigrationStep

if TYPE_CHECKING:
    from limbeck.runtime.journal.run import RunJournal
    from limbeck.runtime.journal.watch import Leftover, StepWatch
    from limbeck.runtime.run_lock import HeldRunLock

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
    def journal(self) -> RunJournal | None: ...
    @property
    def run_lock(self) -> HeldRunLock | None: ...
    @property
    def on_version_apply_callbacks(self) -> tuple[Callable[..., Any], ...]: ...
    def begin_transaction(self, _per_migration: bool = False) -> Any: ...
    @property
    def run_watch(self) -> RunWatch: ...
    @property
    def repetitions(self) -> Repetitions: ...
    def begin_again(self) -> None: ...
    def prepare_version_table(self, rows: Collection[str]) -> None: ...
    def note_step(self, step: MigrationStep) -> None: ...
    def require_run_lock(self, rows: Collection[str]) -> None: ...


def run_steps(
    context: RunContext, steps: Iterable[MigrationStep], heads: HeadMaintainer, run_args: Mapping[str, Any]
) -> None:
    """Run steps in their order (STEP-2). `run_args` go to every migration's function (MIG-10).

    An exception is raised again with notes that say which step failed and what is left of the run; it has the
    step as its attribute `limbeck_step`.
    """
    steps = list(steps)
    garbage.begin_run()
    journal = context.journal if steps else None
    if journal is not None:
        with aftermath.noting_the_beginning():
            journal.begin(steps)
    try:
        with context.transactions.listening():
            _run_each(context, steps, heads, run_args)
    finally:
        if journal is not None:
            journal.listener.stop()


def _run_each(
    context: RunContext, steps: Sequence[MigrationStep], heads: HeadMaintainer, run_args: Mapping[str, Any]
) -> None:
    watchers = _Watchers()
    if steps:
        watchers.run_started(steps)
    first_rows, first_commits = frozenset(heads.heads), context.transactions.commits
    done = 0
    while done < len(steps):
        step, rows = steps[done], frozenset(heads.heads)
        watchers.step_begins(done + 1, len(steps), step)
        if not done and not context.as_sql:
            with aftermath.noting_the_beginning():
                context.prepare_version_table(heads.heads)
        attempt = _Attempt(context, step, done, first_commits)
        context.require_run_lock(heads.heads)
        try:
            attempt.run(heads, run_args)
        except BaseException as error:
            restart = attempt.find_restart(error)
            if restart is None:
                context.repetitions.note(error)
                attempt.note(error)
                raise
            heads.heads = set(rows if restart == done else first_rows)
            _wait_to_repeat(context, steps, restart, done, error)
            done = restart
            continue
        context.note_step(step)
        step.let_go()
        watchers.step_ended(done + 1, len(steps), step, context.run_watch.statements)
        done += 1
        if context.transactions.is_per_step:
            context.repetitions.begin()


class _Watchers:
    """Whoever wants to hear of the steps."""

    def __init__(self) -> None:
        self._of_run = run_watcher.find()
        found = (step_watcher.find(), self._of_run)
        self._of_steps = [one for one in found if one is not None]

    def run_started(self, steps: Sequence[MigrationStep]) -> None:
        if self._of_run is not None:
            self._of_run.run_started(steps)

    def step_begins(self, number: int, count: int, step: MigrationStep) -> None:
        for one in self._of_steps:
            one.step_begins(number, count, step)

    def step_ended(self, number: int, count: int, step: MigrationStep, statements: int) -> None:
        for one in self._of_steps:
            one.step_ended(number, count, step, statements)


class _Attempt:
    """One attempt to run a step in its transaction, and what is left of it if it fails."""

    def __init__(self, context: RunContext, step: MigrationStep, done: int, first_commits: int) -> None:
        self._context = context
        self._step = step
        self._done = done
        self._first_commits = first_commits
        self._commits_before = context.transactions.commits
        self._recorder: StepWatch | None = None

    def run(self, heads: HeadMaintainer, run_args: Mapping[str, Any]) -> None:
        context, step = self._context, self._step
        transactions, journal = context.transactions, context.journal
        with transactions.counting_statements(), context.begin_transaction(_per_migration=True):
            transactions.begin_changes()
            if not self._done and context.as_sql:
                context.prepare_version_table(heads.heads)
            recorder = self._recorder = journal.recorder_for(step) if journal is not None else None
            with _ended_if_interrupted(context):
                run_step(context, step, heads, run_args, recorder)
            transactions.expected_rows = frozenset(heads.heads)
            context.require_run_lock(heads.heads)

    @property
    def _commits(self) -> int:
        return self._context.transactions.commits - self._commits_before

    def find_restart(self, error: BaseException) -> int | None:
        """The step to begin again with, if that may help and is safe."""
        context, transactions = self._context, self._context.transactions
        if context.as_sql or not context.repetitions.may_help(error) or transactions.is_in_doubt:
            return None
        is_per_step = transactions.is_per_step
        undoing = Undoing(
            has_own_beginning=context.repetitions.has_own_beginning or (is_per_step and self._done > 0),
            is_external=transactions.external or is_per_step is transactions.is_open,
            is_autocommit=transactions.is_autocommit,
            undoes_ddl=transactions.undoes_ddl,
            is_per_step=is_per_step,
            commits_of_step=self._commits,
            commits_of_run=transactions.commits - self._first_commits,
            leftover=self._has_leftover(error),
        )
        return find_restart(undoing, self._done)

    def _has_leftover(self, error: BaseException) -> bool | None:
        recorder, context = self._recorder, self._context
        if recorder is None or context.journal is None or context.transactions.is_open:
            return None
        if not recorder.has_written:
            return None if context.transactions.undoes_ddl else False
        return _find_leftover(error, context.journal, recorder, self._failure(error)) is not None

    def _failure(self, error: BaseException) -> Failure:
        return Failure(self._done, self._commits, is_cut_off=aftermath.is_cut_off(error))

    def note(self, error: BaseException) -> None:
        """Let the exception tell which step it was, and what is left of it."""
        _note(error, self._step, self._context, self._failure(error), self._recorder)


def _wait_to_repeat(
    context: RunContext, steps: Collection[MigrationStep], restart: int, failed: int, error: BaseException
) -> None:
    """Undo what the run has done, if that is what begins again, and let others go on for a while."""
    connection = context.impl.connection
    assert connection is not None, "a database has refused something"
    is_run = not context.transactions.is_per_step
    if is_run:
        connection.rollback()
    what = "the run" if is_run and len(steps) > 1 else "a migration"
    context.repetitions.wait(connection, what, error)
    if is_run:
        context.begin_again()


@contextmanager
def _ended_if_interrupted(context: RunContext) -> Iterator[None]:
    """Somebody who interrupts a run wants the database to stop as well."""
    try:
        with _cancelled_if_deaf(context):
            yield
    except Exception:
        raise
    except BaseException as interruption:
        from limbeck.runtime.second_look import end_statement

        connection = context.impl.connection
        if connection is not None and not context.as_sql:
            end_statement(context.impl, connection, interruption)
        raise


def _cancelled_if_deaf(context: RunContext) -> AbstractContextManager[None]:
    """A driver that hears of no signal while it waits gets its answer at once, which is that it was cancelled."""
    connection, watch = context.impl.connection, find_watch()
    if watch is None or connection is None or context.as_sql:
        return nullcontext()
    return watch.acting(lambda: context.impl.cancel_statement(connection))


def run_step(
    context: RunContext,
    step: MigrationStep,
    heads: HeadMaintainer,
    run_args: Mapping[str, Any],
    recorder: StepWatch | None = None,
) -> None:
    """Run one step inside the transaction that is open: the function, then the rows, then callbacks (CB-1)."""
    log.info("Running %s", step)
    if context.as_sql:
        context.impl.static_output(f"-- Running {step.short_log}")
    journaling = recorder.watching(context.transactions) if recorder is not None else nullcontext()
    with context.run_watch.migration(recorder), journaling:
        require_run(step, step.migration_fn(**run_args))
    with recorder.completing() if recorder is not None else nullcontext() as other_row:
        heads.update_to_step(step, other_row)
    for callback in context.on_version_apply_callbacks:
        callback(ctx=context, step=step.info, heads=set(heads.heads), run_args=run_args)


def require_run(step: MigrationStep, result: object) -> None:
    """Refuse a function that has only promised to run, before its revision is recorded as applied."""
    if inspect.iscoroutine(result):
        result.close()
        raise errors.NotPlainFunction(function=step.name, revision=_identifier(step), kind="asynchronous")
    if inspect.isgenerator(result) or inspect.isasyncgen(result):
        raise errors.NotPlainFunction(function=step.name, revision=_identifier(step), kind="a generator")


def _identifier(step: MigrationStep) -> str:
    return str(getattr(getattr(step, "revision", None), "revision", step.short_log))


def _note(
    error: BaseException,
    step: MigrationStep,
    context: RunContext,
    failure: Failure,
    recorder: StepWatch | None,
) -> None:
    if context.as_sql:
        aftermath.note_step(error, step, "the script is not complete: do not run it")
        return
    if recorder is None or not recorder.knows_what_stays or context.transactions.is_in_doubt:
        _note_state(error, step, context, failure)
        return

    # What stays can be written down only when the rest is undone.
    def note() -> None:
        _note_leftover(error, step, context, failure, recorder)

    if context.transactions.is_open:
        context.transactions.at_end(note)
    else:
        note()


def _note_state(error: BaseException, step: MigrationStep, context: RunContext, failure: Failure) -> None:
    transactions = context.transactions
    is_partial = context.journal is None and aftermath.is_partial(transactions, failure)
    aftermath.note_step(error, step, aftermath.state_after_step(transactions, failure), is_partial=is_partial)


def _note_leftover(
    error: BaseException, step: MigrationStep, context: RunContext, failure: Failure, recorder: StepWatch
) -> None:
    assert context.journal is not None, "a recorder belongs to a journal"
    leftover = _find_leftover(error, context.journal, recorder, failure)
    if leftover is None:
        aftermath.note_step(error, step, aftermath.state_without_leftover(failure))
    else:
        state = aftermath.state_of_leftover(leftover.position, failure)
        aftermath.note_step(error, step, state, is_partial=True, stopped_after=leftover.position)


def _find_leftover(
    error: BaseException, journal: RunJournal, recorder: StepWatch, failure: Failure
) -> Leftover | None:
    """What the failed step has left; a second failure must not hide the first."""
    try:
        return journal.note_failure(recorder, is_cut_off=failure.is_cut_off)
    except SQLAlchemyError as second:
        error.add_note(f"where it has stopped could not be noted: {second}")
        return recorder.presumed_leftover()
