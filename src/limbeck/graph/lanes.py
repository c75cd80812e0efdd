"""A history drawn with lines of text: which line stands in which column, and where lines part and meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class Signs(NamedTuple):
    """The signs that a drawing is made of."""

    line: str
    across: str
    crossing: str
    tee: str
    corner_down: str
    corner_up: str
    blank: str = " "


WIDE = Signs("│", "─", "┼", "├", "╮", "╯")
ASCII = Signs("|", "-", "+", "+", ".", "'")


class DrawnLine(NamedTuple):
    """One line: what stands before and behind the mark of a revision, or, without one, lines that part or meet."""

    before: str
    id: str | None
    behind: str = ""


def draw_lanes(
    order: Sequence[str], parents: Mapping[str, Sequence[str]], signs: Signs
) -> Iterator[DrawnLine]:
    """The lines of a drawing of `order`, in which each revision stands before its parents.

    Parents that are not in `order` are left out.
    """
    shown = frozenset(order)
    lanes: list[str | None] = []
    for id in order:
        columns = [column for column, awaited in enumerate(lanes) if awaited == id]
        if not columns:
            columns = [_free(lanes)]
            lanes[columns[0]] = id
        column, *others = columns
        for other in others:
            yield DrawnLine(_connection(lanes, column, other, signs, signs.corner_up), None)
            lanes[other] = None
        _trim(lanes)
        yield DrawnLine(_plain(lanes[:column], signs), id, _plain(lanes[column + 1 :], signs).rstrip())
        below = [parent for parent in parents[id] if parent in shown]
        lanes[column] = below[0] if below else None
        for parent in below[1:]:
            other = _free(lanes, column + 1)
            yield DrawnLine(_connection(lanes, column, other, signs, signs.corner_down), None)
            lanes[other] = parent
        _trim(lanes)


def _free(lanes: list[str | None], start: int = 0) -> int:
    """A column where no line runs, behind `start`."""
    for column in range(start, len(lanes)):
        if lanes[column] is None:
            return column
    lanes.append(None)
    return len(lanes) - 1


def _trim(lanes: list[str | None]) -> None:
    while lanes and lanes[-1] is None:
        lanes.pop()


def _plain(lanes: Sequence[str | None], signs: Signs) -> str:
    return "".join(f"{signs.blank if lane is None else signs.line} " for lane in lanes)


def _connection(lanes: Sequence[str | None], left: int, right: int, signs: Signs, corner: str) -> str:
    """A line from one column to another."""
    cells = []
    for column, lane in enumerate(lanes):
        if column == left:
            cells.append(signs.tee + signs.across)
        elif left < column < right:
            cells.append((signs.across if lane is None else signs.crossing) + signs.across)
        elif column == right:
            cells.append(f"{corner} ")
        else:
            cells.append(f"{signs.blank if lane is None else signs.line} ")
    return "".join(cells).rstrip()
