"""Which statements of an interrupted step are in the database already, as the step is run from its beginning again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from limbeck import errors
from limbeck.runtime.journal.digests import is_same_text
from limbeck.runtime.journal.table import Entry


class Replay:
    """Meets the statements of a step in their order with those that were carried out before.

    What the step asks before it comes to the place where it has stopped gets the same answers as the first time:
    the database would tell it now of what the step has done itself, and it would take another way. An answer that was
    not kept is asked for anew; then another statement may follow, and one that was carried out be left out. If the
    file was edited, what was carried out must still stand there.
    """

    def __init__(
        self, entries: Iterable[Entry], answers: Iterable[Entry] = (), *, revision: str, is_edited: bool
    ) -> None:
        self._left = list(entries)
        self._answers = list(answers)
        self.passed = 0
        """The position of the last change that was met."""
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
            raise errors.FinishedStatementEdited(revision=self._revision, was=first.statement, now=statement)
        place = self._find(digest, values_may_differ=values_may_differ)
        if place is None:
            return None
        found = self._left[place]
        del self._left[: place + 1]
        self._pass_to(found.position)
        return found

    def answer(self, digest: str) -> Entry | None:
        """The answer to a question as it was given at this place the first time, or None if it is to be asked."""
        for place, entry in enumerate(self._answers):
            if int(entry.evidence or 0) != self.passed:
                return None
            if entry.digest == digest:
                del self._answers[: place + 1]
                return entry
        return None

    def left_of_block(self, end: str) -> list[Entry]:
        """What was carried out of a block, up to the entry with the digest `end`."""
        return list(takewhile(lambda entry: entry.digest != end, self._left))

    def pass_block(self, end: str) -> bool:
        """Pass over what is left of a block, up to the entry with the digest `end`; whether there is one."""
        while self._left:
            entry = self._left.pop(0)
            self._pass_to(entry.position)
            if entry.digest == end:
                return True
        return False

    def require_nothing_left(self) -> None:
        """Called when the step has come to its end. Raises FinishedStatementEdited if a statement is gone."""
        if self._left and self._is_edited:
            raise errors.FinishedStatementEdited(
                revision=self._revision, was=self._left[0].statement, now=None
            )

    def _pass_to(self, position: int) -> None:
        self.passed = position
        while self._answers and int(self._answers[0].evidence or 0) < position:
            del self._answers[0]

    def _find(self, digest: str, *, values_may_differ: bool) -> int | None:
        for place, entry in enumerate(self._left):
            if entry.digest == digest:
                return place
        if values_may_differ:
            for place, entry in enumerate(self._left):
                if is_same_text(entry.digest, digest):
                    return place
        return None
