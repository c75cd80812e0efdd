"""Where things are, on one screen: `status`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limbeck.base.answer import FINDINGS, end_with, give, wants_data
from limbeck.base.look import Look, find_look
from limbeck.command.environment import Rows, run_environment
from limbeck.config import Config
from limbeck.script.base import Script, ScriptDirectory

if TYPE_CHECKING:
    from limbeck.runtime.journal.table import Passage

SHOWN = 10
"""So many pending revisions are named unless all are asked for."""
LABEL = 11


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be said about one database, or one version table of it.

    `url_from` is the place that named the URL, if that is known.
    `differences` counts what the models would change; None if they were not compared, for the `reason` given.
    `unfinished` are the revisions that have stopped in the middle, and `holder` says who is running some now.
    """

    database: str
    server: str
    url_from: str | None
    rows: Rows
    applied: tuple[Script, ...]
    unknown: tuple[str, ...]
    pending: tuple[Script, ...]
    is_at_heads: bool
    differences: int | None
    reason: str
    unfinished: tuple[Passage, ...]
    holder: str

    def data(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "database": self.database,
            "server": self.server,
            "url_from": self.url_from,
            "revisions": list(self.rows),
            "unknown": list(self.unknown),
            "pending": [
                {"revision": one.revision, "message": one.doc, "path": one.path} for one in self.pending
            ],
            "at_heads": self.is_at_heads,
            "differences": self.differences,
            "unfinished": [
                {"revision": one.revision, "direction": one.direction, "statements": len(one.entries)}
                for one in self.unfinished
            ],
            "running": self.holder or None,
        }


def status(config: Config, verbose: bool = False, exit_code: bool = False) -> None:
    """Show where the database is, what is pending, and whether it agrees with the models.

    Nothing is changed. With `verbose`, all pending revisions are named, and the place where the URL came from. With
    `exit_code`, the process ends with 3 if something is pending.
    """
    script = ScriptDirectory.from_config(config)
    found: list[Standing] = []

    models, reason = _load_models(config)

    def look(rows: Rows, context: Any) -> Iterable[Any]:
        found.append(_look_at(config, script, rows, context, reason))
        return ()

    run_environment(config, script, look, dont_mutate=True, **models)
    if exit_code and not all(one.is_at_heads for one in found):
        end_with(FINDINGS)
    if wants_data():
        give({"heads": list(script.get_heads()), "databases": [one.data() for one in found]})
        return
    blocks = ["\n".join(_render(one, script, find_look(), verbose=verbose)) for one in found]
    config.print_stdout("\n\n".join(blocks))


def _load_models(config: Config) -> tuple[dict[str, Any], str]:
    """The models that the configuration names, as options of a run; or why there are none."""
    from limbeck.command.discovery.road import with_models

    try:
        return with_models(config, {}), "none are configured"
    except Exception as error:  # they may do anything; the rest is to be shown nevertheless
        return {}, f"could not be loaded: {error}"


def _look_at(
    config: Config, script: ScriptDirectory, rows: Rows, context: Any, without_models: str
) -> Standing:
    from limbeck.command.discovery.origin import find_origin

    graph = script.revision_map.graph
    url = context.connection.engine.url
    unknown = tuple(row for row in rows if row not in graph)
    known = tuple(row for row in rows if row in graph)
    pending = () if unknown else tuple(step.revision for step in script._upgrade_revs("heads", known))
    is_at_heads = not unknown and not pending
    differences, reason = None, without_models
    if is_at_heads and context.opts.get("target_metadata") is not None:
        differences, reason = _compare(config, script, rows, context)
    return Standing(
        database=context.impl.describe_database(url),
        server=context.impl.describe_server(),
        url_from=find_origin(config, os.environ, url, env_py=script.env_py_location),
        rows=rows,
        applied=tuple(script.get_revisions(known)) if known else (),
        unknown=unknown,
        pending=pending,  # type: ignore[arg-type]  # steps have the revision that they were made with
        is_at_heads=is_at_heads,
        differences=differences,
        reason=reason,
        unfinished=_find_unfinished(context),
        holder=_find_holder(context),
    )


