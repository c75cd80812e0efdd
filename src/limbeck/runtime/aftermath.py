"""What a failed run leaves behind, told in notes on its exception: what was running, and what is true now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from sqlalchemy.exc import DBAPIError

from limbeck.script.steps import MigrationStep

LOST_IN_COMMIT = "the connection was lost during COMMIT"
COMMIT_IN_DOUBT = (
    f"{LOST_IN_COMMIT}, so it is not known whether the database has carried it out: "
    "look with `limbeck current`"
)
BEFORE_THE_FIRST_STEP = "it failed before the first migration began"
PURGED = "the version table was emptied before that, and that stays"


class TransactionFacts(Protocol):
    """What has happened to the transactions of a run."""

    @property
    def external(self) -> bool: ...
    @property
    def is_per_step(self) -> bool: ...
    @property
    def is_autocommit(self) -> bool: ...
    @property
    def commits(self) -> int: ...
    @property
    def is_in_doubt(self) -> bool: ...
    @property
    def expected_rows(self) -> frozenset[str] | None: ...
    @property
    def found_rows(self) -> tuple[str, ...] | None: ...
    @property
    def undoes_ddl(self) -> bool: ...
    @property
    def statements(self) -> int: ...


class Failure(NamedTuple):
    """Where in a run it failed: after how many steps, and after how many commits within the failed one.

    `is_cut_off` says that the last statement got no answer, so that it may have been carried out or not.
    """

    steps_before: int
    commits_within: int = 0
    is_cut_off: bool = False


def note_step(
    error: BaseException,
    step: MigrationStep,
    state: str,
    *,
    is_partial: bool = False,
    stopped_after: int | None = None,
) -> None:
    """Let the exception tell which step failed and what is left of the run.

    For whoever reports the error it has attributes: the step is `limbeck_step`, `limbeck_is_partial` says that the
    database may have a part of it, and `limbeck_stopped_after` the number of the last statement that it has, if the
    journal knows that, so that the next run goes on there.
    """
    path = getattr(getattr(step, "revision", None), "path", None)
    where = f" ({path})" if path else ""
    error.add_note(f"while running {step.short_log}{where}")
    error.add_note(state)
    try:
        error.limbeck_step = step  # type: ignore[attr-defined]  # what any exception may be given
        error.limbeck_is_partial = is_partial  # type: ignore[attr-defined]  # likewise
        error.limbeck_stopped_after = stopped_after  # type: ignore[attr-defined]  # likewise
    except AttributeError:  # an exception class with __slots__
        pass


@contextmanager
def noting_the_beginning() -> Iterator[None]:
    """Around what happens in the database before the first step."""
    try:
        yield
    except DBAPIError as error:
        error.add_note(BEFORE_THE_FIRST_STEP)
        raise


@contextmanager
def noting_the_purge(transactions: TransactionFacts) -> Iterator[None]:
    """Around the steps that follow when all rows were deleted, in a transaction of its own or in the run's."""
    try:
        yield
    except BaseException as error:
        if transactions.is_per_step and not transactions.external:
            error.add_note(PURGED)
        raise


def is_cut_off(error: BaseException) -> bool:
    """Whether the last statement may have been carried out: the connection is lost, or somebody interrupts."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return not isinstance(error, Exception)


def is_in_doubt(failure: BaseException) -> bool:
    """Whether a failed COMMIT may have been carried out: unless the database itself has refused it."""
    return is_cut_off(failure) or not isinstance(failure, DBAPIError)


def is_partial(transactions: TransactionFacts, failure: Failure) -> bool:
    """Whether the database may have a part of the failed step, which the version table does not count."""
    if transactions.external and transactions.undoes_ddl:
        return False
    if failure.commits_within:
        return True
    may_have_done = transactions.statements > 0 or failure.is_cut_off
    return may_have_done and (transactions.is_autocommit or not transactions.undoes_ddl)


def state_after_step(transactions: TransactionFacts, failure: Failure) -> str:
    """What the database has after a step has failed (TXN-6, TXN-14)."""
    before = _steps_before(failure.steps_before)
    if transactions.is_in_doubt:
        return f"{_state_of_commit(transactions)}; {before}"
    if transactions.is_autocommit:
        done = _done_of_step(transactions, failure)
        return (
            f"the connection is in autocommit mode, so nothing of this step is rolled back: {done}; {before}"
        )
    if transactions.external:
        return _state_of_external(transactions)
    if failure.commits_within:
        return (
            "what ran up to autocommit_block(), and inside of it, is committed, the version table is not yet "
            f"changed; {before}"
        )
    if not transactions.is_per_step:
        return state_after_run(transactions, failure.steps_before)
    if transactions.undoes_ddl:
        return f"this step is rolled back; {before}"
    return f"this database cannot roll back DDL: {_done_of_step(transactions, failure)}; {before}"


def state_of_leftover(position: int, failure: Failure) -> str:
    """What the database has of a step whose journal says where it has stopped."""
    last = f"up to statement {position} it is" if position > 1 else "its first statement is"
    perhaps = ", and perhaps the one after that" if failure.is_cut_off else ""
    return (
        f"{last} in the database{perhaps}, and no rollback undoes that; the version table does not count it; limbeck "
        f"has noted where it stopped; {_steps_before(failure.steps_before)}"
    )


def state_without_leftover(failure: Failure) -> str:
    """What the database has of a step of which its journal says that nothing is left."""
    return f"nothing of this step is in the database; {_steps_before(failure.steps_before)}"


def state_after_run(transactions: TransactionFacts, steps: int) -> str:
    """What the database has after the transaction around a run has failed; `steps` of it had run."""
    if transactions.is_in_doubt:
        return _state_of_commit(transactions)
    if not transactions.undoes_ddl:
        return (
            "the transaction around the run is rolled back, but this database cannot roll back DDL: what ran "
            "may be there, with or without its row in the version table; look with `limbeck current`"
        )
    extent = ", as far as the last autocommit_block()" if transactions.commits else ""
    earlier = f", and with it {_steps(steps)} before" if steps and not transactions.commits else ""
    return f"the transaction around the run is rolled back{extent}{earlier}"


def _state_of_commit(transactions: TransactionFacts) -> str:
    """What has become of a COMMIT that was cut off."""
    found = transactions.found_rows
    if found is None:
        return COMMIT_IN_DOUBT
    place = f"it is at {', '.join(found) or 'base'}"
    if frozenset(found) == transactions.expected_rows:
        return f"{LOST_IN_COMMIT}, but the database has carried it out: {place}"
    return f"{LOST_IN_COMMIT}, and the database has not carried it out: {place}"


def _state_of_external(transactions: TransactionFacts) -> str:
    owner = "the connection was in a transaction before: what becomes of it is up to its owner"
    return (
        owner if transactions.undoes_ddl else f"{owner}, apart from DDL, which this database cannot roll back"
    )


def _done_of_step(transactions: TransactionFacts, failure: Failure) -> str:
    """How much of the failed step the database may have, if it does not roll back."""
    if failure.is_cut_off:
        last = ", and perhaps the last statement,"
    elif transactions.statements:
        last = ""
    else:
        return "no statement of this step was carried out"
    number = transactions.statements
    done = "1 statement" if number == 1 else f"{number} statements"
    return f"what this step did before it failed ({done}){last} may be there, and the version table does not say so"


def _steps_before(number: int) -> str:
    if not number:
        return "nothing ran before it"
    return f"{_steps(number)} before it {'stays' if number == 1 else 'stay'} applied"


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"
