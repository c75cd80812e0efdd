"""For type checkers: what can be None elsewhere, and is not here."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def not_none(value: T | None) -> T:
    """`value`, which is not None; anything else is a mistake of the caller, and an AssertionError."""
    assert value is not None
    return value
