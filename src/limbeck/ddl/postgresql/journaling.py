"""Statements that PostgreSQL does not let run in a transaction, and whether one that was cut off took effect.

Everything else is made permanent in one transaction with the row that says so. An index that is built or dropped
CONCURRENTLY and cut off stays behind, marked invalid (manual, "Building Indexes Concurrently").
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from limbeck.ddl.journaling import Outcome, Settlement

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_OBJECT = rf"{_NAME}(?:\s*\.\s*{_NAME})?"
_LEAD = r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)*"
_FLAGS = re.VERBOSE | re.IGNORECASE | re.DOTALL

_BUILD = re.compile(
    rf"{_LEAD}CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<index>{_NAME})\s+ON\s+"
    rf"(?:ONLY\s+)?(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})",
    _FLAGS,
)
_DROP = re.compile(rf"{_LEAD}DROP\s+INDEX\s+CONCURRENTLY\s+(?:IF\s+EXISTS\s+)?(?P<index>{_OBJECT})", _FLAGS)
_DATABASE = re.compile(rf"{_LEAD}(?:CREATE|DROP)\s+DATABASE\s+(?:IF\s+EXISTS\s+)?(?P<name>{_NAME})", _FLAGS)
_REPEATABLE = re.compile(rf"{_LEAD}(?:VACUUM|REINDEX|CLUSTER|ALTER\s+SYSTEM|CHECKPOINT)\b", _FLAGS)
_APART = re.compile(
    rf"{_LEAD}(?:VACUUM\b|CLUSTER\b|CHECKPOINT\b|ALTER\s+SYSTEM\b|REINDEX\b|(?:CREATE|DROP|ALTER)\s+(?:DATABASE|TABLESPACE)\b"
    r"|(?:CREATE|DROP|ALTER)\s+SUBSCRIPTION\b|(?:CREATE\s+(?:UNIQUE\s+)?|DROP\s+)INDEX\s+CONCURRENTLY\b"
    r"|ALTER\s+TABLE\b.*\bDETACH\s+PARTITION\b.*\bCONCURRENTLY\b|CALL\b|DO\b)",
    _FLAGS,
)
_CALL = re.compile(rf"{_LEAD}CALL\s+(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<name>{_NAME})", _FLAGS)
_DO = re.compile(rf"{_LEAD}DO\b", _FLAGS)
_ENDING = re.compile(r"\b(?:commit|rollback|call|execute)\b", re.IGNORECASE)
"""What may end a transaction from within a procedure."""
_NEW_VALUE = re.compile(rf"{_LEAD}ALTER\s+TYPE\b.*\bADD\s+VALUE\b", _FLAGS)


def shares_transaction(sql: str, version: tuple[int, ...]) -> bool:
    """Whether a statement may run in a transaction; a new value of an enum may since version 12."""
    if _NEW_VALUE.match(sql):
        return version >= (12,)
    return _APART.match(sql) is None


def leaves_transaction(connection: Connection, sql: str) -> bool:
    """Whether a procedure that is called, or a DO block, surely does not end the transaction around it."""
    if _DO.match(sql):
        return _ENDING.search(sql) is None
    found = _CALL.match(sql)
    if found is None:
        return False
    schema = "" if found["schema"] is None else f" AND n.nspname = {_quoted(_plain(found['schema']))}"
    procedures = connection.exec_driver_sql(
        "SELECT l.lanname, p.prosrc FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang "
        f"JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = {_quoted(_plain(found['name']))}{schema}"
    ).all()
    return bool(procedures) and all(
        language == "sql" or (language == "plpgsql" and not _ENDING.search(source))
        for language, source in procedures
    )


def find_evidence(connection: Connection, sql: str) -> str | None:
    """The number of the index or the database that a statement makes or drops; None if it is another statement."""
    for pattern in (_BUILD, _DROP):
        found = pattern.match(sql)
        if found is not None:
            return _index_number(connection, _index_name(found))
    found = _DATABASE.match(sql)
    if found is not None:
        return _database_number(connection, found["name"])
    return "" if _REPEATABLE.match(sql) else None


def settle(connection: Connection, sql: str, evidence: str | None) -> Settlement:
    """Whether the index or the database is there; an index that is invalid is to be dropped first."""
    if evidence is None:
        return Settlement(Outcome.UNKNOWN)
    found = _BUILD.match(sql)
    if found is not None:
        name = _index_name(found)
        number = _index_number(connection, name)
        if number in ("", evidence):
            return Settlement(Outcome.NOT_DONE)
        if _is_valid(connection, number):
            return Settlement(Outcome.DONE)
        return Settlement(Outcome.NOT_DONE, cleanup=f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    found = _DROP.match(sql)
    if found is not None:
        is_gone = evidence and not _index_number(connection, _index_name(found))
        return Settlement(Outcome.DONE if is_gone else Outcome.NOT_DONE)
    found = _DATABASE.match(sql)
    if found is not None:
        is_changed = _database_number(connection, found["name"]) != evidence
        return Settlement(Outcome.DONE if is_changed else Outcome.NOT_DONE)
    return Settlement(Outcome.NOT_DONE)


def is_session_busy(connection: Connection, number: str) -> bool:
    """Whether a session still works on a statement, which it does to the end, even if its client is gone."""
    found = connection.exec_driver_sql(
        f"SELECT count(*) FROM pg_stat_activity WHERE pid = {int(number)} AND pid <> pg_backend_pid() "
        "AND state = 'active'"
    )
    return bool(found.scalar())


def _index_name(found: re.Match[str]) -> str:
    """The index with its schema, which is that of its table."""
    schema = found.groupdict().get("schema")
    return f"{schema}.{found['index']}" if schema else found["index"]


def _index_number(connection: Connection, name: str) -> str:
    return str(connection.exec_driver_sql(f"SELECT to_regclass({_quoted(name)})::oid").scalar() or "")


def _is_valid(connection: Connection, number: str) -> bool:
    query = f"SELECT indisvalid FROM pg_index WHERE indexrelid = {int(number)}"
    return bool(connection.exec_driver_sql(query).scalar())


def _database_number(connection: Connection, name: str) -> str:
    query = f"SELECT oid FROM pg_database WHERE datname = {_quoted(_plain(name))}"
    return str(connection.exec_driver_sql(query).scalar() or "")


def _plain(name: str) -> str:
    """A name as the catalogue has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"
