"""Whether a statement took effect that MySQL or MariaDB cannot roll back: the definitions of what it changes tell.

A single DDL statement is carried out as a whole or not at all (MySQL 8, "Atomic Data Definition Statement Support";
MariaDB 10.6, "Atomic DDL"), also if its client is gone; so a definition that is no longer the same says that it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from limbeck import sqla
from limbeck.ddl.journaling import Outcome, Settlement
from limbeck.ddl.mysql.creations import find_creation
from limbeck.ddl.mysql.known import KnownObjects, plain_name

_NAME = r"(?:`(?:[^`]|``)+`|[\w$]+)"
_OBJECT = rf"{_NAME}(?:\s*\.\s*{_NAME})?"
_IF = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
_LEAD = r"\A(?:\s+|--[^\n]*\n|\#[^\n]*\n|/\*(?!!).*?\*/)*"
_FLAGS = re.VERBOSE | re.IGNORECASE | re.DOTALL

_TABLES = re.compile(
    rf"{_LEAD}(?:CREATE\s+(?:OR\s+REPLACE\s+)?TABLE|ALTER\s+(?:ONLINE\s+|IGNORE\s+)*TABLE|DROP\s+TABLES?"
    rf"|(?:CREATE\s+(?:OR\s+REPLACE\s+)?|ALTER\s+)(?:ALGORITHM\s*=\s*\w+\s+)?(?:DEFINER\s*=\s*\S+\s+)?"
    rf"(?:SQL\s+SECURITY\s+\w+\s+)?VIEW|DROP\s+VIEW|(?:CREATE|ALTER|DROP)\s+SEQUENCE)\s+{_IF}"
    rf"(?P<names>{_OBJECT}(?:\s*,\s*{_OBJECT})*)",
    _FLAGS,
)
_CREATE = re.compile(rf"{_LEAD}CREATE\s+(?!(?:UNIQUE|FULLTEXT|SPATIAL|INDEX)\b)", _FLAGS)
_RENAMED = re.compile(
    rf"\bRENAME\s+(?:TO\s+|AS\s+)?(?!COLUMN\b|INDEX\b|KEY\b)(?P<name>{_OBJECT})\s*\Z", _FLAGS
)
_RENAME = re.compile(rf"{_LEAD}RENAME\s+TABLES?\s+(?P<pairs>.*)\Z", _FLAGS)
_INDEX = re.compile(
    rf"{_LEAD}(?:(?P<creates>CREATE)\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?|DROP\s+)INDEX\s+"
    rf"{_IF}(?P<index>{_NAME})(?:\s+USING\s+\w+)?\s+ON\s+(?P<name>{_OBJECT})",
    _FLAGS,
)
_ROUTINE = re.compile(
    rf"{_LEAD}(?:CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:AGGREGATE\s+)?"
    rf"(?P<kind>TRIGGER|PROCEDURE|FUNCTION|EVENT|DATABASE|SCHEMA)\s+{_IF}(?P<name>{_OBJECT})",
    _FLAGS,
)
_REPEATABLE = re.compile(
    rf"{_LEAD}(?:TRUNCATE|GRANT|REVOKE|FLUSH|OPTIMIZE|REPAIR|CHECK|CACHE|ALTER\s+USER|SET\s|"
    r"(?:CREATE|DROP)\s+(?:USER|ROLE)\s+IF\b)",
    _FLAGS,
)
_VOLATILE = re.compile(r" AUTO_INCREMENT=\d+")

UNCERTAINTY = timedelta(seconds=5)
"""By how much the server's clock may have been set back meanwhile; it tells when a table was created in seconds."""


def find_evidence(connection: Connection, sql: str, known: KnownObjects) -> str | None:
    """A digest of the definition of each object that a statement changes, as JSON; None if these are not known.

    About what is known to be absent the database is not asked.
    """
    sql = sql.replace("%%", "%").strip().rstrip(";")
    objects = find_objects(sql)
    if not objects or objects[0][0] in ("DATABASE", "SCHEMA"):
        known.forget()
    if not objects:
        return "{}" if _REPEATABLE.match(sql) else None
    absent = _find_new_index(sql, known) or _find_new_table(connection, sql, objects, known)
    if absent is not None:
        return json.dumps({absent: ""})
    known.note_sent(name for kind, name in objects if kind == "TABLE")
    return json.dumps({f"{kind} {name}": _describe(connection, kind, name) for kind, name in objects})


