"""A history as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from limbeck.base.look import Look
from limbeck.command.drawing.nodes import Node
from limbeck.graph.lanes import ASCII, WIDE, draw_lanes

LEAST_WIDTH, MOST_WIDTH = 20, 60
"""Columns that messages have at least on a terminal, and up to which words stand below each other elsewhere."""


def render(nodes: Sequence[Node], look: Look) -> Iterator[str]:
    """The lines of a tree, newest first: `*  ae1027  add a table   head`."""
    by_id = {node.id: node for node in nodes}
    lines = list(
        draw_lanes(
            [node.id for node in nodes],
            {node.id: node.parents for node in nodes},
            WIDE if look.is_wide else ASCII,
        )
    )
    width = max(
        (len(line.before) + 1 + len(f" {line.behind}".rstrip()) for line in lines if line.id), default=0
    )
    longest = max((len(node.id) for node in nodes), default=0)
    room = _room_for_messages(nodes, width + 2 + longest + 2, look)
    for line in lines:
        if line.id is None:
            yield look.dim(line.before)
            continue
        node = by_id[line.id]
        drawn = f"{line.before}{_mark(node, look)}{f' {line.behind}'.rstrip()}"
        padding = " " * (width - len(line.before) - 1 - len(f" {line.behind}".rstrip()))
        yield _beside(drawn + padding, node, longest, room, look)


def _mark(node: Node, look: Look) -> str:
    return look.sign("○", "o") if node.is_applied is False else look.sign("●", "*")


def _room_for_messages(nodes: Sequence[Node], start: int, look: Look) -> int:
    """How wide the column of messages is, so that the words behind it stand below each other.

    On a terminal they end with the line, as far as the messages keep enough of themselves; else few long messages
    shall not push all words away.
    """
    longest = max((len(node.message) for node in nodes), default=0)
    if look.width is None:
        return min(longest, MOST_WIDTH)
    marks = max((len(", ".join(node.marks)) for node in nodes), default=0)
    return min(longest, max(look.width - start - (marks + 3 if marks else 0), LEAST_WIDTH))


def _beside(drawn: str, node: Node, longest: int, room: int, look: Look) -> str:
    message = look.shortened(node.message, room)
    marks = ", ".join(node.marks)
    identifier = look.bold(node.id) + " " * (longest - len(node.id))
    paint = look.careful if node.is_applied is False else look.good
    behind = f"{' ' * (room - len(message))}   {paint(marks)}" if marks else ""
    return f"{drawn}  {identifier}  {message}{behind}".rstrip()
