"""What happens to the database: upgrade, downgrade, stamp, current, ensure_version."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from limbeck import errors
from limbeck.base.answer import give, wants_data
from limbeck.base.look import find_look, render_count, render_duration
from limbeck.base.progress import step_watcher
from limbeck.command.environment import Rows, list_current, read_seconds, run_environment, waiting_options
from limbeck.command.listed import revision_data
from limbeck.command.recording import recorded
from limbeck.command.seen import Measured, Seen, Stopwatch, run_data
from limbeck.command.span import Span, read_span
from limbeck.command.unfinished import warn_of_unfinished
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

LONG = 10.0
"""Seconds from which on a person is told how to see what took so long."""


def upgrade(
    config: Config,
    revision: str,
    sql: bool = False,
    tag: str | None = None,
    lock_timeout: float | None = None,
    no_lock: bool = False,
    no_journal: bool = False,
    wait_db: float | str | None = None,
    plan: str | None = None,
    statement_timeout: float | None = None,
) -> None:
    """Run migrations, up to `revision` (CLI-40).

    With `sql`, print what would be run; `revision` may then be `start:target` (CLI-41). Another run is waited for,
    at most `lock_timeout` seconds, unless `no_lock`; raises RunLockBusy when they are over. If they are given, a
    statement waits no longer than that for other sessions, and what was refused for them is tried again where a
    rollback has undone it. No statement takes longer than `statement_timeout` seconds, where the database can see to
    that. What no rollback undoes is written down for the next run, unless `no_journal`. `wait_db` is how many seconds
    to wait for a database that does not answer. `plan` is a file of `plan --out`; raises PlanOutdated, before anything
    runs, if revisions, database or statements are not those of that plan any more.
    """
    span = read_span(revision, sql=sql)
    if sql and plan is not None:
        raise errors.CommandError("Can't use --plan with --sql", hint="leave one of them out")
    options = {**waiting_options(lock_timeout, statement_timeout, no_lock), **_journal(no_journal)}
    _migrate(config, "_upgrade_revs", span, sql=sql, tag=tag, wait_db=wait_db, plan_file=plan, **options)


def downgrade(
    config: Config,
    revision: str,
    sql: bool = False,
    tag: str | None = None,
    lock_timeout: float | None = None,
    no_lock: bool = False,
    no_journal: bool = False,
    wait_db: float | str | None = None,
    statement_timeout: float | None = None,
) -> None:
    """Undo migrations, back to `revision` (CLI-40).

    With `sql`, print what would be run; `revision` is then `start:target` (CLI-42). Another run, and a database that
    does not answer, are waited for as in `upgrade`; what no rollback undoes is written down as there.
    """
    span = read_span(revision, sql=sql)
    if sql and span.start is None:
        raise errors.CommandError(
            "downgrade with --sql requires <fromrev>:<torev>",
            hint=f"say where the database is, for example `limbeck downgrade --sql head:{span.target}`",
        )
    options = {**waiting_options(lock_timeout, statement_timeout, no_lock), **_journal(no_journal)}
    _migrate(config, "_downgrade_revs", span, sql=sql, tag=tag, wait_db=wait_db, **options)


def stamp(
    config: Config,
    revision: str | Sequence[str],
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
    lock_timeout: float | None = None,
    no_lock: bool = False,
    statement_timeout: float | None = None,
) -> None:
    """Record `revision`, or several, as applied without running migrations (CLI-50).

    With `purge`, forget everything that was recorded before, also what no file knows (CLI-52).
    """
    if sql and purge:
        raise errors.CommandError("Can't use --purge with --sql mode", hint="leave one of them out")
    script = ScriptDirectory.from_config(config)
    spans = [read_span(one, sql=sql) for one in ([revision] if isinstance(revision, str) else revision)]
    starts = {span.start for span in spans}
    if len(starts) > 1:
        raise errors.CommandError(
            "Stamp operation with --sql only supports a single starting revision at a time",
            hint="begin every argument with the same `start:`",
        )
    targets = tuple(span.target for span in spans)
    script.get_revisions(targets)  # an unknown target is refused before anything is purged
    seen = Seen(script, lambda rows: script._stamp_revs(targets, rows))
    with recorded(script, "stamp", " ".join(targets), sql=sql) as recording:
        run_environment(
            config,
            script,
            recording.around(seen),
            as_sql=sql,
            starting_rev=spans[0].start if sql and spans else None,
            destination_rev=targets,
            tag=tag,
            purge=purge,
            **waiting_options(lock_timeout, statement_timeout, no_lock),
        )
    if not sql:
        give(run_data(seen, Stopwatch()))


def ensure_version(
    config: Config, sql: bool = False, lock_timeout: float | None = None, no_lock: bool = False
) -> None:
    """Create the version table if it is missing, and do nothing else (CLI-53)."""
    script = ScriptDirectory.from_config(config)

    def create(rows: Rows, context: Any) -> Iterable[Any]:
        context._ensure_version_table()
        return []

    run_environment(config, script, create, as_sql=sql, **waiting_options(lock_timeout, None, no_lock))


def current(config: Config, check_heads: bool = False, verbose: bool = False) -> None:
    """Show the revisions the database is at (CLI-55).

    With `check_heads`, raise DatabaseNotAtHead unless these are all the heads (CLI-57).
    """
    script = ScriptDirectory.from_config(config)

    found: list[Any] = []

    def display(rows: Rows, context: Any) -> Iterable[Any]:
        if wants_data():
            revisions = [revision_data(one) for one in list_current(script, rows)]
            place = context.impl.describe_database(context.connection.engine.url)
            found.append({"database": place, "at_heads": script.are_heads(rows), "revisions": revisions})
        if check_heads:
            _require_heads(script, rows)
        if verbose:
            from limbeck.base.redaction import redact

            url = redact(str(context.connection.engine.url))
            config.print_stdout(f"Current revision(s) for {url}:")
        for one in list_current(script, rows):
            config.print_stdout(one.cmd_format(verbose))
        if not check_heads:  # which is asked often
            warn_of_unfinished(context, sys.stderr.write)
        return []

    run_environment(config, script, display, dont_mutate=True)
    give({"databases": found})


def _require_heads(script: ScriptDirectory, rows: Rows) -> None:
    """Raise DatabaseNotAtHead unless all revisions are applied (CLI-57)."""
    if not script.are_heads(rows):
        heads = script.get_heads(consider_depends_on=True)
        raise errors.DatabaseNotAtHead(
            "Database is not on all head revisions",
            hint=f"the database is at {', '.join(rows) or 'base'}, the heads are {', '.join(heads) or 'none'}; "
            "`limbeck upgrade heads` brings it there",
        )


def _journal(is_off: bool) -> dict[str, Any]:
    """What was said on the command line about the journal."""
    return {"journal": False} if is_off else {}


def _migrate(
    config: Config,
    direction: str,
    span: Span,
    *,
    sql: bool,
    tag: str | None,
    wait_db: float | str | None,
    plan_file: str | None = None,
    **options: Any,
) -> None:
    script = ScriptDirectory.from_config(config)
    if wait_db is not None and not sql:
        from limbeck.command.waiting import wait_for_database

        wait_for_database(config, script, read_seconds("--wait-db", wait_db))
    kept: Any = None if plan_file is None else _find_plan(config, plan_file, span.target, tag=tag)

    def plan(rows: Rows, context: Any) -> Iterable[Any]:
        steps: Iterable[Any] = getattr(script, direction)(span.target, rows)
        if kept is not None:
            kept.require_same_start(rows, steps)
        return steps

    seen = Seen(script, lambda rows: plan(rows, None))
    work = seen if wants_data() or find_look().is_styled else plan
    command = "upgrade" if direction == "_upgrade_revs" else "downgrade"
    with _watching(config, seen, sql=sql), recorded(script, command, span.target, sql=sql) as recording:
        run_environment(
            config,
            script,
            recording.around(work),
            as_sql=sql,
            starting_rev=span.start,
            destination_rev=span.target,
            tag=tag,
            **options,
        )
    if recording.is_kept and recording.seconds >= LONG and find_look().is_styled and not wants_data():
        config.print_stdout(find_look().dim("        slow statements: limbeck show --last-run"))


def _find_plan(config: Config, path: str, target: str, *, tag: str | None) -> Any:
    """The plan in a file, if it still holds. Raises PlanOutdated, UnreadablePlan."""
    from limbeck.command.plan_file import KeptPlan
    from limbeck.command.planning import forecast

    kept = KeptPlan(path, "upgrade", target)
    kept.require_same(forecast(config, target, "upgrade", tag=tag))
    return kept


@contextmanager
def _watching(config: Config, seen: Seen, *, sql: bool) -> Iterator[None]:
    """Measure the steps of a run: for a person on a terminal, and for whoever wants data; nobody else pays for it."""
    look = find_look()
    is_shown = look.is_styled and not sql and not wants_data()
    if sql or not (is_shown or wants_data()):
        yield
        return

    def tell(number: int, count: int, step: Any, measured: Measured) -> None:
        own = getattr(step, "revision", None)
        name = look.bold(own.revision) if own is not None else step.short_log
        message = (step.doc or "").partition("\n")[0]
        work = f"{render_count(measured.statements)}   {render_duration(measured.seconds)}"
        config.print_stdout(f"  {number}/{count}  {name}  {message}   {look.dim(work)}")

    watch = Stopwatch(tell if is_shown else None)
    with step_watcher.active(watch):
        yield
    if wants_data():
        give(run_data(seen, watch))
    elif not watch.measured:
        config.print_stdout(
            f"  {look.good('done')}  nothing to run: the database is at {_place(seen.before)}"
        )
    else:
        way = f"{_place(seen.before)} {look.sign('→', '->')} {_place(seen.after)}"
        taken = render_duration(sum(one.seconds for one in watch.measured))
        config.print_stdout(f"  {look.good('done')}  {way} in {taken}")


def _place(rows: Rows) -> str:
    return ", ".join(rows) or "base"
