"""The journal of one run: what earlier runs have left unfinished, and a recorder for each step."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, TwoPhaseTransaction

from limbeck import errors
from limbeck.ddl.impl import DefaultImpl
from limbeck.runtime.scope import commit_if_open
from limbeck.script.steps import MigrationStep, RevisionStep

if TYPE_CHECKING:
    from limbeck.base.process import Process
    from limbeck.runtime.journal.recorder import StepRecorder
    from limbeck.runtime.journal.table import JournalTable, Passage
    from limbeck.runtime.journal.watch import Leftover, RunListener, StepWatch

log = logging.getLogger("alembic.runtime.migration")

LONGEST_WAIT = 60.0
"""Seconds to wait for a session that works on although its client is gone."""


class RunJournal:
    """What a run writes down so that the next one can go on, and what it reads of the runs before.

    `name` and `schema` say which table that is, and `exists` whether it is there, if that is known. `is_external` says
    that the transaction belongs to somebody else, who commits it.

    The table, and what writes into it, are made when they are needed; where a rollback undoes everything, never.
    """

    def __init__(
        self,
        impl: DefaultImpl,
        connection: Connection,
        *,
        name: str,
        schema: str | None,
        exists: bool | None,
        is_external: bool,
    ) -> None:
        self._impl = impl
        self._connection = connection
        self._name = name
        self._schema = schema
        self._exists = exists
        self._is_external = is_external
        self._unfinished: dict[tuple[str, str], Passage] = {}

    @cached_property
    def listener(self) -> RunListener:
        """What hears of the statements of the steps."""
        from limbeck.runtime.journal.watch import RunListener

        return RunListener(self._connection)

    @cached_property
    def table(self) -> JournalTable:
        """The table that is read and written."""
        from limbeck.runtime.journal.table import JournalTable

        return JournalTable(self._impl, self._name, self._schema, exists=self._exists)

    @cached_property
    def _process(self) -> Process:
        from limbeck.base.process import find_process

        return find_process()

    @property
    def _has_table(self) -> bool:
        return "table" in vars(self)

    def _is_surely_absent(self) -> bool:
        """Whether there is no table, so that none need be made to ask."""
        if self._exists is None and not self._has_table and not self._impl.selects_what_may_be_missing:
            self._exists = bool(self._impl.find_tables((self._name,), self._schema))
        return self._exists is False and not self._has_table

    def note_existence(self, exists: bool | None) -> None:
        """Somebody has found out whether the database has the table; or it is not known any more."""
        self._exists = exists
        if self._has_table:
            self.table.note_existence(exists)

    def require_nothing_unfinished(self) -> None:
        """Called where there are no steps to run. Raises UnfinishedRevision."""
        if self._is_surely_absent():
            return
        if self.table.has_unfinished(self._connection):
            self.begin(())

    def begin(self, steps: Iterable[MigrationStep]) -> None:
        """Look at what is unfinished, before the first step.

        Raises UnfinishedRevision if the steps would leave it behind, SessionStillBusy if the database still works on
        it.
        """
        if self._exists is False and not self._has_table:
            return
        passages = self.table.read_unfinished(self._connection)
        if not passages:
            return
        planned = list(steps)
        ways = {_way(step) for step in planned}
        is_stamped = any(not isinstance(step, RevisionStep) for step in planned)
        for passage in passages:
            way = (passage.revision, passage.direction)
            if way in ways:
                self._unfinished[way] = self._when_its_session_has_ended(passage)
                log.info(
                    "Going on with %s of %s, which has stopped in the middle",
                    passage.direction,
                    passage.revision,
                )
            elif is_stamped:
                log.warning("Revision %s was left in the middle; nobody will finish it now", passage.revision)
                self._abandon(passage)
            else:
                raise errors.UnfinishedRevision(
                    revision=passage.revision,
                    direction=passage.direction,
                    done=len(passage.entries),
                    is_end_known=passage.is_end_known,
                )

    def recorder_for(self, step: MigrationStep) -> StepWatch | None:
        """What watches a step; None for one that only stamps, and in two-phase transactions, which take no DDL."""
        if not isinstance(step, RevisionStep):
            return None
        if isinstance(self._connection.get_transaction(), TwoPhaseTransaction):
            return None
        found = self._unfinished.pop(_way(step), None)
        make_recorder = partial(self._make_recorder, step, found)
        can_be_undone = found is None and self._impl.undoes_ddl
        return self.listener.watch(self._impl, make_recorder, can_be_undone=can_be_undone)

    def _make_recorder(self, step: RevisionStep, found: Passage | None) -> StepRecorder:
        from limbeck.runtime.journal.recorder import StepRecorder
        from limbeck.runtime.journal.table import RUNNING, Passage
        from limbeck.runtime.journal.writer import PassageWriter

        digest = file_digest(step.revision.path)
        passage = found or Passage(os.urandom(16).hex(), *_way(step), RUNNING, digest)
        impl, connection, table = self._impl, self._connection, self.table
        writer = PassageWriter(impl, connection, table, passage, self._process, is_new=found is None)
        return StepRecorder(impl, connection, table, writer, is_edited=passage.file != digest)

    def _abandon(self, passage: Passage) -> None:
        from limbeck.runtime.journal.table import ABANDONED

        self.table.close(self._connection, passage.id, ABANDONED)

    def note_failure(self, recorder: StepWatch, *, is_cut_off: bool) -> Leftover | None:
        """Write down where a step has stopped, once it was rolled back; what it has left in the database, if anything.

        If the connection is lost, the journal is as the database has kept it, and what is known here is told.
        """
        connection = self._connection
        self.note_existence(None)
        if is_cut_off or connection.closed or connection.invalidated:
            return recorder.presumed_leftover()
        leftover = recorder.note_failure()
        if not self._is_external:
            commit_if_open(connection)
        return leftover

    def _when_its_session_has_ended(self, passage: Passage) -> Passage:
        """The passage, read again: until its session has ended, that may have made more of it permanent."""
        if passage.session is None:
            return passage
        waited, pause = 0.0, 0.05
        while self._impl.is_session_busy(self._connection, passage.session):
            if waited >= LONGEST_WAIT:
                raise errors.SessionStillBusy(revision=passage.revision, session=passage.session)
            time.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, 1.0)
        if not self._is_external and not self._impl.undoes_ddl:
            self._connection.exec_driver_sql("COMMIT")  # nothing but the old view of the table ends with it
        known = self.table.read_unfinished(self._connection)
        return next((one for one in known if one.id == passage.id), passage)


def file_digest(path: str) -> str:
    """A digest of a revision's file as it is now."""
    with open(path, "rb", buffering=0) as file:
        return hashlib.sha256(file.read()).hexdigest()


def _way(step: MigrationStep) -> tuple[str, str]:
    revision = step.revision.revision if isinstance(step, RevisionStep) else ""
    return revision, step.name
