"""SQL text that nobody has parsed, such as the condition of a reflected CHECK."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'                 # a string: names nothing
    | "(?P<standard>(?:[^"]|"")*)"
    | `(?P<backtick>(?:[^`]|``)*)`
    | \[(?P<bracket>[^\]]*)\]
    | (?P<plain>[^\W\d]\w*)(?!\s*\()  # a name before a parenthesis is a function
    """,
    re.VERBOSE,
)
_PARENTHESIS = re.compile(r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|[()]""")
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]"""
_CONSTRAINT = re.compile(
    rf"""
      {_QUOTED}  # may look like a constraint inside
    | \bCONSTRAINT \s+ (?P<name>{_QUOTED}|\w+) \s+
      (?P<kind>UNIQUE|FOREIGN\s+KEY|CHECK) \s* (?:\( (?P<columns>(?:{_QUOTED}|[^()])*) \))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = {"standard": '"', "backtick": "`"}


def mentions(sql: str, column: str) -> bool:
    """Whether the text speaks of this column; as in most databases, case makes no difference."""
    return any(_name(token).casefold() == column.casefold() for token in _TOKEN.finditer(sql))


def renamed(sql: str, old: str, new: str, quote: Callable[[str], str]) -> str:
    """The text with another name for a column; `quote` writes the new one as SQL."""

    def replace(token: re.Match[str]) -> str:
        return quote(new) if _name(token).casefold() == old.casefold() else token[0]

    return _TOKEN.sub(replace, sql)


def balanced(sql: str) -> str:
    """The text up to the parenthesis that closes what was opened before it, if there is one."""
    depth = 0
    for token in _PARENTHESIS.finditer(sql):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0:
            return sql[: token.start()]
    return sql


@dataclass(frozen=True, slots=True)
class NamedConstraint:
    """A constraint in a CREATE TABLE: its kind in capital letters, and for keys the columns behind it."""

    name: str
    kind: str
    columns: tuple[str, ...]


def named_constraints(sql: str) -> list[NamedConstraint]:
    """The UNIQUE, CHECK and FOREIGN KEY constraints of a CREATE TABLE that have a name."""
    return [
        NamedConstraint(
            name=_name(token),
            kind=" ".join(constraint["kind"].upper().split()),
            columns=tuple(map(_name, _TOKEN.finditer(constraint["columns"] or ""))),
        )
        for constraint in _CONSTRAINT.finditer(sql)
        if (token := _TOKEN.fullmatch(constraint["name"] or "")) is not None
    ]


def _name(token: re.Match[str]) -> str:
    """The name that a token is, or nothing for a string."""
    kind = token.lastgroup
    if kind is None:
        return ""
    quote = _QUOTES.get(kind, "")
    return token[kind].replace(quote * 2, quote) if quote else token[kind]
