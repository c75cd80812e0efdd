"""Where the facts about the last run are kept: in a file beside the byte code of the revisions, which may go."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from limbeck.script.base import ScriptDirectory
from limbeck.script.index import Draft, find_cache

NAME = "limbeck-last-run.json"
VERSION = 2
"""Counts up when a fact changes its meaning, or goes: what an older limbeck has kept is not shown then."""


STATEMENT = ("number", "sql", "seconds", "ok")
"""What is kept of a statement, in this order."""


def find_last_run(script: ScriptDirectory) -> str:
    """Where the file is, or would be."""
    return os.path.join(find_cache(script._version_locations[0]), NAME)


class LastRun(NamedTuple):
    """The facts about a run as plain values, and each of its steps as JSON."""

    facts: Mapping[str, Any]
    steps: Sequence[str]

    @property
    def json(self) -> str:
        """All of it as JSON."""
        head = json.dumps({"v": VERSION, **self.facts}).removesuffix("}")
        return f'{head}, "steps": [{", ".join(self.steps)}]}}'


def write_last_run(script: ScriptDirectory, run: LastRun) -> bool:
    """Keep the facts about a run in the place of those about the run before; whether that was possible.

    In one step, so that several processes may do this at once. Not where byte code may not be written either.
    """
    draft = None if sys.dont_write_bytecode else Draft.start(find_last_run(script))
    return draft is not None and draft.publish(run.json.encode("ascii"))


def read_last_run(script: ScriptDirectory) -> dict[str, Any] | None:
    """The facts about the last run; None if nothing is kept, or nothing that can be read."""
    try:
        with open(find_last_run(script), "rb") as file:
            found = json.loads(file.read())
        if found.pop("v") != VERSION:
            return None
        for step in found["steps"]:
            step["statements"] = [dict(zip(STATEMENT, one, strict=True)) for one in step["statements"]]
    except (OSError, ValueError, TypeError, LookupError, AttributeError):  # it may hold anything
        return None
    facts: dict[str, Any] = found
    return facts
