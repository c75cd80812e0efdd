"""The journal of one run: what earlier runs have left unfinished, and a recorder for each step."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Iterable

from sqlalchemy import Connection, TwoPhaseTransaction

from limbeck.base.process import Process
from limbeck.ddl.impl import DefaultImpl
from limbeck.errors import SessionStillBusy, UnfinishedRevision
from limbeck.runtime.journal.recorder import Leftover, StepRecorder
from limbeck.runtime.journal.table import ABANDONED, RUNNING, JournalTable, Passage
from limbeck.runtime.journal.writer import PassageWriter
from limbeck.runtime.scope import commit_if_open
from limbeck.script.steps import MigrationStep, RevisionStep

log = logging.getLogger("alembic.runtime.migration")

LONGEST_WAIT = 60.0
"""Seconds to wait for a session that works on although its client is gone."""


class RunJournal:
    """What a run writes down so that the next one can go on, and what it reads of the runs before.

    `is_external` says that the transaction belongs to somebody else, who commits it.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        connection: Connection,
        table: JournalTable,
        process: Process,
        *,
        is_external: bool,
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._process = process
        self._is_external = is_external
        self._unfinished: dict[tuple[str, str], Passage] = {}
        self.table = table

    def require_nothing_unfinished(self) -> None:
        """Called where there are no steps to run. Raises UnfinishedRevision."""
        if self.table.has_unfinished(self._connection):
            self.begin(())

    def begin(self, steps: Iterable[MigrationStep]) -> None:
        """Look at what is unfinished, before the first step.

        Raises UnfinishedRevision if the steps would leave it behind, SessionStillBusy if the database still works on
        it.
        """
        passages = self.table.read_unfinished(self._connection)
        if not passages:
            return
        planned = list(steps)
        ways = {_way(step) for step in planned}
        is_stamped = any(not isinstance(step, RevisionStep) for step in planned)
        for passage in passages:
            way = (passage.revision, passage.direction)
            if way in ways:
                self._unfinished[way] = passage
                self._await_session(passage)
                log.info(
                    "Going on with %s of %s, which has stopped in the middle",
                    passage.direction,
                    passage.revision,
                )
            elif is_stamped:
                log.warning("Revision %s was left in the middle; nobody will finish it now", passage.revision)
                self.table.close(self._connection, passage.id, ABANDONED)
            else:
                raise UnfinishedRevision(
                    revision=passage.revision, direction=passage.direction, done=len(passage.entries)
                )

    def recorder_for(self, step: MigrationStep) -> StepRecorder | None:
        """What watches a step; None for one that only stamps, and in two-phase transactions, which take no DDL."""
        if not isinstance(step, RevisionStep):
            return None
        if isinstance(self._connection.get_transaction(), TwoPhaseTransaction):
            return None
        revision, direction = _way(step)
        digest = file_digest(step.revision.path)
        found = self._unfinished.pop((revision, direction), None)
        passage = found or Passage(uuid.uuid4().hex, revision, direction, RUNNING, digest)
        impl, connection, table = self._impl, self._connection, self.table
        writer = PassageWriter(impl, connection, table, passage, self._process, is_new=found is None)
        return StepRecorder(impl, connection, table, writer, is_edited=passage.file != digest)

    def note_failure(self, recorder: StepRecorder, *, is_cut_off: bool) -> Leftover | None:
        """Write down where a step has stopped, once it was rolled back; what it has left in the database, if anything.

        If the connection is lost, the journal is as the database has kept it, and what is known here is told.
        """
        connection = self._connection
        self.table.note_existence(None)
        if is_cut_off or connection.closed or connection.invalidated:
            return recorder.presumed_leftover()
        leftover = recorder.note_failure()
        if not self._is_external:
            commit_if_open(connection)
        return leftover

    def _await_session(self, passage: Passage) -> None:
        if passage.session is None:
            return
        waited, pause = 0.0, 0.05
        while self._impl.is_session_busy(self._connection, passage.session):
            if waited >= LONGEST_WAIT:
                raise SessionStillBusy(revision=passage.revision, session=passage.session)
            time.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 1.0)


def file_digest(path: str) -> str:
    """A digest of a revision's file as it is now."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def _way(step: MigrationStep) -> tuple[str, str]:
    revision = step.revision.revision if isinstance(step, RevisionStep) else ""
    return revision, step.name
