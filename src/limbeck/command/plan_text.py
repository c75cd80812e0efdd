"""The answer of `plan` as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from limbeck.base.look import Look
from limbeck.base.paths import shown_path
from limbeck.command.forecast import Forecast
from limbeck.ddl.facts import Cost, Lock
from limbeck.operations.summary import summarize
from limbeck.runtime.planning.outlook import Outlook, Part, WayBack
from limbeck.runtime.planning.recorder import Sent
from limbeck.runtime.planning.rehearsal import Stop

LONGEST_STATEMENT = 12
"""Lines of a statement that are shown unless all is asked for."""


def render(forecast: Forecast, look: Look, *, everything: bool = False) -> list[str]:
    """The lines; with `everything` also whole statements, and those for the version table."""
    lines = [_heading(forecast, look)]
    if everything:
        lines += [
            line
            for one in forecast.rehearsal.preparation
            for line in _statement(one, look, indent=3, everything=True)
        ]
    for number, outlook in enumerate(forecast.outlooks, 1):
        lines += ["", *_revision(number, outlook, forecast, look, everything=everything)]
    if forecast.outlooks:
        lines += ["", *_labelled("transactions", forecast.transactions, look)]
    if not forecast.rehearsal.is_exact and any(one.rehearsed.reads for one in forecast.outlooks):
        lines += _labelled("tried", "on the database as it is, with all changes left out", look)
    lines += _labelled("changed", "nothing", look)
    if forecast.outlooks:
        lines += _labelled("next", _next(forecast), look)
    return lines


def _next(forecast: Forecast) -> str:
    for outlook in forecast.outlooks:
        stop = outlook.rehearsed.stop
        if stop is not None and stop.is_certain:
            return "correct what will fail, and limbeck plan again"
    return f"limbeck {forecast.direction} {forecast.target}"


def _heading(forecast: Forecast, look: Look) -> str:
    count = len(forecast.outlooks)
    verb = "run" if forecast.direction == "upgrade" else "undo"
    what = f"{count:,} revision{'' if count == 1 else 's'} to {verb}" if count else f"nothing to {verb}"
    place = f"{forecast.database} @ {forecast.server}"
    return f"{look.bold(place)}   at {', '.join(forecast.before) or 'base'}   {look.bold(what)}"


def _revision(
    number: int, outlook: Outlook, forecast: Forecast, look: Look, *, everything: bool
) -> Iterator[str]:
    step = outlook.rehearsed.step
    own = getattr(step, "revision", None)
    identifier = own.revision if own is not None else step.short_log
    message = (step.doc or "").partition("\n")[0]
    yield f"{number:>2}  {look.bold(identifier)}{f'  {message}' if message else ''}"
    if own is not None:
        yield look.dim(f"    {shown_path(own.path)}")
    if not outlook.rehearsed.was_tried:
        yield from look.filled("not tried, for the one before it fails", indent=4)
        return
    for part in outlook.parts:
        yield from _part(part, forecast, look, everything=everything)
    if everything:
        for sent in outlook.rehearsed.sent:
            if sent.is_bookkeeping:
                yield from _statement(sent, look, indent=6, everything=True)
    yield from _doubts(outlook, look)
    if outlook.way_back is not None:
        yield from _way_back(outlook, look)


def _part(part: Part, forecast: Forecast, look: Look, *, everything: bool) -> Iterator[str]:
    yield from look.filled(summarize(part.operation), indent=4, hang=2)
    for sent in part.sent:
        yield from _statement(sent, look, indent=6, everything=everything)
    yield from _effect(part, forecast, look)


def _statement(sent: Sent, look: Look, *, indent: int, everything: bool) -> Iterator[str]:
    lines = [line.rstrip().expandtabs(4) for line in sent.sql.splitlines() if line.strip()]
    left_out = 0 if everything else max(len(lines) - LONGEST_STATEMENT, 0)
    for line in lines[: len(lines) - left_out]:
        yield from _fitted(f"{' ' * indent}{line}", look, hang=indent + 4)
    if left_out:
        yield look.dim(f"{' ' * indent}({left_out} more lines; -v shows them)")
    if len(sent.sets) > 1:
        yield look.dim(f"{' ' * indent}{look.sign('×', 'x')} {len(sent.sets):,} sets of values")
    if sent.stands_alone:
        yield look.careful(f"{' ' * indent}outside of any transaction: what was done before is committed")


def _fitted(line: str, look: Look, *, hang: int) -> Iterator[str]:
    """A line of SQL, folded where that means nothing if the terminal is too narrow: between words, not in quotes."""
    if look.width is None or len(line) <= look.width:
        yield line
        return
    words = re.findall(r"(?:'[^']*'|\"[^\"]*\"|`[^`]*`|[^\s'\"`]|['\"`])+", line)
    begun = line[: len(line) - len(line.lstrip())] + words[0]
    for word in words[1:]:
        if len(begun) + 1 + len(word) > look.width:
            yield begun
            begun = " " * hang + word
        else:
            begun += f" {word}"
    yield begun


def _effect(part: Part, forecast: Forecast, look: Look) -> Iterator[str]:
    if part.is_new:
        return
    effect = part.effect
    is_grave = effect is not None and effect.lock >= Lock.WRITES and effect.cost > Cost.METADATA
    paint = look.careful if is_grave else look.dim
    yield from map(paint, look.filled(describe_effect(part, forecast), indent=6, hang=2))


def describe_effect(part: Part, forecast: Forecast) -> str:
    """Whom an operation keeps waiting, what it does with rows, and how many these are."""
    counted = [
        f"{name} has about {forecast.rows[schema, name]:,} row{'' if forecast.rows[schema, name] == 1 else 's'}"
        for schema, name in part.tables
        if (schema, name) in forecast.rows
    ]
    effect = part.effect
    if effect is None:
        text = "what it blocks and rewrites is not known"
    else:
        text = f"{_blocked(effect.lock)}, {_work(effect.cost)}{f' ({effect.why})' if effect.why else ''}"
    return "; ".join([text, *counted])


def describe_stop(stop: Stop) -> str:
    """Why the rest of a revision is not known."""
    at = f" in line {stop.line}" if stop.line else ""
    return (
        f"will fail{at}: {stop.reason}" if stop.is_certain else f"not known from here on{at}: {stop.reason}"
    )


def _blocked(lock: Lock) -> str:
    return {
        Lock.NONE: "blocks nobody",
        Lock.SCHEMA: "blocks other changes of the schema",
        Lock.WRITES: "blocks writes",
        Lock.EVERYTHING: "blocks reads and writes",
    }[lock]


def _work(cost: Cost) -> str:
    return {
        Cost.METADATA: "touches no rows",
        Cost.SCAN: "reads each row",
        Cost.REWRITE: "writes each row again",
    }[cost]


def _doubts(outlook: Outlook, look: Look) -> Iterator[str]:
    for read in outlook.rehearsed.reads:
        at = f" in line {read.line}" if read.line else ""
        text = f"reads{at}: {' '.join(read.sql.split())}"
        if not read.is_certain:
            text += " (the answer may be another one by then, and the statements with it)"
        yield from map(look.dim if read.is_certain else look.careful, look.filled(text, indent=4, hang=2))
    stop = outlook.rehearsed.stop
    if stop is None:
        return
    paint = look.bad if stop.is_certain else look.careful
    yield from map(paint, look.filled(describe_stop(stop), indent=4, hang=2))


def _way_back(outlook: Outlook, look: Look) -> Iterator[str]:
    assert outlook.way_back is not None, "it was looked at before"
    text = f"reversible: {outlook.way_back.value}"
    is_there = outlook.way_back is WayBack.THERE
    lost = any(part.loses_rows for part in outlook.parts)
    if is_there and lost:
        text += ", but what it drops does not come back with its values"
    paint = look.dim if is_there and not lost else look.careful
    yield from map(paint, look.filled(text, indent=4, hang=2))


def _labelled(label: str, text: str, look: Look) -> list[str]:
    return list(look.filled(f"{label:<14}{text}", indent=0, hang=14))
