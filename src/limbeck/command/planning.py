"""What a run would do, without doing anything: `plan`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from limbeck.base.answer import FINDINGS, Note, end_with, give, note_beside, wants_data
from limbeck.base.look import find_look
from limbeck.command.environment import Rows, run_environment
from limbeck.command.forecast import Forecast
from limbeck.command.span import read_span
from limbeck.config import Config
from limbeck.graph.moves import row_changes
from limbeck.script.base import ScriptDirectory
from limbeck.script.steps import MigrationStep

DEFAULT_TARGET = "heads"


def plan(
    config: Config,
    target: str | None,
    downgrade: bool = False,
    verbose: bool = False,
    exit_code: bool = False,
    tag: str | None = None,
    show_params: bool = False,
    out: str | None = None,
) -> None:
    """Show what `upgrade` would do, up to `target`, or `downgrade`; nothing is changed.

    The functions of the pending revisions are run: on a copy in memory where the database lets itself be copied, and
    elsewhere with every statement left out that is no plain question. With `verbose`, nothing is shortened, and the
    statements for the version table are shown, too. With `exit_code`, the process ends with 3 if something is
    pending. With `show_params`, the data has the values that go beside statements. With `out`, the plan is written to
    that file, too, for `upgrade --plan`; raises PlanIncomplete if it does not know everything.
    """
    from limbeck.command.plan_text import render

    direction = "downgrade" if downgrade else "upgrade"
    forecasts = forecast(config, target or DEFAULT_TARGET, direction, tag=tag)
    if out is not None:
        from limbeck.command.plan_file import write_plan

        write_plan(out, forecasts)
    if exit_code and any(one.outlooks for one in forecasts):
        end_with(FINDINGS)
    for one in forecasts:
        for note in notes_about(one):
            note_beside(note)
    if wants_data():
        give({"plans": [one.data(with_values=show_params) for one in forecasts]})
        return
    blocks = ["\n".join(render(one, find_look(), everything=verbose)) for one in forecasts]
    config.print_stdout("\n\n".join(blocks))


def forecast(config: Config, target: str, direction: str, *, tag: str | None = None) -> list[Forecast]:
    """What a run to `target` would do, for each version table that env.py turns to."""
    script = ScriptDirectory.from_config(config)
    span = read_span(target, sql=False)
    find_steps = script._upgrade_revs if direction == "upgrade" else script._downgrade_revs
    found: list[Forecast] = []

    def work(rows: Rows, context: Any) -> Iterable[Any]:
        steps = list(find_steps(span.target, rows))
        found.append(make_forecast(context, script, steps, rows, direction=direction, target=target))
        return ()

    run_environment(config, script, work, dont_mutate=True, destination_rev=span.target, tag=tag)
    return found


def make_forecast(
    context: Any,
    script: ScriptDirectory,
    steps: Sequence[MigrationStep],
    rows: Rows,
    *,
    direction: str,
    target: str,
) -> Forecast:
    """What running `steps` would do with the database of a migration context that is at `rows`."""
    from limbeck.runtime.planning.outlook import estimate, look_at
    from limbeck.runtime.planning.rehearsal import rehearse

    rehearsal = rehearse(context, steps, rows, context.run_args)
    outlooks = tuple(look_at(rehearsal.steps, context.impl))
    counted = estimate(outlooks, context.impl)
    if not rehearsal.is_external:
        context.connection.rollback()  # questions begin transactions
    after = frozenset(rows)
    for step in steps:
        after = row_changes(script.revision_map.graph, step.move, after).after
    return Forecast(
        database=context.impl.describe_database(context.connection.engine.url),
        server=context.impl.describe_server(),
        before=rows,
        after=tuple(sorted(after)),
        direction=direction,
        target=target,
        rehearsal=rehearsal,
        outlooks=outlooks,
        rows=counted,
        undoes_ddl=context.impl.undoes_ddl,
    )


def notes_about(found: Forecast) -> Iterator[Note]:
    """What of a plan needs care, beside the lines of the revisions: what blocks for long, fails, or is not known."""
    from limbeck.command.plan_text import describe_effect, describe_stop
    from limbeck.ddl.facts import Cost, Lock
    from limbeck.operations.summary import summarize

    for outlook in found.outlooks:
        own = getattr(outlook.rehearsed.step, "revision", None)
        path = own.path if own is not None else None
        for part in outlook.parts:
            effect = part.effect
            if effect is None or part.is_new or effect.lock < Lock.WRITES or effect.cost is Cost.METADATA:
                continue
            text = f"{summarize(part.operation)}: {describe_effect(part, found)}"
            yield Note("warning", text, path, part.sent[0].line, "limbeck plan")
        stop = outlook.rehearsed.stop
        if stop is not None:
            level = "error" if stop.is_certain else "warning"
            yield Note(level, describe_stop(stop), path, stop.line, "limbeck plan")
