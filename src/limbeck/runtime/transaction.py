"""Transactions around a run, around each step, or none: who begins, who commits, what a script shows instead.

connection was in a transaction when configure() ran   nobody here: its owner commits (external)
DDL can be rolled back, one transaction for all        around the run
DDL can be rolled back, transaction_per_migration      around each step
the same, and env.py opens no block, on SQLite         around each step
DDL cannot be rolled back                              around each step; in a script, nothing
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Protocol

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from limbeck import errors, sqla
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime import aftermath
from limbeck.runtime.scope import rollback_if_open


class OpenTransaction(Protocol):
    """What `with context.begin_transaction() as transaction` gives (TXN-1).

    After `commit()` or `rollback()` inside the block, leaving the block does nothing more.
    """

    def commit(self) -> None: ...
    def rollback(self) -> None: ...


class _DatabaseTransaction:
    """The transaction of a connection; one that runs already is taken over (MIG-11)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_ended = False

    def begin(self) -> None:
        if not self._connection.in_transaction():
            self._connection.begin()

    def commit(self) -> None:
        self._is_ended = True
        self._connection.commit()

    def rollback(self) -> None:
        self._is_ended = True
        self._connection.rollback()

    def leave(self, error: BaseException | None) -> None:
        if self._is_ended:
            return
        if error is None:
            # Whatever transaction is there: a migration may have committed the first one by itself.
            self.commit()
            return
        try:
            self.rollback()
        except SQLAlchemyError as failure:  # the connection is lost; that is not what the user has to read
            error.add_note(f"the rollback failed, too: {failure}")


class _WrittenTransaction:
    """BEGIN and COMMIT in a script; a script that fails stays without COMMIT (OFF-6)."""

    def __init__(self, impl: DefaultImpl) -> None:
        self._impl = impl
        self._is_ended = False

    def begin(self) -> None:
        self._impl.emit_begin()

    def commit(self) -> None:
        self._is_ended = True
        self._impl.emit_commit()

    def rollback(self) -> None:
        self._is_ended = True

    def leave(self, error: BaseException | None) -> None:
        if error is None and not self._is_ended:
            self.commit()


class BegunTransaction(AbstractContextManager[OpenTransaction | None]):
    """A transaction that has begun when it is asked for: with a block around it, or ended by whoever asked (TXN-1).

    Where none belongs, nothing begins, and nothing is to end.
    """

    def __init__(self, block: AbstractContextManager[OpenTransaction | None]) -> None:
        self._block = block
        self._transaction = block.__enter__()

    def __enter__(self) -> OpenTransaction | None:
        return self._transaction

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._block.__exit__(kind, error, traceback)

    def commit(self) -> None:
        """Commit without a block."""
        if self._transaction is not None:
            self._transaction.commit()
        self._block.__exit__(None, None, None)

    def rollback(self) -> None:
        """Roll back without a block."""
        if self._transaction is not None:
            self._transaction.rollback()
        self._block.__exit__(None, None, None)


