"""What is remembered of a run, and how long its steps take."""

from __future__ import annotations

from limbeck.command.seen import Measured, Stopwatch


class Step:
    """A step that looks like every other one, as far as equality goes."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError("steps are told apart by identity, without going through them")

    __hash__ = object.__hash__


def test_steps_that_begin_again_are_measured_again() -> None:
    told: list[int] = []
    watch = Stopwatch(lambda number, count, step, measured: told.append(number))
    one, two, three = Step(), Step(), Step()
    for number, step in ((1, one), (2, two), (3, three), (2, two), (3, three)):
        watch.step_begins(number, 3, step)
        watch.step_ended(number, 3, step, statements=len(told))
    assert told == [1, 2, 3, 2, 3]
    assert [measured.statements for measured in watch.measured] == [0, 3, 4]


def test_steps_of_a_second_version_table_are_others_though_they_count_anew() -> None:
    watch = Stopwatch()
    for _ in range(2):
        step = Step()
        watch.step_begins(1, 1, step)
        watch.step_ended(1, 1, step, statements=1)
    assert len(watch.measured) == 2
    assert all(isinstance(measured, Measured) for measured in watch.measured)
