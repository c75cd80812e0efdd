"""Expressions of SQLite as Python."""

from __future__ import annotations

import re

_LITERAL = re.compile(r"\d+(\.\d+)?|'([^']|'')*'")


def default_text(text: str) -> str:
    """The SQL of a server default in parentheses, unless it is a number or a string: SQLite asks for them (AUT-75)."""
    return text if _LITERAL.fullmatch(text) or _is_in_parentheses(text) else f"({text})"


def _is_in_parentheses(text: str) -> bool:
    """Whether one pair of parentheses stands around the whole text: `(a)`, but not `(a) + (b)`."""
    bare = re.sub(r"'([^']|'')*'", "", text.strip())
    if not (bare.startswith("(") and bare.endswith(")")):
        return False
    depth = 0
    for position, character in enumerate(bare):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return position == len(bare) - 1
    return False
