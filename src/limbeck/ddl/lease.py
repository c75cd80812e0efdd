"""A lock that is a row in a table: for databases, and ways to reach them, that know no lock of a session.

The holder counts up `beat`. Whoever waits looks at the number, and takes over if it has not changed for as long as
the row says, by the clock of the one who waits: clocks of two machines are never compared.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    inspect,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from limbeck import sqla
from limbeck.ddl.locking import Claim, Holder, RunLock

EXPIRY = 15
"""Seconds without a beat after which a lease may be taken over."""
LONG_EXPIRY = 3600
"""The same for a lease that nobody can renew, because there is no session for it."""
HEARTBEAT = 3.0
"""Seconds between two beats."""
NAME = "run"
"""What the only row is called."""


class Row(NamedTuple):
    """A lease as it stands in the table."""

    owner: str
    host: str | None
    process: int | None
    since: str | None
    revision: str | None
    beat: int
    expires_after: int

    @property
    def holder(self) -> Holder:
        """Who has written it."""
        since = datetime.fromisoformat(self.since) if self.since else None
        process = None if self.process is None else f"process {self.process}"
        return Holder(self.host, process, since, self.revision)


class Watch:
    """Looks at the beat of another's lease, and says when it has stood still for too long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: tuple[str, int] | None = None
        self._since = 0.0

    def has_expired(self, row: Row) -> bool:
        """Whether the holder has given no sign of life for as long as the row says."""
        now = self._clock()
        if self._seen != (row.owner, row.beat):
            self._seen = row.owner, row.beat
            self._since = now
        return now - self._since >= row.expires_after


def lease_table(name: str, schema: str | None) -> Table:
    """The table that leases stand in; there is one for each version table, in the same schema."""
    return Table(
        name,
        MetaData(),
        Column("name", String(32), primary_key=True),
        Column("owner", String(36), nullable=False),
        Column("host", String(255)),
        Column("process", Integer),
        Column("since", String(40)),
        Column("revision", String(255)),
        Column("beat", Integer, nullable=False),
        Column("expires_after", Integer, nullable=False),
        schema=schema,
    )


