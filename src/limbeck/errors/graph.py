"""The revision graph and its targets, as `limbeck.script.revision` documents them (GRA-21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class RevisionError(Exception):
    """The revision graph is broken, or was asked something it cannot answer.

    `hint` says what to do about it, if there is something to say.
    """

    hint: str | None = None


class InvalidRevisionId(RevisionError):
    """An identifier has characters that targets give a meaning to (FILE-13)."""

    def __init__(self, revision: str, characters: Sequence[str]) -> None:
        super().__init__(
            f"Character(s) '{', '.join(characters)}' not allowed in revision identifier '{revision}'"
        )
        self.revision = revision
        self.characters = tuple(characters)


class DuplicateRevisionId(RevisionError):
    """Two revisions have the same identifier (FILE-12)."""

    def __init__(self, revision: str) -> None:
        super().__init__(f"Revision {revision} is present more than once")
        self.revision = revision


class DuplicateLabel(RevisionError):
    """A branch label is the name of something else already (GRA-4)."""

    def __init__(self, *, label: str, revision: str, other: str) -> None:
        super().__init__(f"Branch name '{label}' in revision {revision} already used by revision {other}")
        self.label = label
        self.revision = revision
        self.other = other


class MissingReference(RevisionError, KeyError):
    """A revision names a parent or a dependency that does not exist (GRA-22)."""

    __str__ = Exception.__str__  # a KeyError would show its message in quotes

    def __init__(self, *, revision: str, missing: str, relation: str) -> None:
        super().__init__(f"Revision {missing}, named as {relation} of {revision}, is not present")
        self.revision = revision
        self.missing = missing
        self.relation = relation


class RangeNotAncestorError(RevisionError):
    """`lower` is not an ancestor of `upper`."""

    def __init__(self, lower: Any, upper: Any) -> None:
        super().__init__(f"Revision {lower or 'base'} is not an ancestor of revision {upper or 'base'}")
        self.lower = lower
        self.upper = upper


class MultipleHeads(RevisionError):
    """Several heads where one was needed."""

    def __init__(self, heads: Sequence[str], argument: str | None) -> None:
        super().__init__(f"Multiple heads are present for given argument '{argument}'; {', '.join(heads)}")
        self.heads = heads
        self.argument = argument


class ResolutionError(RevisionError):
    """An identifier matches no revision, or more than one."""

    def __init__(self, message: str, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class AmbiguousIdentifier(ResolutionError):
    """The beginning of an identifier fits several revisions (ID-8)."""

    def __init__(self, argument: str, candidates: Sequence[str]) -> None:
        some = ", ".join(candidates[:3]) + (", ..." if len(candidates) > 3 else "")
        super().__init__(f"Several revisions start with '{argument}': {some}", argument)
        self.candidates = tuple(candidates)


class NotAnIdentifier(RevisionError):
    """Something else than text was given as an identifier (ID-11)."""

    def __init__(self, given: object) -> None:
        super().__init__(
            f"revision identifier {given!r} is not a string; ensure database driver settings are correct"
        )
        self.given = given


class TargetError(RevisionError):
    """A target can be read, but there is no single way to it from here; `hint` says what to do instead."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class AmbiguousWalk(TargetError):
    """A relative target leads past a fork, and nothing says which way to go (PLAN-3, PLAN-17)."""

    def __init__(self, *, at: str | None, choices: Sequence[str], upwards: bool) -> None:
        several = "is followed by" if upwards else "has the parents"
        super().__init__(
            f"Ambiguous walk: {at or 'base'} {several} {' and '.join(choices)}",
            hint="name the revision itself, or the branch as in `branch@+1`",
        )
        self.at = at
        self.choices = tuple(choices)
        self.upwards = upwards


class TooFewSteps(TargetError):
    """A relative target goes further than there are revisions (PLAN-4, PLAN-17)."""

    def __init__(self, *, relative: str, steps: int) -> None:
        super().__init__(
            f"Relative revision {relative} didn't produce {abs(steps)} migrations",
            hint="use `head` or `base` to go as far as there are revisions",
        )
        self.relative = relative
        self.steps = steps


class AmbiguousStart(TargetError):
    """A relative target counts from the current revision, and there are several (PLAN-3, PLAN-17)."""

    def __init__(self, *, direction: str, starts: Sequence[str]) -> None:
        super().__init__(
            f"Ambiguous {direction} from multiple current revisions {', '.join(starts)}",
            hint="say which branch is meant, as in `branch@+1` or `branch@-1`, or name the revision itself",
        )
        self.direction = direction
        self.starts = tuple(starts)


class BranchNotApplied(TargetError):
    """`branch@-N` counts from the branch's current revision, and it has none (PLAN-17)."""

    def __init__(self, *, branch: str) -> None:
        super().__init__(
            f"No current revision belongs to branch '{branch}'",
            hint="`limbeck current` shows what the database is at",
        )
        self.branch = branch


class OverlappingRevisions(TargetError):
    """Of two revisions that should stand beside each other, one comes before the other (PLAN-5, STAMP-8)."""

    def __init__(self, *, revision: str, overlaps: Sequence[str]) -> None:
        super().__init__(
            f"Requested revision {revision} overlaps with other requested revisions {', '.join(overlaps)}",
            hint=f"leave out {', '.join(overlaps)}",
        )
        self.revision = revision
        self.overlaps = tuple(overlaps)


class NotADowngradeTarget(TargetError):
    """The target of a downgrade is not below what is applied (PLAN-14)."""

    def __init__(self, *, target: str) -> None:
        super().__init__(
            f"Destination {target} is not a valid downgrade target from current head(s)",
            hint="`limbeck current` shows what the database is at; downgrade to one of its ancestors",
        )
        self.target = target


class BranchNotAbove(TargetError):
    """`branch@revision` was to be downgraded to, but the branch begins at or before that revision (PLAN-12)."""

    def __init__(self, *, branch: str, target: str | None) -> None:
        super().__init__(
            f"Not a valid downgrade target: several branches follow {target or 'base'}, none leads to '{branch}'",
            hint="name the revision without the branch to undo everything that follows it",
        )
        self.branch = branch
        self.target = target


class CycleDetected(RevisionError):
    """Revisions follow each other in a circle; `revisions` names them in order."""

    kind: ClassVar[str] = "Cycle"

    def __init__(self, revisions: Sequence[str]) -> None:
        self.revisions = revisions
        super().__init__(f"{self.kind} is detected in revisions ({', '.join(revisions)})")


class DependencyCycleDetected(CycleDetected):
    """Revisions depend on each other in a circle."""

    kind: ClassVar[str] = "Dependency cycle"


class LoopDetected(CycleDetected):
    """A revision names itself as its parent."""

    kind: ClassVar[str] = "Self-loop"

    def __init__(self, revision: str) -> None:
        super().__init__([revision])


class DependencyLoopDetected(DependencyCycleDetected, LoopDetected):
    """A revision depends on itself."""

    kind: ClassVar[str] = "Dependency self-loop"

    def __init__(self, revision: str) -> None:
        CycleDetected.__init__(self, [revision])
