"""How PostgreSQL keeps runs apart: an advisory lock of a session, or a lease where the session is not one's own.

A proxy such as PgBouncer in transaction mode gives each statement to another server process, so that a lock of "the
session" would be anybody's. It is recognised by the process id that the client was told when it logged in, which is
not that of the process that answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from limbeck.ddl.lease import Lease
from limbeck.ddl.locking import Claim, Holder, RunLock
from limbeck.ddl.postgresql.session import find_told_process

OLDEST_SERVER = (9, 6)
"""Older ones, or what says it is one, lack a function that is asked for here."""
NAME_LENGTH = 63
"""What PostgreSQL keeps of an `application_name`, in bytes."""

_TAKE = text(
    """
SELECT is_direct, is_original,
    CASE WHEN is_direct AND is_original THEN pg_try_advisory_lock(CAST(:key AS bigint)) END AS is_held,
    CASE WHEN is_direct AND is_original THEN set_config('application_name', CAST(:name AS text), false) END,
    to_regclass(CAST(:lease AS text)) IS NOT NULL AS has_lease_table,
    to_regclass(CAST(:journal AS text)) IS NOT NULL AS has_journal,
    EXISTS (SELECT 1 FROM pg_class WHERE relname = CAST(:journal_name AS text)) AS has_journal_somewhere
FROM (
    SELECT pg_backend_pid() = CAST(:told AS integer) AS is_direct,
        version() NOT LIKE '%CockroachDB%' AND version() NOT LIKE '%Redshift%' AS is_original
) AS facts
"""
)
_HOLDER = text(
    """
SELECT a.pid, a.application_name, host(a.client_addr) AS address
FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND CAST(l.classid AS bigint) = CAST(:high AS bigint) AND CAST(l.objid AS bigint) = CAST(:low AS bigint)
"""
)
_RELEASE = text("SELECT pg_advisory_unlock(CAST(:key AS bigint))")
_NAME = re.compile(r"limbeck (\d+) (\S+) ([0-9a-f]+) (.*)")


class PostgresqlLock(RunLock):
    """An advisory lock; the first attempt finds out whether that can be trusted here, and takes a lease if not."""

    def __init__(self, claim: Claim, format_table: Callable[[str, str | None], str]) -> None:
        self._claim = claim
        self._key = lock_key(claim)
        self._lease = PostgresqlLease(claim)
        self._uses_lease = False
        self._names = {
            "lease": format_table(claim.lock_table, claim.schema),
            "journal": format_table(claim.journal_table, claim.schema),
            "journal_name": claim.journal_table,
        }

    @property
    def kind(self) -> str:  # type: ignore[override]  # it is known only later
        """A lease, if it was found that nothing else will do."""
        return self._lease.kind if self._uses_lease else "advisory lock"

    @property
    def heartbeat(self) -> float:  # type: ignore[override]  # it is known only later
        """That of the lease, if one is used."""
        return self._lease.heartbeat if self._uses_lease else RunLock.heartbeat

    def try_to_take(self, connection: Connection | None) -> bool:
        """Take it, unless somebody has it, or has a lease because a proxy stands between him and the server."""
        assert connection is not None, "an advisory lock belongs to a session"
        if self._uses_lease:
            return self._lease.try_to_take(connection)
        told = _prepare(connection)
        if told is None or (connection.dialect.server_version_info or ()) < OLDEST_SERVER:
            return self._take_lease(connection, has_guard=told is not None)
        values = {"key": self._key, "name": application_name(self._claim), "told": told, **self._names}
        row = connection.execute(_TAKE, values).one()
        self.has_journal = True if row.has_journal else None if row.has_journal_somewhere else False
        if self._claim.schema is not None:
            self.has_journal = bool(row.has_journal)
        if not (row.is_direct and row.is_original):
            return self._take_lease(connection, has_guard=row.is_original)
        if not row.is_held:
            return False
        if row.has_lease_table and self._lease.is_in_the_way(connection):
            self.release(connection)
            return False
        return True

    def keep(self, connection: Connection | None) -> bool:
        """While the session lives, so does its lock."""
        assert connection is not None, "an advisory lock belongs to a session"
        if self._uses_lease:
            return self._lease.keep(connection)
        return bool(connection.execute(text("SELECT true")).scalar())

    def release(self, connection: Connection | None) -> None:
        """Let others have it now, and not when the server has noticed that the session has ended."""
        assert connection is not None, "an advisory lock belongs to a session"
        if self._uses_lease:
            self._lease.release(connection)
        else:
            connection.execute(_RELEASE, {"key": self._key})

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Who has the advisory lock, from the name of his session, or else whose lease it is."""
        assert connection is not None, "the server is asked through a connection"
        low, high = self._key & 0xFFFFFFFF, self._key >> 32 & 0xFFFFFFFF
        row = connection.execute(_HOLDER, {"low": low, "high": high}).first()
        return self._lease.find_holder(connection) if row is None else read_holder(*row)

    def _take_lease(self, connection: Connection, *, has_guard: bool) -> bool:
        self._uses_lease = True
        self._lease.has_guard = has_guard
        return self._lease.try_to_take(connection)


