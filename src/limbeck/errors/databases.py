"""Databases that cannot be reached, because their URL is missing or wrong, or their driver is."""

from __future__ import annotations

from collections.abc import Sequence

from limbeck.errors.base import CommandError

URL_SHAPE = "a URL is dialect+driver://user:password@host:port/database"
ENCODE = "in a password, write @ as %40, : as %3A, / as %2F, # as %23 and % as %25"


class DatabaseError(CommandError):
    """There is no way to the database; nothing has run. `origin` says where its URL came from."""

    code = "LBK-DB-CONNECT"

    origin: str = ""


class NoDatabaseURL(DatabaseError):
    """Nothing says which database to work on."""

    code = "LBK-URL-UNSET"

    def __init__(self, *, looked_in: Sequence[str]) -> None:
        super().__init__(
            f"The database URL is not set (looked in {', '.join(looked_in)})",
            hint="give it with `--url`, or put it into the environment variable DATABASE_URL, for example "
            "`export DATABASE_URL=dialect://user:password@host/database`",
        )
        self.looked_in = tuple(looked_in)


class UnreadableURL(DatabaseError):
    """The text of a database URL breaks its rules. The text itself is not shown: it may have a password."""

    code = "LBK-URL-BROKEN"

    def __init__(self, *, reason: str, origin: str, hint: str = f"{URL_SHAPE}; {ENCODE}") -> None:
        super().__init__(f"The database URL (from {origin}) cannot be read: {reason}", hint=hint)
        self.reason = reason
        self.origin = origin


class UnknownDatabaseKind(DatabaseError):
    """No dialect has the name that a URL begins with."""

    code = "LBK-URL-KIND"

    def __init__(self, *, kind: str, origin: str, near: Sequence[str], known: Sequence[str]) -> None:
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(
            f'Unknown database kind "{kind}" (from {origin})',
            hint=f"{meant}known are {', '.join(known)}; others come with packages of their own",
        )
        self.kind = kind
        self.origin = origin
        self.near = tuple(near)
        self.known = tuple(known)


class DriverMissing(DatabaseError):
    """No driver for the database is installed, or not the one that the URL names."""

    code = "LBK-DRIVER"

    def __init__(
        self, *, backend: str, origin: str, driver: str | None, modules: Sequence[str], commands: Sequence[str],
        installed: Sequence[str] = (),
    ) -> None:  # fmt: skip
        if driver is None:
            message = f"{backend} needs a driver; none of {', '.join(modules)} is installed"
            hint = commands[0] if commands else f"install a driver for {backend}"
        else:
            message = f"{backend} with the driver {driver} needs the Python module {modules[0]}, which is not installed"
            hint = commands[0] if commands else f"pip install {modules[0]}"
            if installed:
                hint += f"\nor leave +{driver} out of the URL: {installed[0]} is installed"
        super().__init__(f"{message} (the URL is from {origin})", hint=hint)
        self.backend = backend
        self.origin = origin
        self.driver = driver
        self.modules = tuple(modules)
        self.commands = tuple(commands)
        self.installed = tuple(installed)
