"""Every recorded case on a live database: what is found, how it is written, and that it runs both ways."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck.errors import CommandError
from tests.autogenerate.recorded import (
    World,
    bare,
    bodies,
    folded,
    folded_lines,
    load_cases,
    load_differences,
    normal,
    set_up,
)

CASES = load_cases()
DIFFERENCES = load_differences()
FAILING = [case for case in CASES if "error" in case and case["id"] not in DIFFERENCES]
IMPOSSIBLE = [case for case in FAILING if case["error"]["type"] == "ArgumentError"]
"""Models that SQLAlchemy 2.0 does not take."""
COMPARED = [case for case in CASES if case not in FAILING]
ERRORS = {
    "ValueError": ValueError,
    "NoReferencedTableError": sa.exc.NoReferencedTableError,
    "CommandError": CommandError,
}


def label(case: dict[str, Any]) -> str:
    return f"{case['id']}-{case['name']}-{case['dialect']}"


def expected(case: dict[str, Any], key: str, recorded: str) -> Any:
    """What limbeck is to do: as recorded, or as the list of differences says."""
    return DIFFERENCES.get(case["id"], {}).get(key, case.get(recorded))


@pytest.fixture
def url(case: dict[str, Any], request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{case['dialect']}_url")
    return found


NOT_RUN = {
    "A094": "the models have an ENUM without a name, which PostgreSQL cannot create",
    "A098": "the models say that somebody else creates the type",
    "A096": "a renderer of the case writes names that nobody defines",
    "A097": "a renderer of the case leaves out the column of a constraint",
    "A093": "a type of a module that does not exist",
    "A095": "prefixes of modules that do not exist",
    "A127": "MariaDB has no expression indexes",
    "A128": "CREATE INDEX CONCURRENTLY runs in no transaction",
}
STAYS_DIFFERENT = {
    "A083": "a function of the user says so",
    "A110": "a function of the user says so",
    "A187": "a table in a schema that is not looked at is always new (AUT-62)",
    "A204": "a DOMAIN that is NOT NULL makes the column look so",
    "A212": "a hook makes the column nullable first, and not in the end",
}

NO_WAY_BACK = {"A211": "a hook empties the downgrade"}


@pytest.mark.parametrize("case", COMPARED, ids=label)
def test_a_recorded_case_is_found_written_and_run_both_ways(case: dict[str, Any], url: str) -> None:
    """AUT-1 to AUT-107, as far as there is a case; conscious differences are in autogen-differences.toml.

    What is written runs, leaves nothing to do, and leads back to where it came from.
    """
    with set_up(case, url) as world:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = world.differences()
            caught.clear()
            upgrade, downgrade, imports = bodies(world)
        check_is_as_recorded(case, found, world.plain(upgrade), world.plain(downgrade), imports)
        kinds = {warning.category.__name__ for warning in caught}
        assert kinds == {name.partition(":")[0] for name in expected(case, "warnings", "warnings") or ()}
        if found and case["id"] not in NOT_RUN:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check_runs_both_ways(world, found, upgrade, downgrade, imports)


def check_is_as_recorded(
    case: dict[str, Any], found: list[str], upgrade: str, downgrade: str, imports: set[str]
) -> None:
    recorded = expected(case, "ops", "expected_ops")
    is_unstable = case.get("order_unstable") and "ops" not in DIFFERENCES.get(case["id"], {})
    in_order = sorted if is_unstable else list
    assert in_order(map(normal, found)) == in_order(map(normal, recorded))
    fold = folded_lines if is_unstable else folded
    assert fold(bare(upgrade)) == fold(expected(case, "upgrade", "expected_upgrade_body"))
    assert fold(bare(downgrade)) == fold(expected(case, "downgrade", "expected_downgrade_body"))
    assert sorted(imports) == (expected(case, "imports", "expected_imports") or [])


def check_runs_both_ways(
    world: World, found: list[str], upgrade: str, downgrade: str, imports: set[str]
) -> None:
    world.run(upgrade, imports)
    if world.case["id"] not in STAYS_DIFFERENT:
        assert world.differences() == []
    if world.case["id"] not in NO_WAY_BACK:
        world.run(downgrade, imports)
        assert sorted(map(normal, world.differences())) == sorted(map(normal, found))


@pytest.mark.parametrize("case", [case for case in FAILING if case not in IMPOSSIBLE], ids=label)
def test_a_recorded_failure_fails_in_the_same_way(case: dict[str, Any], url: str) -> None:
    """AUT-10, PLG-7."""
    with set_up(case, url) as world, pytest.raises(ERRORS[case["error"]["type"]], match="."):
        world.produce()


def test_every_difference_is_one() -> None:
    """A difference that has gone has to leave the list."""
    cases = {case["id"]: case for case in CASES}
    recorded = {
        "ops": "expected_ops",
        "upgrade": "expected_upgrade_body",
        "downgrade": "expected_downgrade_body",
    }
    idle = [
        (identifier, key)
        for identifier, difference in DIFFERENCES.items()
        for key, name in recorded.items()
        if key in difference and difference[key] == cases[identifier].get(name)
    ]
    assert idle == []
