"""Which statements of an interrupted step are in the database already, as the step is run from its beginning again."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import FinishedStatementEdited
from limbeck.runtime.journal.table import Entry
from limbeck.runtime.journal.text import is_same_text


class Replay:
    """Meets the statements of a step in their order with those that were carried out before.

    If the file is the same, what it reads decides what it does now: a statement may be left out this time because
    its effect was seen, and another may be new. If the file was edited, what was carried out must still stand there.
    """

    def __init__(self, entries: Iterable[Entry], *, revision: str, is_edited: bool) -> None:
        self._left = list(entries)
        self._revision = revision
        self._is_edited = is_edited

    def __bool__(self) -> bool:
        return bool(self._left)

    def meet(self, digest: str, statement: str, *, values_may_differ: bool) -> Entry | None:
        """What stands in the journal for a statement that is about to run, or None if it has not been carried out.

        `values_may_differ` says that statements were made permanent in groups, so that the text is enough to
        know one again. Raises FinishedStatementEdited.
        """
        if not self._left:
            return None
        first = self._left[0]
        if self._is_edited and first.digest != digest:
            raise FinishedStatementEdited(revision=self._revision, was=first.statement, now=statement)
        place = self._find(digest, values_may_differ=values_may_differ)
        if place is None:
            return None
        found = self._left[place]
        del self._left[: place + 1]
        return found

    def pass_block(self, end: str) -> bool:
        """Pass over what is left of a block, up to the entry with the digest `end`; whether there is one."""
        while self._left:
            if self._left.pop(0).digest == end:
                return True
        return False

    def require_nothing_left(self) -> None:
        """Called when the step has come to its end. Raises FinishedStatementEdited if a statement is gone."""
        if self._left and self._is_edited:
            raise FinishedStatementEdited(revision=self._revision, was=self._left[0].statement, now=None)

    def _find(self, digest: str, *, values_may_differ: bool) -> int | None:
        for place, entry in enumerate(self._left):
            if entry.digest == digest:
                return place
        if values_may_differ:
            for place, entry in enumerate(self._left):
                if is_same_text(entry.digest, digest):
                    return place
        return None
