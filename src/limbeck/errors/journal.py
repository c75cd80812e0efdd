"""A migration that has stopped in the middle, and what stands in the way of going on with it."""

from __future__ import annotations

from limbeck.errors.base import CommandError


class PartialRun(CommandError):
    """A part of a revision is in the database; the journal knows which."""

    exit_code = 5


class JournalNotWritable(CommandError):
    """The table in which a run notes its statements cannot be created or written."""

    def __init__(self, *, table: str, reason: str) -> None:
        super().__init__(
            f"What this run does cannot be noted in the table {table}: {reason}",
            hint="give the user of the URL the right to create and write that table, or do without it with "
            "`--no-journal`; an interrupted run has to be cleaned up by hand then",
        )
        self.table = table
        self.reason = reason


class FinishedStatementEdited(PartialRun):
    """A statement was edited, or removed, that an interrupted run has carried out already."""

    def __init__(self, *, revision: str, was: str, now: str | None) -> None:
        from difflib import ndiff

        lines = ndiff(_lines(was), _lines(now or ""))
        super().__init__(
            f"Revision {revision} was edited above the place where it has stopped:\n"
            + "\n".join(line.rstrip() for line in lines if not line.startswith("?")),
            hint="let the statements that are in the database stand as they were, and edit only what comes after "
            "them; or run `limbeck repair` to undo them, or to forget what was noted",
        )
        self.revision = revision
        self.was = was
        self.now = now


class StatementUndecided(PartialRun):
    """Nobody can tell whether a statement that was cut off has taken effect, or what it returned."""

    hint_to_decide = (
        "look into the database, then say `limbeck repair --done` if that statement is in effect, "
        "or `limbeck repair --not-done` if it is not"
    )

    def __init__(self, *, revision: str, position: int, statement: str, reason: str) -> None:
        super().__init__(
            f"Revision {revision} cannot go on at statement {position}: {reason}\n{statement.strip()}",
            hint=self.hint_to_decide,
        )
        self.revision = revision
        self.position = position
        self.statement = statement
        self.reason = reason


class CreationUndecided(StatementUndecided):
    """What a statement creates is there, but the file was edited since, so that it may have been created otherwise."""

    hint_to_decide = (
        "put the file back as it was and run the command again; or drop what the statement creates, and run the "
        "command again"
    )


class UnfinishedRevision(PartialRun):
    """Another revision has stopped in the middle, and what was asked for does not finish it."""

    def __init__(self, *, revision: str, direction: str, done: int, is_end_known: bool = True) -> None:
        statements = "1 statement of it is" if done == 1 else f"{done} statements of it are"
        if not is_end_known:
            statements = f"at least {statements}"
        super().__init__(
            f"The {direction} of revision {revision} has stopped in the middle: {statements} in the database",
            hint=f"finish it with `limbeck {direction} {_target(revision, direction)}`, or see `limbeck repair`",
        )
        self.revision = revision
        self.direction = direction
        self.done = done
        self.is_end_known = is_end_known


class SessionStillBusy(PartialRun):
    """The database still carries out the last statement of the run that was interrupted."""

    def __init__(self, *, revision: str, session: str) -> None:
        super().__init__(
            f"The database still carries out the last statement of an interrupted run of revision {revision} "
            f"(session {session})",
            hint="wait until it has ended, or end that session in the database, and run the command again",
        )
        self.revision = revision
        self.session = session


class NothingToRepair(CommandError):
    """`repair` was asked for, and no revision has stopped in the middle, or not in the way that was named."""

    def __init__(self, reason: str = "No revision has stopped in the middle") -> None:
        super().__init__(reason, hint="`limbeck current` shows where the database is")


class NotUndoable(PartialRun):
    """Statements of an interrupted revision have no known opposite."""

    def __init__(self, *, revision: str, statement: str) -> None:
        super().__init__(
            f"Revision {revision} cannot be undone by limbeck: it is not known how to undo\n{statement.strip()}",
            hint="undo by hand what `limbeck repair` lists, then run `limbeck repair --abandon`",
        )
        self.revision = revision
        self.statement = statement


def _target(revision: str, direction: str) -> str:
    return revision if direction == "upgrade" else f"{revision}-1"


def _lines(statement: str) -> list[str]:
    return statement.strip().splitlines()
