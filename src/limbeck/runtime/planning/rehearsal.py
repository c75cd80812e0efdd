"""Runs the functions of revisions so that it is known what they send, and the database stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DatabaseError

from limbeck import errors, sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.operations.base import Operations
from limbeck.runtime.executor import require_run
from limbeck.runtime.migration import MigrationContext
from limbeck.runtime.planning.recorder import Place, Read, Recorder, Sent
from limbeck.runtime.transaction import BegunTransaction, OpenTransaction, Transactions
from limbeck.runtime.version_table import HeadMaintainer, VersionTable
from limbeck.script.steps import MigrationStep


@dataclass(frozen=True, slots=True)
class Stop:
    """Why the rest of a revision is not known: what was raised, and where in its file.

    `is_certain` says that the migration will fail like this when it runs.
    """

    reason: str
    line: int | None
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A step, and what it would send."""

    step: MigrationStep
    sent: tuple[Sent, ...] = ()
    reads: tuple[Read, ...] = ()
    stop: Stop | None = None
    was_tried: bool = True
    """False for a step behind one that is certain to fail."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would send: before its first step, and in each."""

    preparation: tuple[Sent, ...]
    steps: tuple[Rehearsed, ...]
    is_exact: bool
    """Whether it was tried on a copy of the database, rows and all."""
    is_per_step: bool
    """Whether each step has a transaction of its own."""
    is_external: bool
    """Whether the transaction belongs to whoever made the connection."""


def rehearse(
    context: MigrationContext,
    steps: Iterable[MigrationStep],
    rows: tuple[str, ...],
    run_args: Mapping[str, Any],
) -> Rehearsal:
    """Run steps without changing the database of a context.

    Where the dialect has a stand-in, they run on that; elsewhere everything that is no question is left out. Raises
    NotConnected in a script.
    """
    connection = context.connection
    if context.as_sql or not isinstance(connection, Connection):
        raise errors.NotConnected()
    with ExitStack() as stack:
        stand_in = stack.enter_context(context.impl.stand_in(connection))
        if stand_in is None:
            trial = _leaving_out(context, connection)
            stack.enter_context(
                _reading_only(trial.impl, connection, is_external=trial.transactions.external)
            )
        else:
            trial = _on_copy(context, stand_in.connection)
            if not stand_in.has_rows:
                _write_rows(trial, rows)
        is_exact = stand_in is None or stand_in.has_rows
        has_block = context.transactions.is_open
        course = _Course(trial, rows, has_block, lets_through=stand_in is not None, is_exact=is_exact)
        return course.run(steps, run_args)


@dataclass
class _Course:
    """One rehearsal while it goes on."""

    context: MigrationContext
    rows: tuple[str, ...]
    has_block: bool
    lets_through: bool
    is_exact: bool
    done: list[Rehearsed] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert isinstance(self.context.connection, Connection), "it was found before"
        self.connection = self.context.connection
        self.recorder = Recorder(
            self.context.impl,
            self.connection,
            Place(self._find_place),
            lets_through=self.lets_through,
            is_exact=self.is_exact,
        )

    def run(self, steps: Iterable[MigrationStep], run_args: Mapping[str, Any]) -> Rehearsal:
        context = self.context
        heads = HeadMaintainer(context, self.rows)
        steps = list(steps)
        preparation: tuple[Sent, ...] = ()
        with ExitStack() as stack:
            stack.enter_context(self.recorder.watching())
            stack.enter_context(Operations.context(context))
            if context.environment_context is not None:
                stack.enter_context(_speaking_of(context))
            if steps:
                preparation = self._prepare()
            with context.begin_transaction() if self.has_block else nullcontext():
                for step in steps:
                    fails = bool(self.done) and not _goes_on(self.done[-1])
                    self.done.append(
                        Rehearsed(step, was_tried=False) if fails else self._take(step, heads, run_args)
                    )
        return Rehearsal(
            preparation,
            tuple(self.done),
            is_exact=self.lets_through and self.is_exact,
            is_per_step=context.transactions.is_per_step,
            is_external=context.transactions.external,
        )

    def _prepare(self) -> tuple[Sent, ...]:
        """What a run sends before its first step: see to the version table."""
        context, recorder = self.context, self.recorder
        recorder.turn_to(None)
        with self._bookkeeping():
            existed = context.rows.exists()
            if not self.rows:
                context._ensure_version_table()
            if existed:
                context.prepare_version_table(self.rows)
        return tuple(recorder.sent)

    def _take(self, step: MigrationStep, heads: HeadMaintainer, run_args: Mapping[str, Any]) -> Rehearsed:
        path = getattr(getattr(step, "revision", None), "path", None)
        recorder = self.recorder
        recorder.turn_to(path)
        stop: Stop | None = None
        try:
            with self.context.begin_transaction(_per_migration=True):
                self.context.transactions.begin_changes()
                require_run(step, step.migration_fn(**run_args))
                with self._bookkeeping():
                    heads.update_to_step(step)
        except Exception as error:
            stop = self._stop(error, path)
            self._go_on_after(step, heads)
        return Rehearsed(step, tuple(recorder.sent), tuple(recorder.reads), stop)

    def _stop(self, error: Exception, path: str | None) -> Stop:
        line = None
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == path:
                line = trace.tb_lineno
            trace = trace.tb_next
        problem = str(error.orig) if isinstance(error, DatabaseError) else str(error)
        first = problem.strip().partition("\n")[0]
        reason = f"{type(error).__name__}{': ' if first else ''}{first}"
        is_certain = self.is_exact and not self.recorder.has_left_out and not _is_of_copy(error)
        return Stop(reason, line, is_certain)

    def _go_on_after(self, step: MigrationStep, heads: HeadMaintainer) -> None:
        """What is left of the step goes, and it counts as taken, so that the next one finds the rows it needs."""
        if not self.lets_through:
            if not self.context.transactions.external:
                self.connection.rollback()
            with self._bookkeeping():
                heads.update_to_step(step)

    @contextmanager
    def _bookkeeping(self) -> Iterator[None]:
        self.recorder.is_bookkeeping = True
        try:
            yield
        finally:
            self.recorder.is_bookkeeping = False

    def _find_place(self) -> tuple[Any, bool]:
        transactions = self.context.transactions
        if isinstance(transactions, _NoTransactions):
            alone = transactions.is_outside
        else:
            alone = sqla.is_autocommit(self.connection)
        step = len(self.done) if transactions.is_per_step else 0
        return (step, alone, transactions.commits), alone


