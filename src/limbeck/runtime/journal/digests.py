"""Tells statements apart, whatever a driver or a compiler does to how they are written."""

from __future__ import annotations

import hashlib
from typing import Any


def normalized(sql: str) -> str:
    """The text without what a driver or a compiler may write in another way: space, and doubled percent signs."""
    return " ".join(sql.replace("%%", "%").split()).rstrip("; ")


def digest(sql: str, parameters: Any) -> str:
    """Tells statements apart: half of it stands for the text, half for the values."""
    return digest_with(sql, digest_of_values(parameters) if parameters else None)


def digest_of_values(parameters: Any) -> str:
    """The half of a digest that stands for the values; there must be some."""
    return _hash(repr(parameters))


def digest_with(sql: str, values: str | None) -> str:
    """The digest of a statement whose values have that digest; None if it has none."""
    return _hash(normalized(sql)) + (_NO_VALUES if values is None else values)


def is_same_text(one: str, other: str) -> bool:
    """Whether two digests stand for the same text, with whatever values."""
    return one[:32] == other[:32]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


_NO_VALUES = _hash("")
