"""`EnvironmentContext`: what env.py talks to through `from limbeck import context`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Literal, TextIO, overload

from sqlalchemy import Column, Connection, Executable, MetaData
from sqlalchemy.engine import URL
from sqlalchemy.types import TypeEngine

from limbeck import errors
from limbeck.base import current
from limbeck.base.plugins import load_plugins
from limbeck.config import Config
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime import options
from limbeck.runtime.migration import MigrationContext
from limbeck.runtime.run_lock import release_after
from limbeck.runtime.transaction import OpenTransaction
from limbeck.script.base import ScriptDirectory

NameFilterType = Literal[
    "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint", "check_constraint"
]
NameFilterParentNames = MutableMapping[
    Literal["schema_name", "table_name", "schema_qualified_table_name"], str | None
]
IncludeNameFn = Callable[[str | None, NameFilterType, NameFilterParentNames], bool]
IncludeObjectFn = Callable[[Any, str | None, NameFilterType, bool, Any], bool]
CompareType = Callable[
    [MigrationContext, Column[Any], Column[Any], TypeEngine[Any], TypeEngine[Any]], bool | None
]
CompareServerDefault = Callable[
    [MigrationContext, Column[Any], Column[Any], str | None, Any, str | None], bool | None
]
RenderItemFn = Callable[[str, Any, Any], str | Literal[False] | None]
ProcessRevisionDirectiveFn = Callable[[MigrationContext, Any, list[Any]], None]
OnVersionApplyFn = Callable[..., None]


class EnvironmentContext:
    """One run of env.py: the command's arguments, and the contexts that env.py configures.

    >>> def steps(rows, context):
    ...     return script._upgrade_revs("head", rows)
    >>> with EnvironmentContext(config, script, fn=steps, destination_rev="head"):
    ...     script.run_env()

    While it is entered, the functions of `limbeck.context` are its methods, for this thread and the tasks
    made in it (RUN-1, RUN-2). Contexts nest: leaving an inner one brings the outer one back (RUN-3). Keyword
    arguments are kept as `context_opts` and hold wherever `configure()` says nothing else (ENV-5).
    """

    def __init__(self, config: Config, script: ScriptDirectory, **kw: Any) -> None:
        self.config = config
        self.script = script
        self.context_opts: dict[str, Any] = kw
        self._migration_context: MigrationContext | None = None
        self._entered: list[ExitStack] = []

    def __enter__(self) -> EnvironmentContext:
        load_plugins()
        stack = ExitStack()
        stack.enter_context(current.environment.active(self))
        self._entered.append(stack)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered.pop().close()
        release_after(self)

    # --- what the command was told -------------------------------------------------------------------------

    def is_offline_mode(self) -> bool:
        """Whether SQL is to be written instead of executed: `--sql`."""
        return bool(self.context_opts.get("as_sql", False))

    def requires_connection(self) -> bool:
        """Whether the command needs a database: the opposite of `is_offline_mode()`."""
        return not self.is_offline_mode()

    def get_head_revision(self) -> str | None:
        """The identifier of the head, or None. Raises CommandError if there are several."""
        head = self._resolve("head")
        return head if isinstance(head, str) else None

    def get_head_revisions(self) -> tuple[str, ...]:
        """The identifiers of all heads."""
        heads = self._resolve("heads")
        return (heads,) if isinstance(heads, str) else heads or ()

    def get_starting_revision_argument(self) -> str | None:
        """The revision that a script starts from, as it was typed; None is the base (ENV-1).

        Raises NoStartingRevision online, if `configure()` was not called yet.
        """
        if self._migration_context is not None:
            start = self._migration_context.opts.get("starting_rev")
        elif "starting_rev" in self.context_opts or self.is_offline_mode():
            start = self.context_opts.get("starting_rev")
        else:
            raise errors.NoStartingRevision()
        return None if start == "base" else start

    def get_revision_argument(self) -> str | tuple[str, ...] | None:
        """Where the command leads to: a whole identifier, several, or None for the base (ENV-2).

        What does not exist, or is relative, is given as it was typed. Raises NoDestination if the command
        leads nowhere, as `current` does.
        """
        if "destination_rev" not in self.context_opts:
            raise errors.NoDestination()
        destination = self.context_opts["destination_rev"]
        if destination is None or isinstance(destination, str):
            return self._resolve(destination)
        found: list[str] = []
        for one in destination:  # `stamp` takes several
            number = self._resolve(one)
            found += [number] if isinstance(number, str) else number or ()
        return found[0] if len(found) == 1 else tuple(found) or None

    def get_tag_argument(self) -> str | None:
        """What was given as `--tag`, or to `configure()` as `tag`."""
        opts = self.context_opts if self._migration_context is None else self._migration_context.opts
        return opts.get("tag")

    @overload
    def get_x_argument(self, as_dictionary: Literal[False] = False) -> list[str]: ...
    @overload
    def get_x_argument(self, as_dictionary: Literal[True]) -> dict[str, str]: ...
    @overload
    def get_x_argument(self, as_dictionary: bool) -> list[str] | dict[str, str]: ...

    def get_x_argument(self, as_dictionary: bool = False) -> list[str] | dict[str, str]:
        """What was given as `-x`: as it was typed, or as a dictionary of `name=value` (ENV-3).

        A name without a value has an empty one; of a repeated name the last value counts.
        """
        given: list[str] = list(getattr(self.config.cmd_opts, "x", None) or ())
        if not as_dictionary:
            return given
        return {name: value for name, _, value in (item.partition("=") for item in given)}

    def _resolve(self, target: str | None) -> str | tuple[str, ...] | None:
        return self.script.as_revision_number(target)

    # --- configuring ---------------------------------------------------------------------------------------

    def configure(
        self,
        connection: Connection | None = None,
        url: str | URL | None = None,
        dialect_name: str | None = None,
        dialect_opts: dict[str, Any] | None = None,
        transactional_ddl: bool | None = None,
        transaction_per_migration: bool = False,
        output_buffer: TextIO | None = None,
        starting_rev: str | None = None,
        tag: str | None = None,
        template_args: dict[str, Any] | None = None,
        render_as_batch: bool = False,
        target_metadata: MetaData | Sequence[MetaData] | None = None,
        include_name: IncludeNameFn | None = None,
        include_object: IncludeObjectFn | None = None,
        include_schemas: bool = False,
        process_revision_directives: ProcessRevisionDirectiveFn | None = None,
        compare_type: bool | CompareType = True,
        compare_server_default: bool | CompareServerDefault = False,
        render_item: RenderItemFn | None = None,
        literal_binds: bool = False,
        upgrade_token: str = "upgrades",
        downgrade_token: str = "downgrades",
        alembic_module_prefix: str = "op.",
        sqlalchemy_module_prefix: str = "sa.",
        user_module_prefix: str | None = None,
        on_version_apply: OnVersionApplyFn | Collection[OnVersionApplyFn] | None = None,
        autogenerate_plugins: Sequence[str] | None = None,
        **kw: Any,
    ) -> None:
        """Say which database to migrate, and how: makes the context that `run_migrations()` works on.

            context.configure(connection=connection, target_metadata=Base.metadata)

        Online, pass `connection`; with `--sql`, `url` or `dialect_name` is enough. It may be called several
        times, once for each database (RUN-7). The options are described in `limbeck.runtime.options`; what is
        left at its default leaves the keywords of the EnvironmentContext alone (ENV-11). Further keywords are
        kept in `MigrationContext.opts` for your own code (§2.1).

        Raises NotAConnection, or NoDialect if nothing tells the kind of database (ENV-10).
        """
        parameters = {name: value for name, value in locals().items() if name not in ("self", "kw")}
        given = {**dict(options.chosen(parameters)), **kw}
        for name in ("connection", "url", "dialect_name", "dialect_opts"):
            given.pop(name, None)
        added = given.pop("template_args", None)
        if added:
            # The command that runs env.py holds the same dictionary, and writes the revision file with it.
            self.context_opts.setdefault("template_args", {}).update(added)
        opts = {**self.context_opts, "script": self.script, **given}
        self._migration_context = MigrationContext.configure(
            connection=connection,
            url=url,
            dialect_name=dialect_name,
            environment_context=self,
            dialect_opts=dialect_opts,
            opts=opts,
        )

    # --- working with what is configured -------------------------------------------------------------------

    def get_context(self) -> MigrationContext:
        """The context made by the last `configure()`. Raises NotConfigured if there was none (ENV-4)."""
        if self._migration_context is None:
            raise errors.NotConfigured()
        return self._migration_context

    def get_bind(self) -> Connection | None:
        """The connection; with `--sql`, an object that writes what it should execute."""
        return self.get_context().bind

    def get_impl(self) -> DefaultImpl:
        """What knows the database's dialect."""
        return self.get_context().impl

    def is_transactional_ddl(self) -> bool:
        """Whether DDL is run, and rolled back, in transactions."""
        return self.get_impl().transactional_ddl

    def begin_transaction(self) -> AbstractContextManager[OpenTransaction | None]:
        """The transaction around the whole run, if this database wants one there (TXN-1).

        with context.begin_transaction():
            context.run_migrations()
        """
        return self.get_context().begin_transaction()

    def run_migrations(self, **kw: Any) -> None:
        """Do what the command is for; `kw` go to every `upgrade()` and `downgrade()` (MIG-10).

        Inside, `limbeck.op` reaches this database (RUN-4).
        """
        context = self.get_context()

        def make_operations() -> object:
            from limbeck.operations.base import Operations

            return Operations(context)

        with current.operations.active_once_made(make_operations):
            context.run_migrations(**kw)

    def execute(self, sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
        """Execute SQL, or write it into the script."""
        self.get_context().execute(sql, execution_options)

    def static_output(self, text: str) -> None:
        """Write text into the script as it stands, and an empty line (OFF-13)."""
        self.get_impl().static_output(text)
