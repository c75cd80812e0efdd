"""What running a statement a second time would mean, where its first words say so: most need no closer look."""

from __future__ import annotations

import re
from enum import Enum


class Kind(Enum):
    """What running a statement a second time would mean."""

    AGAIN = "again"
    """It leaves nothing behind: it reads, or it sets up the session."""
    DATA = "data"
    """It changes rows, in the transaction that is open."""
    SCHEMA = "schema"
    """It changes anything else."""


_PLAIN_CHANGE = re.compile(
    r"\s*(?:(?P<schema>create\s+(?!or\b|temp|global\b|local\b)|alter\s|drop\s)|insert\s+into\s|update\s|delete\s+from\s)",
    re.IGNORECASE,
)


def kind_of_plain(sql: str) -> Kind | None:
    """The kind of a statement that surely changes something for good, and neither ends a transaction nor asks.

    None of any other, which `text.kind_of` looks at.

    >>> kind_of_plain("DROP TABLE book"), kind_of_plain("-- all\\nDROP TABLE book")
    (<Kind.SCHEMA: 'schema'>, None)
    """
    found = _PLAIN_CHANGE.match(sql)
    if found is None:
        return None
    return Kind.SCHEMA if found["schema"] else Kind.DATA
