"""What a program passed to `limbeck.upgrade()` and its neighbours, and cannot be used."""

from __future__ import annotations

from limbeck.base.redaction import redact
from limbeck.errors.base import CommandError


class ProgramError(CommandError):
    """A program asked for a migration in a way that cannot be carried out; nothing has run."""

    code = "LBK-PROGRAM"


class NoMigrationsNamed(ProgramError, TypeError):
    """A program does not say where the migrations are."""

    def __init__(self) -> None:
        super().__init__(
            "Neither script_location nor config was given, so it is not known where the migrations are",
            hint='pass `script_location="path/to/migrations"`, or `config="alembic.ini"`',
        )


class NotADatabase(ProgramError, TypeError):
    """What was passed as the database is neither an engine, nor a connection, nor a URL."""

    def __init__(self, *, given: str, hint: str) -> None:
        super().__init__(f"Expected a database, got {given}", hint=hint)
        self.given = given


class EventLoopRunning(ProgramError, RuntimeError):
    """A synchronous function was called for an asynchronous database, where it would block the event loop."""

    def __init__(self, *, given: str) -> None:
        super().__init__(
            f"{given[0].upper()}{given[1:]} cannot be used by a synchronous function here",
            hint="call the function of the same name in `limbeck.aio`, and await it",
        )
        self.given = given


class GreenletRequired(ProgramError, ImportError):
    """Asynchronous databases need greenlet, which is not installed (PY-8)."""

    code = "LBK-GREENLET"

    def __init__(self) -> None:
        super().__init__(
            "Asynchronous databases need the library greenlet, which is not installed",
            hint='pip install "limbeck[async]"',
        )


class ConnectionNotTaken(ProgramError):
    """A connection was given, and env.py makes one of its own instead of using it (PY-2)."""

    def __init__(self, *, path: str) -> None:
        super().__init__(
            f"{path} does not use the connection that it was given",
            hint='let it take `config.attributes["connection"]`, or pass an engine or a URL',
        )
        self.path = path


class AnotherDatabase(ProgramError):
    """env.py configured a connection to another database than the program has given (PY-2)."""

    def __init__(self, *, path: str, given: str, configured: str) -> None:
        self.given, self.configured = redact(given), redact(configured)
        super().__init__(
            f"{path} connects to {self.configured}, but the database to work on is {self.given}; nothing was run",
            hint='let it take `config.attributes["connection"]`, or else the URL in `sqlalchemy.url`',
        )
        self.path = path


class NothingConfigured(ProgramError):
    """env.py came to its end without a call of `context.run_migrations()`."""

    def __init__(self, *, path: str) -> None:
        super().__init__(
            f"{path} has not called context.run_migrations(), so nothing was run",
            hint="call `context.configure(...)` and `context.run_migrations()` in it",
        )
        self.path = path