def _find_unfinished(context: Any) -> tuple[Passage, ...]:
    journal = context.journal
    return () if journal is None else tuple(journal.table.read_unfinished(context.connection))


def _find_holder(context: Any) -> str:
    """Who holds the run lock; nothing if nobody does, or if nobody can say."""
    from sqlalchemy.exc import SQLAlchemyError

    from limbeck.command.locking import describe
    from limbeck.runtime.lock_status import find_status

    try:
        found = find_status(context)
    except (SQLAlchemyError, TimeoutError):
        return ""
    if found is None or found.holder is None:
        return ""
    return describe(found)


def _compare(config: Config, script: ScriptDirectory, rows: Rows, context: Any) -> tuple[int | None, str]:
    """How many differences there are between the database and the models, or why that is not known."""
    from limbeck.command.comparison import Comparison
    from limbeck.errors import CommandError

    comparison = Comparison(config, script, allow_drops=True)
    try:
        comparison.run(rows, context)
    except CommandError as error:
        return None, f"could not be compared: {error}"
    return len(comparison.diffs), ""


def _render(one: Standing, script: ScriptDirectory, look: Look, *, verbose: bool) -> Iterator[str]:
    yield _line("database", look.bold(f"{one.database} @ {one.server}"))
    if verbose and one.url_from:
        yield _line("URL from", one.url_from)
    if not one.rows:
        yield _line("revision", "none: nothing is applied")
    for number, revision in enumerate(one.applied):
        yield _line(
            "" if number else "revision",
            f"{look.bold(revision.revision)}  {_message(revision, len(revision.revision), look)}".rstrip(),
        )
    for passage in one.unfinished:
        count = len(passage.entries)
        least = "" if passage.is_end_known else "at least "
        done = f"{least}{count:,} statement{'' if count == 1 else 's'} in the database"
        yield _line("unfinished", look.bad(f"the {passage.direction} of {passage.revision}: {done}"))
    if one.holder:
        yield _line("running", look.careful(one.holder))
    for row in one.unknown:
        yield _line("unknown", look.bad(f"{row}: no file here has this revision"))
    if one.unknown:
        yield _line("next", "get the files of that revision, for the database is ahead of this directory")
        return
    yield from _pending(one, look, verbose=verbose)
    if one.is_at_heads:
        yield _line("models", _models(one, look))
    yield _line("next", _next(one))


def _pending(one: Standing, look: Look, *, verbose: bool) -> Iterator[str]:
    if not one.pending:
        yield _line("pending", look.good("nothing"))
        return
    count = len(one.pending)
    yield _line("pending", look.careful(f"{count:,} revision{'' if count == 1 else 's'}"))
    shown = one.pending if verbose else one.pending[:SHOWN]
    longest = max(len(revision.revision) for revision in shown)
    for revision in shown:
        yield _line("", f"{revision.revision:<{longest}}  {_message(revision, longest, look)}".rstrip())
    if len(shown) < count:
        yield _line("", f"and {count - len(shown):,} more; -v names them")


def _models(one: Standing, look: Look) -> str:
    if one.differences is None:
        return one.reason
    if not one.differences:
        return look.good("agree with the database")
    return look.careful(f"{one.differences:,} difference{'' if one.differences == 1 else 's'}")


def _next(one: Standing) -> str:
    if one.unfinished:
        return "limbeck repair shows where it has stopped, limbeck resume goes on there"
    if one.pending:
        return "limbeck plan, then limbeck upgrade heads"
    return "limbeck check" if one.differences else "nothing to do"


def _message(revision: Script, width: int, look: Look) -> str:
    """What fits beside an id of that width."""
    return look.shortened(revision.doc.partition("\n")[0], (look.width or 0) - 2 - LABEL - width - 2)


def _line(label: str, text: str) -> str:
    return f"  {label:<{LABEL}}{text}"
