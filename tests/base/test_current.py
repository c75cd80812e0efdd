"""The active object behind a door: nested, and one for each thread and task (RUN-2, RUN-3)."""

import asyncio
import threading

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


def test_tasks_do_not_see_each_other() -> None:
    slot: Current[int] = Current("test")

    async def run(number: int) -> int | None:
        with slot.active(number):
            await asyncio.sleep(0)
            return slot.find()

    async def run_all() -> list[int | None]:
        return list(await asyncio.gather(*(run(number) for number in range(8))))

    assert asyncio.run(run_all()) == list(range(8))
