"""Tables as plain values that can be changed and then made into SQLAlchemy's: what a database has, or should have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

Place = tuple[str | None, str]
"""A table's schema and name."""


@dataclass(frozen=True)
class Column:
    """A column that can be altered before it is made."""

    name: str
    type_: Any = sa.Integer
    nullable: bool = True
    default: Any = None
    comment: str | None = None
    autoincrement: bool = False
    is_key: bool = False

    def made(self) -> sa.Column[Any]:
        numbering = {} if isinstance(self.default, sa.Identity) else {"autoincrement": self.autoincrement}
        return sa.Column(
            self.name,
            self.type_,
            nullable=self.nullable,
            server_default=self.default,
            comment=self.comment,
            primary_key=self.is_key,
            **numbering,
        )


@dataclass
class Table:
    """A table: its columns by name, what else it is made of, its comment, and its rows."""

    name: str
    schema: str | None = None
    columns: dict[str, Column | sa.Column[Any]] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)
    comment: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def column(self, name: str, type_: Any = sa.Integer, **facts: Any) -> Column | sa.Column[Any]:
        """The column of this name, made up from `type_` and `facts` if there is none."""
        return self.columns.setdefault(name, Column(name, type_, **facts))

    def alter(self, existing: str, /, **changes: Any) -> None:
        column = self.columns[existing]
        assert isinstance(column, Column), "a column can be altered as long as it is a plain value"
        changed = replace(column, **changes)
        self.columns = {
            changed.name if each == existing else each: changed if each == existing else other
            for each, other in self.columns.items()
        }

    def drop_item(self, name: str | None) -> None:
        self.items = [item for item in self.items if getattr(item, "name", None) != name]

    def made(self, metadata: sa.MetaData) -> sa.Table:
        columns = [
            column.made() if isinstance(column, Column) else column for column in self.columns.values()
        ]
        return sa.Table(
            self.name,
            metadata,
            *columns,
            *self.items,
            schema=self.schema,
            comment=self.comment,
            **self.options,
        )


@dataclass
class Model:
    """What a database has: tables, and the named types that stand beside them."""

    convention: dict[str, str] | None = None
    tables: dict[Place, Table] = field(default_factory=dict)
    types: dict[str, Any] = field(default_factory=dict)
    sequences: list[str] = field(default_factory=list)

    def table(self, name: str, schema: str | None = None) -> Table:
        return self.tables.setdefault((schema, name), Table(name, schema))

    def drop_index(self, name: str, schema: str | None) -> None:
        for table in self.tables.values():
            if table.schema == schema:
                table.drop_item(name)

    def made(self) -> sa.MetaData:
        metadata = sa.MetaData(naming_convention=self.convention)
        for table in self.tables.values():
            table.made(metadata)
        for name in self.sequences:
            sa.Sequence(name, metadata=metadata)
        return metadata


def names_in(text: str) -> list[str]:
    """The columns that a piece of SQL speaks of: its words, without functions, keywords, literals and values."""
    bare = re.sub(r"'(?:[^']|'')*'|::?\w+|\\:\w+", " ", text)
    words = re.findall(r"\b([A-Za-z_]\w*)\b(?!\s*\()", bare)
    return [word for word in dict.fromkeys(words) if word.upper() not in KEYWORDS]


def type_in(text: str) -> Any:
    """The kind of value that a piece of SQL takes its columns for."""
    if "->>" in text:
        return sa.JSON
    strings = ("lower(", "length(", "like", "'")
    return sa.String(50) if any(sign in text.lower() for sign in strings) else sa.Integer


def names_of(expression: Any) -> list[str]:
    """The columns that an expression speaks of, be it text or a construct."""
    if isinstance(expression, str):
        return [expression]
    if isinstance(expression, sa.TextClause):
        return names_in(expression.text)
    found = (getattr(part, "name", None) for part in sa.sql.visitors.iterate(expression) if is_column(part))
    labels = (
        part.element
        for part in sa.sql.visitors.iterate(expression)
        if part.__visit_name__ == "textual_label_reference"
    )
    return [name for name in dict.fromkeys([*found, *labels]) if name]


def is_column(part: Any) -> bool:
    return isinstance(part, sa.ColumnClause)


def text_of(expression: Any) -> str:
    return expression if isinstance(expression, str) else str(expression)


KEYWORDS = {
    *("UPDATE", "SET", "WHERE", "LIKE", "AND", "OR", "NOT", "NULL", "DESC", "ASC", "NULLS", "LAST", "FIRST"),
    *("SELECT", "FROM", "AS", "IS", "IN"),
}
