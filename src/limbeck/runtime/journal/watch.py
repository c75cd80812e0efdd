"""Listens to the statements of a run, for the step that is under way.

As long as a step only changes what a rollback would undo, there is nothing to decide and nothing to write: its
statements are kept as they are. What decides and writes is made when one of another kind comes, or a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, event

from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.journaling import BlockJournal
from limbeck.runtime.journal.kinds import kind_of_plain
from limbeck.runtime.version_table import OtherRow


class Commits(Protocol):
    """Commits in the middle of a step."""

    before_commit: Callable[[], None] | None


class PlainStatement(NamedTuple):
    """A change in the open transaction, as it was executed.

    `values` is the digest of its values, None without any; `rows` and `key` are what the driver says of it.
    """

    position: int
    statement: str
    values: str | None
    rows: Any = None
    key: Any = None


class Leftover(NamedTuple):
    """What a failed step has left in the database: the last statement that is there, or none."""

    position: int


class Recorder(Protocol):
    """What decides about each statement of a step, and writes down what no rollback will undo."""

    @property
    def has_written(self) -> bool: ...
    @property
    def knows_what_stays(self) -> bool: ...
    @property
    def is_own(self) -> bool: ...
    @property
    def blocks(self) -> BlockJournal: ...
    def take_over(self, statements: Iterable[PlainStatement], *, last_position: int) -> None: ...
    def take_over_running(self, one: PlainStatement) -> None: ...
    def before(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]: ...
    def after(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None: ...
    def flush(self) -> None: ...
    def require_complete(self) -> None: ...
    def completing(self) -> AbstractContextManager[OtherRow | None]: ...
    def note_failure(self) -> Leftover | None: ...
    def presumed_leftover(self) -> Leftover | None: ...


class StepWatch:
    """Sees the statements of one step.

    `make_recorder` gives what writes them down. If nothing `can_be_undone`, that is needed from the beginning.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        listener: RunListener,
        make_recorder: Callable[[], Recorder],
        *,
        can_be_undone: bool,
    ) -> None:
        self._impl = impl
        self._listener = listener
        self._make_recorder = make_recorder
        self._recorder: Recorder | None = None if can_be_undone else make_recorder()
        self._kept: list[PlainStatement] = []
        self._now: PlainStatement | None = None
        self._position = 0

    @contextmanager
    def watching(self, commits: Commits) -> Iterator[None]:
        """Around the function of the migration; `commits` tells of those that the connection itself does not see."""
        self._listener.listen_for(self)
        self._impl.journal = self
        commits.before_commit = self.flush
        try:
            yield
            if self._recorder is not None:
                self._recorder.require_complete()
        finally:
            self._listener.listen_for(None)
            self._impl.journal = None
            commits.before_commit = None

    def before(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        """A statement is about to be executed; gives what is to be executed."""
        if (
            self._recorder is None
            and kind_of_plain(statement) is not None
            and not self._impl.is_permanent_at_once(connection)
        ):
            self._position += 1
            self._now = PlainStatement(self._position, statement, _digest_of_values(parameters))
            return statement, parameters
        self._now = None  # the last one has failed, and the migration goes on
        return self._decide().before(connection, cursor, statement, parameters, context, executemany)

    def after(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        """A statement was executed."""
        now, self._now = self._now, None
        if now is not None and cursor.description is None:
            key = getattr(cursor, "lastrowid", None)
            self._kept.append(now._replace(rows=getattr(cursor, "rowcount", None), key=key))
            return
        recorder = self._decide()
        if now is not None:  # it has returned rows
            recorder.take_over_running(now)
        recorder.after(connection, cursor, statement, parameters, context, executemany)

    def flush(self) -> None:
        """Called before something commits in the middle of the step."""
        if self._recorder is not None or self._kept:
            self._decide().flush()

    def _decide(self) -> Recorder:
        """What decides and writes from now on."""
        recorder = self._recorder
        if recorder is None:
            recorder = self._recorder = self._make_recorder()
            recorder.take_over(self._kept, last_position=self._position)
            self._kept = []
        return recorder

    # --- batch blocks -------------------------------------------------------------------------------------

    def run_block(self, table: str, rebuild: Callable[[], None]) -> None:
        """Rebuild a table, or do what is left of it."""
        self._decide().blocks.run_block(table, rebuild)

    def note_plan(self, statements: Callable[[], list[str]]) -> None:
        """Called before the first statement of a block: what it is going to do."""
        self._decide().blocks.note_plan(statements)

    def forget_block(self) -> None:
        """What the block has done so far is undone."""
        self._decide().blocks.forget_block()

    # --- the end ------------------------------------------------------------------------------------------

    def completing(self) -> AbstractContextManager[OtherRow | None]:
        """Around the change of the version table: with it, the statements go from the journal."""
        return self._recorder.completing() if self._recorder is not None else nullcontext()

    @property
    def has_written(self) -> bool:
        """Whether the database may hold something about this step."""
        return self._recorder is not None and self._recorder.has_written

    @property
    def knows_what_stays(self) -> bool:
        """Whether all that a rollback does not undo stands in the journal: if nothing stands there, nothing stays."""
        return self._recorder is not None and self._recorder.knows_what_stays

    @property
    def is_own(self) -> bool:
        """Whether what is executed now is the journal's own, and no part of the migration."""
        return self._recorder is not None and self._recorder.is_own

    def note_failure(self) -> Leftover | None:
        """Called after the step has failed and was rolled back: write down where it stopped."""
        return self._recorder.note_failure() if self._recorder is not None else None

    def presumed_leftover(self) -> Leftover | None:
        """What is in the database as far as it is known here, without asking it."""
        return self._recorder.presumed_leftover() if self._recorder is not None else None


class RunListener:
    """Listens to a connection during a run: once, since each step comes and goes much faster than a listener."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._step: StepWatch | None = None
        self._is_listening = False
        self._listeners: tuple[tuple[str, Callable[..., Any], dict[str, Any]], ...] = (
            ("before_cursor_execute", self._before, {"retval": True}),
            ("after_cursor_execute", self._after, {}),
            ("commit", self._commit, {}),
        )

    def listen_for(self, step: StepWatch | None) -> None:
        """The function of a step begins, or of none any more. The first one comes after all that prepares a run."""
        self._step = step
        if not self._is_listening:
            self._is_listening = True
            for name, function, options in self._listeners:
                event.listen(self._connection, name, function, **options)

    def watch(
        self, impl: DefaultImpl, make_recorder: Callable[[], Recorder], *, can_be_undone: bool
    ) -> StepWatch:
        """What sees the statements of a step that is about to begin."""
        return StepWatch(impl, self, make_recorder, can_be_undone=can_be_undone)

    def stop(self) -> None:
        """The run is over."""
        if self._is_listening:
            self._is_listening = False
            for name, function, _ in self._listeners:
                event.remove(self._connection, name, function)

    def _before(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> tuple[str, Any]:
        if self._step is None:
            return statement, parameters
        return self._step.before(connection, cursor, statement, parameters, context, executemany)

    def _after(
        self,
        connection: Connection,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        if self._step is not None:
            self._step.after(connection, cursor, statement, parameters, context, executemany)

    def _commit(self, connection: Connection) -> None:
        if self._step is not None:
            self._step.flush()


def _digest_of_values(parameters: Any) -> str | None:
    """A digest of values: they may be many, and may change later."""
    if not parameters:
        return None
    from limbeck.runtime.journal.digests import digest_of_values

    return digest_of_values(parameters)
