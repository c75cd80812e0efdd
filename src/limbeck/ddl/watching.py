"""What a dialect can tell of a statement that runs in another session: how far it is, and for whom it waits.

`DefaultImpl` inherits these answers, which know nothing; a dialect gives others where its server tells.
"""

from __future__ import annotations

from sqlalchemy import Connection

from limbeck.base.progress import Activity


class WatchRules:
    """How a server lets one session look at another."""

    def find_session(self, connection: Connection) -> int | None:
        """The number that the server has given to a session, without asking it; None if that cannot be."""
        return None

    def look_at(self, connection: Connection, session: int) -> Activity | None:
        """What a session does now, asked through another one; None if the server does not tell."""
        return None
