"""How PostgreSQL bounds statements: by settings of each transaction, which nobody finds in the session afterwards.

Where no transaction is, such as in an `autocommit_block()`, the session has them, and gets its own back at the end. Not
behind a proxy, where the session is also that of others.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from limbeck import sqla
from limbeck.ddl.limiting import Limits, SessionLimits, run_apart
from limbeck.ddl.postgresql.session import find_told_process, is_idle

log = logging.getLogger("alembic.runtime.migration")

CONFLICTS = frozenset({"55P03", "40P01", "40001"})
"""lock_not_available, deadlock_detected, serialization_failure."""


class PostgresqlLimits(SessionLimits):
    """`statement_timeout` and `lock_timeout`."""

    def __init__(self, limits: Limits) -> None:
        given = {"statement_timeout": limits.statement, "lock_timeout": limits.lock_wait}
        # Zero would be no limit.
        self._values = {
            name: f"{max(1, round(seconds * 1000))}ms"
            for name, seconds in given.items()
            if seconds is not None
        }
        self._is_transaction_limited = False
        self._of_transaction: tuple[str, ...] = ()
        self._of_session: tuple[str, ...] | None = None
        self._is_shared = False
        """Whether it was found that the session is also that of others."""

    def before_statement(self, connection: Connection) -> None:
        """Set them at the first statement of each transaction, or once for what stands outside of one."""
        is_limited = self._is_transaction_limited and not is_idle(connection)
        if is_limited or self._of_session is not None:
            return
        if not sqla.is_autocommit(connection):
            self._of_transaction = self._set(connection, tuple(self._values.values()), is_local=True)
            self._is_transaction_limited = True
        elif self._is_shared:
            return
        elif self._owns_session(connection):
            self._of_session = self._set(connection, tuple(self._values.values()), is_local=False)
        else:
            self._is_shared = True
            log.warning("No time limits outside of transactions: a proxy lends this session to others, too")

    def transaction_ended(self) -> None:
        """They went with it."""
        self._is_transaction_limited = False

    def end(self, connection: Connection, *, has_failed: bool) -> None:
        """Set what was there before: in the session, or in the transaction of somebody else."""
        if self._of_session is not None:
            self._set(connection, self._of_session, is_local=False)
            if not sqla.is_autocommit(connection):
                connection.dialect.do_commit(connection.connection)
        elif self._is_transaction_limited and connection.in_transaction() and not has_failed:
            self._set(connection, self._of_transaction, is_local=True)

    def _set(self, connection: Connection, values: tuple[str, ...], *, is_local: bool) -> tuple[str, ...]:
        """Set them in one statement, and give what they were; the list is worked off from left to right."""
        pairs = zip(self._values, values, strict=True)
        items = [
            f"current_setting('{name}'), set_config('{name}', '{value}', {str(is_local).lower()})"
            for name, value in pairs
        ]
        return run_apart(connection, f"SELECT {', '.join(items)}")[::2]

    def _owns_session(self, connection: Connection) -> bool:
        told = find_told_process(connection)
        return told is not None and run_apart(connection, "SELECT pg_backend_pid()") == (told,)


def is_conflict(error: DBAPIError) -> bool:
    """Whether a statement was refused because another session held a lock, or changed the same."""
    original: Any = error.orig
    code = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    if code is None and original.args and isinstance(original.args[0], dict):
        code = original.args[0].get("C")
    return code in CONFLICTS
