"""`MigrationContext`: one database being migrated, its version table and its transactions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from sqlalchemy import Connection, Engine, Executable, make_url
from sqlalchemy.engine import URL, Dialect

from limbeck import errors, sqla
from limbeck.base.plugins import load_plugins
from limbeck.base.progress import run_watcher, step_watcher
from limbeck.base.settings import read_boolean
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.version_table import JOURNAL_SUFFIX, NARROW
from limbeck.operations.registry import implementations
from limbeck.runtime import beginning, options
from limbeck.runtime.aftermath import noting_the_purge
from limbeck.runtime.beginning import Work
from limbeck.runtime.limits import limited, read_limits
from limbeck.runtime.output import find_output
from limbeck.runtime.repeating import Repetitions
from limbeck.runtime.run_lock import HeldRunLock, RunLocking
from limbeck.runtime.run_watch import RunWatch
from limbeck.runtime.scope import commit_if_open
from limbeck.runtime.transaction import BegunTransaction, Transactions
from limbeck.runtime.uncommitted import EXTERNAL, NO_TRANSACTION, UncommittedSteps
from limbeck.runtime.version_table import HeadMaintainer, VersionTable
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationInfo, MigrationStep, RevisionStep, StampStep

if TYPE_CHECKING:
    from limbeck.runtime.journal.run import RunJournal

__all__ = [
    "HeadMaintainer",
    "MigrationContext",
    "MigrationInfo",
    "MigrationStep",
    "RevisionStep",
    "StampStep",
]

implementations.fill_from("limbeck.ddl.apply")

log = logging.getLogger("alembic.runtime.migration")
logging.getLogger("alembic").addHandler(logging.NullHandler())  # silent unless logging is set up (TPL-6)


class Environment(Protocol):
    """What a migration context wants to know of the environment it belongs to."""

    @property
    def config(self) -> Any: ...


class MigrationContext:
    """A database, or the script written for one, with what is needed to migrate it.

    >>> with engine.connect() as connection:
    ...     MigrationContext.configure(connection).get_current_heads()
    ('1975ea83b712',)

    Migrations find it as `op.get_context()`, env.py as `context.get_context()`. Make one with `configure()`.
    """

    def __init__(
        self,
        dialect: Dialect,
        connection: Connection | None,
        opts: Mapping[str, Any],
        environment_context: Environment | None = None,
    ) -> None:
        load_plugins()
        self.environment_context = environment_context
        self.opts: dict[str, Any] = {**options.defaults(), **opts}
        self.dialect = dialect
        self.script: ScriptDirectory | None = self.opts.get("script")
        self.as_sql: bool = self.opts.get("as_sql", False)
        self.purge: bool = self.opts.get("purge", False)
        self.transactional_ddl: bool | None = self.opts.get("transactional_ddl")
        self.output_buffer: TextIO = find_output(self.opts, self.config)
        self.on_version_apply_callbacks = _as_callbacks(self.opts["on_version_apply"])
        database = (
            None if self.as_sql else connection
        )  # in a script a connection only gives the dialect (ENV-13)
        self.impl: DefaultImpl = DefaultImpl.get_by_dialect(dialect)(
            dialect, database, self.as_sql, self.transactional_ddl, self.output_buffer, self.opts
        )
        self.connection: Connection | None = self.impl.bind if self.as_sql else connection
        self.version_table: str = self.opts["version_table"]
        self.version_table_schema: str | None = self.opts["version_table_schema"]
        self.rows = VersionTable(
            self.impl,
            database,
            name=self.version_table,
            schema=self.version_table_schema,
            pk=self.opts["version_table_pk"],
        )
        self._version = self.rows.table
        self.transactions = Transactions(
            self.impl, database, per_migration=self.opts["transaction_per_migration"]
        )
        if database is not None:
            self.transactions.look_up_rows = self._look_up_rows
        self._locking = RunLocking(self)
        self.has_journal: bool | None = None
        """Whether there is a journal, if that is known already."""
        self.is_disposable = False
        """Whether nothing but reading has happened in the transaction in which the run began."""
        self._uncommitted: UncommittedSteps | None = None
        self.run_watch = RunWatch(self.impl, None, None)
        self.repetitions = Repetitions(self.impl, is_wanted=False, has_own_beginning=False)
        self.run_args: Mapping[str, Any] = {}
        """What `run_migrations()` was given for the functions of migrations."""
        self._log_beginning()

    @classmethod
    def configure(
        cls,
        connection: Connection | None = None,
        url: str | URL | None = None,
        dialect_name: str | None = None,
        dialect: Dialect | None = None,
        environment_context: Environment | None = None,
        dialect_opts: Mapping[str, Any] | None = None,
        opts: Mapping[str, Any] | None = None,
    ) -> MigrationContext:
        """Make a context for a connection, or for the kind of database that a URL or a name says (MIG-1).

        `opts` are the options of `context.configure()`, and besides `as_sql`, `fn`, `script`, `purge` and
        `dont_mutate`. Raises NotAConnection, or NoDialect if nothing tells the kind of database.
        """
        if connection is not None:
            _require_connection(connection)
            dialect = connection.dialect
        elif url is not None:
            dialect = make_url(url).get_dialect()(**(dialect_opts or {}))
        elif dialect_name is not None:
            dialect = URL.create(dialect_name).get_dialect()(**(dialect_opts or {}))
        elif dialect is None:
            raise errors.NoDialect()
        return cls(dialect, connection, opts or {}, environment_context)

    # --- what it is made of --------------------------------------------------------------------------------

    @property
    def bind(self) -> Connection | None:
        """The connection; in a script, an object that writes what it should execute; or None (MIG-3)."""
        return self.connection

    @property
    def config(self) -> Any:
        """The Config of the environment, or None without one."""
        return self.environment_context.config if self.environment_context is not None else None

    def execute(self, sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute SQL, or write it into the script; text is read like `sqlalchemy.text()` (MIG-6)."""
        self.impl.execute(sql, execution_options)

    # --- transactions --------------------------------------------------------------------------------------

    def begin_transaction(self, _per_migration: bool = False) -> BegunTransaction:
        """The transaction around a run, if that is where one belongs; in a script, BEGIN and COMMIT (TXN-1).

        Where it does not belong, because each migration has its own or the connection was in a transaction
        before, the block does nothing, and its `as` value is None. It begins at once; without a block, whoever asked
        for it calls its `commit()` or `rollback()`.
        """
        return self.transactions.begin(around_step=_per_migration)

    def autocommit_block(self) -> AbstractContextManager[None]:
        """Leave the transaction for statements that no transaction may contain (TXN-10).

            def upgrade():
                with op.get_context().autocommit_block():
                    op.execute("ALTER TYPE mood ADD VALUE 'soso'")

        What the run has done before is committed. If the migration fails afterwards its revision is not
        recorded though part of it is applied: prefer `transaction_per_migration=True`, and let the block stand
        first. Raises AutocommitImpossible in a transaction that is not limbeck's own.
        """
        return self.transactions.autocommit()

    # --- the version table ---------------------------------------------------------------------------------

    def get_current_revision(self) -> str | None:
        """The revision the database is at, or None (MIG-5). Raises SeveralRows if there are several."""
        heads = self.get_current_heads()
        if len(heads) > 1:
            raise errors.SeveralRows(table=self.version_table, rows=heads)
        return heads[0] if heads else None

    def get_current_heads(self) -> tuple[str, ...]:
        """The revisions the database is at: the rows of the version table, which need not exist (MIG-4).

        In a script: the revision it starts from.
        """
        start = self.opts.get("starting_rev")
        if self.as_sql:
            return self._resolve_start(start)
        return self.find_rows() or ()

    def find_rows(self) -> tuple[str, ...] | None:
        """The rows of the version table; None if there is none."""
        if self.opts.get("starting_rev") is not None:
            raise errors.StartingRevisionOnline()
        rows, self.has_journal = self.rows.look(beside=self.journal_name)
        return rows

    def is_at_heads(self, script_directory: ScriptDirectory) -> bool:
        """Whether all revisions are applied: the rows are the heads that nothing follows (CLI-57).

        >>> MigrationContext.configure(connection).is_at_heads(ScriptDirectory.from_config(config))
        True

        Meant to be asked often: on a fresh connection to SQLite, MySQL or MariaDB it takes one statement, on PostgreSQL
        two, so that the log of a server that has no version table yet stays free of errors.
        """
        return script_directory.are_heads(self.get_current_heads())

    def _ensure_version_table(self, script: ScriptDirectory | None = None) -> None:
        """Create the version table if it is not there, for the revisions of `script` (MIG-9, VER-1)."""
        longest = _longest_id(script or self.script)
        if self.as_sql:
            self.rows.create(longest=longest)
            return
        connection = self.connection
        is_own_scope = connection is not None and not connection.in_transaction()
        if not self.rows.exists():
            self.transactions.begin_changes()
            self.rows.create(longest=longest)
        if is_own_scope and connection is not None:
            connection.commit()

    def stamp(self, script_directory: ScriptDirectory, revision: Any) -> None:
        """Write revisions into the version table without running anything (MIG-7).

        The caller begins and commits the transaction, and sees to it that no other run is under way: it may be one
        of several things that are done in that transaction, so no lock is taken for it.
        """
        rows = self.get_current_heads()
        if not rows and not self.as_sql:
            self._ensure_version_table(script_directory)
        steps = script_directory._stamp_revs(revision, rows)
        if steps and not self.as_sql:
            self.rows.make_room(script_directory.get_longest_id())
        heads = HeadMaintainer(self, rows)
        for step in steps:
            heads.update_to_step(step)

    # --- running -------------------------------------------------------------------------------------------

    def run_migrations(self, **kw: Any) -> None:
        """Run the steps that the option `fn` asks for; `kw` go to every `upgrade()` or `downgrade()` (MIG-8)."""
        work: Work | None = self.opts.get("fn")
        if work is None:
            raise errors.NothingToRun()
        self.run_args = kw
        self.impl.start_migrations()
        self.is_disposable = self.transactions.is_disposable
        try:
            with self._watched(), self._limited():
                if self.purge:
                    steps = beginning.purge(self, work)
                    with noting_the_purge(self.transactions):
                        self._run_steps(steps, (), kw)
                    return
                rows, steps = beginning.begin(self, work)
                self._run_steps(steps, rows, kw)
        finally:
            self._locking.leave()

    def _run_steps(
        self, steps: Collection[MigrationStep], rows: Iterable[str], kw: Mapping[str, Any]
    ) -> None:
        if not steps:
            return
        from limbeck.runtime.executor import run_steps

        run_steps(self, steps, HeadMaintainer(self, rows), kw)

    def _watched(self) -> AbstractContextManager[None]:
        """Around a run that writes: let whoever looks see which statement it is at, and count them."""
        connection = self.connection
        found = run_watcher.find()
        is_seen = found is not None or step_watcher.find() is not None
        if not is_seen or self.is_reading or not isinstance(connection, Connection):
            return nullcontext()
        self.run_watch = RunWatch(self.impl, connection, found)
        return self.run_watch.active()

    @property
    def is_reading(self) -> bool:
        """Whether nothing is to be changed."""
        return self.as_sql or self.opts.get("dont_mutate", False)

    def _limited(self) -> AbstractContextManager[None]:
        """Around a run that writes: the time limits that somebody has set, and what may be tried again under them."""
        connection = self.connection
        if self.is_reading or not isinstance(connection, Connection):
            return nullcontext()
        limits = read_limits(self._setting)
        self.repetitions = Repetitions(
            self.impl,
            is_wanted=limits.lock_wait is not None and not self.purge,
            has_own_beginning=self.is_disposable,
        )
        return limited(self.impl, connection, self.transactions, limits)

    def begin_again(self) -> None:
        """Called when the transaction around the run was rolled back: begin another, with a table for the rows."""
        self.transactions.begin_anew()
        self._ensure_version_table()

    def take_run_lock(self, target: str | None) -> bool:
        """Wait until no other run is under way; the lock is released at the end of `run_migrations()`.

        Whether it is newly taken, so that what was read before may have changed. `target` is what others are told who
        wait for it. Raises RunLockBusy when the time is up.
        """
        is_new = self._locking.take(target, is_disposable=self.is_disposable)
        if is_new and self.run_lock is not None and self.journal is not None:
            self.journal.note_existence(self.run_lock.has_journal)
        return is_new

    @property
    def run_lock(self) -> HeldRunLock | None:
        """The lock that keeps other runs away while this one works; None if there is none."""
        return self._locking.held

    def require_run_lock(self, rows: Collection[str]) -> None:
        """Called around each step: raises RunLockLost if another run may have begun; `rows` ought to be there."""
        held = self.run_lock
        if held is not None and held.require() and set(self.rows.read_latest()) != set(rows):
            raise errors.RunLockLost(reason="another run has changed the version table meanwhile")

    def prepare_version_table(self, rows: Collection[str]) -> None:
        """Called before the first step: the table must hold every identifier of the project (VER-1).

        A script that starts from the base creates it (OFF-2).
        """
        if self.as_sql and not rows:
            self._ensure_version_table()
            return
        longest = _longest_id(self.script)
        if len(longest) <= NARROW:
            return
        if self.as_sql:
            self.rows.fit(_longest_id(self.script, applied=rows))
            self.rows.make_room(longest)
            return
        with self.begin_transaction(_per_migration=True):
            self.rows.make_room(longest)

    @property
    def journal(self) -> RunJournal | None:
        """What is written down of statements that no rollback undoes; None in a script, or if it is not wanted."""
        return self._journal

    @cached_property
    def _journal(self) -> RunJournal | None:
        if self.as_sql or not isinstance(self.connection, Connection):
            return None
        wanted = self._setting("journal")
        if wanted is not None and not read_boolean("journal", wanted):
            return None
        from limbeck.runtime.journal.run import RunJournal

        return RunJournal(
            self.impl,
            self.connection,
            name=self.journal_name,
            schema=self.version_table_schema,
            exists=self.has_journal,
            is_external=self.transactions.external,
        )

    @property
    def journal_name(self) -> str:
        """The table in which runs note their statements: the setting `journal_table`, or a name of its own."""
        name: str | None = self._setting("journal_table")
        return name or f"{self.version_table}{JOURNAL_SUFFIX}"

    def _setting(self, name: str) -> Any:
        """What was said by the command, by env.py, or else in the configuration."""
        value = self.opts.get(name)
        return self.config.get_alembic_option(name) if value is None and self.config is not None else value

    def _look_up_rows(self, expected: frozenset[str] | None) -> tuple[str, ...] | None:
        """The rows of the version table as a new session sees them; None if there can be none."""
        assert isinstance(self.connection, Connection), "there was a COMMIT"

        from limbeck.runtime.second_look import look_up_rows

        def read(second: Connection) -> tuple[str, ...]:
            impl = type(self.impl)(self.dialect, second, False, None, None, self.opts)
            name, schema = self.version_table, self.version_table_schema
            return VersionTable(impl, second, name=name, schema=schema, pk=True).read()

        return look_up_rows(self.impl, self.connection, read, expected)

    def commit_changes(self) -> None:
        """Commit what was changed on the connection, unless a transaction is open that will be committed later."""
        if isinstance(self.connection, Connection) and not (
            self.transactions.is_open or self.transactions.external
        ):
            commit_if_open(self.connection)

    def note_step(self, step: MigrationStep) -> None:
        """Called after each step; remembers those that nobody may commit (TXN-3, TXN-5)."""
        connection = self.connection
        if not isinstance(connection, Connection) or not connection.in_transaction():
            return
        if self.transactions.is_open or sqla.is_autocommit(connection):
            return
        if self._uncommitted is None:
            reason = EXTERNAL if self.transactions.external else NO_TRANSACTION
            self._uncommitted = UncommittedSteps(connection, reason=reason)
        self._uncommitted.add(step)

    # --- beginning -----------------------------------------------------------------------------------------

    def _resolve_start(self, start: str | Iterable[str] | None) -> tuple[str, ...]:
        """The rows a script begins with; partial identifiers become whole ones if there are scripts (OFF-3)."""
        if start is None:
            return ()
        names = start.split(",") if isinstance(start, str) else list(start)
        asked = [name.strip() for name in names if name.strip() not in ("", "base")]
        if self.script is None or not asked:
            return tuple(asked)
        scripts = self.script.get_revisions(asked)
        return tuple(dict.fromkeys(script.revision for script in scripts if script is not None))

    def _log_beginning(self) -> None:
        log.info("Context impl %s.", type(self.impl).__name__)
        if self.as_sql:
            log.info("Generating static SQL")
        log.info("Will assume %stransactional DDL.", "" if self.impl.transactional_ddl else "non-")


def _longest_id(script: ScriptDirectory | None, *, applied: Iterable[str] = ("heads",)) -> str:
    """The longest identifier that the version table has to hold, as far as the revisions are known."""
    return script.get_longest_id(applied=tuple(applied)) if script is not None else ""


def _as_callbacks(given: Any) -> tuple[Callable[..., Any], ...]:
    """One function or several, as a tuple (CB-2)."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _require_connection(given: object) -> None:
    """Refuse what people pass by mistake; the message tells its kind and never its contents."""
    home, name = type(given).__module__, type(given).__name__
    if isinstance(given, Engine):
        raise errors.NotAConnection(
            given=repr(given), hint="use `with engine.connect() as connection:` and pass that connection"
        )
    if home.startswith("sqlalchemy.ext.asyncio"):
        raise errors.NotAConnection(
            given=f"an {name}",
            hint="pass what `await connection.run_sync(do_run_migrations)` gives to its function",
        )
    if home.startswith("sqlalchemy.orm"):
        raise errors.NotAConnection(given=f"a {name}", hint="pass `session.connection()`")
    if isinstance(given, (str, URL)):
        raise errors.NotAConnection(given="a URL", hint="pass it as `url=`, or make an engine and connect")
