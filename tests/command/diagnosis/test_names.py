"""Names of the original that limbeck has, or has not."""

from __future__ import annotations

from limbeck.command.diagnosis.names import check_names
from limbeck.command.diagnosis.source import Import


def test_only_what_is_missing_is_told() -> None:
    found = check_names(
        [
            Import("", "op", "f.py:1"),
            Import("util", "exc", "f.py:2"),
            Import("operations.ops", "CreateTableOp", "f.py:3"),
            Import("operations.ops", "_Nothing", "f.py:4"),
            Import("nothing", "at_all", "f.py:5"),
        ]
    )
    assert [(finding.what, finding.places) for finding in found] == [
        ("limbeck has no `_Nothing` in `alembic.operations.ops`", ("f.py:4",)),
        ("limbeck has no `at_all` in `alembic.nothing`", ("f.py:5",)),
    ]
