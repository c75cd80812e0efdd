"""A history as an SVG picture that needs nothing else: no script, no font, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from limbeck.command.drawing.nodes import Node
from limbeck.graph.layers import find_layers

WIDTH, HEIGHT = 260, 46
GAP_ACROSS, GAP_DOWN = 30, 34
MARGIN = 20
LONGEST = 38
STYLE = """
  .page { fill: #ffffff } .box { fill: #f4f6f8; stroke: #57606a } .waiting { stroke-dasharray: 5 3 }
  .line { fill: none; stroke: #57606a; stroke-width: 1.5 } .needs { stroke-dasharray: 4 3 }
  text { font: 12px sans-serif; fill: #1f2328 } .id { font-weight: bold } .marks { fill: #57606a; font-size: 11px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .box { fill: #161b22; stroke: #8b949e } .line { stroke: #8b949e }
    text { fill: #e6edf3 } .marks { fill: #9198a1 }
  }
"""


def render(nodes: Sequence[Node]) -> Iterator[str]:
    """The lines of the picture, oldest at the top; dependencies are dashed."""
    by_id = {node.id: node for node in nodes}
    lower = {node.id: (*node.parents, *node.dependencies) for node in nodes}
    layers = find_layers([node.id for node in reversed(nodes)], lower)
    widest = max((len(layer) for layer in layers), default=1)
    width = 2 * MARGIN + widest * WIDTH + (widest - 1) * GAP_ACROSS
    height = 2 * MARGIN + max(len(layers), 1) * HEIGHT + max(len(layers) - 1, 0) * GAP_DOWN
    places = _places(layers, width)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{len(nodes)} revisions">'
    )
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="page" width="{width}" height="{height}"/>'
    for node in nodes:
        yield from (_line(places[one], places[node.id], "line") for one in node.parents if one in places)
        yield from (
            _line(places[one], places[node.id], "line needs") for one in node.dependencies if one in places
        )
    for layer in layers:
        for id in layer:
            yield from _box(by_id[id], *places[id])
    yield "</svg>"


def _places(layers: Sequence[Sequence[str]], width: int) -> dict[str, tuple[int, int]]:
    """The upper left corner of each box; each layer stands in the middle."""
    places = {}
    for number, layer in enumerate(layers):
        left = (width - len(layer) * WIDTH - (len(layer) - 1) * GAP_ACROSS) // 2
        for column, id in enumerate(layer):
            places[id] = (left + column * (WIDTH + GAP_ACROSS), MARGIN + number * (HEIGHT + GAP_DOWN))
    return places


def _line(start: tuple[int, int], end: tuple[int, int], kind: str) -> str:
    x1, y1 = start[0] + WIDTH // 2, start[1] + HEIGHT
    x2, y2 = end[0] + WIDTH // 2, end[1]
    bend = (y2 - y1) // 2
    return f'<path class="{kind}" d="M{x1} {y1} C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"/>'


def _box(node: Node, x: int, y: int) -> Iterator[str]:
    waiting = " waiting" if node.is_applied is False else ""
    yield f"<g><title>{_escaped(' '.join([node.id, node.message, *node.marks]))}</title>"
    yield f'<rect class="box{waiting}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
    yield f'<text class="id" x="{x + 10}" y="{y + 19}">{_escaped(_cut(node.id))}</text>'
    marks = _escaped(_cut(", ".join(node.marks)))
    yield f'<text class="marks" x="{x + WIDTH - 10}" y="{y + 19}" text-anchor="end">{marks}</text>'
    yield f'<text x="{x + 10}" y="{y + 37}">{_escaped(_cut(node.message))}</text></g>'


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _escaped(text: str) -> str:
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, written)
    return "".join(sign if sign.isprintable() else " " for sign in text)
