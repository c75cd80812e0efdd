"""Values as MySQL and MariaDB write them."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.mysql import SET
from sqlalchemy.engine import Dialect

from limbeck.ddl.literals import AnyTypeEngine, Literals, Writer


class MySQLLiterals(Literals):
    """Times have no zone, a time can be longer than a day, and a SET is a list in a string."""

    def other(self, value: Any, type_: AnyTypeEngine, dialect: Dialect, plain: Writer) -> str:
        """A value of a type; what it means is what the drivers send for it."""
        if isinstance(value, (datetime.datetime, datetime.time)):
            value = value.replace(tzinfo=None)
        if isinstance(value, datetime.timedelta):
            return plain(_clock(value), String())
        if isinstance(type_, SET):
            process = type_.bind_processor(dialect)
            sent = process(value) if process else value
            return plain(sent, String()) if isinstance(sent, str) else str(sent)
        return super().other(value, type_, dialect, plain)


def _clock(value: datetime.timedelta) -> str:
    """`[-]HH:MM:SS[.ffffff]`; the hours may be more than 24."""
    minutes, rest = divmod(abs(value), datetime.timedelta(minutes=1))
    fraction = f".{rest.microseconds:06}" if rest.microseconds else ""
    sign = "-" if value < datetime.timedelta(0) else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{rest.seconds:02}{fraction}"
