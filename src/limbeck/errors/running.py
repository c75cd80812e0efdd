"""What env.py, a program or the version table did out of turn."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError


class ContextError(CommandError):
    """The runtime was asked for something at a moment, or in a mode, where it cannot be had."""

    code = "LBK-ENV-ORDER"


class NotConfigured(ContextError):
    """Something was asked of the context before `configure()` was called (ENV-4)."""

    def __init__(self) -> None:
        super().__init__(
            "No context has been configured yet.", hint="call `context.configure(...)` before this in env.py"
        )


class NoDialect(ContextError):
    """Nothing says which kind of database it is (ENV-10)."""

    def __init__(self) -> None:
        super().__init__(
            "Connection, url, or dialect_name is required.",
            hint="pass `connection=`, `url=` or `dialect_name=` to `configure()`; if you pass `url=`, "
            "its value is None: is `sqlalchemy.url` set?",
        )


class NotAConnection(ContextError):
    """What was passed as `connection` is something else, such as an Engine (ENV-*)."""

    def __init__(self, *, given: str, hint: str) -> None:
        super().__init__(
            "'connection' argument to configure() is expected to be a sqlalchemy.engine.Connection instance, "
            f"got {given}",
            hint=hint,
        )
        self.given = given


class NoStartingRevision(ContextError):
    """The starting revision is known only with `--sql`, or after `configure()` (ENV-1)."""

    def __init__(self) -> None:
        super().__init__(
            "No starting revision argument is available.",
            hint="ask for it after `context.configure()`, or only if `context.is_offline_mode()`",
        )


class NoDestination(ContextError, KeyError):
    """The command that runs env.py leads to no revision, so there is none to ask for (ENV-2)."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes

    def __init__(self) -> None:
        super().__init__(
            "The command that runs now has no destination revision.",
            hint="ask for it only in `upgrade`, `downgrade` and `stamp`",
        )


class StartingRevisionOnline(ContextError):
    """A starting revision was given, and so was a connection, which knows the current one (MIG-4)."""

    def __init__(self) -> None:
        super().__init__(
            "Can't specify current_rev to context when using a database connection",
            hint="leave `starting_rev` out, or pass `as_sql=True`",
        )


class NothingToRun(ContextError):
    """`run_migrations()` needs a function that says which steps to run (MIG-8)."""

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to run: no function `fn` gives the steps",
            hint="pass `fn` to EnvironmentContext, or in `opts` to MigrationContext.configure()",
        )


class PurgeOffline(ContextError):
    """Rows cannot be purged by a script (MIG-8, CLI-51)."""

    def __init__(self) -> None:
        super().__init__(
            "Can't use --purge with --sql mode", hint="run it online, or write the DELETE into the script"
        )


class AutocommitImpossible(ContextError):
    """`autocommit_block()` would have to commit a transaction that is not limbeck's own (TXN-13)."""

    def __init__(self, *, external: bool) -> None:
        owner = (
            "the connection was in a transaction already when `context.configure()` ran"
            if external
            else "env.py runs the migrations outside `with context.begin_transaction()`"
        )
        super().__init__(
            f"autocommit_block() cannot be used here: {owner}, so there is a transaction that only its owner "
            "may commit",
            hint="commit what env.py executes before `context.configure()`, and pass a connection without a "
            "transaction"
            if external
            else "put `context.run_migrations()` inside `with context.begin_transaction():`",
        )
        self.external = external


class NotPlainFunction(ContextError, TypeError):
    """`upgrade()` or `downgrade()` is asynchronous or a generator, so calling it runs nothing."""

    def __init__(self, *, function: str, revision: str, kind: str) -> None:
        super().__init__(
            f"{function}() of revision {revision} is {kind}: calling it runs nothing",
            hint="define it with `def` and without `yield`; `op.run_async()` runs asynchronous code",
        )
        self.function = function
        self.revision = revision
        self.kind = kind


class SeveralRows(CommandError):
    """The version table has several rows, and one current revision was asked for (MIG-5)."""

    code = "LBK-VERSION-TABLE"

    def __init__(self, *, table: str, rows: Sequence[str]) -> None:
        super().__init__(
            f"Version table '{table}' has more than one head present; please use get_current_heads()",
            hint=f"the rows are {', '.join(rows)}",
        )
        self.table = table
        self.rows = tuple(rows)


class RowCountMismatch(CommandError):
    """A change of the version table met another number of rows than the one it was meant for (VER-13)."""

    code = "LBK-VERSION-TABLE"

    def __init__(self, *, table: str, old: str, new: str | None, found: int) -> None:
        change = f"updating '{old}' to '{new}'" if new is not None else f"deleting '{old}'"
        super().__init__(
            f"Online migration expected to match one row when {change} in '{table}'; {found} found",
            hint=f"somebody else has changed {table}: look whether another migration runs, then try again"
            if found == 0
            else f"{table} has the row '{old}' more than once: delete the surplus rows, then try again",
        )
        self.table = table
        self.old = old
        self.new = new
        self.found = found


class IdentifierTooLong(CommandError):
    """A revision's identifier is longer than any version table that limbeck makes can hold (VER-1)."""

    code = "LBK-VERSION-TABLE"

    def __init__(self, *, revision: str, length: int) -> None:
        super().__init__(
            f"The identifier '{revision}' has {len(revision)} characters; a version table holds {length}",
            hint="give the revision a shorter identifier, in its file and wherever another file names it",
        )
        self.revision = revision
        self.length = length


class VersionTableTooNarrow(CommandError):
    """A revision's identifier does not fit into the version table, which could not be widened (VER-1)."""

    code = "LBK-VERSION-TABLE"

    def __init__(
        self, *, table: str, length: int, revision: str, statements: Sequence[str], reason: str | None = None
    ) -> None:
        refusal = f"; the database does not let it be widened: {reason}" if reason else ""
        sql = " ".join(f"{statement.rstrip(';')};" for statement in statements)
        super().__init__(
            f"Version table '{table}' has room for {length} characters, and the identifier '{revision}' has "
            f"{len(revision)}{refusal}",
            hint=f"no migration has run; let somebody who may do so run `{sql}`, then try again",
        )
        self.table = table
        self.length = length
        self.revision = revision
        self.statements = tuple(statements)
        self.reason = reason
