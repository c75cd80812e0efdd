"""Every recorded call gives the recorded SQL, or the SQL that limbeck consciously gives instead."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ddl.recorded import cases, differences, folded, run

DIFFERENCES = {
    (case["id"], case["dialect"]): case for difference in differences() for case in difference["cases"]
}
CASES = [pytest.param(case, id=f"{case['id']}-{case['dialect']}") for case in cases()]


@pytest.mark.parametrize("case", CASES)
def test_a_recorded_call_gives_its_sql(case: dict[str, Any]) -> None:
    """Statements, their order, the class of an error, and warnings."""
    outcome = run(case["call"], case["dialect"], **case.get("context", {}))
    wanted = DIFFERENCES.get((case["id"], case["dialect"]), case)
    error = wanted.get("error")
    error_class = error["type"].rpartition(".")[2] if isinstance(error, dict) else error
    actual = {
        "sql": _in_any_order(case, [folded(sql) for sql in outcome.sql]),
        "error": _answers_to(outcome.error, error_class),
        "warnings": outcome.warnings,
    }
    assert actual == {
        "sql": _in_any_order(case, [folded(sql) for sql in wanted.get("sql", [])]),
        "error": error_class,
        "warnings": [warning.partition(":")[0] for warning in wanted.get("warnings", [])],
    }


@pytest.mark.parametrize("difference", differences(), ids=lambda difference: difference["rule"])
def test_a_difference_names_recorded_cases_and_a_reason(difference: dict[str, Any]) -> None:
    recorded = {(case["id"], case["dialect"]) for case in cases()}
    assert difference["why"].endswith(".")
    assert {(case["id"], case["dialect"]) for case in difference["cases"]} <= recorded


def _answers_to(error: BaseException | None, wanted: str | None) -> str | None:
    """The wanted class if the error is one, else the class it has."""
    if error is None:
        return None
    names = [class_.__name__ for class_ in type(error).__mro__]
    return wanted if wanted in names else names[0]


def _in_any_order(case: dict[str, Any], sql: list[str]) -> list[str]:
    """All but the first statement sorted where the recorded order meant nothing; test_apply.py has limbeck's."""
    return [*sql[:1], *sorted(sql[1:])] if case.get("unordered_after_first") else sql
