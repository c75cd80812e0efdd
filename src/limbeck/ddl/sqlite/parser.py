"""Reads a CREATE TABLE statement.

It follows the grammar in SQLite's documentation ("CREATE TABLE"), and what SQLite accepts beyond it: constraints of
a table without commas between them, and any words as a type.
"""

from __future__ import annotations

from collections.abc import Callable

from limbeck.ddl.sqlite.definition import Clause, ColumnText, TableText
from limbeck.ddl.sqlite.tokens import Token, tokens

_CLAUSES = frozenset(
    [
        "CONSTRAINT",
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "AS",
        "DEFERRABLE",
    ]
)
_OF_TABLE = frozenset(["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"])


class NotUnderstood(ValueError):
    """The text is no CREATE TABLE statement with columns."""


def parse(sql: str) -> TableText:
    """Take a CREATE TABLE statement apart; raise NotUnderstood if it is none, or has no list of columns."""
    try:
        return _Parser(sql).table()
    except IndexError:
        raise NotUnderstood(sql) from None


class _Parser:
    """Reads the pieces of a statement one after another."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.pieces = tokens(sql)
        self.at = 0

    # --- pieces -------------------------------------------------------------------------------------------

    @property
    def piece(self) -> Token:
        return self.pieces[self.at]

    def is_at(self, *words: str) -> bool:
        """Whether these words or signs come next."""
        following = self.pieces[self.at : self.at + len(words)]
        return [piece.keyword or piece.text for piece in following] == list(words)

    def skip(self, *words: str) -> bool:
        """Go past these words or signs, if they come next."""
        if not self.is_at(*words):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.skip(*words):
            raise NotUnderstood(self.sql)

    def take(self) -> Token:
        piece = self.piece
        self.at += 1
        return piece

    def take_name(self) -> str:
        if not self.piece.is_name:
            raise NotUnderstood(self.sql)
        return self.take().name

    def text_since(self, first: int) -> str:
        """The text from a piece up to the last one that was taken."""
        if first == self.at:
            return ""
        return self.sql[self.pieces[first].start : self.pieces[self.at - 1].end]

    def in_parentheses(self) -> str:
        """The text between parentheses."""
        self.need("(")
        first, depth = self.at, 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self.take().text, 0)
        return self.sql[self.pieces[first - 1].end : self.pieces[self.at - 1].start].strip()

    # --- the table ----------------------------------------------------------------------------------------

    def table(self) -> TableText:
        self.need("CREATE")
        if not self.skip("TEMP"):
            self.skip("TEMPORARY")
        self.need("TABLE")
        self.skip("IF", "NOT", "EXISTS")
        self.take_name()
        if self.skip("."):
            self.take_name()
        self.need("(")
        columns, constraints = [self.column()], list[Clause]()
        while not self.is_at(")"):
            self.skip(",")
            if self.piece.keyword in _OF_TABLE:
                constraints += self.clauses(self.table_clause)
            elif not constraints:
                columns.append(self.column())
            else:
                raise NotUnderstood(self.sql)
        end = self.take().end
        return TableText(tuple(columns), tuple(constraints), self.sql[end:].strip().rstrip(";").rstrip())

    def column(self) -> ColumnText:
        first = self.at
        if self.piece.keyword in _OF_TABLE:
            raise NotUnderstood(self.sql)
        comment = self._comment_before(first)
        name = self.take_name()
        written = self.text_since(first)
        type_at = self.at
        while self.piece.is_name and not self._begins_clause():
            self.take()
        if self.is_at("("):
            self.in_parentheses()
        type_ = self.text_since(type_at)
        clauses = self.clauses(self.column_clause)
        if not (self.is_at(",") or self.is_at(")")):
            raise NotUnderstood(self.sql)
        source = comment + self.text_since(first) + self._comment_after()
        return ColumnText(name, comment + written, type_, tuple(clauses), source)

    def _comment_before(self, first: int) -> str:
        """What was said about a column in front of it, on lines of its own."""
        gap = self.sql[self.pieces[first - 1].end : self.pieces[first].start]
        own_line = (
            gap if self.pieces[first - 1].text == "(" else gap[gap.find("\n") + 1 :] if "\n" in gap else gap
        )
        return own_line.lstrip() if own_line.strip() else ""

    def _comment_after(self) -> str:
        """What was said about a column behind it: before the comma, or behind it on the same line."""
        end = self.pieces[self.at - 1].end
        gap = self.sql[end : self.piece.start].rstrip()
        if self.is_at(","):
            behind = self.sql[self.piece.end : self.pieces[self.at + 1].start]
            line, new_line, _ = behind.partition("\n")
            gap += f" {line.strip()}" if line.strip() and new_line else ""
        return gap

    def _begins_clause(self) -> bool:
        piece = self.piece
        if piece.keyword == "GENERATED":
            return self.is_at("GENERATED", "ALWAYS", "AS")
        return piece.keyword in _CLAUSES

    # --- clauses ------------------------------------------------------------------------------------------

    def clauses(self, clause: Callable[[int, str | None], Clause]) -> list[Clause]:
        found = []
        while self._begins_clause() or self.is_at("FOREIGN"):
            first, name = self.at, None
            while self.skip("CONSTRAINT"):
                name = self.take_name()
            if not (self._begins_clause() or self.is_at("FOREIGN")):
                found.append(Clause("CONSTRAINT", self.text_since(first), name))
                break
            found.append(clause(first, name))
        return found

    def column_clause(self, first: int, name: str | None) -> Clause:
        if self.skip("GENERATED", "ALWAYS", "AS") or self.skip("AS"):
            expression = self.in_parentheses()
            if not self.skip("STORED"):
                self.skip("VIRTUAL")
            return self.clause("GENERATED", first, name, expression=expression)
        if self.is_at("NOT", "DEFERRABLE") or self.is_at("DEFERRABLE"):
            self.deferrable()
            return self.clause("DEFERRABLE", first, name)
        kind = self.take().keyword
        match kind:
            case "NOT" | "NULL":
                if kind == "NOT":
                    self.need("NULL")
                self.conflict()
                return self.clause("NOT NULL" if kind == "NOT" else "NULL", first, name)
            case "PRIMARY":
                self.need("KEY")
                if not self.skip("ASC"):
                    self.skip("DESC")
                self.conflict()
                self.skip("AUTOINCREMENT")
            case "UNIQUE":
                self.conflict()
            case "CHECK":
                return self.clause(kind, first, name, expression=self.in_parentheses())
            case "DEFAULT":
                return self.clause(kind, first, name, expression=self.default())
            case "COLLATE":
                self.take_name()
            case "REFERENCES":
                return self.reference("REFERENCES", first, name, ())
            case _:
                raise NotUnderstood(self.sql)
        return self.clause(kind, first, name)

    def table_clause(self, first: int, name: str | None) -> Clause:
        kind = self.take().keyword
        match kind:
            case "PRIMARY":
                self.need("KEY")
                columns = self.key_columns()
            case "UNIQUE":
                columns = self.key_columns()
            case "CHECK":
                expression = self.in_parentheses()
                self.conflict()
                return self.clause(kind, first, name, expression=expression)
            case "FOREIGN":
                self.need("KEY")
                columns = self.key_columns()
                self.need("REFERENCES")
                return self.reference("FOREIGN", first, name, columns)
            case _:
                raise NotUnderstood(self.sql)
        self.conflict()
        return self.clause(kind, first, name, columns=columns)

    def key_columns(self) -> tuple[str, ...]:
        """The names of a key, each of which may have a collation and a direction."""
        self.need("(")
        names = [self.take_name()]
        while not self.skip(")"):
            if self.skip(","):
                names.append(self.take_name())
            else:
                self.take()
        return tuple(names)

    def reference(self, kind: str, first: int, name: str | None, columns: tuple[str, ...]) -> Clause:
        target = self.take_name()
        target_columns = self.key_columns() if self.is_at("(") else ()
        while True:
            if self.skip("ON"):
                self.take()
                if not (self.skip("SET", "NULL") or self.skip("SET", "DEFAULT") or self.skip("NO", "ACTION")):
                    self.take()
            elif self.skip("MATCH"):
                self.take_name()
            elif not self.deferrable():
                break
        return self.clause(kind, first, name, columns=columns, target=target, target_columns=target_columns)

    def deferrable(self) -> bool:
        if not (self.skip("NOT", "DEFERRABLE") or self.skip("DEFERRABLE")):
            return False
        if self.skip("INITIALLY"):
            self.take()
        return True

    def default(self) -> str:
        first = self.at
        if self.is_at("("):
            self.in_parentheses()
        else:
            if not self.skip("-"):
                self.skip("+")
            self.take()
        return self.text_since(first)

    def conflict(self) -> None:
        if self.skip("ON", "CONFLICT"):
            self.take()

    def clause(
        self,
        kind: str,
        first: int,
        name: str | None,
        *,
        columns: tuple[str, ...] = (),
        expression: str = "",
        target: str | None = None,
        target_columns: tuple[str, ...] = (),
    ) -> Clause:
        return Clause(kind, self.text_since(first), name, columns, expression, target, target_columns)
