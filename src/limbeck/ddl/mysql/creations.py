"""Statements that create a table, or an index on one, and nothing else: their effect tells of itself.

They are most of all statements, so they are looked at first: without a question, if what they create is surely absent.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring_ascii

from sqlalchemy import Connection

from limbeck.ddl.mysql.known import KnownObjects, plain_name

_NAME = r"(?:`(?:[^`]|``)+`|[\w$]+)"
_CREATION = re.compile(
    r"(?:\s+|--[^\n]*\n|\#[^\n]*\n|/\*(?!!).*?\*/)*"
    rf"CREATE\s+(?:TABLE\s+(?P<table>{_NAME})\s*\(|(?:UNIQUE\s+)?INDEX\s+(?P<index>{_NAME})"
    rf"\s+ON\s+(?P<indexed>{_NAME})\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_MORE = re.compile(r"\b(?:PARTITION|SELECT|LIKE)\b", re.IGNORECASE)


def find_new(connection: Connection, sql: str, known: KnownObjects) -> str | None:
    """The evidence of a statement that creates a table or an index and nothing else, if there is surely none so named.

    It is the same that `journaling.find_evidence` gives.
    """
    found = find_creation(sql)
    if found is None:
        return None
    (table, index), sent = found, sql.replace("%%", "%")
    if index is None:
        if not known.has_no_table(connection, table):
            return None
        known.note_created(table, sent)
        return _evidence(f"TABLE {table}")
    if not known.has_no_index(table, index):
        return None
    known.note_indexed(table, sent)
    return _evidence(f"INDEX {index} ON {table}")


def find_creation(sql: str) -> tuple[str, str | None] | None:
    """The table that a statement creates, or the table and the index.

    Not if it may create more than that, or replace what is there. Of a view the server does not say when it was
    created, of a partitioned table not in each release.
    """
    found = _CREATION.match(sql.replace("%%", "%"))
    if found is None or _MORE.search(found.string, found.end()) is not None:
        return None
    table, index = found["table"] or found["indexed"], found["index"]
    return (table, index) if plain_name(table) and (index is None or plain_name(index)) else None


def _evidence(absent: str) -> str:
    return f'{{{encode_basestring_ascii(absent)}: ""}}'
