"""SQL text that nobody has parsed, such as the condition of a reflected CHECK."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'                 # a string: names nothing
    | "(?P<standard>(?:[^"]|"")*)"
    | `(?P<backtick>(?:[^`]|``)*)`
    | \[(?P<bracket>[^\]]*)\]
    | (?P<plain>[^\W\d]\w*)
    """,
    re.VERBOSE,
)


def mentions(sql: str, names: Iterable[str]) -> bool:
    """Whether the text may speak of one of these columns; names are compared without regard to case."""
    wanted = {name.casefold() for name in names}
    return any(name.casefold() in wanted for name in _names(sql))


def _names(sql: str) -> Iterable[str]:
    for token in _TOKEN.finditer(sql):
        kind = token.lastgroup
        if kind is not None:
            text = token[kind]
            quote = {"standard": '"', "backtick": "`"}.get(kind)
            yield text.replace(quote * 2, quote) if quote else text
