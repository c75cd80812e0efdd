"""What PostgreSQL's views about progress mean."""

from __future__ import annotations

import pytest

from limbeck.base.progress import Activity, Blocker
from limbeck.ddl.postgresql.watching import MOST_COUNTERS, VIEWS, View, read_progress

INDEX, CLUSTER, VACUUM, ANALYZE, COPY = (
    next(view for view in VIEWS if view.name.endswith(name))
    for name in ("create_index", "cluster", "vacuum", "analyze", "copy")
)


@pytest.mark.parametrize(
    ("view", "phase", "counted", "share"),
    [
        (INDEX, "initializing", [(0, 0), (0, 0), (0, 0), (0, 0)], None),
        (INDEX, "waiting for writers before build", [(1, 4), (0, 0), (0, 0), (0, 0)], 0.25),
        (INDEX, "building index: scanning table", [(4, 4), (0, 40), (50, 200), (50, 200)], 0.25),
        (INDEX, "building index: sorting live tuples", [(4, 4), (0, 40), (200, 200), (200, 200)], None),
        (INDEX, "building index: loading tuples in tree", [(4, 4), (30, 40), (200, 200), (200, 200)], 0.75),
        (INDEX, "index validation: scanning table", [(4, 4), (40, 40), (20, 200), (20, 200)], 0.1),
        (INDEX, "building index", [(4, 4), (40, 40), (20, 200), (20, 200)], 0.1),
        (CLUSTER, "seq scanning heap", [(50, 200), (7, 0), (7, 70)], 0.25),
        (CLUSTER, "index scanning heap", [(0, 0), (0, 0), (0, 0)], None),
        (CLUSTER, "sorting tuples", [(200, 200), (70, 0), (0, 70)], None),
        (CLUSTER, "writing new heap", [(200, 200), (70, 0), (35, 70)], 0.5),
        (CLUSTER, "rebuilding index", [(200, 200), (70, 0), (70, 70)], None),
        (VACUUM, "scanning heap", [(50, 200), (0, 200)], 0.25),
        (VACUUM, "vacuuming indexes", [(200, 200), (0, 200)], None),
        (VACUUM, "vacuuming heap", [(200, 200), (100, 200)], 0.5),
        (VACUUM, "truncating heap", [(200, 200), (200, 200)], None),
        (ANALYZE, "acquiring sample rows", [(50, 200)], 0.25),
        (ANALYZE, "acquiring inherited sample rows", [(50, 200)], 0.25),
        (ANALYZE, "computing statistics", [(200, 200)], None),
        (COPY, "copying rows", [(10, 40), (3, 0)], 0.25),
    ],
)
def test_each_phase_is_measured_by_what_it_counts_itself(
    view: View, phase: str, counted: list[tuple[int, int]], share: float | None
) -> None:
    """What has been counted before stays in the view, and would say that all is done."""
    counted += [(0, 0)] * (MOST_COUNTERS - len(counted))
    assert read_progress(view, phase, counted) == Activity(phase, share)


@pytest.mark.parametrize(
    ("view", "phase", "counted"),
    [
        (COPY, "copying rows", [(81920, 0), (12345, 0)]),
        (CLUSTER, "index scanning heap", [(0, 0), (12345, 0), (12345, 12345)]),
    ],
)
def test_where_nobody_knows_how_much_there_is_rows_are_counted(
    view: View, phase: str, counted: list[tuple[int, int]]
) -> None:
    counted += [(0, 0)] * (MOST_COUNTERS - len(counted))
    assert read_progress(view, phase, counted) == Activity(f"{phase}: 12,345 rows so far")


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
