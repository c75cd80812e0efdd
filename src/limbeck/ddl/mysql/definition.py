"""What the text of a table says: an exact reading of usual texts, and none of any other.

SQLAlchemy's inspector reads the same text, that of `SHOW CREATE TABLE`, line by line, with patterns that are ready for
everything. Of a thousand tables most lines have been seen before, but for the name of the column, and most others are
plain keys.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.mysql.reflection import MySQLTableDefinitionParser
from sqlalchemy.engine import Dialect

from limbeck.ddl.compare.records import Record, TableKey, TableRecord

_NAME = "`([^`(),]+)`"
_NAMES = r"\((`[^`(),]+`(?:, ?`[^`(),]+`)*)\)"
_ACTION = "(RESTRICT|CASCADE|SET NULL|NO ACTION)"

_BEGINNING = re.compile(r"CREATE TABLE `[^`]+` \(")
_COLUMN = re.compile("  `([^`]+)` (.+)")
_VALUE = "'(?:''|[^'])*'"
_DEFINITION = re.compile(rf"(\w+)(?:\((?:\d+(?:,\d+)?|{_VALUE}(?:,{_VALUE})*)\))?(?: .*)?,?")
_MEMBER = re.compile(
    "  (?:"
    rf"PRIMARY KEY {_NAMES}"
    rf"|(UNIQUE )?KEY {_NAME} {_NAMES}"
    rf"|CONSTRAINT {_NAME} FOREIGN KEY {_NAMES} REFERENCES {_NAME} {_NAMES}"
    rf"(?: ON DELETE {_ACTION})?(?: ON UPDATE {_ACTION})?"
    rf"|CONSTRAINT {_NAME} CHECK \(.+\)"
    "),?"
)
_END = re.compile(r"\)(?: [A-Z_]+(?: [A-Z]+)?=\w+)+(?: COMMENT='([^'\\]+)')?")


class Definitions:
    """The texts of many tables, read one after the other; each definition of a column is looked into once."""

    def __init__(self, dialect: Dialect) -> None:
        self._parser = MySQLTableDefinitionParser(dialect, dialect.identifier_preparer)  # type: ignore[arg-type]  # one of MySQL's
        self._types: Any = dialect.ischema_names  # type: ignore[attr-defined]  # SQLAlchemy's own dialects have it
        self._columns: dict[str, Record] = {}
        """By the line, what it says of a column."""
        self._definitions: dict[str, Record | None] = {}
        """By what stands behind a column's name, what it says of any; None if it is not usual."""

    def read(self, key: TableKey, text: str) -> TableRecord | None:
        """What a text says about a table, in the words of SQLAlchemy's inspector; None if something is not usual."""
        beginning, *lines = text.split("\n")
        end = _END.fullmatch(lines.pop()) if lines else None
        if end is None or not _BEGINNING.fullmatch(beginning) or "\r" in text or "PARTITION" in text:
            return None
        record = TableRecord(
            key,
            primary_key={"constrained_columns": [], "name": None},
            comment={"text": end.group(1)},
        )
        for line in lines:
            if line.startswith("  `"):
                column = self._columns.get(line) or self._read_column(line)
                if column is None:
                    return None
                record.columns.append(column)
            elif not _read_member(line, record):
                return None
        record.indexes.sort(key=_name)
        record.unique_constraints.sort(key=_name)
        return record

    def _read_column(self, line: str) -> Record | None:
        found = _COLUMN.fullmatch(line)
        if found is None:
            return None
        name, definition = found.groups()
        if definition not in self._definitions:
            self._definitions[definition] = self._parsed(line, definition)
        said = self._definitions[definition]
        if said is None:
            return None
        column = self._columns[line] = {**said, "name": name}
        return column

    def _parsed(self, line: str, definition: str) -> Record | None:
        """What SQLAlchemy says of a column, if it knows the type and would have nothing to warn of."""
        usual = _DEFINITION.fullmatch(definition)
        if usual is None or usual.group(1) not in self._types:
            return None
        (column,) = self._parser.parse(line, None).columns
        return dict(column)


def _read_member(line: str, record: TableRecord) -> bool:
    """Add what a line says of a key to the record; False if the line is not usual. CHECKs are passed over."""
    found = _MEMBER.fullmatch(line)
    if found is None:
        return False
    primary, unique, key, columns, foreign, own, target, referred, ondelete, onupdate, _ = found.groups()
    if key is not None:
        names = _listed(columns)
        record.indexes.append({"name": key, "column_names": names, "unique": unique is not None})
        if unique is not None:
            record.unique_constraints.append({"name": key, "column_names": names, "duplicates_index": key})
    elif foreign is not None:
        actions = {"onupdate": onupdate, "ondelete": ondelete}
        record.foreign_keys.append(
            {
                "name": foreign,
                "constrained_columns": _listed(own),
                "referred_schema": record.schema,
                "referred_table": target,
                "referred_columns": _listed(referred),
                "options": {
                    event: action for event, action in actions.items() if action not in (None, "NO ACTION")
                },
            }
        )
    elif primary is not None:
        assert record.primary_key is not None, "each record begins with an empty one"
        if record.primary_key["constrained_columns"]:
            return False
        record.primary_key["constrained_columns"] = _listed(primary)
    return True


def _listed(names: str) -> Sequence[str]:
    return names.split("`")[1::2]


def _name(item: Record) -> str:
    name: str = item["name"]
    return name
