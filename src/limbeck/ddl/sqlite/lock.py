"""How SQLite keeps runs apart: a lock of the operating system on a file beside the database.

Never a transaction: a migration may have to end its own, to switch foreign keys off.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from limbeck.ddl.locking import Claim, Holder, RunLock

SUFFIX = "-run-lock"
"""What the file is called: the database's name, and this. SQLite calls its own files beside it so, too."""
FAR_AWAY = 1 << 30
"""The byte that is locked where a lock keeps others from reading, too."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, FAR_AWAY, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock(RunLock):
    """A locked file that says who has locked it. It goes with the process that has it open."""

    kind = "lock file"
    needs_session = False

    def __init__(self, path: str, claim: Claim) -> None:
        self.path = path
        self._claim = claim
        self._descriptor: int | None = None

    def try_to_take(self, connection: Connection | None) -> bool:
        """Lock the file, which must still be the one of that name: another may just have removed it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(descriptor)
            if not _is_at(descriptor, self.path):
                os.close(descriptor)
                return False
        except (BlockingIOError, PermissionError):
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, _describe(self._claim))
        return True

    def keep(self, connection: Connection | None) -> bool:
        """It is kept for as long as the file is open; somebody may have removed its name."""
        return self._descriptor is not None and _is_at(self._descriptor, self.path)

    def release(self, connection: Connection | None) -> None:
        """Remove the file while it is locked, so that nobody locks it in vain, and close it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            if _is_at(descriptor, self.path) and sys.platform != "win32":
                os.unlink(self.path)
        finally:
            os.close(descriptor)

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Whom the file names, if somebody has locked it."""
        try:
            descriptor = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError):
            return _read(self.path)
        finally:
            os.close(descriptor)
        return None


def find_path(connection: Connection, schema: str | None) -> str | None:
    """The file of the database that is really open; None if it has none, as in memory."""
    for _, name, path in connection.exec_driver_sql("PRAGMA database_list"):
        if name == (schema or "main"):
            return f"{path}{SUFFIX}" if path else None
    return None


def _is_at(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _describe(claim: Claim) -> bytes:
    holder = claim.holder
    since = holder.since.isoformat(timespec="seconds") if holder.since else None
    facts = {"host": holder.host, "process": claim.process, "since": since, "revision": holder.revision}
    return json.dumps(facts).encode() + b"\n"


def _read(path: str) -> Holder:
    """What the file says; it may be half written."""
    try:
        with open(path, encoding="utf-8") as file:
            facts: dict[str, Any] = json.load(file)
        since = datetime.fromisoformat(facts["since"]) if facts["since"] else None
        return Holder(facts["host"], f"process {facts['process']}", since, facts["revision"])
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()
