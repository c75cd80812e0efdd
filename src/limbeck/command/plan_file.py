"""A plan that is kept in a file, so that only what somebody has looked at is run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any

from limbeck import errors
from limbeck.command.environment import Rows
from limbeck.command.forecast import Forecast
from limbeck.script.steps import MigrationStep

KIND = "limbeck plan"
VERSION = 1


def write_plan(path: str, forecasts: Sequence[Forecast]) -> None:
    """Write a plan, whole or not at all. Raises PlanIncomplete if it does not know everything that will be sent."""
    for one in forecasts:
        if not one.is_complete:
            raise errors.PlanIncomplete(path=path, reason="a revision cannot be tried to its end")
        if not one.is_certain:
            raise errors.PlanIncomplete(
                path=path, reason="a revision asks for what will have changed by then"
            )
    document = {
        "kind": KIND,
        "v": VERSION,
        "plans": [{**one.data(), "target": one.target} for one in forecasts],
    }
    draft = f"{path}.draft"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
    os.replace(draft, path)


def read_plan(path: str) -> list[dict[str, Any]]:
    """The plans in a file, one for each version table. Raises UnreadablePlan."""
    with open(path, encoding="utf-8") as file:
        try:
            document = json.load(file)
        except ValueError as error:
            raise errors.UnreadablePlan(path=path, reason="it is not JSON") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise errors.UnreadablePlan(path=path, reason="`limbeck plan --out` has not written it")
    if document.get("v") != VERSION:
        raise errors.UnreadablePlan(path=path, reason="another version of limbeck has written it")
    plans: list[dict[str, Any]] = document["plans"]
    return plans


class KeptPlan:
    """What may run: nothing but what the plan in a file says."""

    def __init__(self, path: str, direction: str, target: str) -> None:
        self._path = path
        self._plans = read_plan(path)
        self._turn = 0
        for one in self._plans:
            if (one["direction"], one["target"]) != (direction, target):
                raise errors.PlanOutdated(
                    path=path,
                    reason=f"it is for `{one['direction']} {one['target']}`, not `{direction} {target}`",
                )

    def require_same(self, forecasts: Sequence[Forecast]) -> None:
        """Raise PlanOutdated unless revisions, rows and statements are those of the plan."""
        if len(forecasts) != len(self._plans):
            raise errors.PlanOutdated(path=self._path, reason="env.py turns to more or fewer databases")
        for now, then in zip(forecasts, self._plans, strict=True):
            revisions = [outlook.rehearsed.step for outlook in now.outlooks]
            self._require(then, now.before, revisions)
            if now.fingerprint != then["fingerprint"]:
                raise errors.PlanOutdated(
                    path=self._path, reason="other statements would be sent, or with other values"
                )

    def require_same_start(self, rows: Rows, steps: Iterable[MigrationStep]) -> None:
        """The same for the moment in which nobody else can change anything any more."""
        if self._turn >= len(self._plans):
            raise errors.PlanOutdated(path=self._path, reason="env.py turns to more databases")
        self._require(self._plans[self._turn], rows, steps)
        self._turn += 1

    def _require(self, then: dict[str, Any], rows: Rows, steps: Iterable[MigrationStep]) -> None:
        if sorted(rows) != sorted(then["before"]):
            before, now = (", ".join(one) or "base" for one in (then["before"], rows))
            raise errors.PlanOutdated(
                path=self._path, reason=f"the database was at {before}, and is at {now}"
            )
        wanted = [one["revision"] for one in then["revisions"]]
        if [getattr(getattr(step, "revision", None), "revision", None) for step in steps] != wanted:
            raise errors.PlanOutdated(path=self._path, reason="other revisions would run")