class Lease(RunLock):
    """A row that says who may migrate.

    A dialect whose sessions can hold locks, too, gives `_guard()` and `_is_taken_otherwise()`, so that whoever must
    use a lease and whoever need not keep each other out.
    """

    kind: ClassVar[str] = "lease"
    heartbeat = HEARTBEAT

    def __init__(
        self, claim: Claim, *, is_renewed: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.claim = claim
        self.table = lease_table(claim.lock_table, claim.schema)
        self.owner = str(uuid.uuid4())
        self._expires_after = EXPIRY if is_renewed else LONG_EXPIRY
        self._watch = Watch(clock)
        self._is_there = False

    def try_to_take(self, connection: Connection | None) -> bool:
        """Write the row if there is none, or if the one that is there has expired."""
        assert connection is not None, "a lease is written through a connection"
        if not self._is_there:
            self._create_table(connection)
            self._is_there = True
        row = self.read(connection)
        if row is not None and row.owner == self.owner:  # after a lost connection
            return self.keep(connection)
        if row is None:
            is_mine = self._insert(connection)
        else:
            is_mine = self._watch.has_expired(row) and self._replace(connection, row)
        if is_mine and not self._is_alone(connection):
            self.release(connection)
            return False
        return is_mine

    def keep(self, connection: Connection | None) -> bool:
        """Count up; if the row is not there any more, another has taken over."""
        assert connection is not None, "a lease is kept through a connection"
        beat = self.table.c.beat
        update = self.table.update().values({beat: beat + 1}).where(self.table.c.owner == self.owner)
        return self._change(connection, update) > 0

    def release(self, connection: Connection | None) -> None:
        """Delete the row; in a transaction of another's, so that it goes when that is committed."""
        assert connection is not None, "a lease is deleted through a connection"
        is_alone = not connection.in_transaction() or sqla.is_autocommit(connection)
        connection.execute(self.table.delete().where(self.table.c.owner == self.owner))
        if is_alone:
            self._end(connection)

    def find_holder(self, connection: Connection | None) -> Holder | None:
        """Whom the row names."""
        row = self.find(connection)
        return None if row is None else row.holder

    def break_off(self, connection: Connection, row: Row) -> bool:
        """Delete a row, whoever has written it; False if it is another's by now, or nobody's."""
        return self._change(connection, self.table.delete().where(self.table.c.owner == row.owner)) > 0

    # --- for locks that must respect a lease ----------------------------------------------------------------

    def find(self, connection: Connection | None) -> Row | None:
        """The row, if there is one; there may be no table."""
        assert connection is not None, "a lease is read through a connection"
        if not inspect(connection).has_table(self.table.name, schema=self.table.schema):
            return None
        return self.read(connection)

    def is_in_the_way(self, connection: Connection) -> bool:
        """Whether somebody else's lease is alive; one that has expired is deleted."""
        row = self.read(connection)
        if row is None:
            return False
        if not self._watch.has_expired(row):
            return True
        return self._change(connection, self.table.delete().where(self._is_as(row))) == 0

    def read(self, connection: Connection) -> Row | None:
        """The row of whoever holds the lease."""
        columns = [self.table.c[name] for name in Row._fields]
        found = connection.execute(select(*columns).where(self.table.c.name == NAME)).first()
        self._end(connection)
        return None if found is None else Row(*found)

    # --- statements -----------------------------------------------------------------------------------------

    def _create_table(self, connection: Connection) -> None:
        if self._exists(connection):
            return
        try:
            self.table.create(connection, checkfirst=False)
            self._end(connection)
        except DBAPIError:
            if connection.invalidated:
                raise
            connection.rollback()
            if not self._exists(connection):  # nobody else has just created it
                raise

    def _exists(self, connection: Connection) -> bool:
        found: bool = inspect(connection).has_table(self.table.name, schema=self.table.schema)
        self._end(connection)
        return found

    def _insert(self, connection: Connection) -> bool:
        guard = self._guard()
        insert = self._insertion()
        if guard is None:
            statement: Executable = insert.values(self._values())
        else:
            names = list(self._values())
            values = [literal(value, self.table.c[name].type) for name, value in self._values().items()]
            statement = insert.from_select(names, select(*values).where(guard))
        try:
            return self._change(connection, statement) > 0
        except IntegrityError:  # another was faster
            connection.rollback()
            return False

    def _replace(self, connection: Connection, row: Row) -> bool:
        guard = self._guard()
        condition = self._is_as(row) if guard is None else and_(self._is_as(row), guard)
        return self._change(connection, self.table.update().values(self._values()).where(condition)) > 0

    def _values(self) -> dict[str, Any]:
        claim = self.claim
        return {
            "name": NAME,
            "owner": self.owner,
            "host": claim.host[:255],
            "process": claim.process,
            "since": claim.now().isoformat(timespec="seconds"),
            "revision": (claim.revision or "")[:255] or None,
            "beat": 1,
            "expires_after": self._expires_after,
        }

    def _is_as(self, row: Row) -> ColumnElement[bool]:
        return and_(self.table.c.owner == row.owner, self.table.c.beat == row.beat)

    def _change(self, connection: Connection, statement: Executable) -> int:
        count: int = connection.execute(statement).rowcount
        self._end(connection)
        if count >= 0:
            return count
        row = self.read(connection)  # the driver cannot say
        return int(row is not None and row.owner == self.owner)

    def _is_alone(self, connection: Connection) -> bool:
        """Whether nobody has got in at the same moment: where keys are not enforced, or with another kind of lock."""
        owners = list(connection.execute(select(self.table.c.owner)).scalars())
        self._end(connection)
        return owners == [self.owner] and not self._is_taken_otherwise(connection)

    def _end(self, connection: Connection) -> None:
        """Each statement stands for itself, also where the driver knows no autocommit."""
        if connection.in_transaction():
            connection.commit()

    # --- what a dialect may know better ---------------------------------------------------------------------

    def _insertion(self) -> Any:
        """An INSERT, which may leave out a row that is there already."""
        return self.table.insert()

    def _guard(self) -> ColumnElement[bool] | None:
        """What must be true, in the same statement, for the row to be written."""
        return None

    def _is_taken_otherwise(self, connection: Connection) -> bool:
        """Whether somebody holds a lock of another kind that means the same."""
        return False
