"""What PostgreSQL's views about progress mean."""

from __future__ import annotations

import pytest

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.postgresql.watching import read_progress


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("building index: scanning table", 50, 200, 0, 0), Activity("building index: scanning table", 0.25)),
        (
            ("building index: loading tuples in tree", 200, 200, 30, 40),
            Activity("building index: loading tuples in tree", 0.75),
        ),
        (
            ("waiting for writers before build", 0, 0, 0, 0),
            Activity("waiting for writers before build", None),
        ),
        (("copying rows", 10, 0, 0, 0), Activity("copying rows", None)),
    ],
)
def test_blocks_come_first_and_rows_afterwards(
    row: tuple[str, int, int, int, int], expected: Activity
) -> None:
    assert read_progress(*row) == expected


def test_activities_as_people_read_them() -> None:
    idle = Blocker("pid 812", "idle in transaction", 242.4, "app", "psql")
    assert [str(one) for one in (
        Activity("building index: scanning table", 0.639),
        Activity("flushing"),
        Activity(),
        Activity("anything", blockers=(idle,)),
        Activity(blockers=(Blocker("a prepared transaction"), Blocker("pid 3", "active"), idle, idle)),
        Activity(blockers=(Blocker("connection 7", "Query", 3700.0, is_certain=False),)),
    )] == [
        "building index: scanning table 63 %",
        "flushing",
        "",
        "waiting for pid 812 (idle in transaction for 4 m 02 s, user app, psql)",
        "waiting for a prepared transaction and pid 3 (active) and 2 more",
        "waiting for perhaps connection 7 (Query for 1 h 01 m)",
    ]  # fmt: skip
