"""How MySQL and MariaDB keep runs apart: a named lock of a session, or a lease where there are several servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, text

from limbeck.ddl.lease import Lease
from limbeck.ddl.locking import Claim, Holder, RunLock

_HAS_TABLE = "EXISTS (SELECT 1 FROM information_schema.tables WHERE table_name = :{name}{condition})"
_HERE = " AND table_schema = COALESCE(:schema, DATABASE())"
_TAKE = text(
    f"SELECT GET_LOCK(:name, 0) AS is_held, {_HAS_TABLE.format(name='lease', condition=_HERE)} AS has_lease_table, "
    f"{_HAS_TABLE.format(name='journal', condition=_HERE)} AS has_journal, "
    f"{_HAS_TABLE.format(name='journal', condition='')} AS has_journal_somewhere"
)
_KEEP = text("SELECT IS_USED_LOCK(:name) = CONNECTION_ID()")
_RELEASE = text("SELECT RELEASE_LOCK(:name)")
_HOLDER = text("SELECT id, host FROM information_schema.processlist WHERE id = IS_USED_LOCK(:name)")


class MySQLLock(RunLock):
    """GET_LOCK; the first attempt finds out whether each server of a cluster would have its own, and uses a lease."""

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._name = lock_name(claim)
        self._lease = MySQLLease(claim)
        self._is_cluster: bool | None = None

    @property
    def kind(self) -> str:  # type: ignore[override]  # it is known only later
        """A lease in a cluster."""
        return self._lease.kind if self._is_cluster else "named lock"

    @property
    def heartbeat(self) -> float:  # type: ignore[override]  # it is known only later
        """That of the lease, if one is used."""
        return self._lease.heartbeat if self._is_cluster else RunLock.heartbeat

    def session_arguments(self, driver: Any) -> Mapping[str, Any]:
        """Encrypted as the first session is, or not: to find that out once more takes long."""
        return _encryption_like(driver)

    def try_to_take(self, connection: Connection | None) -> bool:
        """Take it, unless somebody has it, or has a lease because no session could be had for a lock."""
        assert connection is not None, "a named lock belongs to a session"
        if self._is_cluster is None:
            self._is_cluster = _is_cluster(connection)
        if self._is_cluster:
            return self._lease.try_to_take(connection)
        claim = self._claim
        values = {
            "name": self._name,
            "schema": claim.schema,
            "lease": claim.lock_table,
            "journal": claim.journal_table,
        }
        row = connection.execute(_TAKE, values).one()
        self.has_journal = True if row.has_journal else None if row.has_journal_somewhere else False
        if claim.schema is not None:
            self.has_journal = bool(row.has_journal)
        if not row.is_held:
            return False
        if row.has_lease_table and self._lease.is_in_the_way(connection):
            self.release(connection)
            return False
        return True

    def keep(self, connection: Connection | None) -> bool:
        """See whether it is still this session that has it."""
        assert connection is not None, "a named lock belongs to a session"
        if self._is_cluster:
            return self._lease.keep(connection)
        return bool(connection.execute(_KEEP, {"name": self._name}).scalar())

    def release(self, connection: Connection | None) -> None:
        """Let others have it now, and not when the server has noticed that the session has ended."""
        assert connection is not None, "a named lock belongs to a session"
        if self._is_cluster:
            self._lease.release(connection)
        else:
            connection.execute(_RELEASE, {"name": self._name})

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Whose session it is, as far as the server tells: the process there is not known to it."""
        assert connection is not None, "the server is asked through a connection"
        row = connection.execute(_HOLDER, {"name": self._name}).first()
        if row is None:
            return self._lease.find_holder(connection)
        host, _, port = str(row.host).partition(":")
        return Holder(host, f"connection {row.id}{f' from port {port}' if port else ''}")


class MySQLLease(Lease):
    """A lease that is written only while nobody has the named lock, and given up if somebody gets it meanwhile."""

    def __init__(self, claim: Claim, **kw: Any) -> None:
        super().__init__(claim, **kw)
        self._name = lock_name(claim)

    def _insertion(self) -> Any:
        return self.table.insert().prefix_with("IGNORE")

    def _guard(self) -> ColumnElement[bool] | None:
        return func.is_free_lock(self._name) == 1

    def _is_taken_otherwise(self, connection: Connection) -> bool:
        holder = connection.execute(text("SELECT IS_USED_LOCK(:name)"), {"name": self._name}).scalar()
        self._end(connection)
        return holder is not None


def lock_name(claim: Claim) -> str:
    """The name of the lock. They are shared by all databases of a server, and have at most 64 characters."""
    return f"limbeck:{claim.number:016x}"


def _encryption_like(driver: Any) -> Mapping[str, Any]:
    """The arguments by which PyMySQL encrypts as a connection of its does; none for other drivers.

    Without any, it gets ready to encrypt before it knows whether the server can, and reads all certificates of
    the system for that.
    """
    is_encrypted = getattr(driver, "_secure", None)
    if type(driver).__module__ != "pymysql.connections" or not isinstance(is_encrypted, bool):
        return {}
    return {"ssl": driver.ctx} if is_encrypted else {"ssl_disabled": True}


def _is_cluster(connection: Connection) -> bool:
    """Whether it is a node of a Galera cluster, where each node has locks of its own."""
    row = connection.execute(text("SHOW VARIABLES LIKE 'wsrep_on'")).first()
    return row is not None and str(row[1]).upper() in ("ON", "1")
