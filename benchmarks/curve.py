"""The law by which a time grows: a start that is always paid, and a power of the size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EXPONENTS = [step / 100 for step in range(5, 251)]
NOTICEABLE = 1.15
"""Growth of less than this, from the first point to the last, is not told from noise."""


@dataclass(frozen=True)
class Fit:
    """Seconds = start + factor × size ** exponent; without an exponent if nothing grows."""

    start: float
    factor: float
    exponent: float | None

    def __str__(self) -> str:
        if self.exponent is None:
            return f"{self.start:.2f} s, whatever the size"
        return f"{self.start:.2f} s + {self.factor:.3g} s × size^{self.exponent:.2f}"


def fitted(points: Mapping[int, float]) -> Fit:
    """The fit with the least sum of squares of relative errors; neither part of it may be below nothing."""
    sizes, seconds = list(points), list(points.values())
    if max(seconds) < NOTICEABLE * min(seconds):
        return Fit(sum(seconds) / len(seconds), 0.0, None)
    candidates = [
        (_error(sizes, seconds, start, factor, exponent), start, factor, exponent)
        for exponent in EXPONENTS
        for start, factor in _solutions(sizes, seconds, exponent)
    ]
    _, start, factor, exponent = min(candidates)
    return Fit(start, factor, exponent)


def _solutions(sizes: list[int], seconds: list[float], exponent: float) -> list[tuple[float, float]]:
    """Least squares for the two factors, and with no start at all."""
    rows = [(1 / time, size**exponent / time) for size, time in zip(sizes, seconds)]
    aa, ab, bb = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b = (sum(row[i] for row in rows) for i in (0, 1))
    found = [(0.0, b / bb)]
    determinant = aa * bb - ab * ab
    if determinant > 1e-12 * aa * bb:
        found.append(((a * bb - b * ab) / determinant, (aa * b - ab * a) / determinant))
    return [(start, factor) for start, factor in found if start >= 0 and factor >= 0]


def _error(sizes: list[int], seconds: list[float], start: float, factor: float, exponent: float) -> float:
    return sum(((start + factor * size**exponent) / time - 1) ** 2 for size, time in zip(sizes, seconds))
