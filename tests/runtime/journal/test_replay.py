"""What is not to be run again when a step is run from its beginning: decided without any database."""

from __future__ import annotations

import pytest

from limbeck.errors import FinishedStatementEdited
from limbeck.runtime.journal import digests
from limbeck.runtime.journal.replay import Replay
from limbeck.runtime.journal.table import BLOCK, DONE, READ, Entry


def done(position: int, sql: str, values: object = None, state: str = DONE) -> Entry:
    return Entry(position, state, digests.digest(sql, values), sql)


def answer(number: int, after: int, sql: str) -> Entry:
    return Entry(-number, READ, digests.digest(sql, None), sql, evidence=str(after), returned="{}")


def replay(*entries: Entry, answers: tuple[Entry, ...] = (), is_edited: bool = False) -> Replay:
    return Replay(entries, answers, revision="r1", is_edited=is_edited)


def meet(some: Replay, sql: str, values: object = None, *, values_may_differ: bool = False) -> int | None:
    found = some.meet(digests.digest(sql, values), sql, values_may_differ=values_may_differ)
    return None if found is None else found.position


def test_what_was_carried_out_is_met_in_order_and_the_rest_is_new() -> None:
    some = replay(done(1, "A"), done(2, "B"))
    assert [meet(some, sql) for sql in "ABC"] == [1, 2, None]
    assert not some


def test_the_same_statement_twice_is_met_twice() -> None:
    some = replay(done(1, "A"), done(2, "A"))
    assert [meet(some, "A") for _ in range(3)] == [1, 2, None]


def test_a_statement_that_is_left_out_this_time_is_passed_over() -> None:
    some = replay(done(1, "A"), done(2, "B"), done(3, "C"))
    assert [meet(some, sql) for sql in "AC"] == [1, 3]
    some.require_nothing_left()


def test_a_new_statement_among_the_old_ones_is_run() -> None:
    some = replay(done(1, "A"), done(2, "B"))
    assert [meet(some, sql) for sql in ("A", "new", "B")] == [1, None, 2]


def test_other_values_are_another_statement_unless_statements_were_kept_in_groups() -> None:
    assert meet(replay(done(1, "A", (1,))), "A", (2,)) is None
    assert meet(replay(done(1, "A", (1,))), "A", (2,), values_may_differ=True) == 1
    assert meet(replay(done(1, "A", (1,)), done(2, "A", (2,))), "A", (2,), values_may_differ=True) == 2


def test_a_finished_statement_that_was_edited_is_refused() -> None:
    some = replay(done(1, "A"), done(2, "B"), is_edited=True)
    assert meet(some, "A") == 1
    with pytest.raises(FinishedStatementEdited):
        meet(some, "C")


def test_an_unfinished_statement_may_be_edited() -> None:
    some = replay(done(1, "A"), is_edited=True)
    assert [meet(some, sql) for sql in ("A", "edited", "added")] == [1, None, None]
    some.require_nothing_left()


def test_a_finished_statement_that_is_gone_from_the_file_is_refused() -> None:
    some = replay(done(1, "A"), done(2, "B"), is_edited=True)
    meet(some, "A")
    with pytest.raises(FinishedStatementEdited):
        some.require_nothing_left()


def test_an_edited_file_may_ask_other_questions() -> None:
    some = replay(done(1, "A"), answers=(answer(1, 0, "Q"),), is_edited=True)
    assert some.answer(digests.digest("R", None)) is None
    assert meet(some, "A") == 1


def test_a_question_gets_the_answer_of_its_place() -> None:
    first, second = answer(1, 0, "Q"), answer(2, 1, "Q")
    some = replay(done(1, "A"), done(2, "B"), answers=(first, second))
    digest = digests.digest("Q", None)
    assert some.answer(digest) == first
    assert some.answer(digest) is None
    assert meet(some, "A") == 1
    assert some.answer(digest) == second
    assert meet(some, "B") == 2
    assert some.answer(digest) is None


def test_answers_of_a_place_that_was_passed_are_forgotten() -> None:
    some = replay(done(1, "A"), done(2, "B"), answers=(answer(1, 0, "Q"), answer(2, 1, "R")))
    assert meet(some, "B") == 2
    assert some.answer(digests.digest("Q", None)) is None
    assert some.answer(digests.digest("R", None)) is None


def test_a_block_is_passed_as_a_whole() -> None:
    end = done(4, "end", state=BLOCK)
    some = replay(done(1, "begin", state=BLOCK), done(2, "A"), done(3, "B"), end, done(5, "C"))
    assert meet(some, "begin") == 1
    assert [one.position for one in some.left_of_block(end.digest)] == [2, 3]
    assert some.pass_block(end.digest)
    assert some.passed == 4
    assert meet(some, "C") == 5


def test_a_block_without_an_end_is_not_finished() -> None:
    some = replay(done(1, "begin", state=BLOCK), done(2, "A"))
    meet(some, "begin")
    assert not some.pass_block(digests.digest("end", None))
    assert not some