MISSING_IN_COPY = ("no such function", "no such collation", "no such module", "not authorized")


def _goes_on(before: Rehearsed) -> bool:
    return before.was_tried and not (before.stop is not None and before.stop.is_certain)


def _is_of_copy(error: Exception) -> bool:
    """Whether it may be only the copy that cannot do it: functions and collations belong to a connection."""
    problem = str(getattr(error, "orig", ""))
    return any(
        word in problem
        for word in ("no such function", "no such collation", "no such module", "not authorized")
    )


def _leaving_out(context: MigrationContext, connection: Connection) -> MigrationContext:
    """The same context, whose transactions only look so."""
    trial = copy.copy(context)
    trial.on_version_apply_callbacks = ()
    trial.transactions = _NoTransactions(context.transactions, context.impl, connection, context.opts)
    return trial


def _on_copy(context: MigrationContext, connection: Connection) -> MigrationContext:
    """A context for a copy of the database, with the same options."""
    trial = copy.copy(context)
    trial.on_version_apply_callbacks = ()
    trial.connection = connection
    trial.dialect = connection.dialect
    trial.impl = type(context.impl)(
        connection.dialect, connection, False, context.transactional_ddl, context.output_buffer, context.opts
    )
    opts = context.opts
    trial.rows = VersionTable(
        trial.impl,
        connection,
        name=context.version_table,
        schema=context.version_table_schema,
        pk=opts["version_table_pk"],
    )
    trial._version = trial.rows.table
    trial.transactions = Transactions(trial.impl, connection, per_migration=opts["transaction_per_migration"])
    trial.transactions.external = context.transactions.external
    return trial


def _write_rows(trial: MigrationContext, rows: Iterable[str]) -> None:
    """Give the version table of a copy without rows its own."""
    for row in rows:
        trial.rows.insert(row)
    if isinstance(trial.connection, Connection):
        trial.connection.commit()


class _NoTransactions(Transactions):
    """Transactions that are only thought of: the connection stays in the one that it is in."""

    def __init__(
        self, before: Transactions, impl: DefaultImpl, connection: Connection, opts: Mapping[str, Any]
    ) -> None:
        super().__init__(impl, connection, per_migration=opts["transaction_per_migration"])
        self.external = before.external
        self._lacks_block = not before.is_open and not impl.needs_transaction_block
        self.is_outside = False

    def begin(self, *, around_step: bool) -> BegunTransaction:
        """Begin nothing."""
        return BegunTransaction(_nothing())

    def begin_changes(self) -> None:
        """Begin nothing."""

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        """Note that statements stand outside of any transaction. Raises AutocommitImpossible as a run would."""
        if self.external:
            raise errors.AutocommitImpossible(external=True)
        was_outside, self.is_outside = self.is_outside, True
        self.commits += 0 if was_outside else 1
        try:
            yield
        finally:
            self.is_outside = was_outside


@contextmanager
def _nothing() -> Iterator[OpenTransaction | None]:
    yield None


@contextmanager
def _speaking_of(context: MigrationContext) -> Iterator[None]:
    """Let `limbeck.context` lead to the context of the rehearsal, too."""
    environment: Any = context.environment_context
    before = environment._migration_context
    environment._migration_context = context
    try:
        yield
    finally:
        environment._migration_context = before


@contextmanager
def _reading_only(impl: DefaultImpl, connection: Connection, *, is_external: bool) -> Iterator[None]:
    """Let the database refuse every change, as far as it can, for functions that a question calls may make some."""
    statement = impl.read_only_statement
    if is_external:
        yield
        return
    connection.rollback()
    begin: Callable[[Connection], None] | None = None
    if statement is not None:
        begin = _sender_of(statement)
        event.listen(connection, "begin", begin)
    try:
        connection.begin()
        yield
    finally:
        if not connection.invalidated:
            connection.rollback()
        if begin is not None:
            event.remove(connection, "begin", begin)


def _sender_of(statement: str) -> Callable[[Connection], None]:
    def send(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return send
