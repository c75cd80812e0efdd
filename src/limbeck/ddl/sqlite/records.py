"""What a SQLite database says about many tables, for the first glance of a comparison.

SQLAlchemy's inspector asks about each table by itself, several times. Indexes and foreign keys of all tables can be
had in one question each; only the names of unique constraints stand nowhere but in the text of a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.engine import Inspector

from limbeck.ddl.compare.records import Record, TableRecord
from limbeck.ddl.sqlite.schema import Database
from limbeck.ddl.sqlite.tokens import Token, tokens

Columns = frozenset[str]


@dataclass(slots=True)
class Facts:
    """What is known about one table beside its columns."""

    sql: str
    foreign_keys: list[Record] = field(default_factory=list)
    indexes: list[Record] = field(default_factory=list)
    unique_constraints: list[Record] = field(default_factory=list)
    is_plain: bool = True


def read_records(inspector: Inspector, schema: str | None, names: Sequence[str]) -> Iterator[TableRecord]:
    """Read these tables of a database, all at once; foreign keys come without their names.

    A table of which something cannot be told so easily is left out.
    """
    connection = inspector.bind
    assert isinstance(connection, Connection)
    database = Database(connection, schema)
    found = {entry.name: Facts(entry.sql) for entry in database.entries() if entry.type == "table"}
    _read_foreign_keys(database, found)
    _read_indexes(database, found)
    columns = inspector.get_multi_columns(schema=schema, filter_names=names)
    for (_, name), described in columns.items():
        facts = found.get(name)
        if facts is not None and facts.is_plain:
            yield TableRecord(
                key=(schema, name),
                columns=[dict(column) for column in described],
                foreign_keys=facts.foreign_keys,
                indexes=facts.indexes,
                unique_constraints=facts.unique_constraints,
            )


def _read_foreign_keys(database: Database, found: dict[str, Facts]) -> None:
    keys: dict[tuple[str, int], Record] = {}
    for table, number, target, column, target_column, onupdate, ondelete in database.foreign_key_rows():
        facts = found[table]
        if (table, number) not in keys:
            key = keys[table, number] = {
                "name": None,
                "constrained_columns": [],
                "referred_schema": database.schema,
                "referred_table": target,
                "referred_columns": [],
                "options": {"onupdate": onupdate, "ondelete": ondelete},
            }
            facts.foreign_keys.append(key)
        keys[table, number]["constrained_columns"].append(column)
        keys[table, number]["referred_columns"].append(target_column)
        facts.is_plain &= target_column is not None  # else it refers to the primary key, whatever that is


def _read_indexes(database: Database, found: dict[str, Facts]) -> None:
    indexes: dict[tuple[str, str], Record] = {}
    origins: dict[tuple[str, str], str] = {}
    for table, name, unique, origin, column in database.index_rows():
        index = indexes.setdefault((table, name), {"name": name, "column_names": [], "unique": bool(unique)})
        index["column_names"].append(column)
        origins[table, name] = origin
        if column is None:
            index["expressions"] = True
    for (table, name), index in indexes.items():
        facts = found[table]
        match origins[table, name]:
            case "c":
                facts.indexes.append(index)
            case "u":
                facts.unique_constraints.append({"name": None, "column_names": index["column_names"]})
    for facts in found.values():
        if facts.unique_constraints:
            _name_uniques(facts)


def _name_uniques(facts: Facts) -> None:
    """Give unique constraints the names that stand in the text; the columns tell which is which."""
    written = unique_names(facts.sql)
    for unique in facts.unique_constraints:
        names = written.get(_folded(unique["column_names"]), [])
        facts.is_plain &= len(names) == 1
        unique["name"] = names[0] if names else None


def unique_names(sql: str) -> dict[Columns, list[str | None]]:
    """The names of the unique constraints in the text of a table, by their columns in lower case."""
    found: dict[Columns, list[str | None]] = defaultdict(list)
    pieces = tokens(sql)
    depth, column = 0, ""
    for place, piece in enumerate(pieces):
        depth += {"(": 1, ")": -1}.get(piece.text, 0)
        if depth == 1 and piece.text in ("(", ",") and place + 1 < len(pieces):
            column = pieces[place + 1].name
        elif depth == 1 and piece.keyword == "UNIQUE":
            is_named = place > 1 and pieces[place - 2].keyword == "CONSTRAINT"
            columns = _listed(pieces, place + 1) if pieces[place + 1].text == "(" else [column]
            found[_folded(columns)].append(pieces[place - 1].name if is_named else None)
    return dict(found)


def _listed(pieces: Sequence[Token], place: int) -> Iterator[str]:
    """The columns in a parenthesis: each stands behind its beginning, or behind a comma."""
    while pieces[place].text != ")":
        if pieces[place].text in ("(", ","):
            yield pieces[place + 1].name
        place += 1


def _folded(columns: Iterator[str] | Sequence[str]) -> Columns:
    return frozenset(column.lower() for column in columns)
