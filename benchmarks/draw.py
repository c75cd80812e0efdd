"""Draw the curves that `growth.py` has measured: docs/concepts/growth.svg."""

from __future__ import annotations

import json
import sys
from typing import Any

import matplotlib
from growth import TARGET

matplotlib.use("svg")
from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter, LogLocator

STYLES: dict[str, dict[str, Any]] = {
    "limbeck": {"color": "#0b6e4f", "marker": "o", "linewidth": 2.2},
    "reference": {"color": "#c2571a", "marker": "s", "linewidth": 1.4, "linestyle": "--"},
    "the database alone": {"color": "#5b5f97", "marker": "^", "linewidth": 1.4, "linestyle": ":"},
}
COLUMNS = 3


def main() -> int:
    """Draw one small picture for each command, on paper of its own colour: it is read on light and dark pages."""
    record = json.loads(TARGET.read_text(encoding="utf-8"))
    curves = record["curves"]
    rows = -(-len(curves) // COLUMNS)
    pyplot.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "growth", "font.size": 10})
    figure, grid = pyplot.subplots(rows, COLUMNS, figsize=(11, 3.1 * rows), facecolor="#ffffff")
    for axes, curve in zip(grid.flat, curves):
        draw(axes, curve)
    for axes in list(grid.flat)[len(curves) :]:
        axes.set_visible(False)
    known = {label: handle for axes in grid.flat for handle, label in zip(*axes.get_legend_handles_labels())}
    handles, labels = list(known.values()), list(known)
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), frameon=False, fontsize=11)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.35 / (3.1 * rows)))
    figure.savefig(TARGET.with_suffix(".svg"), metadata={"Date": None})
    return 0


def written(size: int) -> str:
    """`100`, `5k`: long numbers would run into each other."""
    return f"{size // 1_000}k" if size >= 1_000 else str(size)


def draw(axes: Any, curve: dict[str, Any]) -> None:
    """Processor time over size, both by powers of ten, so that a straight line is a power law."""
    for name, points in curve["seconds"].items():
        if points:
            exponent = curve["fits"].get(name, {}).get("exponent")
            sizes = [int(size) for size in points]
            axes.plot(sizes, list(points.values()), label=name, markersize=5, **STYLES[name])
            text = "flat" if exponent is None else f"n^{exponent:.2f}"
            axes.annotate(
                text, (sizes[-1], list(points.values())[-1]), xytext=(-7, 4), textcoords="offset points",
                color=STYLES[name]["color"], ha="right", va="bottom", fontsize=9,
            )  # fmt: skip
    axes.set(xscale="log", yscale="log", title=curve["command"], xlabel=curve["of"], ylabel="seconds")
    axes.margins(x=0.08, y=0.12)
    sizes = sorted({int(size) for points in curve["seconds"].values() for size in points})
    axes.set_xticks(sizes, [written(size) for size in sizes])
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


if __name__ == "__main__":
    sys.exit(main())
