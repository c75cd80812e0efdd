"""What a statement does to a database, as far as its text says it; what is `plain` is told sooner by `kinds`."""

from __future__ import annotations

import re
from collections.abc import Container

from limbeck.runtime.journal.digests import normalized
from limbeck.runtime.journal.kinds import Kind

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|\#[^\n]*(?:\n|\Z)|/\*(?!!).*?\*/|\()*", re.DOTALL)
_EXECUTED_COMMENT = re.compile(r"\A/\*!\d*\s*")
"""A comment that some databases carry out."""
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
_FUNCTION = re.compile(
    r"select\s+(?!(?:version|database|schema|now|count|sum|min|max|coalesce|cast|last_insert_rowid|last_insert_id"
    r"|exists|to_regclass|pg_\w+|has_\w+_privilege|current_\w+|col_description|obj_description|@@\w+)\s*\()"
    r"[\w.\"`]+\s*\((?!.*\bfrom\b)",
    re.IGNORECASE | re.DOTALL,
)
"""A call of a function, which may change anything."""
_INTO = re.compile(
    r"select\b(?:(?!\bfrom\b)[^'])*\binto\s+(?!@|outfile\b|dumpfile\b)[\w\"`#\[]", re.IGNORECASE | re.DOTALL
)
"""A table is made from what is selected."""
_ASKING = re.compile(
    r"(?:select|with|values|table)\b|(?:show|describe|desc)\b(?!.*\b(?:variables|status\s*(?:like|where|$)|processlist)\b)"
    r"|pragma\s+(?:\w+\.)?(?:table_x?info|table_list|index_list|index_x?info|foreign_key_list)\b",
    re.IGNORECASE | re.DOTALL,
)
_OF_SESSION = re.compile(
    r"@|\b(?:(?:get|release|is_free|is_used)_lock|pg_(?:try_)?advisory\w*|pg_backend_pid|connection_id|set_config"
    r"|current_setting|current_schemas?|sleep|pg_sleep|pg_stat_\w+|processlist|txid_\w+)\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\bfrom\s+([^\s(,;]+)", re.IGNORECASE)
_COMMIT = re.compile(r"(?:commit|end)\b", re.IGNORECASE)


def body(sql: str) -> str:
    """The statement without the comments and brackets before it."""
    return sql[_LEADING.match(sql).end() :]  # type: ignore[union-attr]  # it matches nothing, too


def kind_of(sql: str) -> Kind:
    """What a statement changes.

    >>> kind_of("-- all of them\\nUPDATE book SET pages = 0")
    <Kind.DATA: 'data'>
    """
    text = _EXECUTED_COMMENT.sub("", body(sql))
    found = _WORD.match(text)
    word = found[0].lower() if found else ""
    if word == "select" and (_FUNCTION.match(text) or _INTO.match(text)):
        return Kind.DATA
    if not word or word in _AGAIN or _TEMPORARY.match(text):
        return Kind.AGAIN
    if word in _DATA:
        return Kind.DATA
    if word == "with":
        return Kind.DATA if _CHANGING.search(text) else Kind.AGAIN
    return Kind.SCHEMA


def is_answer(sql: str) -> bool:
    """Whether a statement that changes nothing asks what is in the database, and not how this session is.

    >>> is_answer("SELECT id FROM book"), is_answer("SELECT @@sql_mode"), is_answer("PRAGMA foreign_keys")
    (True, False, False)
    """
    text = body(sql)
    return _ASKING.match(text) is not None and _OF_SESSION.search(text) is None


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


def is_table_dropped(sql: str, *, but: Container[str]) -> bool:
    """Whether a statement drops a table, and is none of those given, which are normalized."""
    return normalized(body(sql)).lower().startswith("drop table ") and normalized(sql) not in but


def find_source(sql: str) -> str | None:
    """The first table that a statement reads, as it is written there."""
    found = _SOURCE.search(sql)
    return found[1].lower() if found else None
