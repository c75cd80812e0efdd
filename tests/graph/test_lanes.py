"""Histories drawn as lines of text."""

from __future__ import annotations

from textwrap import dedent

import pytest

from limbeck.graph.lanes import ASCII, WIDE, Signs, draw_lanes
from limbeck.graph.layers import find_layers
from limbeck.graph.walk import newest_first
from tests.graph.drawing import drawn as graph_of


def drawn(drawing: str, signs: Signs = ASCII) -> str:
    graph = graph_of(drawing)
    lines = draw_lanes(newest_first(graph, list(graph)), graph.parents, signs)
    return "\n".join(
        line.before if line.id is None else f"{line.before}{line.id} {line.behind}".rstrip() for line in lines
    )


def test_a_line_is_drawn_as_one() -> None:
    assert drawn("a <- b, b <- c") == "c\nb\na"


def test_branches_part_and_meet() -> None:
    assert drawn("a <- b, a <- c, b+c <- m, m <- n") == dedent("""\
        n
        m
        +-.
        b |
        | c
        +-'
        a""")


def test_with_more_signs_it_reads_better() -> None:
    assert drawn("a <- b, a <- c, b+c <- m", WIDE) == dedent("""\
        m
        ├─╮
        b │
        │ c
        ├─╯
        a""")


def test_lines_between_are_crossed() -> None:
    assert "+" in drawn("a <- b, a <- c, a <- d, b+d <- m, c <- x")


@pytest.mark.parametrize(
    "drawing", ["a <- b, x <- y", "a <- b, a <- c, a <- d, b+c+d <- m", "a <- b <- c, a <- d, c+d <- e, x"]
)
def test_each_revision_has_one_line_and_no_line_ends_in_nothing(drawing: str) -> None:
    graph = graph_of(drawing)
    lines = list(draw_lanes(newest_first(graph, list(graph)), graph.parents, ASCII))
    assert sorted(line.id for line in lines if line.id) == sorted(graph)
    assert not lines[-1].behind.strip()
    assert not any(line.before != line.before.rstrip() for line in lines if line.id is None)


def test_what_is_not_shown_leaves_no_line() -> None:
    graph = graph_of("a <- b, b <- c")
    assert [line.behind + line.before for line in draw_lanes(["c", "b"], graph.parents, ASCII)] == ["", ""]


def test_layers_follow_the_longest_way() -> None:
    graph = graph_of("a <- b, b <- c, a <- d, c+d <- m")
    assert find_layers(graph.order, graph.lower) == [["a"], ["b", "d"], ["c"], ["m"]]


def test_neighbours_stand_near_each_other() -> None:
    graph = graph_of("a <- c, b <- d, c <- e, d <- f")
    assert find_layers(["a", "b", "d", "c", "e", "f"], graph.lower) == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_nothing_has_no_layers() -> None:
    assert find_layers([], {}) == []
