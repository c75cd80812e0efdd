"""The door to the environment that is active while env.py runs.

Made by `make stubs` from `limbeck.runtime.environment.EnvironmentContext`; do not edit.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO, overload

from sqlalchemy import Connection, Executable, MetaData
from sqlalchemy.engine import URL

from limbeck.config import Config
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.environment import (
    CompareServerDefault,
    CompareType,
    IncludeNameFn,
    IncludeObjectFn,
    OnVersionApplyFn,
    ProcessRevisionDirectiveFn,
    RenderItemFn,
)
from limbeck.runtime.migration import MigrationContext
from limbeck.runtime.transaction import OpenTransaction
from limbeck.script.base import ScriptDirectory

config: Config

script: ScriptDirectory

def begin_transaction() -> AbstractContextManager[OpenTransaction | None]:
    """The transaction around the whole run, if this database wants one there (TXN-1).

    with context.begin_transaction():
        context.run_migrations()
    """

def configure(
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

def execute(sql: Executable | str, execution_options: Mapping[str, Any] | None = None) -> None:
    """Execute SQL, or write it into the script."""

def get_bind() -> Connection | None:
    """The connection; with `--sql`, an object that writes what it should execute."""

def get_context() -> MigrationContext:
    """The context made by the last `configure()`. Raises NotConfigured if there was none (ENV-4)."""

def get_head_revision() -> str | None:
    """The identifier of the head, or None. Raises CommandError if there are several."""

def get_head_revisions() -> tuple[str, ...]:
    """The identifiers of all heads."""

def get_impl() -> DefaultImpl:
    """What knows the database's dialect."""

def get_revision_argument() -> str | tuple[str, ...] | None:
    """Where the command leads to: a whole identifier, several, or None for the base (ENV-2).

    What does not exist, or is relative, is given as it was typed. Raises NoDestination if the command
    leads nowhere, as `current` does.
    """

def get_starting_revision_argument() -> str | None:
    """The revision that a script starts from, as it was typed; None is the base (ENV-1).

    Raises NoStartingRevision online, if `configure()` was not called yet.
    """

def get_tag_argument() -> str | None:
    """What was given as `--tag`, or to `configure()` as `tag`."""

@overload
def get_x_argument(as_dictionary: Literal[False] = False) -> list[str]:
    """What was given as `-x`: as it was typed, or as a dictionary of `name=value` (ENV-3).

    A name without a value has an empty one; of a repeated name the last value counts.
    """

@overload
def get_x_argument(as_dictionary: Literal[True]) -> dict[str, str]: ...
@overload
def get_x_argument(as_dictionary: bool) -> list[str] | dict[str, str]: ...
def is_offline_mode() -> bool:
    """Whether SQL is to be written instead of executed: `--sql`."""

def is_transactional_ddl() -> bool:
    """Whether DDL is run, and rolled back, in transactions."""

def requires_connection() -> bool:
    """Whether the command needs a database: the opposite of `is_offline_mode()`."""

def run_migrations(**kw: Any) -> None:
    """Do what the command is for; `kw` go to every `upgrade()` and `downgrade()` (MIG-10).

    Inside, `limbeck.op` reaches this database (RUN-4).
    """

def static_output(text: str) -> None:
    """Write text into the script as it stands, and an empty line (OFF-13)."""
