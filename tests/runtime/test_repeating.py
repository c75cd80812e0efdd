"""When it is safe to run again what has failed, and how long to wait before that."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from limbeck.runtime import repeating
from limbeck.runtime.repeating import Repetitions, Undoing, find_restart

RUN = Undoing(
    has_own_beginning=True,
    is_external=False,
    is_autocommit=False,
    undoes_ddl=True,
    is_per_step=False,
    commits_of_step=0,
    commits_of_run=0,
    leftover=None,
)
STEP = RUN._replace(is_per_step=True)
WITHOUT_ROLLBACK = STEP._replace(undoes_ddl=False)


@pytest.mark.parametrize(
    ("undoing", "expected"),
    [
        (RUN, 0),
        (RUN._replace(commits_of_run=1), None),
        (RUN._replace(has_own_beginning=False), None),
        (RUN._replace(is_external=True), None),
        (RUN._replace(is_autocommit=True), None),
        (RUN._replace(undoes_ddl=False), None),
        (STEP, 2),
        (STEP._replace(commits_of_run=3), 2),
        (STEP._replace(commits_of_step=1), None),
        (STEP._replace(has_own_beginning=False), None),
        (STEP._replace(is_autocommit=True), None),
        (WITHOUT_ROLLBACK, None),
        (WITHOUT_ROLLBACK._replace(leftover=True), None),
        (WITHOUT_ROLLBACK._replace(leftover=False), 2),
        (WITHOUT_ROLLBACK._replace(leftover=False, is_external=True), None),
    ],
)
def test_only_what_is_undone_is_run_again(undoing: Undoing, expected: int | None) -> None:
    assert find_restart(undoing, 2) == expected


def test_pauses_grow_and_are_cut_by_chance(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(repeating, "pause", lambda connection, event, seconds: waited.append(seconds))
    impl: Any = SimpleNamespace(is_conflict=lambda error: True)
    repetitions = Repetitions(
        impl, is_wanted=True, has_own_beginning=True, chance=lambda least, most: least + most / 4
    )
    connection: Any = None
    error = OperationalError("DROP TABLE t", None, Exception("it is in use\nby somebody"))
    with caplog.at_level(logging.WARNING):
        while repetitions.may_help(error):
            repetitions.wait(connection, "the run", error)
    assert waited == [0.75, 1.5, 3.0]
    assert caplog.messages[1] == (
        "Another session was in the way of the run (it is in use). It was rolled back, and is tried again in 1.5 "
        "seconds (2 of 3)"
    )
    repetitions.note(error)
    assert error.__notes__ == ["it was tried 4 times"]
