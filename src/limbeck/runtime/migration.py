"""`MigrationContext`: one database being migrated, its version table and its transactions."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TextIO, cast

from sqlalchemy import Connection, Engine, Executable, make_url
from sqlalchemy.engine import URL, Dialect

import limbeck.ddl.apply  # noqa: F401  # so that every operation can be applied
from limbeck import sqla
from limbeck.base.plugins import load_plugins
from limbeck.ddl.impl import DefaultImpl
from limbeck.ddl.version_table import NARROW
from limbeck.errors import (
    NoDialect,
    NotAConnection,
    NothingToRun,
    PurgeOffline,
    SeveralRows,
    StartingRevisionOnline,
)
from limbeck.runtime import options
from limbeck.runtime.aftermath import noting_the_beginning, noting_the_purge
from limbeck.runtime.executor import run_steps
from limbeck.runtime.transaction import BegunTransaction, Transactions
from limbeck.runtime.uncommitted import EXTERNAL, NO_TRANSACTION, UncommittedSteps
from limbeck.runtime.version_table import HeadMaintainer, VersionTable
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationInfo, MigrationStep, RevisionStep, StampStep

__all__ = [
    "HeadMaintainer",
    "MigrationContext",
    "MigrationInfo",
    "MigrationStep",
    "RevisionStep",
    "StampStep",
]

log = logging.getLogger("alembic.runtime.migration")
logging.getLogger("alembic").addHandler(logging.NullHandler())  # silent unless logging is set up (TPL-6)

Work = Callable[[tuple[str, ...], "MigrationContext"], Iterable[MigrationStep]]
"""Says which steps to run, given the rows of the version table (RUN-6)."""


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
        self.output_buffer: TextIO = self._find_output()
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
        self._uncommitted: UncommittedSteps | None = None
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
            raise NoDialect()
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
            raise SeveralRows(table=self.version_table, rows=heads)
        return heads[0] if heads else None

    def get_current_heads(self) -> tuple[str, ...]:
        """The revisions the database is at: the rows of the version table, which need not exist (MIG-4).

        In a script: the revision it starts from.
        """
        start = self.opts.get("starting_rev")
        if self.as_sql:
            return self._resolve_start(start)
        if start is not None:
            raise StartingRevisionOnline()
        return self.rows.read()

    def is_at_heads(self, script_directory: ScriptDirectory) -> bool:
        """Whether all revisions are applied: the rows are the heads that nothing follows (CLI-57).

        >>> MigrationContext.configure(connection).is_at_heads(ScriptDirectory.from_config(config))
        True

        Meant to be asked often: on a fresh connection to SQLite, PostgreSQL, MySQL or MariaDB it takes one statement.
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

        The caller begins and commits the transaction.
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
            raise NothingToRun()
        self.run_args = kw
        self.impl.start_migrations()
        if self.purge:
            steps = self._purge(work)
            with noting_the_purge(self.transactions):
                run_steps(self, steps, HeadMaintainer(self, ()), kw)
            return
        rows = self._begin()
        run_steps(self, work(rows, self), HeadMaintainer(self, rows), kw)

    def _begin(self) -> tuple[str, ...]:
        """Read the rows, and see to it that there is a table for them if something may run (MIG-8)."""
        if self.opts.get("dont_mutate", False):
            return self.get_current_heads()
        with noting_the_beginning():
            rows = self.get_current_heads()
            if not rows and not self.as_sql:
                with self.begin_transaction(_per_migration=True):
                    self._ensure_version_table()
        return rows

    def _purge(self, work: Work) -> Iterable[MigrationStep]:
        """Delete all rows, but only once it is known where to go from there (CLI-52)."""
        if self.as_sql:
            raise PurgeOffline()
        steps = list(work((), self))
        with noting_the_beginning(), self.begin_transaction(_per_migration=True):
            self._ensure_version_table()
            self.transactions.begin_changes()
            self.rows.clear()
        return steps

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

    def _find_output(self) -> TextIO:
        """The stream of a script: the option, else that of the Config, else stdout (OFF-18)."""
        output: Any = self.opts.get("output_buffer")
        if output is None:
            output = getattr(self.config, "output_buffer", None)
        if output is None:
            output = sys.stdout
        encoding: str | None = self.opts.get("output_encoding")
        return cast(TextIO, _EncodedOutput(output, encoding)) if encoding else output

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


class _EncodedOutput:
    """Writes text as bytes to a binary stream (OFF-18)."""

    def __init__(self, stream: Any, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding

    def write(self, text: str) -> None:
        self._stream.write(text.encode(self._encoding))

    def flush(self) -> None:
        self._stream.flush()


def _as_callbacks(given: Any) -> tuple[Callable[..., Any], ...]:
    """One function or several, as a tuple (CB-2)."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _require_connection(given: object) -> None:
    """Refuse what people pass by mistake; the message tells its kind and never its contents."""
    home, name = type(given).__module__, type(given).__name__
    if isinstance(given, Engine):
        raise NotAConnection(
            given=repr(given), hint="use `with engine.connect() as connection:` and pass that connection"
        )
    if home.startswith("sqlalchemy.ext.asyncio"):
        raise NotAConnection(
            given=f"an {name}",
            hint="pass what `await connection.run_sync(do_run_migrations)` gives to its function",
        )
    if home.startswith("sqlalchemy.orm"):
        raise NotAConnection(given=f"a {name}", hint="pass `session.connection()`")
    if isinstance(given, (str, URL)):
        raise NotAConnection(given="a URL", hint="pass it as `url=`, or make an engine and connect")
