"""Laws 1 and 2: imports point down, and no file imports in a circle; imports for typing count too."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from tests.house.source import FLOORS, PACKAGE, internal_imports, modules

STRANGERS = {("runtime", "lint"), ("lint", "runtime")}
"""Neighbours on one floor that must not know each other."""


def test_every_part_of_the_package_has_its_floor() -> None:
    assert {module.area for module in modules().values()} <= set(FLOORS)


def test_imports_point_down() -> None:
    upward = [
        str(one)
        for one in internal_imports()
        if modules()[one.target].floor > one.importer.floor
        or (one.importer.area, modules()[one.target].area) in STRANGERS
    ]
    assert upward == []


def test_no_file_imports_in_a_circle() -> None:
    needs: dict[str, set[str]] = {name: set() for name in modules()}
    for one in internal_imports():
        needs[one.importer.name].add(one.target)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = error.args[1]
    else:
        circle = []
    assert circle == []


def test_a_facade_has_no_logic_and_at_most_forty_lines() -> None:
    long = [module.place for module in modules().values() if module.is_facade and module.lines > 40]
    assert long == []


def test_a_facade_points_at_modules_that_exist() -> None:
    lost = [
        f"{module.place}: {name} → {home}"
        for module in modules().values()
        for name, home in module.exports.items()
        if home.startswith(PACKAGE) and home.partition(":")[0] not in modules()
    ]
    assert lost == []


def test_the_laws_see_the_whole_package() -> None:
    """A law that looks at nothing would always hold."""
    assert len(modules()) > 40
    assert len(internal_imports()) > 60
    assert modules()["limbeck.util.exc"].is_facade
    assert not modules()["limbeck.config"].is_facade
