"""A CREATE TABLE statement in parts that keep their own text: columns, their clauses, constraints of the table.

Nothing here touches a database; `limbeck.ddl.sqlite.parser` makes these parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from limbeck.ddl.sqlite.tokens import ends_in_line_comment, renamed, same_name, tokens


@dataclass(frozen=True, slots=True)
class Clause:
    """A constraint or another clause, of a column or of the table, with its own text.

    `kind` is the word it begins with, or GENERATED; `name` is that of a constraint. `columns` are those of a key,
    `expression` is what a CHECK, a DEFAULT or a generated column says. `target` and `target_columns` say what a
    foreign key refers to.
    """

    kind: str
    text: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str = ""
    target: str | None = None
    target_columns: tuple[str, ...] = ()

    def named(self, name: str, quote: Callable[[str], str]) -> Clause:
        """The clause under a name, which it had none of."""
        return replace(self, name=name, text=f"CONSTRAINT {quote(name)} {self.text}")

    def renamed(self, table: str, old: str, new: str, quote: Callable[[str], str]) -> Clause:
        """The clause with another name for a column of its table; a foreign key may begin and end there."""

        def follow(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(new if same_name(name, old) else name for name in names)

        if self.kind in ("COLLATE", "DEFAULT"):
            return self
        is_circular = self.target is not None and same_name(self.target, table)
        start = next((piece.start for piece in tokens(self.text) if piece.text == "("), len(self.text))
        end = len(self.text)
        if self.target is not None:
            words = tokens(self.text)
            end = next(piece.end for piece in words if piece.keyword == "REFERENCES")
        head, own, rest = self.text[:start], self.text[start:end], self.text[max(start, end) :]
        rest = renamed(rest, old, new, quote) if is_circular else rest
        return replace(
            self,
            text=f"{head}{renamed(own, old, new, quote)}{rest}",
            columns=follow(self.columns),
            expression=renamed(self.expression, old, new, quote),
            target_columns=follow(self.target_columns) if is_circular else self.target_columns,
        )


@dataclass(frozen=True, slots=True)
class ColumnText:
    """A column: its name and its type as they are written, its clauses, and a comment before it."""

    name: str
    written_name: str
    type: str = ""
    clauses: tuple[Clause, ...] = ()
    source: str | None = field(default=None, compare=False)

    def find(self, kind: str) -> Clause | None:
        """The clause of that kind."""
        return next((clause for clause in self.clauses if clause.kind == kind), None)

    @property
    def is_generated(self) -> bool:
        """Whether its values are computed from other columns."""
        return self.find("GENERATED") is not None

    @property
    def text(self) -> str:
        """The column as SQL; untouched, exactly as it was."""
        if self.source is not None:
            return self.source
        return joined([self.written_name, self.type, *(clause.text for clause in self.clauses)])

    def changed(self, *, type_: str | None = None, clauses: Sequence[Clause] | None = None) -> ColumnText:
        """The column with another type or other clauses."""
        return replace(
            self,
            type=self.type if type_ is None else type_,
            clauses=self.clauses if clauses is None else tuple(clauses),
            source=None,
        )

    def renamed(self, table: str, old: str, new: str, quote: Callable[[str], str]) -> ColumnText:
        """The column with another name for itself or another column."""
        clauses = tuple(clause.renamed(table, old, new, quote) for clause in self.clauses)
        if same_name(self.name, old):
            return replace(self, name=new, written_name=quote(new), clauses=clauses, source=None)
        return self if clauses == self.clauses else self.changed(clauses=clauses)

    def without(self, kind: str) -> ColumnText:
        """The column without its clauses of a kind."""
        if self.find(kind) is None:
            return self
        return self.changed(clauses=[clause for clause in self.clauses if clause.kind != kind])


@dataclass(frozen=True, slots=True)
class TableText:
    """A table as it is written: its columns, its own constraints, and what stands behind the parenthesis."""

    columns: tuple[ColumnText, ...]
    constraints: tuple[Clause, ...]
    options: str

    def has_option(self, *words: str) -> bool:
        """Whether an option stands behind the table, such as STRICT or WITHOUT ROWID."""
        said = [piece.keyword for piece in tokens(self.options) if piece.text != ","]
        return any(said[start : start + len(words)] == list(words) for start in range(len(said)))


def joined(parts: Sequence[str]) -> str:
    """Parts of SQL with a blank between them, or a new line after a comment that ends with the line."""
    text = ""
    for part in filter(None, parts):
        separator = "" if not text else ("\n" if ends_in_line_comment(text) else " ")
        text = f"{text}{separator}{part}"
    return text


def render(table: TableText, name: str) -> str:
    """The CREATE TABLE statement, under `name`, which is SQL already."""
    items = [column.text for column in table.columns] + [clause.text for clause in table.constraints]
    lines = [f"{item}\n" if ends_in_line_comment(item) else item for item in items]
    body = ", \n\t".join(lines)
    return f"CREATE TABLE {name} (\n\t{body}\n){' ' if table.options else ''}{table.options}"


def has_autoincrement(table: TableText) -> bool:
    """Whether numbers of the primary key are never given twice."""
    keys = [key for column in table.columns if (key := column.find("PRIMARY")) is not None]
    return any(tokens(key.text)[-1].keyword == "AUTOINCREMENT" for key in keys)


def with_autoincrement(table: TableText, wanted: bool) -> TableText:
    """The table with AUTOINCREMENT at its primary key, or without it; it can only be written at the column."""
    columns = list(table.columns)
    for position, column in enumerate(columns):
        key = column.find("PRIMARY")
        if key is not None:
            has = [piece.keyword for piece in tokens(key.text)][-1] == "AUTOINCREMENT"
            if has != wanted:
                text = f"{key.text} AUTOINCREMENT" if wanted else key.text[: -len("AUTOINCREMENT")].rstrip()
                clauses = [replace(key, text=text) if clause is key else clause for clause in column.clauses]
                columns[position] = column.changed(clauses=clauses)
            return replace(table, columns=tuple(columns))
    key = next(
        (clause for clause in table.constraints if len(clause.columns) == 1 and clause.kind == "PRIMARY"),
        None,
    )
    if key is None or not wanted:
        return table
    inline = Clause("PRIMARY", f"{_up_to_parenthesis(key.text)} AUTOINCREMENT", key.name)
    return replace(
        table,
        columns=tuple(
            column.changed(clauses=[*column.clauses, inline])
            if same_name(column.name, key.columns[0])
            else column
            for column in columns
        ),
        constraints=tuple(clause for clause in table.constraints if clause is not key),
    )


def _up_to_parenthesis(text: str) -> str:
    start = next(piece.start for piece in tokens(text) if piece.text == "(")
    return text[:start].rstrip()
