"""How SQL Server keeps runs apart: an application lock of a session."""

from __future__ import annotations

from sqlalchemy import Connection, text

from limbeck.ddl.locking import Claim, Holder, RunLock

_TAKE = text(
    "SET NOCOUNT ON; DECLARE @result int; EXEC @result = sp_getapplock @Resource = :name, "
    "@LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; SELECT @result"
)
_KEEP = text("SELECT APPLOCK_MODE('public', :name, 'Session')")
_IS_FREE = text("SELECT APPLOCK_TEST('public', :name, 'Exclusive', 'Session')")
_RELEASE = text("EXEC sp_releaseapplock @Resource = :name, @LockOwner = 'Session'")


class MSSQLLock(RunLock):
    """`sp_getapplock`; names belong to the database."""

    kind = "application lock"

    def __init__(self, claim: Claim) -> None:
        self._name = f"limbeck:{claim.number:016x}"

    def try_to_take(self, connection: Connection | None) -> bool:
        """Take it; a result below 0 means that somebody has it."""
        assert connection is not None, "an application lock belongs to a session"
        result = connection.execute(_TAKE, {"name": self._name}).scalar()
        return result is not None and int(result) >= 0

    def keep(self, connection: Connection | None) -> bool:
        """See whether this session has it."""
        assert connection is not None, "an application lock belongs to a session"
        return bool(connection.execute(_KEEP, {"name": self._name}).scalar() == "Exclusive")

    def release(self, connection: Connection | None) -> None:
        """Let others have it."""
        assert connection is not None, "an application lock belongs to a session"
        connection.execute(_RELEASE, {"name": self._name})

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Somebody; whose session it is, only an administrator may ask."""
        assert connection is not None, "the server is asked through a connection"
        return None if connection.execute(_IS_FREE, {"name": self._name}).scalar() else Holder()
