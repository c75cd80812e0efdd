"""What a statement does to a database, as far as its text says it."""

from __future__ import annotations

import hashlib
import re
from enum import Enum
from typing import Any


class Kind(Enum):
    """What running a statement a second time would mean."""

    AGAIN = "again"
    """It leaves nothing behind: it reads, or it sets up the session."""
    DATA = "data"
    """It changes rows, in the transaction that is open."""
    SCHEMA = "schema"
    """It changes anything else."""


_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|\#[^\n]*(?:\n|\Z)|/\*(?!!).*?\*/|\()*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_AGAIN = frozenset(
    (
        *("select", "show", "describe", "desc", "explain", "values", "table", "analyze"),
        *("set", "use", "pragma", "declare", "fetch", "close", "discard", "reset", "listen", "notify"),
        *("begin", "start", "commit", "end", "rollback", "savepoint", "release", "lock", "unlock"),
        *("attach", "detach", "vacuum", "reindex", "optimize"),
    )
)
_DATA = frozenset(("insert", "update", "delete", "replace", "merge", "copy", "load"))
_CHANGING = re.compile(r"\b(?:insert\s+into|update|delete\s+from|merge\s+into)\b", re.IGNORECASE)
_TEMPORARY = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:global\s+|local\s+)?(?:temp|temporary)\s+table\s+(?:if\s+not\s+exists\s+)?([^\s(]+)",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"(?:(?:insert|replace|merge)\s+(?:ignore\s+)?(?:into\s+)?|delete\s+from\s+|update\s+|"
    r"(?:drop|alter|truncate)\s+(?:temporary\s+)?table\s+(?:if\s+exists\s+)?)([^\s(]+)",
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?:commit|end)\b", re.IGNORECASE)


def body(sql: str) -> str:
    """The statement without the comments and brackets before it."""
    return sql[_LEADING.match(sql).end() :]  # type: ignore[union-attr]  # it matches nothing, too


def kind_of(sql: str) -> Kind:
    """What a statement changes.

    >>> kind_of("-- all of them\\nUPDATE book SET pages = 0")
    <Kind.DATA: 'data'>
    """
    text = body(sql)
    found = _WORD.match(text)
    word = found[0].lower() if found else ""
    if not word or word in _AGAIN or _TEMPORARY.match(text):
        return Kind.AGAIN
    if word in _DATA:
        return Kind.DATA
    if word == "with":
        return Kind.DATA if _CHANGING.search(text) else Kind.AGAIN
    return Kind.SCHEMA


def is_commit(sql: str) -> bool:
    """Whether a statement ends the transaction, and makes it permanent."""
    return _COMMIT.match(body(sql)) is not None


def begins_transaction(sql: str) -> bool | None:
    """Whether a statement opens a transaction by hand (True), ends it (False), or neither."""
    found = _WORD.match(body(sql))
    word = found[0].lower() if found else ""
    if word in ("begin", "start", "savepoint"):
        return True
    return False if word in ("commit", "end", "rollback", "release") else None


def find_temporary_table(sql: str) -> str | None:
    """The name of the table that a statement creates for this session only, as it is written there."""
    found = _TEMPORARY.match(body(sql))
    return found[1].lower() if found else None


def find_target(sql: str) -> str | None:
    """The table that a statement changes, as it is written there."""
    found = _TARGET.match(body(sql))
    return found[1].lower() if found else None


def normalized(sql: str) -> str:
    """The text without what a driver or a compiler may write in another way: space, and doubled percent signs."""
    return " ".join(sql.replace("%%", "%").split()).rstrip("; ")


def digest(sql: str, parameters: Any) -> str:
    """Tells statements apart: half of it stands for the text, half for the values."""
    values = repr(parameters) if parameters else ""
    return _hash(normalized(sql)) + _hash(values)


def is_same_text(one: str, other: str) -> bool:
    """Whether two digests stand for the same text, with whatever values."""
    return one[:32] == other[:32]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
