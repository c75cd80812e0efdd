"""Registries of functions by class, and prioritised chains (OPS-1, OPS-101, PLG-5)."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from limbeck.base.dispatch import (
    Dispatcher,
    DispatchPriority,
    PriorityDispatcher,
    PriorityDispatchResult,
)


class Shape: ...


class Square(Shape): ...


def test_the_nearest_class_in_the_hierarchy_wins() -> None:
    """OPS-1"""
    dispatcher = Dispatcher()
    dispatcher.dispatch_for(Shape)(lambda: "shape")
    assert dispatcher.dispatch(Square())() == "shape"
    dispatcher.dispatch_for(Square)(lambda: "square")
    assert dispatcher.dispatch(Square)() == "square"
    assert dispatcher.dispatch(Shape)() == "shape"


def test_a_function_for_the_dialect_goes_before_the_one_for_all() -> None:
    dispatcher = Dispatcher()
    dispatcher.dispatch_for(Shape)(lambda: "all")
    dispatcher.dispatch_for(Shape, qualifier="some")(lambda: "some")
    assert dispatcher.dispatch(Square(), "some")() == "some"
    assert dispatcher.dispatch(Square(), "other")() == "all"


def test_a_second_function_needs_replace() -> None:
    """OPS-101"""
    dispatcher = Dispatcher()
    dispatcher.dispatch_for(Shape)(lambda: 1)
    with pytest.raises(ValueError, match="replace=True"):
        dispatcher.dispatch_for(Shape)(lambda: 2)
    dispatcher.dispatch_for(Shape, replace=True)(lambda: 2)
    assert dispatcher.dispatch(Shape)() == 2


def test_an_unknown_class_is_an_error() -> None:
    """OPS-1"""
    with pytest.raises(ValueError, match="nothing is registered"):
        Dispatcher().dispatch(Shape())


def test_a_branch_does_not_change_its_origin() -> None:
    origin = Dispatcher()
    branch = origin.branch()
    branch.dispatch_for(Shape)(lambda: 1)
    assert Shape in branch
    assert Shape not in origin


def chain(*entries: tuple[str, DispatchPriority, str | None, str]) -> list[str]:
    """Run a chain made of (name, priority, subgroup, qualifier); a name ending in `!` says STOP."""
    ran: list[str] = []
    dispatcher = PriorityDispatcher()
    for name, priority, subgroup, qualifier in entries:

        def function(name: str = name) -> PriorityDispatchResult:
            ran.append(name)
            return PriorityDispatchResult.STOP if name.endswith("!") else PriorityDispatchResult.CONTINUE

        dispatcher.dispatch_for("table", priority=priority, qualifier=qualifier, subgroup=subgroup)(function)
    dispatcher.dispatch("table", qualifier="some")()
    return ran


FIRST, MEDIUM, LAST = DispatchPriority.FIRST, DispatchPriority.MEDIUM, DispatchPriority.LAST


def test_higher_priority_runs_first_and_equals_in_order_of_registration() -> None:
    """PLG-5"""
    assert chain(
        ("last", LAST, None, "default"),
        ("one", MEDIUM, None, "default"),
        ("two", MEDIUM, None, "default"),
        ("first", FIRST, None, "default"),
    ) == ["first", "one", "two", "last"]


def test_stop_ends_the_chain_of_its_own_element_only() -> None:
    """PLG-5"""
    assert chain(
        ("a!", MEDIUM, "indexes", "default"),
        ("b", MEDIUM, "indexes", "default"),
        ("c", MEDIUM, "comments", "default"),
        ("d", MEDIUM, None, "default"),
    ) == ["a!", "c", "d"]


def test_functions_of_another_dialect_do_not_run() -> None:
    """AUT-102"""
    assert chain(
        ("a", MEDIUM, None, "other"), ("b", MEDIUM, None, "some"), ("c", MEDIUM, None, "default")
    ) == [
        "b",
        "c",
    ]


def test_the_result_says_whether_a_chain_was_stopped() -> None:
    dispatcher = PriorityDispatcher()
    assert dispatcher.dispatch("table")() is PriorityDispatchResult.CONTINUE
    dispatcher.dispatch_for("table")(lambda: PriorityDispatchResult.STOP)
    assert dispatcher.dispatch("table")() is PriorityDispatchResult.STOP
    assert dispatcher.branch().dispatch("table")() is PriorityDispatchResult.STOP


def test_a_chain_that_nobody_has_registered_for_is_empty() -> None:
    """Test suites of extensions take their own functions out of it, before there are some (ECO-2)."""
    dispatcher = PriorityDispatcher()
    assert dispatcher._registry["schema", "default"] == []
    assert dispatcher.functions("schema") == []


SOURCE = """
from tests.base.test_dispatch import Shape, filled

@filled.dispatch_for(Shape)
def of_the_source(): ...
"""
filled = Dispatcher()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: filled.dispatch(Shape()),
        lambda: filled.branch().dispatch(Shape()),
        lambda: filled._registry[Shape, "default"],
    ],
)
def test_a_registry_is_filled_before_anything_is_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Callable[[], Any]
) -> None:
    (tmp_path / "source_of_functions.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("tests.base.test_dispatch.filled", Dispatcher())
    filled.fill_from("source_of_functions")
    assert "source_of_functions" not in sys.modules
    try:
        assert ask().__name__ == "of_the_source"
        with pytest.raises(ValueError, match="has a function already"):
            filled.dispatch_for(Shape)(lambda: None)
    finally:
        del sys.modules["source_of_functions"]


def test_a_registry_that_is_in_use_is_filled_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source_of_functions.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("tests.base.test_dispatch.filled", Dispatcher())
    assert Shape not in filled
    filled.fill_from("source_of_functions")
    assert Shape in filled
    del sys.modules["source_of_functions"]


SLOW_SOURCE = SOURCE.replace("@filled", "import time\ntime.sleep(0.2)\n@filled")


def test_nobody_sees_a_registry_that_another_thread_is_filling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "source_of_functions.py").write_text(SLOW_SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("tests.base.test_dispatch.filled", Dispatcher())
    filled.fill_from("source_of_functions")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: filled.dispatch(Shape()).__name__, range(4)))
    assert found == ["of_the_source"] * 4
    del sys.modules["source_of_functions"]
