"""Pair both sides of a comparison by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Match(Generic[K]):
    """Which keys are only in the database, on both sides, and only in the models."""

    removed: tuple[K, ...]
    common: tuple[K, ...]
    added: tuple[K, ...]


def match(
    database: Iterable[K] | Mapping[K, Any], models: Iterable[K] | Mapping[K, Any], *, in_order: bool = False
) -> Match[K]:
    """Pair two collections of keys.

    Keys come sorted, those without a schema or name first. `in_order` keeps the order of each side instead:
    what is removed as the database has it, all else as the models have it.

    >>> match({"a": 1, "b": 2}, {"b": 3, "c": 4})
    Match(removed=('a',), common=('b',), added=('c',))
    """
    before, after = list(database), list(models)
    known, wanted = set(before), set(after)
    removed = [key for key in before if key not in wanted]
    common = [key for key in after if key in known]
    added = [key for key in after if key not in known]
    if not in_order:
        for keys in (removed, common, added):
            keys.sort(key=sortable)
    return Match(tuple(removed), tuple(common), tuple(added))


def sortable(key: Any) -> Any:
    """A key in a form that sorts, also with None in it (AUT-45)."""
    if isinstance(key, tuple):
        return tuple((part is not None, part or "") for part in key)
    return (key is not None, key or "")
