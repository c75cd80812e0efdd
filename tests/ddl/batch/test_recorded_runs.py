"""Every recorded batch run gives the recorded SQL, or the SQL that limbeck consciously gives instead."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.ddl.batch.recorded import CONVENTION, cases, differences, folded, run

DIFFERENCES = {case["id"]: case for difference in differences() for case in difference["cases"]}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_recorded_run_gives_its_sql(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """BAT-1 to BAT-92: statements, their order, the class of an error, and warnings."""
    url = "sqlite://" if case["dialect"] == "sqlite" else request.getfixturevalue(f"{case['dialect']}_url")
    opts: dict[str, Any] = {}
    if case.get("target_naming_convention"):
        assert case["target_naming_convention"] == CONVENTION
        import sqlalchemy as sa

        opts["target_metadata"] = sa.MetaData(naming_convention=CONVENTION)
    outcome = run(url, case["setup_sql"], case["call"], **opts)
    wanted = DIFFERENCES.get(case["id"], case)
    error = wanted.get("error")
    error_class = error["type"] if isinstance(error, dict) else error
    loose = case["id"] not in DIFFERENCES and case.get("order_unstable", False)
    assert {
        "sql": [_parts(sql, loose) for sql in outcome.sql],
        "error": _answers_to(outcome.error, error_class),
        "warnings": outcome.warnings,
    } == {
        "sql": [_parts(folded(sql), loose) for sql in wanted["sql"]],
        "error": error_class,
        "warnings": [warning.partition(":")[0] for warning in wanted.get("warnings") or []],
    }


@pytest.mark.parametrize("difference", differences(), ids=lambda difference: difference["rule"])
def test_a_difference_names_recorded_runs_and_a_reason(difference: dict[str, Any]) -> None:
    assert difference["why"].endswith(".")
    assert {case["id"] for case in difference["cases"]} <= {case["id"] for case in cases()}


def _parts(sql: str, loose: bool) -> list[str]:
    """The statement, or for one whose constraints came in any order, its parts sorted."""
    return sorted(re.split(r", (?=[A-Z])|(?<=\() ", sql.removesuffix(" )"))) if loose else [sql]


def _answers_to(error: BaseException | None, wanted: str | None) -> str | None:
    """The wanted class if the error is one, else the class it has."""
    if error is None:
        return None
    names = [class_.__name__ for class_ in type(error).__mro__]
    return wanted if wanted in names else names[0]