def _find_new_index(sql: str, known: KnownObjects) -> str | None:
    """The index that a statement creates, if there is surely none of that name."""
    found = _INDEX.match(sql)
    if found is None or not found["creates"] or not known.has_no_index(found["name"], found["index"]):
        return None
    known.note_indexed(found["name"], sql)
    return f"INDEX {found['index']} ON {found['name']}"


def _find_new_table(
    connection: Connection, sql: str, objects: list[tuple[str, str]], known: KnownObjects
) -> str | None:
    """The table, view or sequence that a statement creates, if there is surely none of that name."""
    kind, name = objects[0]
    if kind != "TABLE" or not _CREATE.match(sql) or not known.has_no_table(connection, name):
        return None
    known.note_created(name, sql)
    return f"TABLE {name}"


def is_undone_if_refused(evidence: str) -> bool:
    """Whether a statement that the server has refused has left nothing: a new object is created whole or not at all."""
    before: dict[str, str] = json.loads(evidence)
    return bool(before) and not any(before.values())


def was_created_since(connection: Connection, sql: str, moment: datetime) -> bool:
    """Whether the table or index that a statement creates is there, and the table is not older than that moment."""
    found = find_creation(sql)
    if found is None:
        return False
    table, index = found
    if not _is_table_from(connection, table, moment - UNCERTAINTY):
        return False
    return index is None or _has_index(connection, table, index)


def _is_table_from(connection: Connection, table: str, moment: datetime) -> bool:
    tables = text(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
        " AND LOWER(table_name) = :name AND table_type = 'BASE TABLE' AND create_time >= :moment"
    )
    return bool(connection.execute(tables, {"name": plain_name(table), "moment": moment}).scalar())


def settle(connection: Connection, sql: str, evidence: str | None) -> Settlement:
    """Compare the definitions of now with those from before; what can be run twice is to be run again."""
    if evidence is None:
        return Settlement(Outcome.UNKNOWN)
    before: dict[str, str] = json.loads(evidence)
    changed = [_describe(connection, *key.split(" ", 1)) != was for key, was in before.items()]
    if not any(changed):
        return Settlement(Outcome.NOT_DONE)
    is_several = len(changed) > 1 and not _RENAMED.search(sql.strip()) and not _RENAME.match(sql)
    return Settlement(Outcome.UNKNOWN if is_several and not all(changed) else Outcome.DONE)


def find_objects(sql: str) -> list[tuple[str, str]]:
    """The objects that a statement creates, changes or drops, each with its kind.

    The statement is stripped, and has no semicolon at its end.

    >>> find_objects("ALTER TABLE `a b` RENAME TO c")
    [('TABLE', '`a b`'), ('TABLE', 'c')]
    """
    found = _TABLES.match(sql)
    if found is not None:
        names = re.findall(_OBJECT, found["names"])
        renamed = _RENAMED.search(sql) if re.match(rf"{_LEAD}ALTER", sql, _FLAGS) else None
        return [("TABLE", name) for name in (*names, *([renamed["name"]] if renamed else ()))]
    found = _RENAME.match(sql)
    if found is not None:
        pairs = re.findall(rf"({_OBJECT})\s+TO\s+({_OBJECT})", found["pairs"], re.IGNORECASE)
        return [("TABLE", name) for pair in pairs for name in pair]
    found = _INDEX.match(sql)
    if found is not None:
        return [("TABLE", found["name"])]
    found = _ROUTINE.match(sql)
    return [(found["kind"].upper(), found["name"])] if found is not None else []


def is_session_busy(connection: Connection, number: str) -> bool:
    """Whether a session still works on a statement; it does so to the end, even if its client is gone."""
    found = connection.exec_driver_sql(
        f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {int(number)} AND id <> CONNECTION_ID() "
        "AND command <> 'Sleep'"
    )
    return bool(found.scalar())


def _describe(connection: Connection, kind: str, name: str) -> str:
    """A digest of what an object is like; of one that is not there, nothing."""
    if kind == "INDEX":
        index, _, table = name.partition(" ON ")
        return "there" if _has_index(connection, table, index) else ""
    row = sqla.fetch_one_or_none(connection, f"SHOW CREATE {kind} {name}")
    if row is None:
        return ""
    definition = "\n".join(str(value) for value in row[1:4])
    return hashlib.sha256(_VOLATILE.sub("", definition).encode()).hexdigest()[:32]


def _has_index(connection: Connection, table: str, index: str) -> bool:
    name = str(plain_name(index)).replace("\\", "\\\\").replace("'", "''")
    return (
        sqla.fetch_one_or_none(connection, f"SHOW INDEX FROM {table} WHERE Key_name = '{name}'") is not None
    )
