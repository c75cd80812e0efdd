"""Plans that were kept in a file, and hold no more."""

from __future__ import annotations

from limbeck.errors.base import CommandError


class PlanError(CommandError):
    """A plan cannot be followed; nothing has run."""

    code = "LBK-PLAN"


class UnreadablePlan(PlanError):
    """The file is none that `plan --out` has written."""

    def __init__(self, *, path: str, reason: str) -> None:
        super().__init__(
            f"{path} is no plan: {reason}", hint=f"make one with `limbeck plan --out {path}`, and look at it"
        )
        self.path = path
        self.reason = reason


class PlanOutdated(PlanError):
    """What would run now is something else than what was planned."""

    def __init__(self, *, path: str, reason: str) -> None:
        super().__init__(
            f"The plan in {path} does not hold any more: {reason}",
            hint=f"look at `limbeck plan`, and keep the new one with `limbeck plan --out {path}`",
        )
        self.path = path
        self.reason = reason


class PlanIncomplete(PlanError):
    """Nobody can keep to a plan that does not know all that will be sent."""

    def __init__(self, *, path: str, reason: str) -> None:
        super().__init__(
            f"No plan was written to {path}: {reason}",
            hint="plan up to the revision before it with `limbeck plan REVISION --out ...`, or upgrade without a plan",
        )
        self.path = path
        self.reason = reason