class Transactions:
    """The transactions of one migration context.

    `external` says that the connection was in a transaction before: its owner commits (TXN-3, TXN-4).
    """

    def __init__(self, impl: DefaultImpl, connection: Connection | None, *, per_migration: bool) -> None:
        self._impl = impl
        self._connection = connection
        self._open: _DatabaseTransaction | _WrittenTransaction | None = None
        self.external = connection is not None and connection.in_transaction()
        self._per_migration = per_migration
        self._lacks_block = False
        self.before_commit: Callable[[], None] | None = None
        """To be called before a statement of a step makes permanent what was done before it."""
        self.commits = 0
        """How often something has made permanent what was done before it, such as `autocommit_block()`."""
        self.is_in_doubt = False
        """Whether the last COMMIT was cut off, so that nobody here knows if it was carried out."""
        self.expected_rows: frozenset[str] | None = None
        """What the version table holds once the transaction that is open is committed, as far as steps have run."""
        self.look_up_rows: Callable[[frozenset[str] | None], tuple[str, ...] | None] | None = None
        """Asks a new session for the rows of the version table."""
        self.found_rows: tuple[str, ...] | None = None
        """The rows that were found after a COMMIT that was cut off; None if nobody could look."""
        self.is_autocommit = False
        """Whether the connection makes each statement permanent at once, as seen when the last block began."""
        self.statements = 0
        """How many statements the last step has executed so far."""
        self._is_counting = False
        self._is_touched = False
        self._is_noticing = False
        self._begun_with: bool = False
        self._at_end: list[Callable[[], None]] = []

    @property
    def is_per_step(self) -> bool:
        """Whether each step has a transaction of its own."""
        return self._per_migration or self._lacks_block or not self._impl.transactional_ddl

    @property
    def undoes_ddl(self) -> bool:
        """Whether the database can roll back DDL, whatever `transactional_ddl` was set to (TXN-7)."""
        return self._impl.undoes_ddl

    @property
    def is_open(self) -> bool:
        """Whether a transaction of this context is open, so that it will be committed."""
        return self._open is not None

    def begin(self, *, around_step: bool) -> BegunTransaction:
        """Begin the transaction around the run or around a step, or nothing (TXN-1, TXN-2)."""
        return BegunTransaction(self._block(around_step=around_step))

    @contextmanager
    def _block(self, *, around_step: bool) -> Iterator[OpenTransaction | None]:
        """The transaction around the run or around a step, or nothing, as the module's table says (TXN-1, TXN-2)."""
        self.is_autocommit = self._connection is not None and sqla.is_autocommit(self._connection)
        if around_step and self._open is None and not self._impl.needs_transaction_block:
            self._lacks_block = True
        if around_step is not self.is_per_step:
            yield None
            return
        if self._open is not None:
            yield self._open
            return
        transaction = self._make()
        if transaction is None:
            yield None
            return
        with self._noticing_use(is_of_run=not around_step):
            transaction.begin()
            self._open = transaction
        try:
            yield transaction
        except BaseException as error:
            transaction.leave(error)
            raise
        else:
            with self._watching_commit(is_of_run=not around_step):
                transaction.leave(None)
        finally:
            self._open = None
            self._is_touched = True
            self._stop_noticing()
            ended, self._at_end = self._at_end, []
            for function in ended:
                function()

    # --- what has happened in it (for the run lock) ----------------------------------------------------------

    @property
    def is_disposable(self) -> bool:
        """Whether a rollback would take nothing away: asked before limbeck itself reads anything."""
        connection = self._connection
        if connection is None or self.external:
            return False
        if sqla.is_autocommit(connection):
            return True
        if not connection.in_transaction():
            return not self._impl.has_begun()
        return self._open is not None and not self._is_touched and self._impl.has_begun() is self._begun_with

    @contextmanager
    def suspended(self, *, is_disposable: bool) -> Iterator[None]:
        """Outside of a transaction, if it may end because it has only been read in; it begins anew afterwards."""
        connection = self._connection
        if not is_disposable or connection is None:
            yield
            return
        is_begun = self._open is not None
        rollback_if_open(connection)
        try:
            yield
        finally:
            if not connection.closed and not connection.invalidated:
                rollback_if_open(connection)
                if is_begun:
                    connection.begin()

    def begin_anew(self) -> None:
        """Roll back the transaction around the run, and begin it again."""
        connection = self._connection
        assert connection is not None, "a transaction of a database is open"
        rollback_if_open(connection)
        connection.begin()

    def at_end(self, function: Callable[[], None]) -> None:
        """Have a function called when the transaction that is open has ended, well or not."""
        self._at_end.append(function)

    @contextmanager
    def _noticing_use(self, *, is_of_run: bool) -> Iterator[None]:
        """Around the beginning of a transaction of limbeck's own: notice when anybody uses it."""
        connection = self._connection
        if connection is None or self._impl.as_sql or not is_of_run:
            yield
            return
        self._is_touched = connection.in_transaction() or self._impl.has_begun()
        yield
        self._begun_with = self._impl.has_begun()
        if not self._is_touched:
            event.listen(connection, "before_cursor_execute", self._touch)
            self._is_noticing = True

    def _touch(self, *_: object) -> None:
        self._is_touched = True

    def _stop_noticing(self) -> None:
        if self._is_noticing and self._connection is not None:
            self._is_noticing = False
            event.remove(self._connection, "before_cursor_execute", self._touch)

    @contextmanager
    def _watching_commit(self, *, is_of_run: bool) -> Iterator[None]:
        """Around a COMMIT: remember if it is cut off, and tell what that means for a whole run."""
        self.is_in_doubt = False
        try:
            yield
        except BaseException as failure:
            self.is_in_doubt = aftermath.is_in_doubt(failure)
            if self.is_in_doubt and self.look_up_rows is not None:
                self.found_rows = self.look_up_rows(self.expected_rows)
            if is_of_run:
                failure.add_note(aftermath.state_after_run(self, 0))
            raise

    def begin_changes(self) -> None:
        """Called before the first change of a step, or of the version table: see to a transaction that is one."""
        if self._connection is not None and not self._impl.as_sql:
            self._impl.begin_changes(self._count_commit)
            self.statements = 0

    def _count_commit(self) -> None:
        if self.before_commit is not None:
            self.before_commit()
        self.commits += 1

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Around the steps of a run: hear of each statement that the database executes, from whatever hand."""
        if self._connection is None:
            yield
            return
        self._is_touched = True
        self._stop_noticing()
        event.listen(self._connection, "after_cursor_execute", self._count)
        try:
            yield
        finally:
            event.remove(self._connection, "after_cursor_execute", self._count)

    @contextmanager
    def counting_statements(self) -> Iterator[None]:
        """Around a step: count what is heard of it."""
        self.statements = 0
        self._is_counting = True
        try:
            yield
        finally:
            self._is_counting = False

    def _count(self, *_: object) -> None:
        self.statements += self._is_counting

    def _make(self) -> _DatabaseTransaction | _WrittenTransaction | None:
        if self._impl.as_sql:
            return _WrittenTransaction(self._impl) if self._impl.transactional_ddl else None
        if self.external or self._connection is None:
            return None
        return _DatabaseTransaction(self._connection)

    @contextmanager
    def autocommit(self) -> Iterator[None]:
        """A block outside any transaction; what was done before is committed (TXN-10 to TXN-14).

        Raises AutocommitImpossible if the transaction is not limbeck's own.
        """
        if self._impl.as_sql:
            is_open = self._open is not None
            if is_open:
                self._impl.emit_commit()
            yield
            if is_open:
                self._impl.emit_begin()
            return
        connection = self._connection
        if connection is None:
            raise errors.NotConnected()
        if sqla.is_autocommit(connection):  # the engine is, or this is a block inside of a block
            yield
            return
        was_open = connection.in_transaction()
        if self.external or (was_open and self._open is None):
            raise errors.AutocommitImpossible(external=self.external)
        level = _isolation_level(connection)
        with self._watching_commit(is_of_run=False):
            connection.commit()
        self.commits += 1
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            yield
        except BaseException:
            if not connection.invalidated:
                connection.rollback()
            raise
        else:
            connection.commit()
        finally:
            if not connection.invalidated and not connection.closed:
                connection.execution_options(isolation_level=level)
                if was_open:
                    connection.begin()
                    self._impl.begin_changes(self._count_commit)


def _isolation_level(connection: Connection) -> str | None:
    """The isolation level to go back to; asked inside a transaction, which some drivers begin by being asked."""
    level: str | None = connection.get_execution_options().get("isolation_level")
    if level is not None:
        return level
    if not connection.in_transaction():
        connection.begin()
    try:
        return connection.get_isolation_level()
    except NotImplementedError:  # some databases do not let everybody ask
        return connection.default_isolation_level
