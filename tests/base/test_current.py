"""The active object behind a door: nested, and one for each thread and task (RUN-2, RUN-3)."""

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

from limbeck.base.current import Current


def test_leaving_the_inner_block_brings_the_outer_object_back() -> None:
    """RUN-3, done right"""
    slot: Current[str] = Current("test")
    assert slot.find() is None
    with slot.active("outer"):
        with slot.active("inner"):
            assert slot.find() == "inner"
        assert slot.find() == "outer"
    assert slot.find() is None


def test_an_exception_leaves_nothing_active() -> None:
    slot: Current[str] = Current("test")
    try:
        with slot.active("object"):
            raise RuntimeError
    except RuntimeError:
        pass
    assert slot.find() is None


def test_threads_do_not_see_each_other() -> None:
    slot: Current[int] = Current("test")
    seen: list[tuple[int, int | None]] = []
    barrier = threading.Barrier(8)

    def run(number: int) -> None:
        with slot.active(number):
            barrier.wait(timeout=10)
            seen.append((number, slot.find()))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(seen) == [(number, number) for number in range(8)]
    assert slot.find() is None


def seen_by_a_thread(slot: Current[str]) -> tuple[str | None, str]:
    """What a thread finds that was started without a context, and why, if that is nothing."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: (slot.find(), slot.explanation)).result(timeout=10)


def test_a_thread_without_a_context_finds_the_only_active_object() -> None:
    """RUN-9: as env.py may start one, for instance to run an event loop in it."""
    slot: Current[str] = Current("test")
    assert seen_by_a_thread(slot) == (None, "")
    with slot.active("outer"):
        assert seen_by_a_thread(slot) == ("outer", "")
        with slot.active("inner"):
            assert seen_by_a_thread(slot) == ("inner", "")
        assert seen_by_a_thread(slot) == ("outer", "")
    assert seen_by_a_thread(slot) == (None, "")


def test_a_thread_with_something_of_its_own_is_not_given_what_is_elsewhere() -> None:
    """RUN-4: so that a directive called while a file is loaded never reaches the database of another run."""
    environment: Current[str] = Current("environment")
    operations: Current[str] = Current("operations", of=environment)

    def look() -> tuple[str | None, str, str | None]:
        with environment.active("own"):
            return operations.find(), operations.explanation, environment.find()

    with operations.active("of another run"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result(timeout=10) == (None, "", "own")


def test_of_several_active_objects_none_is_taken_for_a_thread_without_a_context() -> None:
    """RUN-9: and what to do is said."""
    slot: Current[str] = Current("test")
    with slot.active("one"):
        elsewhere = contextvars.Context()
        block = slot.active("other")
        elsewhere.run(block.__enter__)
        found, explanation = seen_by_a_thread(slot)
        assert (found, slot.find(), elsewhere.run(slot.find)) == (None, "one", "other")
        assert "start it with `contextvars.copy_context().run` or `asyncio.to_thread`" in explanation
        elsewhere.run(block.__exit__, None, None, None)
        assert seen_by_a_thread(slot) == ("one", "")


def test_tasks_do_not_see_each_other() -> None:
    slot: Current[int] = Current("test")

    async def run(number: int) -> int | None:
        with slot.active(number):
            await asyncio.sleep(0)
            return slot.find()

    async def run_all() -> list[int | None]:
        return list(await asyncio.gather(*(run(number) for number in range(8))))

    assert asyncio.run(run_all()) == list(range(8))


def test_an_object_is_made_when_somebody_asks_for_it_and_only_once() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    slot: Current[object] = Current("slot")
    with slot.active_once_made(make):
        assert made == []
        assert slot.find() is slot.find() is made[0]
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(slot.find).result() is made[0]
    assert len(made) == 1
    assert slot.find() is None
