"""A history as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from limbeck.base.look import Look
from limbeck.command.drawing.nodes import Node
from limbeck.graph.lanes import ASCII, WIDE, draw_lanes


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
    for line in lines:
        if line.id is None:
            yield look.dim(line.before)
            continue
        node = by_id[line.id]
        drawn = f"{line.before}{_mark(node, look)}{f' {line.behind}'.rstrip()}"
        padding = " " * (width - len(line.before) - 1 - len(f" {line.behind}".rstrip()))
        yield from _beside(drawn, padding, node, longest, width, look)


def _mark(node: Node, look: Look) -> str:
    return look.sign("○", "o") if node.is_applied is False else look.sign("●", "*")


def _beside(drawn: str, padding: str, node: Node, longest: int, width: int, look: Look) -> Iterator[str]:
    marks = ", ".join(node.marks)
    start = width + 2 + longest + 2
    room = None if look.width is None else look.width - start
    message = node.message
    if room is not None and len(message) + (3 + len(marks) if marks else 0) > room:
        least = max(room - (3 + len(marks) if marks else 0), 20)
        if len(message) > least:
            message = message[: least - 3].rstrip() + "..."
    identifier = look.bold(node.id) + " " * (longest - len(node.id))
    paint = look.careful if node.is_applied is False else look.good
    yield f"{drawn}{padding}  {identifier}  {message}{f'   {paint(marks)}' if marks else ''}".rstrip()
