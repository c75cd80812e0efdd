"""Shows what the last run has done: who, when, which revisions, and how long each statement took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from limbeck.base.answer import give
from limbeck.base.look import Look, find_look, render_count, render_duration
from limbeck.base.report import Fact, labelled
from limbeck.config import Config
from limbeck.errors import CommandError
from limbeck.script.base import ScriptDirectory
from limbeck.script.last_run import find_last_run, read_last_run

SLOW = 1.0
"""Seconds from which on a duration stands out."""
MOST_SHOWN = 10
"""How many statements of a revision are shown as text: those that took longest."""


def show_last_run(config: Config) -> None:
    """Show the last upgrade, downgrade or stamp that was run from here. Raises CommandError if none is known."""
    script = ScriptDirectory.from_config(config)
    facts = read_last_run(script)
    if facts is None:
        raise CommandError(
            "No run is known here",
            hint="the last `limbeck upgrade`, `downgrade` or `stamp` that had something to do is kept in "
            f"{find_last_run(script)}, unless Python may write no byte code there",
        )
    give({"revisions": [], "last_run": facts})
    config.print_stdout("\n".join(render(facts, find_look())))


def render(facts: Mapping[str, Any], look: Look) -> Iterator[str]:
    """The facts about a run as lines."""
    when = datetime.fromisoformat(facts["began"]).strftime("%Y-%m-%d %H:%M:%S %Z")
    told = [
        Fact("command", f"{facts['command']} {facts['target']}"),
        *(Fact("database", one) for one in facts["databases"]),
        Fact("when", f"{when}, took {render_duration(facts['seconds'])}"),
        Fact("who", f"{facts['user']} on {facts['host']}, process {facts['process']}, {facts['program']}"),
        Fact("ended", _render_end(facts, look)),
    ]
    for fact in told:
        yield from labelled(fact)
    for number, step in enumerate(facts["steps"], 1):
        yield ""
        yield from _render_step(number, len(facts["steps"]), step, look)


def _render_end(facts: Mapping[str, Any], look: Look) -> str:
    failure = facts["failure"]
    if failure is None:
        return look.good("well")
    step = facts["steps"][-1] if facts["steps"] else None
    where = f" in {step['revision']}" if step is not None and step["seconds"] is None else ""
    return (
        f"{look.bad(f'{failure}{where}')}\nwhat a rollback has undone stands here, too: `limbeck status` tells "
        "where the database is"
    )


def _render_step(number: int, count: int, step: Mapping[str, Any], look: Look) -> Iterator[str]:
    message = (step["message"] or "").partition("\n")[0]
    done = "not finished" if step["seconds"] is None else render_duration(step["seconds"])
    work = f"{render_count(step['count'])}   {done}"
    head = f"  {number}/{count}  {look.bold(step['revision'] or 'base')}  {step['direction']}"
    yield f"{head}  {message}   {look.dim(work)}" if message else f"{head}   {look.dim(work)}"
    shown = find_slowest(step["statements"])
    for statement in shown:
        taken = _render_taken(statement["seconds"]).rjust(10)
        if statement["seconds"] >= SLOW:
            taken = look.careful(taken)
        failed = "" if statement["ok"] else "failed  "
        sql = look.shortened(" ".join(statement["sql"].split()), (look.width or 0) - 20 - len(failed))
        yield f"  {statement['number']:>6}{taken}  {look.bad(failed)}{sql}"
    if step["count"] > len(shown):
        yield look.dim(f"{' ' * 20}and {render_count(step['count'] - len(shown), 'faster statement')}")


def find_slowest(statements: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those that took longest, and what has failed, in their order."""
    by_duration = sorted(statements, key=lambda one: (one["ok"], -one["seconds"]))
    return sorted(by_duration[:MOST_SHOWN], key=lambda one: one["number"])


def _render_taken(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else render_duration(seconds)
