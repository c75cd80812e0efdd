"""What MySQL and MariaDB tell of a statement that runs in another session.

Who has a lock on rows, InnoDB knows. Who keeps a table from being changed, only a plugin of MariaDB's
(metadata_lock_info) or the performance schema knows, and mostly neither is there: then it is somebody who has a
transaction open.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.mysql.server import is_mariadb

METADATA_LOCK = "metadata lock"
_STATE = "SELECT command, state{progress} FROM information_schema.processlist WHERE id = :id"
_PROGRESS = ", stage, max_stage, progress"
_ROW_LOCKS = {
    True: "SELECT b.trx_mysql_thread_id FROM information_schema.innodb_lock_waits AS w "
    "JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_trx_id "
    "JOIN information_schema.innodb_trx AS b ON b.trx_id = w.blocking_trx_id WHERE r.trx_mysql_thread_id = :id",
    False: "SELECT b.trx_mysql_thread_id FROM performance_schema.data_lock_waits AS w "
    "JOIN information_schema.innodb_trx AS r ON r.trx_id = w.requesting_engine_transaction_id "
    "JOIN information_schema.innodb_trx AS b ON b.trx_id = w.blocking_engine_transaction_id "
    "WHERE r.trx_mysql_thread_id = :id",
}
_TABLE_LOCKS = (
    "SELECT o.thread_id FROM information_schema.metadata_lock_info AS m "
    "JOIN information_schema.metadata_lock_info AS o USING (table_schema, table_name) "
    "WHERE m.thread_id = :id AND o.thread_id <> :id AND table_name <> ''",
    "SELECT t.processlist_id FROM performance_schema.metadata_locks AS m "
    "JOIN performance_schema.metadata_locks AS o USING (object_type, object_schema, object_name) "
    "JOIN performance_schema.threads AS mt ON mt.thread_id = m.owner_thread_id "
    "JOIN performance_schema.threads AS t ON t.thread_id = o.owner_thread_id "
    "WHERE mt.processlist_id = :id AND t.processlist_id <> :id AND m.lock_status = 'PENDING' "
    "AND o.lock_status = 'GRANTED'",
)
"""Either is only there if somebody has seen to it."""
_OPEN = (
    "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_mysql_thread_id NOT IN (:id, 0)"
)
_SESSIONS = "SELECT id, user, command, time FROM information_schema.processlist WHERE id IN ({ids})"


def find_session(connection: Connection) -> int | None:
    """The number of the connection, as the driver knows it."""
    driver: Any = connection.connection.driver_connection
    ask = getattr(driver, "thread_id", None)
    number = ask() if callable(ask) else getattr(driver, "connection_id", None)
    return number if isinstance(number, int) else None


def look_at(connection: Connection, number: int) -> Activity | None:
    """For whom a session waits, or else how far its statement is."""
    knows_progress = is_mariadb(connection.dialect)
    sql = _STATE.format(progress=_PROGRESS if knows_progress else ", 0, 0, 0")
    row = connection.execute(text(sql), {"id": number}).first()
    if row is None or row[0] == "Sleep":
        return None
    state = row[1] or ""
    found = _ids(connection, _ROW_LOCKS[knows_progress], number)
    is_certain = bool(found)
    if METADATA_LOCK in state.lower() and not found:
        found = next(filter(None, (_ids(connection, sql, number) for sql in _TABLE_LOCKS)), ())
        is_certain = bool(found)
        found = found or _ids(connection, _OPEN, number)
    if found:
        return Activity(state or None, blockers=_sessions(connection, found, is_certain=is_certain))
    return read_progress(state, *row[2:])


def read_progress(state: str, stage: int, stages: int, percent: Any) -> Activity | None:
    """How far a statement is; its stages count alike.

    >>> read_progress("copy to tmp table", 1, 2, 50)
    Activity(phase='copy to tmp table', share=0.25, blockers=())
    """
    share = (max(stage - 1, 0) + float(percent) / 100) / stages if stages else None
    return Activity(state or None, share) if state or share is not None else None


def _ids(connection: Connection, sql: str, number: int) -> tuple[int, ...]:
    """The sessions that a question finds; none if nobody may ask it, or the server does not know it."""
    try:
        return tuple(
            dict.fromkeys(int(one) for one in connection.execute(text(sql), {"id": number}).scalars())
        )
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return ()


def _sessions(connection: Connection, ids: tuple[int, ...], *, is_certain: bool) -> tuple[Blocker, ...]:
    rows = connection.execute(text(_SESSIONS.format(ids=", ".join(map(str, ids)))))
    known = {row[0]: row for row in rows}
    blockers = []
    for one in ids:
        _, user, command, seconds = known.get(one, (one, None, None, None))
        state = "idle in a transaction" if command == "Sleep" else command
        blockers.append(Blocker(f"connection {one}", state, seconds, user, is_certain=is_certain))
    return tuple(blockers)
