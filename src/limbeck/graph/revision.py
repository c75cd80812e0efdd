"""One revision as the graph sees it: who it is, and what comes before it."""

# Annotations are no texts here: at each start, Python would compile those of a NamedTuple.
from collections.abc import Iterable
from typing import NamedTuple

from limbeck import errors

FORBIDDEN = "@-+:"
"""Characters with a meaning in targets (`branch@head`, `ae10-2`, `a:b`), so no identifier has them (FILE-13)."""

RESERVED = frozenset({"head", "heads", "base", "current"})
"""Words with a meaning as targets (ID-1); new revisions and labels must not be called so (GEN-2, GRA-8)."""


class Revision(NamedTuple):
    """A revision's identifier, its parents, what else must be applied before it, and its branch labels.

    >>> Revision("d4", parents=("b2", "c3"), dependencies=("shop",))

    `parents` are the ids in `down_revision`; `dependencies` are the ids or labels in `depends_on`; `labels`
    are those that its own file defines, without inherited ones.
    """

    id: str
    parents: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def verify_id(id: str) -> None:
    """Raise InvalidRevisionId if `id` has characters that targets give a meaning to (FILE-13, GEN-2)."""
    if id.isalnum():
        return  # nearly every identifier, and there may be ten thousand
    found = sorted(set(id) & set(FORBIDDEN))
    if found:
        raise errors.InvalidRevisionId(id, found)


def as_tuple(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """None, one text, or several, as documented attributes have them, as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def as_scalar(values: tuple[str, ...]) -> str | tuple[str, ...] | None:
    """A tuple as documented attributes have it: None, one text, or the tuple of several."""
    if not values:
        return None
    return values[0] if len(values) == 1 else values
