"""SQL text of SQLite in pieces: names in all their quotings, strings, comments, and everything else.

SQLite's documentation, "SQL As Understood By SQLite": names may stand in double quotes, backticks or brackets; a
string in single quotes; comments are `-- …` to the end of the line and `/* … */`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+ | --[^\n]*(?:\n|$) | /\*.*?(?:\*/|$))
    | (?P<blob>[xX]'[^']*')
    | (?P<string>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\])
    | (?P<word>[^\W\d][\w$]*)
    | (?P<number>(?:\d|\.\d)[\w.]*)
    | (?P<sign>->>|->|\|\||<<|>>|<=|>=|<>|==|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE_NO_COLUMN = frozenset({"COLLATE", "AS"})
_RESERVED = frozenset(
    {"AND", "AS", "BETWEEN", "CASE", "COLLATE", "ELSE", "EXISTS", "IN", "IS", "ISNULL", "NOT"}
    | {"NOTNULL", "NULL", "OR", "SELECT", "THEN", "WHEN"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL text; `kind` is blob, string, quoted, word, number or sign."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether it can be a name; SQLite takes a string for one where nothing else fits."""
        return self.kind in ("word", "quoted", "string")

    @property
    def name(self) -> str:
        """The name without its quotes."""
        return unquoted(self.text)

    @property
    def keyword(self) -> str:
        """The word in upper case, or nothing for a piece that cannot be a keyword."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(sql: str) -> list[Token]:
    """The pieces of the text, without blanks and comments."""
    return [
        Token(match.lastgroup or "sign", match[0], match.start(), match.end())
        for match in _TOKEN.finditer(sql)
        if match.lastgroup != "blank"
    ]


def unquoted(name: str) -> str:
    """A name as it is, from the way it is written."""
    quote = name[:1]
    if quote == "[":
        return name[1:-1]
    return name[1:-1].replace(quote * 2, quote) if quote in ('"', "`", "'") else name


def same_name(one: str, other: str) -> bool:
    """Whether two names mean the same thing: for ASCII letters, case makes no difference."""
    return _folded(one) == _folded(other)


def columns_in(expression: str) -> Iterator[str]:
    """The names in an expression that may be columns: no function, collation, type of a cast, or reserved word."""
    return (piece.name for piece in _column_pieces(expression))


def _column_pieces(expression: str) -> Iterator[Token]:
    pieces = tokens(expression)
    before = ""
    for position, piece in enumerate(pieces):
        following = pieces[position + 1].text if position + 1 < len(pieces) else ""
        is_name = piece.kind == "quoted" or (piece.kind == "word" and piece.keyword not in _RESERVED)
        if is_name and following != "(" and before not in _BEFORE_NO_COLUMN:
            yield piece
        before = piece.keyword


def renamed(expression: str, old: str, new: str, quote: Callable[[str], str]) -> str:
    """An expression, or a list of columns, with another name for a column."""
    for piece in reversed(list(_column_pieces(expression))):
        if same_name(piece.name, old):
            expression = f"{expression[: piece.start]}{quote(new)}{expression[piece.end :]}"
    return expression


def mentions(expression: str, column: str) -> bool:
    """Whether an expression speaks of a column."""
    return any(same_name(name, column) for name in columns_in(expression))


def without_doubt(sql: str) -> str:
    """The text with backticks around names in double quotes: those SQLite takes for strings if nothing has the name."""
    for piece in reversed(tokens(sql)):
        if piece.text.startswith('"'):
            name = piece.name.replace("`", "``")
            sql = f"{sql[: piece.start]}`{name}`{sql[piece.end :]}"
    return sql


def ends_in_line_comment(sql: str) -> bool:
    """Whether something written behind the text would belong to a comment."""
    last = None
    for match in _TOKEN.finditer(sql):
        last = match
    return last is not None and last[0].startswith("--") and not last[0].endswith("\n")


def with_name(sql: str, name: str, quote: Callable[[str], str]) -> str:
    """A CREATE statement of sqlite_schema for another name: that of its table, index, or trigger."""
    piece = name_in_create(sql)
    return f"{sql[: piece.start]}{quote(name)}{sql[piece.end :]}"


def in_schema(sql: str, schema: str | None, quote: Callable[[str], str]) -> str:
    """A CREATE statement of sqlite_schema, which never names a schema, for what is in another one than main."""
    if schema is None:
        return sql
    start = name_in_create(sql).start
    return f"{sql[:start]}{quote(schema)}.{sql[start:]}"


def name_in_create(sql: str) -> Token:
    """The name of what a CREATE statement makes."""
    pieces = tokens(sql)
    position = (
        next(
            index
            for index, piece in enumerate(pieces)
            if piece.keyword in ("TABLE", "INDEX", "TRIGGER", "VIEW")
        )
        + 1
    )
    if [piece.keyword for piece in pieces[position : position + 3]] == ["IF", "NOT", "EXISTS"]:
        position += 3
    if pieces[position + 1 : position + 2] and pieces[position + 1].text == ".":
        position += 2
    return pieces[position]


def _folded(name: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)
