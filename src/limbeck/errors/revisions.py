"""Revisions that a command cannot find, reach or use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from limbeck.errors.base import CommandError


class UnknownRevision(CommandError):
    """Nothing in the project has the identifier that was asked for; `near` lists what was close (ID-8)."""

    code = "LBK-REV-UNKNOWN"

    def __init__(self, *, asked: str, near: Sequence[str] = (), hint: str | None = None) -> None:
        close = f"did you mean {' or '.join(near)}? " if near else ""
        super().__init__(
            f"Can't locate revision identified by '{asked}'",
            hint=hint or f"{close}`limbeck history` lists the revisions there are",
        )
        self.asked = asked
        self.near = tuple(near)


class AmbiguousRevision(UnknownRevision):
    """What was asked for is the beginning of several identifiers; `candidates` lists them (ID-8)."""

    code = "LBK-REV-AMBIGUOUS"

    def __init__(self, *, asked: str, candidates: Sequence[str]) -> None:
        some = ", ".join(candidates[:3]) + (", ..." if len(candidates) > 3 else "")
        CommandError.__init__(
            self,
            f"Can't locate revision identified by '{asked}': it may be any of {some}",
            hint="type more characters of the identifier",
        )
        self.asked = asked
        self.near = self.candidates = tuple(candidates)


class SeveralHeads(CommandError):
    """One head was needed and there are several; `heads` names them (ID-4, GEN-8)."""

    code = "LBK-REV-HEADS"

    def __init__(self, message: str, *, heads: Iterable[str], argument: str | None = None) -> None:
        self.heads = tuple(heads)
        super().__init__(
            message,
            hint=f"name one of {', '.join(self.heads)}, say `heads` for all of them, "
            "or join them with `limbeck merge heads`",
        )
        self.argument = argument


class UnreachableRevision(CommandError):
    """The target exists but no plan leads to it from the present rows (PLAN-14, PLAN-17)."""

    code = "LBK-REV-UNREACHABLE"


class NotUpToDate(CommandError):
    """The database is not at the head, and the command needs it to be (CLI-31)."""

    code = "LBK-BEHIND"

    def __init__(self, *, current: Iterable[str] = (), heads: Iterable[str] = ()) -> None:
        super().__init__(
            "Target database is not up to date.", hint="apply what is pending with `limbeck upgrade heads`"
        )
        self.current = tuple(current)
        self.heads = tuple(heads)


class DatabaseNotAtHead(CommandError):
    """`current --check-heads` found the database behind, or ahead (CLI-57)."""

    code = "LBK-BEHIND"
