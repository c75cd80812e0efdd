"""A place for each revision of a drawing: layers by the longest way from a base, and few crossings between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SWEEPS = 4


def find_layers(order: Sequence[str], lower: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The revisions of each layer from left to right, the bases first; `order` has parents before children.

    Within a layer each stands near the middle of its neighbours, by a few sweeps up and down.
    """
    shown = frozenset(order)
    below = {id: [other for other in lower[id] if other in shown] for id in order}
    height: dict[str, int] = {}
    for id in order:
        height[id] = 1 + max((height[other] for other in below[id]), default=-1)
    layers: list[list[str]] = [[] for _ in range(1 + max(height.values(), default=-1))]
    for id in order:
        layers[height[id]].append(id)
    above: dict[str, list[str]] = {id: [] for id in order}
    for id, others in below.items():
        for other in others:
            above[other].append(id)
    for sweep in range(SWEEPS):
        neighbours = below if sweep % 2 == 0 else above
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _settle(layer, layers, neighbours)
    return layers


def _settle(
    layer: list[str], layers: Sequence[Sequence[str]], neighbours: Mapping[str, Sequence[str]]
) -> None:
    place = {id: column / max(len(row), 1) for row in layers for column, id in enumerate(row)}

    def middle(id: str) -> float:
        others = neighbours[id]
        return sum(place[other] for other in others) / len(others) if others else place[id]

    layer.sort(key=middle)
