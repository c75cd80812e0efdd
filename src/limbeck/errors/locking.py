"""Two runs met on one database."""

from __future__ import annotations

from typing import ClassVar

from limbeck.errors.base import CommandError


class RunLockError(CommandError):
    """The lock that keeps runs apart could not be had, kept or taken away."""

    code = "LBK-LOCK"


class RunLockBusy(RunLockError):
    """Another run has kept the migration lock for longer than this one was told to wait."""

    exit_code: ClassVar[int] = 4

    def __init__(self, *, holder: str, seconds: float) -> None:
        super().__init__(
            f"Another run holds the migration lock{f' ({holder})' if holder else ''}; "
            f"waited {seconds:g} seconds for it, and nothing was changed",
            hint="let that run end, and try again; `--lock-timeout SECONDS` waits longer, and "
            "`limbeck lock status` says who holds it",
        )
        self.holder = holder
        self.seconds = seconds


class RunLockLost(RunLockError):
    """The run lock was lost while migrations ran, so that another run may have begun."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"The migration lock was lost: {reason}. Another run may have begun, so this one does not go on",
            hint="look with `limbeck current` and `limbeck lock status`, then run the command again",
        )
        self.reason = reason


class RunLockNotBreakable(RunLockError):
    """Only a lease can be taken away; every other lock goes with the session or process that holds it."""

    def __init__(self, *, holder: str) -> None:
        super().__init__(
            f"This migration lock cannot be broken, because it belongs to something that lives ({holder})",
            hint="end that process or its database session: the lock goes with it",
        )
        self.holder = holder


class RunLockBreakUnconfirmed(RunLockError):
    """Breaking a lock wants a yes, and nobody is there to give it."""

    def __init__(self, *, holder: str) -> None:
        super().__init__(
            f"The migration lock is held ({holder}), and nothing was changed",
            hint="make sure that this run is dead, then add `--yes`",
        )
        self.holder = holder