class PostgresqlLease(Lease):
    """A lease that is written only while nobody has the advisory lock, so that both kinds keep each other out."""

    def __init__(self, claim: Claim, **kw: Any) -> None:
        super().__init__(claim, **kw)
        self._key = lock_key(claim)
        self.has_guard = True
        """Whether the server knows advisory locks."""

    def _create_table(self, connection: Connection) -> None:
        """Create it in one statement, in which nobody else does so: a loser would leave an error in the log."""
        if not self.has_guard:
            super()._create_table(connection)
            return
        if self._exists(connection):
            return
        create = str(CreateTable(self.table, if_not_exists=True).compile(dialect=connection.dialect))
        connection.exec_driver_sql(
            f"DO $limbeck$ BEGIN PERFORM pg_advisory_xact_lock({self._key ^ 1}); {create.strip()}; END $limbeck$"
        )
        self._end(connection)

    def _insertion(self) -> Any:
        return postgresql.insert(self.table).on_conflict_do_nothing()

    def _guard(self) -> ColumnElement[bool] | None:
        if not self.has_guard:
            return None
        return func.pg_try_advisory_xact_lock(cast(self._key, BigInteger))


def lock_key(claim: Claim) -> int:
    """The number of the advisory lock; the numbers of each database are its own."""
    return claim.number - 2**63


def application_name(claim: Claim) -> str:
    """What the session that holds the lock is called: everything a waiting run wants to tell, in few bytes."""
    revision = re.sub(r"\s", "", claim.revision or "")[:12] or "-"
    begin = f"limbeck {claim.process} {revision} {int(claim.now().timestamp()):x} "
    host = claim.host.encode("ascii", "replace").decode()
    return f"{begin}{host}"[:NAME_LENGTH]


def read_holder(pid: int, name: str | None, address: str | None) -> Holder:
    """Who has called his session so; of another's, what the server knows.

    >>> str(read_holder(7, "limbeck 812 9d01aa 0 web-3", None))
    'host web-3, process 812, since 1970-01-01 00:00:00 UTC, going to 9d01aa'
    """
    found = _NAME.fullmatch(name or "")
    if found is None:
        return Holder(address, f"server process {pid}")
    process, revision, since, host = found.groups()
    moment = datetime.fromtimestamp(int(since, 16), UTC)
    return Holder(host, f"process {process}", moment, None if revision == "-" else revision)


def _prepare(connection: Connection) -> int | None:
    """The server process the client was told of; None if the driver does not say.

    A statement that is prepared stays with the server process, which a proxy may change: so none shall be.
    """
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "prepare_threshold"):
        driver.prepare_threshold = None
    return find_told_process(connection)
