"""What a dialect says about statements that are written without SQLAlchemy's compiler; `plain` writes them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.engine import Dialect

if TYPE_CHECKING:
    from limbeck.ddl.plain import PlainDDL


class PlainRules:
    """What an implementation says about plain statements; one from elsewhere writes all by its own methods."""

    dialect: Dialect
    connection: Connection | None
    as_sql: bool
    writes_plain_ddl: bool = False
    """Whether this database writes plain statements as they stand here."""

    def counted_key(self, type_: str) -> str | None:
        """What stands behind the name of an integer key that the database counts up; None if that is not plain."""
        return f"{type_} NOT NULL"

    @property
    def plain(self) -> PlainDDL | None:
        """What writes plain statements; None if somebody else has a say in each, or wants to hear of it."""
        from limbeck.sqla import shortcuts

        writer = self._plain
        if writer is None or self.as_sql or self.connection is None:
            return writer
        return writer if shortcuts.takes_text(self.connection) else None

    @cached_property
    def _plain(self) -> PlainDDL | None:
        from limbeck.ddl.plain import PlainDDL
        from limbeck.sqla import shortcuts

        is_own = type(self).__module__.startswith("limbeck.") and shortcuts.is_own_dialect(self.dialect)
        return PlainDDL(self.dialect, self.counted_key) if is_own and self.writes_plain_ddl else None
