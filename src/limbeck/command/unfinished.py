"""Ways out after a run that has stopped in the middle of a revision: repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from limbeck import errors
from limbeck.command.environment import Rows, run_environment, waiting_options
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

if TYPE_CHECKING:
    from limbeck.runtime.journal.table import Entry, Passage

LONGEST_STATEMENT = 90

Action = Callable[[Any, "Passage"], list[str]]


def repair(
    config: Config,
    done: bool = False,
    not_done: bool = False,
    undo: bool = False,
    abandon: bool = False,
    lock_timeout: float | None = None,
    no_lock: bool = False,
) -> None:
    """Show where a run has stopped in the middle of a revision; or settle it.

    With `done` or `not_done`, say whether the statement that was cut off is in effect, so that `upgrade` can go on.
    With `undo`, undo what is in the database, and with `abandon`, leave it and forget what was noted. Whatever changes
    something waits for other runs to end, at most `lock_timeout` seconds, unless `no_lock`: raises RunLockBusy.
    Raises NothingToRepair; NotUndoable if it is not known how to undo a statement.
    """
    wanted = [
        name for name, is_wanted in zip(ACTIONS, (done, not_done, undo, abandon), strict=True) if is_wanted
    ]
    if len(wanted) > 1:
        raise errors.CommandError(
            "Only one way out can be taken", hint="give one of --done, --not-done, --undo and --abandon"
        )
    script = ScriptDirectory.from_config(config)
    found: list[Passage] = []

    def act(rows: Rows, context: Any) -> Iterable[Any]:
        if wanted:
            context.take_run_lock("repair")
        passages = context.journal.table.read_unfinished(context.connection) if context.journal else []
        found.extend(passages)
        for passage in passages:
            lines = ACTIONS[wanted[0]](context, passage) if wanted else describe(passage)
            for line in lines:
                config.print_stdout(line)
        if wanted and passages:
            context.commit_changes()
        return []

    run_environment(config, script, act, dont_mutate=True, **waiting_options(lock_timeout, None, no_lock))
    if not found:
        raise errors.NothingToRepair()


def describe(passage: Passage) -> list[str]:
    """What is known of a revision that has stopped, and what can be done, line by line.

    Needs nothing but the journal, so the database is not changed.
    """
    by = f"by {passage.user} on {passage.host}, process {passage.process}"
    since = f", {passage.begun:%Y-%m-%d %H:%M:%S}" if passage.begun else ""
    return [
        f"{stop_of(passage)} ({by}{since}):",
        *(_describe_entry(entry) for entry in passage.entries),
        *(
            []
            if passage.is_end_known
            else ["        perhaps  tables and indexes that were created after that"]
        ),
        "  to go on         limbeck resume",
        "  to undo it       limbeck repair --undo",
        "  to leave it so   limbeck repair --abandon",
    ]


def warn_of_unfinished(context: Any, write: Callable[[str], Any]) -> None:
    """Say which revisions have stopped in the middle, if any."""
    if context.journal is None:
        return
    for passage in context.journal.table.read_unfinished(context.connection):
        write(f"{stop_of(passage)}; `limbeck repair` shows what is in the database\n")


def stop_of(passage: Passage) -> str:
    """That a revision has stopped in the middle, in a sentence without its end."""
    return f"The {passage.direction} of revision {passage.revision} has stopped in the middle"


def _describe_entry(entry: Entry) -> str:
    from limbeck.runtime.journal.table import BEGUN, DOUBTFUL

    state = {BEGUN: "cut off", DOUBTFUL: "refused"}.get(entry.state, "done   ")
    text = " ".join(entry.statement.split())
    if len(text) > LONGEST_STATEMENT:
        text = f"{text[: LONGEST_STATEMENT - 1]}…"
    return f"  {entry.position:>4}  {state}  {text}"


def _mark(context: Any, passage: Passage, *, is_done: bool) -> list[str]:
    from limbeck.runtime.journal.repair import mark_interrupted

    entry = mark_interrupted(context.journal.table, context.connection, passage, is_done=is_done)
    word = "done" if is_done else "not done"
    return [f"Statement {entry.position} of revision {passage.revision} counts as {word}."]


def _undo(context: Any, passage: Passage) -> list[str]:
    from limbeck.operations.base import Operations
    from limbeck.runtime.journal.repair import undo

    script = context.script.get_revision(passage.revision)
    function = getattr(script.module, passage.direction)
    with Operations.context(context) as operations:
        undone = undo(operations, context.journal.table, context.connection, passage, function)
    count = "1 operation is" if len(undone) == 1 else f"{len(undone)} operations are"
    return [f"{count} undone; revision {passage.revision} is as it was before."]


def _abandon(context: Any, passage: Passage) -> list[str]:
    from limbeck.runtime.journal.repair import abandon

    abandon(context.journal.table, context.connection, passage)
    return [f"What was noted of revision {passage.revision} is forgotten; the database is as it is."]


ACTIONS: dict[str, Action] = {
    "done": lambda context, passage: _mark(context, passage, is_done=True),
    "not_done": lambda context, passage: _mark(context, passage, is_done=False),
    "undo": _undo,
    "abandon": _abandon,
}
