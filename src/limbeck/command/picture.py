"""A picture of the history: `graph`. Only `--current` asks the database, and imports SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from limbeck.base.answer import give, wants_data
from limbeck.base.look import find_look
from limbeck.command.drawing.nodes import Node, make_nodes
from limbeck.command.environment import read_rows
from limbeck.config import Config
from limbeck.script.base import ScriptDirectory

FORMATS = ("ascii", "mermaid", "dot", "svg")


def graph(
    config: Config, format: str | None = None, output: str | None = None, indicate_current: bool = False
) -> None:
    """Draw the history: as text, for Mermaid, for Graphviz, or as an SVG picture.

    `format` is found by the end of the name of the file `output`, if it is not given. With `indicate_current`, what
    is applied in the database is told. Raises ValueError for another format.
    """
    script = ScriptDirectory.from_config(config)
    renderer = _find_renderer(format or _format_of(output))
    rows = read_rows(config, script) if indicate_current else None
    nodes = make_nodes(script, list(script.walk_revisions()), rows)
    if wants_data():
        give({"revisions": [node_data(node) for node in nodes]})
        return
    text = "\n".join(renderer(nodes))
    if output is None:
        config.print_stdout(text)
        return
    with open(output, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")


def node_data(node: Node) -> dict[str, object]:
    """A node as plain values."""
    return {
        "revision": node.id,
        "message": node.message,
        "parents": list(node.parents),
        "dependencies": list(node.dependencies),
        "labels": list(node.labels),
        "head": node.is_head,
        "applied": node.is_applied,
    }


def _format_of(output: str | None) -> str:
    ending = (output or "").rpartition(".")[2]
    return (
        {"mmd": "mermaid", "gv": "dot"}.get(ending, ending)
        if ending in ("mmd", "gv", "dot", "svg")
        else "ascii"
    )


def _find_renderer(format: str) -> Callable[[Sequence[Node]], Iterable[str]]:
    if format == "ascii":
        from limbeck.command.drawing import text

        return lambda nodes: text.render(nodes, find_look())
    if format == "svg":
        from limbeck.command.drawing import svg

        return svg.render
    from limbeck.command.drawing import markup

    match format:
        case "mermaid":
            return markup.render_mermaid
        case "dot":
            return markup.render_dot
    raise ValueError(f"the format is one of {', '.join(FORMATS)}, not {format!r}")
